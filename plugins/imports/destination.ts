import {
  type App,
  type Changed,
  LargeLoad,
  learnColumns,
  type PoolClient,
  type RecordType,
  refreshStatistics,
  restoreIndexes,
  transaction,
} from '@contact360/server';
import type { Fall } from './identities.ts';
import type { Difference } from './outcome.ts';
import type { ParsedRow } from './rows.ts';

/** Batches of all imports take turns, so that two of them never make the same record twice. */
const IMPORT_LOCK = 360_390;
/** What an import writes to, whichever record it is of. */
export const TABLES = ['contacts', 'companies'];

/** What a batch did to the records of one type. */
export interface Done {
  readonly record: RecordType;
  readonly falls: readonly Fall[];
  readonly changed: ReadonlyMap<number, Changed>;
}

/** From so many rows on it is faster to build the indexes of a small table anew than to keep them current. */
const LARGE_ROWS = 20_000;
/** What stored records are found by. A large load without these indexes, or without the planner's knowing them, would take ever longer. */
const LOOKED_UP = {
  contacts: ['created_at', 'email_folded', 'linkedin_url_folded', 'last_name_folded', 'company_row'],
  companies: ['created_at', 'normalized_domain_folded', 'name_folded'],
};

/** Where the batches of an import are written to. */
export interface Destination {
  /** Before the first batch of a run; `rows` are about as many as the file has. */
  readonly begin: (rows: number) => Promise<void>;
  /** Runs the work of a batch in a transaction, in which its rows meet the records that they may fall on. */
  readonly write: (
    record: RecordType,
    rows: readonly ParsedRow[],
    work: (client: PoolClient) => Promise<void>,
  ) => Promise<void>;
  /** The differences that are worth telling of what a batch did. */
  readonly differences: (done: readonly Done[]) => Difference[];
  /** Before the job ends as completed; `say` tells those who watch what takes its time. */
  readonly finish: (say: (message: string) => Promise<void>) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The tables themselves. */
export function realTables(app: App): Destination {
  const load = new LargeLoad(app.pool, app.log);
  let fileRows = Number.POSITIVE_INFINITY;
  let batches = 0;
  /** The planner learns of small tables that grow each time they have doubled. */
  const tellPlanner = async () => {
    if (load.tookIndexes && isPowerOfTwo(batches))
      for (const [table, columns] of Object.entries(LOOKED_UP)) await learnColumns(app.pool, table, columns);
    batches++;
  };
  return {
    begin: async (rows) => {
      fileRows = rows;
      if (rows >= LARGE_ROWS) await load.begin(LOOKED_UP);
    },
    write: async (_record, _rows, work) => {
      await tellPlanner();
      await transaction(app.pool, async (client) => {
        // A crash of the machine may take the last batches back, and the checkpoint with them: they are written again. The
        // job's end is waited for, and all that was before it.
        await client.query('set local statement_timeout = 0; set local synchronous_commit = off');
        await lockImports(client);
        await work(client);
      });
      app.dataVersions.changed(TABLES);
    },
    differences: () => [],
    // Statistics first, so that the next count is right (decision 27).
    finish: async (say) => {
      await load.end();
      if (load.tookIndexes) await say('Building indexes');
      await restoreIndexes(app.pool, app.log);
      await Promise.all(TABLES.map((table) => refreshStatistics(app.pool, table, fileRows)));
      await app.dataVersions.announce(TABLES);
    },
    close: () => load.end(),
  };
}

/** 1, 2, 4, 8 and so on. */
export const isPowerOfTwo = (count: number) => count > 0 && (count & (count - 1)) === 0;

/** Waits for the turn of a transaction that writes as imports do; it ends with the transaction. */
export async function lockImports(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [IMPORT_LOCK]);
}
