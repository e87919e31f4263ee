import { type App, type PoolClient, transaction } from '@contact360/server';
import type { Mapping } from './mapping.ts';
import type { Merge } from './merges.ts';
import type { Difference, Outcome } from './outcome.ts';

/** Name of the queue that import jobs wait in. */
export const IMPORT_QUEUE = 'imports.run';

/** The job's row, as the run that owns it needs it. */
export interface Job {
  readonly id: number;
  readonly uuid: string;
  readonly record: string;
  readonly file_name: string;
  readonly upload_key: string;
  readonly media_type: string | null;
  /** Id of the data source that reads the file, and what it needs to read it alike in every run. */
  readonly source: string | null;
  readonly format: unknown;
  readonly header: string[] | null;
  /** Where the next batch begins; only the source looks inside. `null` at the beginning. */
  readonly checkpoint: unknown;
  readonly dry_run: boolean;
  readonly mapping: Mapping | null;
}

/** What is found out about a file before its first row. */
export interface FileFacts {
  readonly source: string;
  readonly format: unknown;
  /** The headings of its columns. */
  readonly header: readonly string[];
}

/** What became of the rows of a batch. */
export interface Findings {
  readonly outcome: Outcome;
  /** Companies that a file of contacts made, and stored ones that it changed for the first time. */
  readonly companies: { readonly created: number; readonly updated: number } | undefined;
  readonly merges: readonly Merge[];
  readonly differences: readonly Difference[];
}

/** How far a batch brings the job. */
export interface Progress extends Findings {
  readonly rows: number;
  readonly errors: number;
  /** Where the next batch begins. */
  readonly checkpoint: unknown;
  /** What the job does not know yet, with its first batch. */
  readonly facts: FileFacts | undefined;
}

/**
 * Makes this run the owner of the job, unless the job has ended. A run that owned it before can commit nothing more. A
 * dry run begins anew, as what it had written is gone with the run before.
 */
export async function claim(app: App, uuid: string, run: string): Promise<Job | undefined> {
  return transaction(app.pool, async (client) => {
    const { rows } = await client.query<Job>(
      `update import_jobs set state = 'running', run = $2, message = 'Running', started_at = coalesce(started_at, now()), updated_at = now()
       where uuid = $1 and state in ('pending', 'running')
       returning id, uuid, record, file_name, upload_key, media_type, source, format, header, checkpoint, dry_run, mapping`,
      [uuid, run],
    );
    const [job] = rows;
    if (!job?.dry_run || job.checkpoint === null) return job;
    for (const found of ['import_errors', 'import_merges'])
      await client.query(`delete from ${found} where job_id = $1`, [job.id]);
    await client.query(
      `update import_jobs set total_rows = 0, success_count = 0, error_count = 0, created_count = 0, updated_count = 0, unchanged_count = 0,
         companies_created = 0, companies_updated = 0, merged_count = 0, differences = null, source = null, format = null, header = null, checkpoint = null
       where id = $1`,
      [job.id],
    );
    return { ...job, source: null, format: null, header: null, checkpoint: null };
  });
}

/** The job was cancelled, or another run owns it by now: this one can commit nothing more. */
export class JobLost extends Error {}

/** Advances the job in the transaction of a batch; throws {@link JobLost} when it is no longer this run's. */
export async function advance(
  client: PoolClient,
  job: Job,
  run: string,
  { rows, errors, checkpoint, facts, outcome, companies, merges, differences }: Progress,
): Promise<void> {
  const { rowCount } = await client.query(
    `update import_jobs set total_rows = total_rows + $3, success_count = success_count + $3 - $4, error_count = error_count + $4,
       checkpoint = $5, source = coalesce($6, source), format = coalesce($7, format), header = coalesce($8, header),
       created_count = created_count + $9, updated_count = updated_count + $10, unchanged_count = unchanged_count + $11,
       companies_created = companies_created + $12, companies_updated = companies_updated + $13, merged_count = merged_count + $14,
       differences = case when $15::jsonb = '[]' then differences else coalesce(differences, '[]') || $15 end, updated_at = now()
     where id = $1 and run = $2 and state = 'running'`,
    [
      job.id,
      run,
      rows,
      errors,
      JSON.stringify(checkpoint),
      facts?.source ?? null,
      facts ? JSON.stringify(facts.format) : null,
      facts ? JSON.stringify(facts.header).replaceAll('\\u0000', '\\ufffd') : null,
      outcome.created,
      outcome.updated,
      outcome.unchanged,
      companies?.created ?? 0,
      companies?.updated ?? 0,
      merges.length,
      JSON.stringify(differences),
    ],
  );
  if (rowCount !== 1) throw new JobLost(`Import ${job.uuid} is no longer this run's`);
}

/** Tells what the run is at beyond its batches. */
export async function say(app: App, job: Job, run: string, message: string): Promise<void> {
  await app.pool.query(
    "update import_jobs set message = $3, updated_at = now() where id = $1 and run = $2 and state = 'running'",
    [job.id, run, message],
  );
}

/** Ends the job; nothing happens when it is no longer this run's. */
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

/** Whether a job is at its end, however it came to it. */
export async function hasEnded(app: App, { id }: Job): Promise<boolean> {
  const { rows } = await app.pool.query<{ ended: boolean }>(
    'select finished_at is not null as ended from import_jobs where id = $1',
    [id],
  );
  return rows[0]?.ended ?? true;
}

/**
 * Cancels a job unless it has ended, and tells whether it was waiting still. A batch that is being written commits
 * nothing more; those before it stay (decision 42).
 */
export async function cancel(app: App, id: number): Promise<'waiting' | 'running' | undefined> {
  const { rows } = await app.pool.query<{ state: string }>(
    `update import_jobs j set state = 'cancelled', message = 'Cancelled', finished_at = now(), updated_at = now()
     from (select id, state from import_jobs where id = $1 for update) before
     where j.id = before.id and before.state in ('pending', 'running') returning before.state`,
    [id],
  );
  return rows[0] && (rows[0].state === 'pending' ? 'waiting' : 'running');
}
