import { randomUUID } from 'node:crypto';
import { type App, countPicked, type PoolClient, transaction, uuidv7 } from '@contact360/server';
import { EXPORT_QUEUE } from './run.ts';
import { fileKey, refusal, type Selection, writeExportFile } from './write.ts';

/** So many records are exported while the request waits (decision 45). */
const IMMEDIATE_RECORDS = 1000;
/** A filter that takes longer to tell whether it picks more than these is left to a job. */
const PROBE_MS = 2000;
const QUERY_CANCELLED = '57014';
/** Hours after which the file is removed (decision 47). */
const LIFE_HOURS = 24;

/** Exports a selection for a user, at once when it is small, else by a job. Gives the export's id. */
export async function createExport(app: App, selection: Selection, createdBy: string): Promise<string> {
  const id = uuidv7();
  const key = fileKey(id, randomUUID(), selection.format);
  const rows = await writeExportFile(app, selection, key, { begin: isSmall(selection) }).catch((error: unknown) => {
    throw refusal(error);
  });
  if (rows === undefined) {
    await transaction(app.pool, async (client) => {
      const total = 'uuids' in selection.picked ? await countPicked(client, selection.record, selection.picked) : null;
      await insert(client, { id, ...selection, createdBy, state: 'pending', total, key: null });
      await app.jobs.send(EXPORT_QUEUE, { export: id }, client);
    });
    return id;
  }
  try {
    await transaction(app.pool, (client) =>
      insert(client, { id, ...selection, createdBy, state: 'completed', total: rows, key }),
    );
  } catch (error) {
    await app.files.remove(key);
    throw error;
  }
  return id;
}

const isSmall =
  ({ record, picked }: Selection) =>
  async (client: PoolClient): Promise<boolean> => {
    if ('uuids' in picked) return picked.uuids.length <= IMMEDIATE_RECORDS;
    await client.query(`set local statement_timeout = ${PROBE_MS}`);
    try {
      return (await countPicked(client, record, picked, IMMEDIATE_RECORDS + 1)) <= IMMEDIATE_RECORDS;
    } catch (error) {
      if ((error as { code?: string }).code === QUERY_CANCELLED) return false;
      throw error;
    }
  };

interface NewExport extends Selection {
  readonly id: string;
  readonly createdBy: string;
  readonly state: 'pending' | 'completed';
  readonly total: number | null;
  readonly key: string | null;
}

async function insert(client: PoolClient, made: NewExport): Promise<void> {
  const { id, record, format, picked, createdBy, state, total, key } = made;
  const uuids = 'uuids' in picked ? picked.uuids : null;
  const filter = 'where' in picked ? JSON.stringify(picked.where ?? {}) : null;
  const ended = state === 'completed';
  await client.query(
    `insert into exports (id, record, format, state, uuids, filter, total, done, file_key, created_by, started_at, finished_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ${ended ? 'now(), now()' : 'null, null'}, now() + make_interval(hours => ${LIFE_HOURS}))`,
    [id, record.name, format, state, uuids, filter, total, ended ? total : 0, key, createdBy],
  );
}
