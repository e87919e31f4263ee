import { type App, uuidv7 } from '@contact360/server';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../sdk/src/index.ts';
import { API_KEY, type Servers, send, startServers } from '../../test/servers.ts';
import { forgetFullBuckets, RateLimits } from './limits.ts';
import { probePlugin } from './test-probe.ts';

const PER_MINUTE = 4;
const TEXT = 'Rate limit exceeded. Please try again later.';

let servers: Servers;
beforeAll(async () => {
  servers = await startServers([probePlugin().plugin], { MAX_REQUESTS_PER_MINUTE: String(PER_MINUTE) });
});
afterAll(() => servers?.stop());
afterEach(() => vi.useRealTimers());

const limitOf = ({ headers }: { headers: Headers }) =>
  ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'].map((name) => {
    const value = headers.get(name);
    return value === null ? undefined : Number(value);
  });
const pool = () => servers.app.app.pool;
const limits = (perMinute: number, more: Partial<App> = {}) =>
  new RateLimits({
    pool: pool(),
    redis: undefined,
    settings: { ...servers.first.app.settings, MAX_REQUESTS_PER_MINUTE: perMinute },
    ...more,
  });
interface Statement {
  text: string;
  values: unknown[];
}
function countingPool() {
  let asked = 0;
  const query = (statement: Statement) => {
    asked++;
    return pool().query(statement);
  };
  return { counting: { query } as unknown as App['pool'], asked: () => asked };
}
const empty = (key: string) =>
  pool().query(
    `insert into rate_limits values ($1, clock_timestamp() + interval '60 seconds') on conflict (key_id) do update set full_at = excluded.full_at`,
    [key],
  );

