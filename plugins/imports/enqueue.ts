import { type App, transaction, uuidv7 } from '@contact360/server';
import type { InferEntity } from '@mikro-orm/core';
import { ImportJob } from './entities.ts';
import { importErrors } from './errors.ts';
import { IMPORT_QUEUE } from './job.ts';
import type { Mapping } from './mapping.ts';

export interface ImportRequest {
  /** What the rows become: `contact` or `company`. */
  readonly record: string;
  /** Storage key of a file that `keepFile` has stored and no import has taken over yet. */
  readonly uploadKey: string;
  readonly fileName: string;
  /** Media type that the client named: a hint. */
  readonly mediaType?: string | undefined;
  /** Nothing is written but the job and what it finds. */
  readonly dryRun?: boolean | undefined;
  readonly mapping?: Mapping | undefined;
  /** Uuid of the user who asked; `null` for the system. */
  readonly createdBy: string | null;
}

/**
 * Queues the import of a stored file and gives the job as it is then, though it may be running by now. The job's row, its place in the queue and its hold on the
 * file come to be together or not at all. Throws `not_found` when the key names no file that is free.
 */
export async function enqueueImport(
  app: App,
  { record, uploadKey, fileName, mediaType, dryRun = false, mapping, createdBy }: ImportRequest,
): Promise<InferEntity<typeof ImportJob>> {
  const uuid = uuidv7();
  return transaction(app.pool, async (client) => {
    const { rows } = await client.query<{ hash: string }>(
      'delete from import_uploads where key = $1 and content_hash is not null returning content_hash as hash',
      [uploadKey],
    );
    if (!rows[0]) throw importErrors.not_found();
    // Of several earlier jobs the last that wrote something is named, else the last dry run.
    const queued = await client.query(
      `insert into import_jobs (uuid, record, upload_key, file_name, media_type, dry_run, mapping, created_by, content_hash, duplicate_of, state, message)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
         (select uuid from import_jobs where content_hash = $9 and record = $2 order by dry_run, id desc limit 1), 'pending', 'Queued')
       returning *`,
      [
        uuid,
        record,
        uploadKey,
        fileName,
        mediaType,
        dryRun,
        mapping && JSON.stringify(mapping),
        createdBy,
        rows[0].hash,
      ],
    );
    await app.jobs.send(IMPORT_QUEUE, { job: uuid }, client);
    return app.em().map(ImportJob, queued.rows[0]);
  });
}
