import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import type { Filter, Order, Page, RecordType } from '@contact360/server';
import { type Database, openDatabase, type Query, Store } from '@contact360/server/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDatabase } from '../app.ts';
import { conditions, filters, generateRows, insertRows, orders } from './generate.ts';
import { type NaiveRow, select, valueAt } from './naive.ts';

/** How often a property is tried; `FC_SEED` also changes the rows. */
const RUNS = Number(process.env.FC_RUNS ?? 100);
const SEED = Number(process.env.FC_SEED ?? 360);
// Only bounds a hang, however many runs there are.
vi.setConfig({ testTimeout: RUNS * 1000 });
/** More than there are rows. */
const ALL = 1000;

const rows = generateRows(SEED);
const living = (all: readonly NaiveRow[]) => all.filter((row) => row.deleted_at === null);
const contacts = living(rows.contacts);
const companies = living(rows.companies);
const uuids = (some: readonly object[]) => some.map((row) => (row as { uuid: string }).uuid);

let database: Database;
beforeAll(async () => {
  database = await openDatabase(await createDatabase(), [], { STATEMENT_TIMEOUT: 30 });
  await insertRows(database.pool, rows);
});
afterAll(() => database.close());

const types: [string, RecordType, NaiveRow[], number][] = [
  ['contacts', contact, contacts, 1],
  ['companies', company, companies, 0.5],
];

test('rows are shown whole, with computed fields and the company', async () => {
  const { items } = await new Store(database.pool, contact).query({ limit: ALL, include: ['company'] });
  const shown = (record: RecordType, row: NaiveRow) =>
    Object.fromEntries(
      [...Object.keys(record.fields), ...Object.keys(record.computed)].map((path) => [path, valueAt(row, path)]),
    );
  expect(items).toEqual(
    select(contacts).map((row) => ({
      ...shown(contact, row),
      company: row.company ? shown(company, row.company) : null,
    })),
  );
});

describe.each(types)('%s', (_, record, all, share) => {
  const store = () => new Store(database.pool, record);
  const runs = { numRuns: Math.ceil(RUNS * share), seed: SEED };

  test('each condition alone', async () => {
    await fc.assert(
      fc.asyncProperty(conditions(record, all), async (where) => {
        expect(await collect(store().uuids(where))).toEqual(uuids(select(all, where)));
      }),
      { ...runs, numRuns: runs.numRuns * 4 },
    );
  });

  test('the same rows match, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(filters(record, all), orders(record), async (where, order) => {
        const { items } = await store().query({ where, order, limit: ALL });
        expect(uuids(items)).toEqual(uuids(select(all, where, order)));
      }),
      runs,
    );
  });

  test('counts, lists of uuids and streams are of the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(filters(record, all), orders(record), fc.nat(20), async (where, order, limit) => {
        const newest = uuids(select(all, where));
        expect(await store().count(where)).toBe(newest.length);
        expect(await collect(store().uuids(where))).toEqual(newest);
        expect(await collect(store().uuids(where, limit))).toEqual(newest.slice(0, limit));
        const streamed = await collect(store().stream({ where, order, limit: limit + 1, offset: limit }));
        expect(uuids(streamed)).toEqual(uuids(select(all, where, order)).slice(limit, 2 * limit + 1));
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 5) },
    );
  });

  test('offset pages', async () => {
    const page = fc.record({ limit: fc.integer({ min: 1, max: 40 }), offset: fc.nat(all.length + 5) });
    await fc.assert(
      fc.asyncProperty(filters(record, all), orders(record), page, async (where, order, { limit, offset }) => {
        const expected = uuids(select(all, where, order));
        const { items, next, previous } = await store().query({ where, order, limit, offset });
        expect(uuids(items)).toEqual(expected.slice(offset, offset + limit));
        expect(next !== null).toBe(offset + limit < expected.length);
        expect(previous !== null).toBe(offset > 0 && items.length > 0);
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 3) },
    );
  });

  test('cursors lead through every row once, in order, and back over the same pages', async () => {
    const some = fc.oneof(fc.constant<Filter>({}), filters(record, all));
    const sizes = fc.integer({ min: Math.ceil(all.length / 30), max: 60 });
    await fc.assert(
      fc.asyncProperty(some, orders(record), sizes, async (where, order, size) => {
        const expected = uuids(select(all, where, order));
        const pages = Array.from({ length: Math.max(1, Math.ceil(expected.length / size)) }, (_, index) =>
          expected.slice(index * size, (index + 1) * size),
        );
        const query = { where, order, limit: size };
        const forwards = await follow(store(), query, await store().query(query), 'next');
        expect(forwards.map(({ items }) => uuids(items))).toEqual(pages);
        const backwards = await follow(store(), query, forwards.at(-1)!, 'previous');
        expect(backwards.map(({ items }) => uuids(items))).toEqual(pages.toReversed());
      }),
      // A walk takes many queries.
      { ...runs, numRuns: Math.ceil(runs.numRuns / 5) },
    );
  });
});

test('rows that were there when a walk began are met once, whatever is added meanwhile', async () => {
  const store = new Store(database.pool, contact);
  const known = new Set(uuids(contacts));
  let number = 10_000;
  const add = (created_at: string) => {
    const row = { ...contacts[0]!, id: ++number, uuid: crypto.randomUUID(), email: null, created_at };
    return insertRows(database.pool, { companies: [], contacts: [row] });
  };
  const newestFirst = fc.constant<Order[]>([]);
  const newer = '2030-01-01T00:00:00.000001Z';
  const anywhere = fc.constantFrom('1960-01-01T00:00:00Z', '2024-01-01T00:00:00Z', newer);
  const walks = fc.oneof(
    fc.tuple(newestFirst, fc.constant(newer)),
    fc.tuple(fc.oneof(newestFirst, orders(contact)), anywhere),
  );
  await fc.assert(
    fc
      .asyncProperty(walks, fc.integer({ min: 30, max: 90 }), async ([order, created_at], limit) => {
        const expected = uuids(select(contacts, {}, order));
        const query = { order, limit };
        const walk = (from: Page<typeof contact>, to: 'next' | 'previous') =>
          follow(store, query, from, to, () => add(created_at));
        const met = (pages: Page<typeof contact>[]) => pages.flatMap(({ items }) => uuids(items));
        const forwards = await walk(await store.query(query), 'next');
        expect(met(forwards).filter((uuid) => known.has(uuid))).toEqual(expected);
        if (order.length === 0 && created_at === newer) expect(met(forwards)).toEqual(expected);
        const backwards = await walk(forwards.at(-1)!, 'previous');
        expect(met(backwards.toReversed()).filter((uuid) => known.has(uuid))).toEqual(expected);
      })
      .afterEach(async () => {
        await database.pool.query('delete from contacts where id > 10000');
      }),
    { numRuns: Math.ceil(RUNS / 10), seed: SEED },
  );
});

/** Follows one kind of cursor from a page to the end; gives every page, the first included. */
async function follow<R extends RecordType>(
  store: Store<R>,
  query: Query,
  first: Page<R>,
  to: 'next' | 'previous',
  between?: () => Promise<void>,
): Promise<Page<R>[]> {
  const pages = [first];
  for (let cursor = first[to]; cursor !== null; cursor = pages.at(-1)![to]) {
    await between?.();
    pages.push(await store.query({ ...query, cursor }));
  }
  return pages;
}

async function collect<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}
