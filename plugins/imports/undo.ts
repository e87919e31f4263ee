import { setTimeout as wait } from 'node:timers/promises';
import { contact } from '@contact360/contacts';
import {
  type App,
  type JobContext,
  type RecordType,
  refreshStatistics,
  transaction,
  type UndonePart,
  undoPart,
} from '@contact360/server';
import { lockImports, TABLES } from './destination.ts';
import { importErrors } from './errors.ts';

/** Name of the queue that undo jobs wait in. */
export const UNDO_QUEUE = 'imports.undo';
/** Changes of one transaction. */
const PART_ROWS = 5000;
/** How long a request waits for the end of the undoing that it asks for. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;
const UNIQUE_VIOLATION = '23505';
const RETRIED = new Set([UNIQUE_VIOLATION, '40P01', '40001']);
const ATTEMPTS = 5;

/** What an undo has done to the records of one type. */
export type UndoCounts = Omit<UndonePart, 'last'>;

/** How far the undoing of an import is: what was done so far, by record type. */
export interface UndoProgress {
  readonly state: 'running' | 'completed';
  readonly counts: Readonly<Record<string, UndoCounts>>;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

interface Undoable {
  readonly id: number;
  readonly uuid: string;
  readonly state: string;
  readonly dryRun: boolean;
  readonly finishedAt?: Date | null | undefined;
  readonly undo?: UndoProgress | null | undefined;
}

/**
 * Undoes an import, and waits a while for the end of it. An import that is undone already, or being so, is not undone
 * again. Throws when it has not ended, has written nothing, or is too long ago.
 */
export async function undoImport(app: App, job: Undoable): Promise<UndoProgress> {
  if (!job.undo) await begin(app, job);
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const progress = await progressOf(app, job.id);
    if (progress.state === 'completed' || Date.now() > until) return progress;
    await wait(LOOK_MS);
  }
}

async function begin(app: App, { id, uuid, state, dryRun, finishedAt }: Undoable): Promise<void> {
  if (dryRun) throw importErrors.dry_run_undone();
  if (!finishedAt) throw importErrors.still_running({ state });
  const days = app.settings.IMPORT_UNDO_DAYS;
  const over = Date.now() >= finishedAt.getTime() + days * 86_400_000;
  if (over || !(await hasChanges(app, id))) throw importErrors.undo_expired({ days });
  const progress: UndoProgress = {
    state: 'running',
    counts: {},
    startedAt: new Date().toISOString(),
    finishedAt: null,
  };
  await transaction(app.pool, async (client) => {
    const { rowCount } = await client.query('update import_jobs set undo = $2 where id = $1 and undo is null', [
      id,
      JSON.stringify(progress),
    ]);
    if (rowCount === 1) await app.jobs.send(UNDO_QUEUE, { job: uuid }, client);
  });
}

/** Whether what the import changed is still known; nothing is missing of one that changed nothing. */
async function hasChanges(app: App, id: number): Promise<boolean> {
  const { rows } = await app.pool.query<{ known: boolean }>(
    `select exists (select from import_changes where journal = $1)
       or created_count + updated_count + companies_created + companies_updated = 0 as known from import_jobs where id = $1`,
    [id],
  );
  return rows[0]!.known;
}

async function progressOf(app: App, id: number): Promise<UndoProgress> {
  const { rows } = await app.pool.query<{ undo: UndoProgress }>('select undo from import_jobs where id = $1', [id]);
  return rows[0]!.undo;
}

/**
 * Undoes what is left to undo of an import. A part, its counts and the removal of its notes are one transaction: killed
 * at any moment, the next run goes on. What was made goes first, so that values which only one record may bear are free;
 * companies follow contacts, so that those nobody is at can go.
 */
export async function runUndo(
  records: ReadonlyMap<string, RecordType>,
  uuid: string,
  { app, signal }: JobContext,
): Promise<void> {
  const { rows } = await app.pool.query<{ id: number; record: string; changed: number }>(
    "select id, record, created_count + updated_count as changed from import_jobs where uuid = $1 and undo ->> 'state' = 'running'",
    [uuid],
  );
  const [job] = rows;
  if (!job) return;
  const own = records.get(job.record)!;
  const touched = [own, ...Object.values(own.relations).map(({ record }) => record)];
  for (const record of touched) {
    for (const part of ['made', 'changed'] as const) {
      for (let after: number | undefined = 0; after !== undefined; ) {
        after = await undoNext(app, job.id, record, part, after);
        signal.throwIfAborted();
      }
    }
  }
  for (const table of TABLES) await refreshStatistics(app.pool, table, job.changed);
  await app.dataVersions.announce(TABLES);
  await app.pool.query(
    `update import_jobs set undo = undo || jsonb_build_object('state', 'completed', 'finishedAt', $2::text) where id = $1`,
    [job.id, new Date().toISOString()],
  );
}

/** Undoes the next part, and gives the row number that it reached; undefined at the end. */
async function undoNext(
  app: App,
  job: number,
  record: RecordType,
  of: 'made' | 'changed',
  after: number,
): Promise<number | undefined> {
  const dependents = record.relations.company ? [] : [{ record: contact, relation: 'company' }];
  let unique = true;
  for (let attempt = 1; ; attempt++) {
    try {
      const { last, ...counts } = await transaction(app.pool, async (client) => {
        await client.query('set local statement_timeout = 0');
        await lockImports(client);
        const journal = { table: 'import_changes', id: job };
        const part = await undoPart(client, record, dependents, journal, { of, after, limit: PART_ROWS, unique });
        if (part.last !== undefined) {
          await client.query(
            `update import_jobs set undo = jsonb_set(undo, array['counts', $2::text],
               (select jsonb_object_agg(key, value::int + coalesce((undo -> 'counts' -> $2 -> key)::int, 0)) from jsonb_each_text($3)), true) where id = $1`,
            [job, record.name, JSON.stringify({ removed: part.removed, restored: part.restored, kept: part.kept })],
          );
        }
        return part;
      });
      if (last !== undefined && counts.removed + counts.restored > 0) app.dataVersions.changed(TABLES);
      return last;
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (attempt === ATTEMPTS || !RETRIED.has(code)) throw error;
      unique = code !== UNIQUE_VIOLATION;
    }
  }
}