describe('over HTTP', () => {
  test('every reply to a key tells what is left, refusals of the route too', async () => {
    const { key } = await servers.newKey('read');
    const { first } = servers;
    const answers = [
      await send(first, 'POST', '/probe/read', { key }),
      await send(first, 'POST', '/probe/write', { key }),
      await send(first, 'GET', '/trpc/probe.reader', { key }),
      await send(first, 'GET', '/trpc/probe.user', { key }),
      await send(first, 'POST', '/probe/read', { key }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 200, 403, 429]);
    for (const [at, reply] of answers.entries()) {
      const [limit, remaining, reset, retryAfter] = limitOf(reply);
      expect([limit, remaining]).toEqual([PER_MINUTE, Math.max(0, PER_MINUTE - 1 - at)]);
      expect(reset).toBeGreaterThan(0);
      expect(reset).toBeLessThanOrEqual(60);
      if (at < PER_MINUTE) expect(retryAfter).toBeUndefined();
      else expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter ?? 0).toBeLessThanOrEqual(60 / PER_MINUTE);
    }
  });

  test('two processes share the bucket', async () => {
    const { key } = await servers.newKey('read');
    const { first, second } = servers;
    const statuses: number[] = [];
    for (const server of [first, second, first, second, first, second])
      statuses.push((await send(server, 'POST', '/probe/read', { key })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test.each([
    [
      'gateway',
      'POST',
      '/probe/read',
      { success: false, error: TEXT, error_code: 'RATE_LIMIT_EXCEEDED', message: TEXT },
    ],
    ['v4', 'POST', '/probe/v4/work', { detail: TEXT }],
  ])('a refusal in the words of the %s', async (_, method, path, body) => {
    const { id, key } = await servers.newKey('write');
    await empty(id);
    const reply = await send(servers.first, method, path, { key });
    expect([reply.status, reply.json]).toEqual([429, body]);
    expect(limitOf(reply)).toEqual([PER_MINUTE, 0, expect.any(Number), expect.any(Number)]);
  });

  test('a refusal over the typed face', async () => {
    const { id, key } = await servers.newKey('write');
    await empty(id);
    const reply = await send(servers.first, 'GET', '/trpc/probe.reader', { key });
    expect(reply.status).toBe(429);
    expect(reply.json.error).toMatchObject({ message: TEXT, data: { error: { code: 'admin.rate_limited' } } });
    expect(reply.json.error.data.error.hint.retryAfter).toBe(Number(reply.headers.get('retry-after')));
  });

  test('a batch counts its calls, open ones apart; what does not fit as a whole is refused as a whole', async () => {
    const { key } = await servers.newKey('read');
    const batch = (...names: string[]) =>
      send(servers.first, 'GET', `/trpc/${names.map((name) => `probe.${name}`).join(',')}?batch=1`, { key });
    expect(limitOf(await batch('reader', 'open', 'reader'))).toEqual([4, 2, expect.any(Number), undefined]);
    expect((await batch('reader', 'reader', 'reader')).status).toBe(429);
    expect(limitOf(await batch('reader', 'reader'))).toEqual([4, 0, expect.any(Number), undefined]);
    const tooLarge = await batch('reader', 'reader', 'reader', 'reader', 'reader');
    expect(tooLarge.status).toBe(413);
    expect(tooLarge.json[0].error.message).toMatch(/5 calls.* 4 in a minute/);
  });

  test('a streamed reply tells its limit, and a refused one why', async () => {
    const { key } = await servers.newKey('read');
    const seen: Headers[] = [];
    const client = createClient({
      url: servers.first.url,
      fetch: async (input, init) => {
        const headers = { ...(init?.headers as Record<string, string>), 'x-api-key': key };
        const reply = await fetch(input, { ...init, headers });
        seen.push(reply.headers);
        return reply;
      },
    });
    for (let time = 0; time < PER_MINUTE; time++) await client.contacts.count({});
    expect(seen.map((headers) => headers.get('ratelimit-remaining'))).toEqual(['3', '2', '1', '0']);
    await expect(client.contacts.count({})).rejects.toMatchObject({ code: 'admin.rate_limited', message: TEXT });
    expect(seen.at(-1)!.get('retry-after')).not.toBeNull();
  });

  test('users, nobody and wrong keys are not limited and told nothing; keys are not where anyone may call', async () => {
    const { key } = await servers.newKey('read');
    const { first, app } = servers;
    for (const sent of [{ token: app.adminToken }, {}, { key: 'wrong' }])
      for (let time = 0; time <= PER_MINUTE; time++)
        expect(limitOf(await send(first, 'GET', '/trpc/probe.reader', sent))).toEqual(Array(4).fill(undefined));
    for (let time = 0; time <= PER_MINUTE; time++)
      expect(limitOf(await send(first, 'GET', '/trpc/probe.open', { key }))).toEqual(Array(4).fill(undefined));
  });

  test('a user who sends a key too is not limited, where the token counts', async () => {
    const { key } = await servers.newKey('read');
    const sent = { key, token: servers.app.adminToken };
    expect(limitOf(await send(servers.first, 'GET', '/trpc/probe.reader', sent))[0]).toBeUndefined();
    expect(limitOf(await send(servers.first, 'POST', '/probe/read', sent))[0]).toBe(PER_MINUTE);
  });

  test('the key of the environment has a bucket of its own', async () => {
    const reply = await send(servers.first, 'POST', '/probe/read', { key: API_KEY });
    expect(limitOf(reply).slice(0, 2)).toEqual([PER_MINUTE, PER_MINUTE - 1]);
  });
});

describe('the bucket', () => {
  /** Makes time pass by, for the database and for the clock of this process. */
  const pass = async (key: string, seconds: number) => {
    vi.advanceTimersByTime(seconds * 1000);
    await pool().query('update rate_limits set full_at = full_at - make_interval(secs => $2) where key_id = $1', [
      key,
      seconds,
    ]);
  };
  const remaining = async (limit: RateLimits, key: string, calls = 1) => {
    const { headers, refusal } = await limit.take(key, calls);
    return refusal ? `wait ${refusal.hint?.retryAfter}` : Number(headers['ratelimit-remaining']);
  };

  test.each([1, 7, 60, 1000, 70_000])('of %i a minute lets as many through at once', async (perMinute) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const [limit, key] = [limits(perMinute), uuidv7()];
    const half = Math.floor(perMinute / 2);
    if (half > 0) expect(await remaining(limit, key, half)).toBeGreaterThanOrEqual(perMinute - half);
    const { refusal } = await limit.take(key, perMinute - half);
    expect(refusal).toBeUndefined();
  });

  test('fills continuously, and never above its capacity', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const [limit, key] = [limits(6), uuidv7()];
    expect(await remaining(limit, key, 6)).toBe(0);
    expect(await remaining(limit, key)).toBe('wait 10');
    await pass(key, 6);
    expect(await remaining(limit, key)).toBe('wait 4');
    await pass(key, 5);
    expect(await remaining(limit, key)).toBe(0);
    expect(await remaining(limit, key)).toBe('wait 9');
    await pass(key, 29);
    expect(await remaining(limit, key)).toBe(2);
    await pass(key, 3600);
    expect(await remaining(limit, key)).toBe(5);
  });

  test('requests at the same time, at several processes, get what there is and no more', async () => {
    const CAPACITY = 40;
    const [a, b, key] = [limits(CAPACITY), limits(CAPACITY), uuidv7()];
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 150 }, (_, index) => (index % 2 ? a : b).take(key, 1)));
    const refilled = Math.ceil(((performance.now() - began) / 60_000) * CAPACITY);
    const admitted = answers.filter(({ refusal }) => !refusal).length;
    expect(admitted).toBeGreaterThanOrEqual(CAPACITY);
    expect(admitted).toBeLessThanOrEqual(CAPACITY + refilled);
  });

  test('refusals ask the database nothing until a token is due', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { counting, asked } = countingPool();
    const [limit, key] = [limits(2, { pool: counting }), uuidv7()];
    await limit.take(key, 2);
    expect(asked()).toBe(1);
    for (let time = 0; time < 20; time++) expect((await limit.take(key, 1)).refusal).toBeDefined();
    expect(asked()).toBe(1);
    await pass(key, 31);
    expect((await limit.take(key, 1)).refusal).toBeUndefined();
    expect(asked()).toBe(2);
  });

  test('a burst far over the limit asks no more than what it gets', async () => {
    const { counting, asked } = countingPool();
    const [limit, key] = [limits(3, { pool: counting }), uuidv7()];
    const answers = await Promise.all(Array.from({ length: 200 }, () => limit.take(key, 1)));
    expect(answers.filter(({ refusal }) => !refusal).length).toBe(asked());
    expect(asked()).toBeGreaterThanOrEqual(3);
  });

  test('a failure of one request does not stop those behind it', async () => {
    let failing = true;
    const flaky = {
      query: (statement: Statement) => (failing ? Promise.reject(new Error('away')) : pool().query(statement)),
    } as unknown as App['pool'];
    const [limit, key] = [limits(3, { pool: flaky }), uuidv7()];
    await expect(limit.take(key, 1)).rejects.toThrow('away');
    failing = false;
    expect((await limit.take(key, 1)).refusal).toBeUndefined();
  });

  test('keys do not take from one another', async () => {
    const limit = limits(1);
    for (const key of [uuidv7(), uuidv7()]) expect((await limit.take(key, 1)).refusal).toBeUndefined();
  });

  test('buckets that are full are deleted, the others stay', async () => {
    const [full, used] = [uuidv7(), uuidv7()];
    await pool().query(
      `insert into rate_limits values ($1, now() - interval '1 second'), ($2, now() + interval '50 seconds')`,
      [full, used],
    );
    await forgetFullBuckets(servers.app.app);
    const { rows } = await pool().query('select key_id from rate_limits where key_id = any($1)', [[full, used]]);
    expect(rows).toEqual([{ key_id: used }]);
  });
});
