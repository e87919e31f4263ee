import type { App, JobDefinition } from '@contact360/server';

/** Files without an export may be about to get one for this long. */
const ORPHAN_MS = 3_600_000;
/** Expired exports are listed for this many days. */
const KEPT_DAYS = 30;
const FOLDER = 'exports/';

/** Removes the files of expired exports, those that killed processes left, and exports that are long past. */
export const cleanUp: JobDefinition = {
  name: 'exports.clean-up',
  schedule: '*/10 * * * *',
  run: async (_data, { app }) => {
    await app.pool.query(
      `update exports set state = 'failed', message = 'The export expired before it was written.', finished_at = now()
       where state in ('pending', 'processing') and expires_at <= now()`,
    );
    await removeFiles(app, 'expires_at <= now()');
    await removeOrphans(app);
    await app.pool.query(
      'delete from exports where expires_at < now() - make_interval(days => $1) and file_key is null',
      [KEPT_DAYS],
    );
  },
};

/** Removes the files of finished exports that a condition picks, and tells how many. */
export async function removeFiles(app: App, condition: 'true' | 'expires_at <= now()'): Promise<number> {
  const { rows } = await app.pool.query<{ id: string; file_key: string }>(
    `select id, file_key from exports where file_key is not null and state not in ('pending', 'processing') and ${condition}`,
  );
  for (const { id, file_key } of rows) {
    await app.files.remove(file_key);
    await app.pool.query('update exports set file_key = null where id = $1 and file_key = $2', [id, file_key]);
  }
  return rows.length;
}

async function removeOrphans(app: App): Promise<void> {
  const known = new Set(
    (await app.pool.query<{ file_key: string }>('select file_key from exports where file_key is not null')).rows.map(
      ({ file_key }) => file_key,
    ),
  );
  for await (const { key, changedAt } of app.files.list(FOLDER)) {
    if (!known.has(key) && changedAt.getTime() < Date.now() - ORPHAN_MS) await app.files.remove(key);
  }
}
