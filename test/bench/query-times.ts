import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'pg';
import { request } from 'undici';
import { type Captured, readHeaders } from './capture.ts';
import { median } from './measure.ts';
import { SHOWN, type TimedQuery } from './queries.ts';

/** What a question took, in milliseconds. */
export interface QueryTimes {
  readonly name: string;
  /** The SQL that the server runs for it, the median. */
  readonly sql: number;
  /** The fastest SQL by hand, the median. */
  readonly best: number;
  readonly ratio: number;
  /** The whole request over HTTP. */
  readonly request: { readonly median: number; readonly p95: number };
  /** Of the server's SQL, where plans are wanted. */
  readonly plans?: readonly string[];
}

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

interface Found {
  readonly rows: unknown[][];
}

export interface QueryBench {
  readonly pool: Pool;
  readonly url: string;
  readonly token: string;
  readonly rounds: number;
  readonly withPlans: boolean;
}

/** Times a question: the server's SQL, each SQL by hand, and the request, in turn, round by round, all warm. */
export async function timeQuery(query: TimedQuery, captured: Captured, bench: QueryBench): Promise<QueryTimes> {
  const { pool } = bench;
  const shown = /^select (.*?), page\.k0::text/.exec(captured.statements.at(-1)!.text)?.[1] ?? '';
  const hands = query.byHand.map((text): Statement[] => [{ text: text.replace(SHOWN, shown), values: [] }]);
  const run = async (statements: readonly Statement[]) => {
    const results: Found[] = [];
    for (const each of statements) results.push(await pool.query({ ...each, rowMode: 'array' }));
    return results;
  };
  const ask = async () => {
    const { statusCode, body } = await request(bench.url + query.path, { headers: readHeaders(bench.token) });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${query.path} answers ${statusCode}: ${text.slice(0, 200)}`);
  };
  compare(query.name, await run(captured.statements), await Promise.all(hands.map(run)));
  for (let turn = 0; turn < 3; turn++) await ask();

  const times = { sql: [] as number[], hands: hands.map((): number[] => []), request: [] as number[] };
  const turns = [
    async () => times.sql.push(await timed(() => run(captured.statements))),
    ...hands.map((hand, index) => async () => times.hands[index]!.push(await timed(() => run(hand)))),
    async () => times.request.push(await timed(ask)),
  ];
  // Each goes first at times: whoever follows the request finds the processor's caches cold.
  for (let round = 0; round < bench.rounds; round++)
    for (let turn = 0; turn < turns.length; turn++) await turns[(round + turn) % turns.length]!();
  const sql = median(times.sql);
  const best = Math.min(...times.hands.map(median));
  return {
    name: query.name,
    sql,
    best,
    ratio: sql / best,
    request: {
      median: median(times.request),
      p95: times.request.sort((a, b) => a - b)[Math.floor(bench.rounds * 0.95)]!,
    },
    ...(bench.withPlans && { plans: await plansOf(pool, captured.statements) }),
  };
}

/** Fails when SQL by hand finds other rows than each of the server's statements: then there is nothing to compare. */
function compare(name: string, ours: readonly Found[], hands: readonly (readonly Found[])[]): void {
  // A row without a value is a total.
  const keys = ({ rows }: Found) => rows.flatMap(([first]) => (first === null ? [] : [String(first)]));
  for (const [theirs] of hands) {
    const expected = keys(theirs!);
    const same = (found: readonly string[]) => {
      const length = Math.min(expected.length, found.length);
      return (
        (length > 0 || expected.length + found.length === 0) &&
        isDeepStrictEqual(expected.slice(0, length), found.slice(0, length))
      );
    };
    if (!ours.map(keys).some(same))
      throw new Error(`'${name}' finds other rows than the SQL by hand:\n${expected.slice(0, 30).join()}`);
  }
}

async function plansOf(pool: Pool, statements: readonly Statement[]): Promise<string[]> {
  const plans: string[] = [];
  for (const { text, values } of statements) {
    const { rows } = await pool.query<{ 'QUERY PLAN': string }>(
      `explain (analyze, buffers, costs off) ${text}`,
      values,
    );
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
  }
  return plans;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
