import { type App, transaction, uuidv7 } from '@contact360/server';
import { IMPORT_QUEUE } from './job.ts';

export interface ImportRequest {
  /** What the rows become: `contact` or `company`. */
  readonly record: string;
  /** Storage key of a file that is there already. */
  readonly uploadKey: string;
  readonly fileName: string;
  /** Media type that the client named: a hint. */
  readonly mediaType?: string | undefined;
  /** Uuid of the user who asked; `null` for the system. */
  readonly createdBy: string | null;
}

/** Queues the import of a stored file and gives the job's uuid. The job's row and its place in the queue come to be together or not at all. */
export async function enqueueImport(
  app: App,
  { record, uploadKey, fileName, mediaType, createdBy }: ImportRequest,
): Promise<string> {
  const uuid = uuidv7();
  await transaction(app.pool, async (client) => {
    await client.query(
      "insert into import_jobs (uuid, record, upload_key, file_name, media_type, created_by, state, message) values ($1, $2, $3, $4, $5, $6, 'pending', 'Queued')",
      [uuid, record, uploadKey, fileName, mediaType, createdBy],
    );
    await app.jobs.send(IMPORT_QUEUE, { job: uuid }, client);
  });
  return uuid;
}

/** Whether a key names no stored file, or one that an import has already. */
export async function isUsed(app: App, uploadKey: string): Promise<boolean> {
  const { rows } = await app.pool.query<{ used: boolean }>(
    'select exists (select from import_jobs where upload_key = $1) as used',
    [uploadKey],
  );
  return rows[0]!.used || (await app.files.size(uploadKey)) === undefined;
}
