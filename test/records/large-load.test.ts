import {
  createLog,
  type Database,
  LargeLoad,
  openDatabase,
  readSettings,
  restoreBeforeMigrations,
  restoreIndexes,
} from '@contact360/server/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase } from '../app.ts';

const log = createLog(readSettings({ LOG_LEVEL: 'silent' }));
const TABLES = ['contacts', 'companies'];
const LOOKED_UP = { contacts: ['created_at'], companies: ['created_at', 'name_folded'] };
let url: string;
let database: Database;
beforeAll(async () => {
  url = await createDatabase();
  database = await openDatabase(url, [], { STATEMENT_TIMEOUT: 30 });
});
afterAll(() => database.close());

/** Every index of the tables as the catalogue has it. */
async function indexes(): Promise<string[]> {
  const { rows } = await database.pool.query<{ sql: string }>(
    'select indexdef as sql from pg_indexes where tablename = any($1) order by 1',
    [TABLES],
  );
  return rows.map(({ sql }) => sql);
}
const largeLoad = () => new LargeLoad(database.pool, log);

test('a large load keeps unique indexes and those it looks rows up by; all are the same after it', async () => {
  const before = await indexes();
  const load = largeLoad();
  await load.begin(LOOKED_UP);
  expect(load.tookIndexes).toBe(true);
  expect(await indexes()).toEqual(
    before.filter((sql) => /unique|\((created_at|name_folded)\b/i.test(sql) && !/using gin/i.test(sql)),
  );
  await load.end();
  await restoreIndexes(database.pool, log);
  expect(await indexes()).toEqual(before);
});

test('they come back when the last of several loads has ended', async () => {
  const before = await indexes();
  const loads = [largeLoad(), largeLoad()];
  for (const load of loads) await load.begin(LOOKED_UP);
  await loads[0]!.end();
  await restoreIndexes(database.pool, log);
  expect(await indexes()).not.toEqual(before);
  await loads[1]!.end();
  await restoreIndexes(database.pool, log);
  expect(await indexes()).toEqual(before);
});

test('they come back when the process that loaded is gone', async () => {
  const before = await indexes();
  const load = largeLoad();
  await load.begin(LOOKED_UP);
  const killHolders =
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";
  while ((await database.pool.query(killHolders)).rowCount! > 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
  await restoreIndexes(database.pool, log);
  expect(await indexes()).toEqual(before);
  await load.end();
});

test('a migration finds them, whatever became of a load', async () => {
  const before = await indexes();
  const load = largeLoad();
  await load.begin(LOOKED_UP);
  const client = new Client({ connectionString: url });
  await client.connect();
  await restoreBeforeMigrations(client).finally(() => client.end());
  expect(await indexes()).toEqual(before);
  await load.end();
});

test('a table that somebody reads at length keeps them', async () => {
  const before = await indexes();
  const reader = await database.pool.connect();
  await reader.query('begin');
  await reader.query('select from contacts');
  const load = largeLoad();
  await load.begin({ contacts: [] });
  await reader.query('commit');
  reader.release();
  expect(load.tookIndexes).toBe(false);
  expect(await indexes()).toEqual(before);
});

test('a table of 10,000 rows keeps them', async () => {
  await database.pool.query(
    "insert into companies (uuid, name) select gen_random_uuid(), 'Company ' || n from generate_series(1, 10000) n",
  );
  const before = await indexes();
  const load = largeLoad();
  await load.begin(LOOKED_UP);
  const during = await indexes();
  expect(before.filter((sql) => !during.includes(sql)).filter((sql) => !sql.includes('contacts'))).toEqual([]);
  await load.end();
  await restoreIndexes(database.pool, log);
  expect(await indexes()).toEqual(before);
});

test('autovacuum leaves a table alone while it is loaded, and who has switched it off finds it so afterwards', async () => {
  const options = async () => {
    const { rows } = await database.pool.query<{ options: string[] | null }>(
      "select reloptions as options from pg_class where relname in ('contacts', 'companies') order by relname",
    );
    return rows.map((row) => row.options);
  };
  await database.pool.query('truncate contacts, companies; alter table companies set (autovacuum_enabled = true)');
  const before = await options();
  const load = largeLoad();
  await load.begin(LOOKED_UP);
  expect(await options()).toEqual([['autovacuum_enabled=true'], ['autovacuum_enabled=off']]);
  await load.end();
  await restoreIndexes(database.pool, log);
  expect(await options()).toEqual(before);
});
