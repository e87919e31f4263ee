import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AnyEntity, EntityClass, EntitySchema } from '@mikro-orm/core';
import { type Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { Client, type Pool } from 'pg';
import { OperatorError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { restoreBeforeMigrations } from './large-load.ts';

/** Tables of the ORM as plugins give them. */
export type Entities = readonly (EntitySchema | EntityClass<AnyEntity>)[];

export interface Database {
  readonly orm: MikroORM;
  readonly pool: Pool;
  readonly close: () => Promise<void>;
}

/** Where a migration stands, in the order in which folders are applied. */
export interface MigrationFolder {
  /** Namespace of the migrations' names in the log table. */
  readonly owner: string;
  readonly folder: URL;
}

const MINIMUM_VERSION = 150_000;
const POOL_SIZE = 20;
/** Session settings that the reading of rows depends on. */
const SESSION =
  '-c TimeZone=UTC -c DateStyle=ISO,YMD -c IntervalStyle=postgres -c pg_trgm.word_similarity_threshold=0.35';
/** Processes that start together take turns at migrating. */
const MIGRATION_LOCK = 360_360;

class DatabaseError extends OperatorError {
  override name = 'DatabaseError';
}

/** What every connection that rows are read through is opened with. */
export const connectionOptions = ({ STATEMENT_TIMEOUT }: Pick<Settings, 'STATEMENT_TIMEOUT'>) => ({
  options: SESSION,
  statement_timeout: STATEMENT_TIMEOUT * 1000,
  application_name: 'contact360',
  keepAlive: true,
});

/** Opens the database: one pool, shared by the ORM and by compiled SQL. */
export async function openDatabase(
  url: string,
  entities: Entities,
  settings: Pick<Settings, 'STATEMENT_TIMEOUT'>,
): Promise<Database> {
  const orm = await MikroORM.init({
    entities: [...entities],
    clientUrl: url,
    pool: { min: 1, max: POOL_SIZE },
    driverOptions: connectionOptions(settings),
    discovery: { warnWhenNoEntities: false },
    allowGlobalContext: false,
    logger: () => undefined,
  });
  const pool = (await (
    orm.em.getConnection() as unknown as { getNativeClient(): Promise<Pool> }
  ).getNativeClient()) as Pool;
  return { orm, pool, close: () => orm.close(true) };
}

/** Says what is wrong with a database of the operator's own, before anything is done with it. */
async function checkServer(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; encoding: string; lower: string }>(
      `select current_setting('server_version_num')::int as version, pg_encoding_to_char(encoding) as encoding, lower('É') as lower from pg_database where datname = current_database()`,
    );
    const { version, encoding, lower } = rows[0]!;
    if (version < MINIMUM_VERSION)
      throw new DatabaseError(
        `PostgreSQL 15 or later is needed; the server of DATABASE_URL is ${Math.floor(version / 10_000)}.`,
      );
    if (encoding !== 'UTF8')
      throw new DatabaseError(
        `The database must be encoded in UTF8, not ${encoding}: create it with \`ENCODING 'UTF8' TEMPLATE template0\`.`,
      );
    if (lower !== 'é')
      throw new DatabaseError(
        "The database's character type knows ASCII only, so that names with accents could not be compared: create it with `LC_CTYPE 'C.UTF-8' TEMPLATE template0`.",
      );
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    throw new DatabaseError(
      `The database cannot be reached: ${(error as Error).message}. Check DATABASE_URL and that the server is running.`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

/** Applies all pending migrations, without a time limit; processes that start at the same time wait for each other. */
export async function migrate(url: string, folders: readonly MigrationFolder[]): Promise<string[]> {
  await checkServer(url);
  const migrationsList = await loadMigrations(folders);
  const lock = new Client({ connectionString: url, application_name: 'contact360-migration-lock' });
  await lock.connect();
  const orm = await MikroORM.init({
    entities: [],
    clientUrl: url,
    extensions: [Migrator],
    migrations: { tableName: 'migrations', snapshot: false, migrationsList, allOrNothing: false, transactional: true },
    discovery: { warnWhenNoEntities: false },
    logger: () => undefined,
  });
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    if ((await orm.migrator.getPending()).length > 0) await restoreBeforeMigrations(lock);
    const applied = await orm.migrator.up();
    return applied.map(({ name }) => name);
  } finally {
    await orm.close(true);
    await lock.end();
  }
}

async function loadMigrations(folders: readonly MigrationFolder[]) {
  const loaded = [];
  for (const { owner, folder } of folders) {
    const files = (await readdir(fileURLToPath(folder))).filter((file) => /^Migration.*\.ts$/.test(file)).sort();
    for (const file of files) {
      const module = (await import(new URL(file, folder).href)) as Record<string, new (...args: never) => Migration>;
      const [migration] = Object.values(module);
      loaded.push({ name: `${owner}/${file.replace(/\.ts$/, '')}`, class: migration as never });
    }
  }
  return loaded;
}
