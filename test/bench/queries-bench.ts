import { contact } from '@contact360/contacts';
import { Pool } from 'pg';
import { type Captured, capture } from './capture.ts';
import { fill } from './database.ts';
import { queries, type TimedQuery } from './queries.ts';
import { type QueryTimes, timeQuery } from './query-times.ts';
import { printTable, type Setup, say, signIn } from './setup.ts';

export interface QueriesOptions {
  readonly rows: number;
  /** Parts of the names of the queries that are wanted; none wants all. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly withPlans: boolean;
}

const DEEP = 100_000;

/** Times the queries to watch against the best SQL known for each. */
export async function benchQueries(setup: Setup, options: QueriesOptions): Promise<QueryTimes[]> {
  const { asked, captured } = await prepare(setup, options);
  const server = await setup.startServer();
  const pool = new Pool({ connectionString: setup.databaseUrl, options: '-c statement_timeout=0', max: 2 });
  setup.stops.push(() => pool.end());
  const bench = { ...options, pool, url: server.url, token: await signIn(server.url) };
  const results: QueryTimes[] = [];
  for (const [index, query] of asked.entries()) {
    const times = await timeQuery(query, captured[index]!, bench);
    say(`${query.name}: ${times.sql.toFixed(2)} ms, ${times.ratio.toFixed(2)} ×`);
    for (const plan of times.plans ?? []) say(plan);
    results.push(times);
  }
  return results;
}

function prepare(setup: Setup, { rows, only }: QueriesOptions): Promise<{ asked: TimedQuery[]; captured: Captured[] }> {
  return setup.inProcess(async (server) => {
    await fill(server.app, rows, say);
    const place = { offset: Math.floor(rows / 2), limit: 1 };
    const { items, next } = await server.app.store(contact).query(place);
    const { rows: at } = await server.app.pool.query<{ at: string }>(
      'select created_at::text as at from contacts where id = $1',
      [items[0]!.id],
    );
    const all = queries({ cursor: next!, at: at[0]!.at, id: items[0]!.id as number }, Math.min(DEEP, rows - 100));
    const asked = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
    return { asked, captured: await capture(server, asked, await signIn(server.url)) };
  });
}

export function printQueries(results: readonly QueryTimes[]): void {
  printTable([
    ['', 'SQL, ms', '', '', 'request, ms', ''],
    ['query', 'server', 'by hand', 'ratio', 'median', 'p95'],
    ...results.map(({ name, sql, best, ratio, request }) => [
      name,
      sql.toFixed(2),
      best.toFixed(2),
      ratio.toFixed(2),
      request.median.toFixed(1),
      request.p95.toFixed(1),
    ]),
  ]);
}
