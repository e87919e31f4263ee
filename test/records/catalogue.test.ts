import { fileURLToPath } from 'node:url';
import type { AnyPlugin, RecordType } from '@contact360/server';
import {
  columnsOf,
  type Database,
  indexesOf,
  Migrator,
  MikroORM,
  openDatabase,
  recordEntity,
} from '@contact360/server/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plugins } from '../../contact360.plugins.ts';
import { createDatabase } from '../app.ts';

const definitions = plugins as readonly AnyPlugin[];
const records = definitions.flatMap((plugin) => plugin.records ?? []);

let database: Database;
beforeAll(async () => {
  database = await openDatabase(await createDatabase(), [], { STATEMENT_TIMEOUT: 30 });
});
afterAll(() => database.close());

/** PostgreSQL writes expressions its own way: capitals, casts, blanks, parentheses around a whole. */
const plainSql = (sql: string) =>
  sql
    .toLowerCase()
    .replaceAll('::text', '')
    .replaceAll('public.', '')
    .replaceAll('using btree ', '')
    .replace(/where \((.*)\)$/, 'where $1')
    .replace(/variadic array\[(.*?)\]/, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();

describe.each(records.map((record): [string, RecordType] => [record.table, record]))('%s', (table, record) => {
  test('the columns are those of the field table', async () => {
    const { rows } = await database.pool.query<Record<string, string | boolean | null>>(
      `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable,
         attidentity <> '' as identity, attgenerated = 's' as generated, pg_get_expr(adbin, adrelid) as expression,
         (select nullif(collname, 'default') from pg_collation where oid = attcollation) as collation
       from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
       where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attname collate "C"`,
      [table],
    );
    const types: Record<string, string> = { timestamptz: 'timestamp with time zone' };
    expect(rows.map((row) => ({ ...row, expression: row.expression && plainSql(String(row.expression)) }))).toEqual(
      columnsOf(record)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, type, nullable, generated, default: byDefault, identity, collation }) => ({
          name,
          type: types[type] ?? type,
          nullable,
          identity: identity ?? false,
          generated: generated !== undefined,
          expression: generated ?? byDefault ?? null,
          collation: collation ?? null,
        })),
    );
  });

  test('the indexes are those of the field table', async () => {
    const { rows } = await database.pool.query<{ name: string; sql: string }>(
      'select indexname as name, indexdef as sql from pg_indexes where tablename = $1',
      [table],
    );
    const sorted = (indexes: readonly { name: string; sql: string }[]) =>
      indexes.map(({ name, sql }) => ({ name, sql: plainSql(sql) })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const key = { name: `${table}_pkey`, sql: `create unique index ${table}_pkey on ${table} (id)` };
    expect(sorted(rows)).toEqual(sorted([...indexesOf(record), key]));
  });
});

describe('no migration is left to be generated', () => {
  const withTables = definitions.flatMap((plugin) =>
    plugin.migrations ? [{ ...plugin, folder: plugin.migrations }] : [],
  );

  test('every plugin that has tables has migrations', () => {
    const needing = definitions.filter(({ records = [], entities = [] }) => records.length + entities.length > 0);
    expect(withTables.map(({ id }) => id)).toEqual(expect.arrayContaining(needing.map(({ id }) => id)));
  });

  test.each(withTables)('for $id', async ({ folder, records = [], entities = [] }) => {
    const orm = await MikroORM.init({
      entities: [...records.map(recordEntity), ...entities],
      // Nothing listens there: what the tables are is read from the snapshot beside the migrations.
      clientUrl: 'postgres://nobody@127.0.0.1:1/none',
      extensions: [Migrator],
      discovery: { warnWhenNoEntities: false },
      logger: () => undefined,
      migrations: { path: fileURLToPath(folder), snapshotName: '.snapshot' },
    });
    expect(await orm.migrator.checkSchema()).toBe(false);
    await orm.close(true);
  });
});
