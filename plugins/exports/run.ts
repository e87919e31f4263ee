import { randomUUID } from 'node:crypto';
import {
  type App,
  AppError,
  type Copy,
  copyProgress,
  countPicked,
  type Filter,
  type JobContext,
  type RecordType,
} from '@contact360/server';
import type { Format } from './formats.ts';
import { fileKey, refusal, type Selection, writeExportFile } from './write.ts';

export const EXPORT_QUEUE = 'exports.run';
const PROGRESS_MS = 1000;

/** The record types that are exported, by name. */
export type Exportable = ReadonlyMap<string, RecordType>;

/** The export was cancelled, or is another run's now. */
class NoLongerOurs extends Error {}

interface Claim extends Selection {
  readonly id: string;
  readonly run: string;
  readonly key: string;
}

/**
 * Writes the file of an export that waits. A run that is killed is followed by another, which removes what it left and
 * begins anew; the export is completed by the one that owns it, with a whole file (decision 45).
 */
export async function runExport(exportable: Exportable, id: string, { app, signal }: JobContext): Promise<void> {
  const claimed = await claim(app, exportable, id);
  if (!claimed) return;
  try {
    const rows = await writeExportFile(app, claimed, claimed.key, {
      begin: async (client) => {
        await client.query('set local statement_timeout = 0');
        return advance(app, claimed, { total: await countPicked(client, claimed.record, claimed.picked) });
      },
      watch: (copy, stop) => watchCopy(app, claimed, copy, stop, signal),
    });
    if (rows === undefined || !(await settle(app, claimed, 'completed', rows))) throw new NoLongerOurs();
  } catch (error) {
    await app.files.remove(claimed.key);
    if (error instanceof NoLongerOurs) return;
    const failure = refusal(error);
    if (!(failure instanceof AppError)) throw error;
    await settle(app, claimed, 'failed', 0, failure.message);
  }
}

/** Makes this run the owner of the export, unless that has ended or expired. */
async function claim(app: App, exportable: Exportable, id: string): Promise<Claim | undefined> {
  const run = randomUUID();
  const { rows } = await app.pool.query<{
    record: string;
    format: Format;
    uuids: string[] | null;
    filter: Filter | null;
    leftover: string | null;
  }>(
    `with earlier as (select id, file_key from exports where id = $1 for update)
     update exports set state = 'processing', run = $2, done = 0, started_at = coalesce(started_at, now()), file_key = null
     from earlier where exports.id = earlier.id and state in ('pending', 'processing') and expires_at > now()
     returning record, format, uuids::text[], filter, earlier.file_key as leftover`,
    [id, run],
  );
  const found = rows[0];
  if (!found) return undefined;
  const { record, format, uuids, filter, leftover } = found;
  if (leftover) await app.files.remove(leftover);
  const key = fileKey(id, run, format);
  await app.pool.query('update exports set file_key = $3 where id = $1 and run = $2', [id, run, key]);
  const picked = uuids ? { uuids } : { where: filter ?? undefined };
  return { id, run, key, record: exportable.get(record)!, format, picked };
}

/** Says again and again how far the copy is, and breaks it off when the export is not this run's any more or the server stops. */
function watchCopy(
  app: App,
  claimed: Claim,
  copy: Copy,
  stop: (reason: Error) => void,
  signal: AbortSignal,
): () => void {
  const report = async () => {
    if (!(await advance(app, claimed, { done: await copyProgress(app.pool, copy) }))) stop(new NoLongerOurs());
  };
  const onStop = () => stop(signal.reason as Error);
  const timer = setInterval(() => {
    report().catch((error: Error) =>
      app.log.warn({ export: claimed.id, error: error.message }, 'Progress is not known'),
    );
  }, PROGRESS_MS);
  signal.addEventListener('abort', onStop);
  if (signal.aborted) onStop();
  return () => {
    clearInterval(timer);
    signal.removeEventListener('abort', onStop);
  };
}

/** Notes how far an export is; `false` when it is not this run's any more. */
async function advance(app: App, { id, run }: Claim, { total, done }: { total?: number; done?: number }) {
  const { rowCount } = await app.pool.query(
    `update exports set total = coalesce($3, total), done = least(coalesce($4, done), coalesce($3, total)) where id = $1 and run = $2 and state = 'processing'`,
    [id, run, total ?? null, done ?? null],
  );
  return rowCount === 1;
}

async function settle(
  app: App,
  { id, run }: Claim,
  state: 'completed' | 'failed',
  rows: number,
  message: string | null = null,
): Promise<boolean> {
  const file = state === 'completed' ? '' : ', file_key = null';
  const { rowCount } = await app.pool.query(
    `update exports set state = $3, total = case when $3 = 'completed' then $4 else total end, done = $4, message = $5, finished_at = now()${file}
     where id = $1 and run = $2 and state = 'processing'`,
    [id, run, state, rows, message],
  );
  return rowCount === 1;
}
