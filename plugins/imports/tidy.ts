import type { App, JobDefinition } from '@contact360/server';
import { undefinedIfDiskFull } from './disk-full.ts';
import { writeErrorFile } from './error-file.ts';
import { dropUpload } from './upload.ts';

/** Uploads that no import has taken over are given up after so many days: the slowest upload is over by then. */
const UPLOAD_DAYS = 2;
/** Rejected rows and the file of them are kept for so many days after the end of their import. */
const ERROR_DAYS = 90;
/** Rows of one transaction that removes many. */
const PART_ROWS = 20_000;

interface EndedJob {
  readonly id: number;
  readonly uuid: string;
  readonly upload_key: string;
  readonly error_key: string | null;
  readonly dry_run: boolean;
}

/**
 * Removes what only the run of an import needed, once the import has ended: the upload, and notes on rows that changed
 * nothing. May be done again at any time. A full disk puts it off until the next housekeeping.
 */
export async function tidyJob(app: App, uuid: string): Promise<void> {
  const { rows } = await app.pool.query<EndedJob>(
    'select id, uuid, upload_key, error_key, dry_run from import_jobs where uuid = $1 and finished_at is not null and not tidied',
    [uuid],
  );
  const [job] = rows;
  if (!job) return;
  const undoable = !job.dry_run && app.settings.IMPORT_UNDO_DAYS > 0;
  await removeChanges(app, job.id, undoable ? "and c.changes = '{}'" : '');
  await app.files.remove(job.upload_key);
  // A cancelled import ends before its report is written, one that met a full disk without it.
  const report = job.error_key ?? (await writeErrorFile(app, job).catch(undefinedIfDiskFull));
  if (report !== undefined)
    await app.pool.query('update import_jobs set tidied = true, error_key = $2 where id = $1', [job.id, report]);
}

/** Removes notes of what an import changed, part by part. */
async function removeChanges(app: App, job: number, condition = ''): Promise<void> {
  for (let after: string[] | undefined = ['', '0']; after; ) {
    const part: { rows: { last: string[] | null }[] } = await app.pool.query(
      `with part as materialized (select record, id from import_changes where journal = $1 and (record, id) > ($2, $3::bigint) order by record, id limit ${PART_ROWS}),
       gone as (delete from import_changes c using part where c.journal = $1 and c.record = part.record and c.id = part.id ${condition})
       select (select array[record, id::text] from part order by record desc, id desc limit 1) as last`,
      [job, ...after],
    );
    after = part.rows[0]!.last ?? undefined;
  }
}

/** Removes what imports leave behind, once nobody can ask for it any more. */
export const housekeeping: JobDefinition<object> = {
  name: 'imports.tidy',
  schedule: '17 * * * *',
  run: async (_data, { app, signal }) => {
    for (const uuid of await uuids(app, 'finished_at is not null and not tidied')) {
      await tidyJob(app, uuid);
      signal.throwIfAborted();
    }
    const { rows: uploads } = await app.pool.query<{ key: string }>(
      `select key from import_uploads where created_at < now() - interval '${UPLOAD_DAYS} days'`,
    );
    for (const { key } of uploads) await dropUpload(app, key);
    await removeOldChanges(app, signal);
    await removeOldErrors(app, signal);
  },
};

async function uuids(app: App, condition: string): Promise<string[]> {
  const { rows } = await app.pool.query<{ uuid: string }>(
    `select uuid from import_jobs where ${condition} order by id`,
  );
  return rows.map(({ uuid }) => uuid);
}

/** Takes the possibility to undo from imports whose time for it is over. */
async function removeOldChanges(app: App, signal: AbortSignal): Promise<void> {
  for (let after = 0; ; ) {
    const { rows } = await app.pool.query<{ id: number; over: boolean }>(
      `select j.id, coalesce(finished_at < now() - make_interval(days => $2), false) and coalesce(undo ->> 'state', 'completed') = 'completed' as over
       from import_jobs j where j.id = (select min(journal) from import_changes where journal > $1)`,
      [after, app.settings.IMPORT_UNDO_DAYS],
    );
    if (!rows[0]) return;
    if (rows[0].over) await removeChanges(app, rows[0].id);
    after = rows[0].id;
    signal.throwIfAborted();
  }
}

async function removeOldErrors(app: App, signal: AbortSignal): Promise<void> {
  const { rows } = await app.pool.query<{ id: number; error_key: string }>(
    `select id, error_key from import_jobs where error_key is not null and finished_at < now() - interval '${ERROR_DAYS} days'`,
  );
  for (const { id, error_key } of rows) {
    await app.pool.query('delete from import_errors where job_id = $1', [id]);
    await app.files.remove(error_key);
    await app.pool.query('update import_jobs set error_key = null where id = $1', [id]);
    signal.throwIfAborted();
  }
}
