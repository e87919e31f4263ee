import type { App, PoolClient } from '@contact360/server';
import type { CsvCheckpoint, CsvFormat } from './csv.ts';

/** Name of the queue that import jobs wait in. */
export const IMPORT_QUEUE = 'imports.run';

/** The job's row, as the run that owns it needs it. */
export interface Job {
  readonly id: number;
  readonly uuid: string;
  readonly record: string;
  readonly file_name: string;
  readonly upload_key: string;
  readonly format: CsvFormat | null;
  readonly header: string[] | null;
  readonly checkpoint: CsvCheckpoint | null;
  readonly error_count: number;
}

/** How far a batch brings the job. */
export interface Progress {
  readonly rows: number;
  readonly errors: number;
  /** Where the next batch begins. */
  readonly checkpoint: CsvCheckpoint;
  /** What the first batch found out about the file. */
  readonly start: { readonly format: CsvFormat; readonly header: readonly string[] } | undefined;
}

/** Makes this run the owner of the job, unless the job has ended. A run that owned it before can commit nothing more. */
export async function claim(app: App, uuid: string, run: string): Promise<Job | undefined> {
  const { rows } = await app.pool.query<Job>(
    `update import_jobs set state = 'running', run = $2, message = 'Running', started_at = coalesce(started_at, now()), updated_at = now()
     where uuid = $1 and state in ('pending', 'running') returning id, uuid, record, file_name, upload_key, format, header, checkpoint, error_count`,
    [uuid, run],
  );
  return rows[0];
}

/** Advances the job in the transaction of a batch; throws when another run owns the job by now. */
export async function advance(
  client: PoolClient,
  job: Job,
  run: string,
  { rows, errors, checkpoint, start }: Progress,
): Promise<void> {
  const { rowCount } = await client.query(
    `update import_jobs set total_rows = total_rows + $3, success_count = success_count + $3 - $4, error_count = error_count + $4,
       checkpoint = $5, format = coalesce($6, format), header = coalesce($7, header), updated_at = now()
     where id = $1 and run = $2 and state = 'running'`,
    [
      job.id,
      run,
      rows,
      errors,
      JSON.stringify(checkpoint),
      start ? JSON.stringify(start.format) : null,
      start ? JSON.stringify(start.header).replaceAll('\\u0000', '\\ufffd') : null,
    ],
  );
  if (rowCount !== 1) throw new Error(`Import ${job.uuid} is owned by another run now`);
}

/** Ends the job; nothing happens when another run owns it by now. */
export async function settle(
  app: App,
  job: Job,
  run: string,
  { state, message, errorKey }: { state: 'completed' | 'failed'; message: string; errorKey: string | null },
): Promise<void> {
  await app.pool.query(
    `update import_jobs set state = $3, message = $4, error_key = $5, finished_at = now(), updated_at = now() where id = $1 and run = $2 and state = 'running'`,
    [job.id, run, state, message, errorKey],
  );
}
