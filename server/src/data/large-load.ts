import type { ClientBase, Pool, PoolClient } from 'pg';
import type { Log } from '../log.ts';
import { transaction } from './transaction.ts';

/**
 * Large loads into small tables. Keeping the indexes of a table current costs several times what all the rest of an
 * insert does, and more the larger they are; built at once they cost about a quarter of that. So a large load into a
 * table of few rows takes them away first and builds them again at its end. Those stay by which rows are told apart, and
 * those that the load itself looks rows up by.
 *
 * The table is left alone by autovacuum meanwhile, which would look at it again and again for as long as it grows.
 *
 * What is taken away is noted in the same transaction, so that the indexes come back whatever happens: at the end of
 * the load, else by a job of the core that looks every minute, else before the next migration. Loads hold a session
 * lock together meanwhile, which the database drops when their process dies; who builds needs it alone.
 */
export const SET_ASIDE_TABLE =
  'create table set_aside_indexes (name text primary key, definition text not null, set_aside_at timestamptz not null default now())';

const LOAD_LOCK = 360_391;
/** Searches must not have to read larger tables row by row. */
const SMALL_TABLE = 10_000;
/** Readers stand behind whoever waits for a table alone. */
const LOCK_TIMEOUT = '3s';
const LOCK_NOT_AVAILABLE = '55P03';
/** Indexes that are built at the same time. */
const BUILDERS = 2;

/** A load during which indexes may be missing. */
export class LargeLoad {
  readonly #pool: Pool;
  readonly #log: Log;
  #lock: PoolClient | undefined;
  #broken: Error | undefined;
  #tookIndexes = false;

  constructor(pool: Pool, log: Log) {
    this.#pool = pool;
    this.#log = log;
  }

  /** Whether indexes are missing, or were until its end, on behalf of this load. */
  get tookIndexes(): boolean {
    return this.#tookIndexes;
  }

  /**
   * Takes the indexes of those of the tables away that have few rows and can be had alone soon. Goes on with a load that
   * was broken off.
   *
   * @param tables each with the columns that the load looks rows up by: B-trees that begin with one of them stay.
   */
  async begin(tables: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const client = await this.#pool.connect();
    client.on('error', this.#breaks);
    this.#lock = client;
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock_shared($1) as locked', [
      LOAD_LOCK,
    ]);
    if (rows[0]!.locked) {
      for (const [table, lookedUp] of Object.entries(tables)) await this.#setAside(table, lookedUp);
      this.#tookIndexes = await anySetAside(client);
      if (this.#tookIndexes) return;
    }
    await this.end();
  }

  /** Lets the indexes be built again: {@link restoreIndexes}. */
  async end(): Promise<void> {
    const client = this.#lock;
    if (!client) return;
    this.#lock = undefined;
    try {
      if (!this.#broken) await client.query('select pg_advisory_unlock_shared($1)', [LOAD_LOCK]);
    } catch (error) {
      this.#broken = error as Error;
    } finally {
      client.off('error', this.#breaks);
      // A connection that broke has lost its lock.
      client.release(this.#broken);
    }
  }

  readonly #breaks = (error: Error) => {
    this.#broken = error;
    this.#log.warn({ error: error.message }, 'The connection that holds the lock of a load broke');
  };

  async #setAside(table: string, lookedUp: readonly string[]): Promise<void> {
    try {
      await transaction(this.#pool, async (client) => {
        if (!(await isSmall(client, table))) return;
        await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
        await client.query(`lock table ${table} in access exclusive mode`);
        const { rows } = await client.query<{ name: string }>(
          `insert into set_aside_indexes (name, definition)
           select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
           from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
           left join pg_attribute f on f.attrelid = i.indrelid and f.attnum = i.indkey[0]
           where i.indrelid = $1::regclass and not i.indisunique
             and not coalesce(a.amname = 'btree' and f.attname = any($2::text[]), false) returning name`,
          [table, lookedUp],
        );
        if (rows.length > 0) await client.query(`drop index ${rows.map(({ name }) => name).join(', ')}`);
        await stopAutovacuum(client, table);
      });
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      this.#log.info({ table }, 'The table is in use: it is loaded with its indexes kept');
    }
  }
}

async function isSmall(client: ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<{ rows: number }>(
    `select count(*)::int as rows from (select from ${table} limit ${SMALL_TABLE}) few`,
  );
  return rows[0]!.rows < SMALL_TABLE;
}

/** Unless somebody has decided for or against it. */
async function stopAutovacuum(client: ClientBase, table: string): Promise<void> {
  const { rowCount } = await client.query(
    `insert into set_aside_indexes (name, definition)
     select $1 || '_autovacuum', format('ALTER TABLE %s RESET (autovacuum_enabled)', oid::regclass) from pg_class
     where oid = $1::regclass and coalesce(array_to_string(reloptions, ' '), '') not like '%autovacuum_enabled%'`,
    [table],
  );
  if (rowCount === 1) await client.query(`alter table ${table} set (autovacuum_enabled = off)`);
}

async function anySetAside(client: Pool | ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>('select exists (select from set_aside_indexes) as any');
  return rows[0]!.any;
}

/**
 * Builds the indexes that were set aside, unless a load goes on. Readers are not kept waiting; who writes to a table
 * waits for the index that is being built, not for all of them (building without a lock takes twice as long, and waits
 * for every read that goes on). A failure is logged, as the core's job tries again.
 */
export async function restoreIndexes(pool: Pool, log: Log): Promise<void> {
  try {
    if (!(await anySetAside(pool))) return;
    const load = await transaction(pool, async (client) => {
      await client.query('set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
      // A lock of the transaction: whatever happens to this process, it goes.
      const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [
        LOAD_LOCK,
      ]);
      if (rows[0]!.locked) await Promise.all(Array.from({ length: BUILDERS }, () => buildOnPool(pool)));
      return !rows[0]!.locked;
    });
    if (load) log.info('Indexes are built when the load that goes on ends');
  } catch (error) {
    log.error({ error }, 'Indexes that a load had set aside could not be built; it is tried again every minute');
  }
}

async function buildOnPool(pool: Pool): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await buildIndexes(client);
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Brings back what is set aside, each in a transaction: first the indexes that take long, last what must wait for those
 * of its table. What another builds already is left to it.
 */
async function buildIndexes(client: ClientBase): Promise<void> {
  for (;;) {
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    // A new index goes to the log as a whole: to compress it takes half of the time that a B-tree takes to build.
    await client.query(
      "select set_config('wal_compression', 'off', true) where has_parameter_privilege('wal_compression', 'set')",
    );
    const { rows } = await client.query<{ name: string; definition: string }>(
      `select name, definition from set_aside_indexes
       order by definition like 'CREATE%' desc, definition like '%USING gin%' desc, name like '%search%' desc, name desc limit 1 for update skip locked`,
    );
    const index = rows[0];
    if (index) {
      await client.query(index.definition.replace(/^CREATE INDEX /, 'CREATE INDEX IF NOT EXISTS '));
      await client.query('delete from set_aside_indexes where name = $1', [index.name]);
    }
    await client.query('commit');
    if (!index) return;
  }
}

/** Migrations find every index in its place, whatever became of a load before. */
export async function restoreBeforeMigrations(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('set_aside_indexes') is not null as there",
  );
  if (rows[0]!.there) await buildIndexes(client);
}
