import pg, { type Pool } from 'pg';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { connectionOptions } from './database.ts';

/** Where the reads of one request are answered (decision 29). */
export interface Reads {
  /** Runs a read on connections of the database that is to answer; once more on the primary's when a replica fails. */
  readonly run: <T>(read: (pool: Pool) => Promise<T>) => Promise<T>;
  /** Whether the replica has answered any of them. */
  readonly usingReplica: () => boolean;
}

/** The databases that reads may go to. */
export interface ReadSources {
  /** The reads of a request: on the replica where that is wanted and there is one. */
  readonly reads: (wanted: { readonly replica: boolean }) => Reads;
  readonly close: () => Promise<void>;
}

/** A replica that failed is left alone for so long. */
const REST_MS = 10_000;
/** A replica that takes no connection in this time has failed. */
const CONNECT_MS = 3000;
/** What the server does not stop by itself is given up on this much later. */
const OVERTIME_MS = 2000;
const POOL_SIZE = 20;

/** Reads on the primary. */
export const primaryReads = (pool: Pool): Reads => ({ run: (read) => read(pool), usingReplica: () => false });

/** Opens the replica of the settings, if they name one. It is connected to when first read from, and may be down. */
export function openReadSources(primary: Pool, settings: Settings, log: Log): ReadSources {
  const url = settings.CONTACTS_REPLICA_URL ?? settings.DB_CONTACTS_REPLICA_URL;
  if (!url) return { reads: () => primaryReads(primary), close: async () => undefined };
  const options = connectionOptions(settings);
  const replica = new pg.Pool({
    ...options,
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: options.statement_timeout + OVERTIME_MS,
  });
  const name = settings.CONTACTS_REPLICA_ALIAS;
  replica.on('error', (error) =>
    log.warn({ replica: name, error: error.message }, 'A connection to the replica broke'),
  );
  let restingUntil = 0;

  const reads = (): Reads => {
    let used = false;
    return {
      run: async (read) => {
        if (performance.now() < restingUntil) return read(primary);
        try {
          const result = await read(replica);
          used = true;
          return result;
        } catch (error) {
          if (isOfTheRead(error)) throw error;
          restingUntil = performance.now() + REST_MS;
          log.warn({ replica: name, error: (error as Error).message }, 'The replica failed; the primary answers');
          return read(primary);
        }
      },
      usingReplica: () => used,
    };
  };
  return { reads: (wanted) => (wanted.replica ? reads() : primaryReads(primary)), close: () => replica.end() };
}

/** Whether a failure is the read's own: values it cannot be run with (class 22), or its time limit. */
function isOfTheRead(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (code === '57014' || /^22...$/.test(code));
}
