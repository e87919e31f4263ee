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
  const shown = /^select (.*?), page\.k0::text/.exec(captured.statements[0]!.text)?.[1] ?? '';
  const hands = query.byHand.map((text): Statement[] => [{ text: text.replace(SHOWN, shown), values: [] }]);
  const run = (statements: readonly Statement[]) =>
    Promise.all(statements.map((each) => pool.query({ ...each, rowMode: 'array' })));
  const ask = async () => {
    const { statusCode, body } = await request(bench.url + query.path, { headers: readHeaders(bench.token) });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${query.path} answers ${statusCode}: ${text.slice(0, 200)}`);
  };
  await compare(query.name, await run(captured.statements), await Promise.all(hands.map(run)));
  for (let turn = 0; turn < 3; turn++) await ask();

  const times = { sql: [] as number[], hands: hands.map((): number[] => []), request: [] as number[] };
  for (let round = 0; round < bench.rounds; round++) {
    times.sql.push(await timed(() => run(captured.statements)));
    for (const [index, hand] of hands.entries()) times.hands[index]!.push(await timed(() => run(hand)));
    times.request.push(await timed(ask));
  }
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

/** Fails when SQL by hand finds other rows than the server: then there is nothing to compare. */
async function compare(name: string, [ours]: { rows: unknown[][] }[], hands: { rows: unknown[][] }[][]): Promise<void> {
  const keys = (rows: unknown[][]) => rows.map(([first]) => String(first));
  for (const [theirs] of hands) {
    const [expected, found] = [keys(theirs!.rows), keys(ours!.rows)];
    const length = Math.min(expected.length, found.length);
    if (
      !isDeepStrictEqual(expected.slice(0, length), found.slice(0, length)) ||
      (length === 0 && expected.length + found.length > 0)
    )
      throw new Error(`'${name}' finds other rows than the SQL by hand:\n${found.join()}\n${expected.join()}`);
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
