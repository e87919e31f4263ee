import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningServer } from '@contact360/server/boot';
import { type Log, openRedis, readSettings, SettingsError } from '@contact360/server/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RateLimits } from '../../plugins/admin/limits.ts';
import { WRITE_KEYS } from '../app.ts';
import { API_KEY, type Servers, send, startServers } from '../servers.ts';
import { freePort, type RedisServer, redisProgram, startRedis, WITHOUT_REDIS } from './redis-server.ts';

const LIST = '/api/contacts/?page_size=50';
const PER_MINUTE = 5;

/** A log that notes what it is told. */
function notingLog() {
  const lines: { level: string; text: string; details: unknown }[] = [];
  const note = (level: string) => (details: unknown, text?: string) =>
    void lines.push({ level, text: text ?? String(details), details });
  return { lines, log: { warn: note('warn'), info: note('info'), error: note('error') } as unknown as Log };
}

describe('REDIS_URL', () => {
  it.each(['redis://localhost', 'rediss://user:p%40ss@cache.example:6380/2', 'redis://:secret@127.0.0.1:6379/'])(
    'may be %s',
    (url) => {
      expect(readSettings({ REDIS_URL: url }, '/nowhere').REDIS_URL).toBe(url);
    },
  );

  it.each(['redis', 'redis://', 'http://localhost', 'redis://user:hidden@host:port', 'redis://user:hidden@host/name'])(
    'may not be %s, and is not repeated where it is refused',
    (url) => {
      const reading = () => readSettings({ REDIS_URL: url }, '/nowhere');
      expect(reading).toThrow(SettingsError);
      expect(reading).toThrow(/REDIS_URL must be a URL such as redis:/);
      expect(reading).not.toThrow(/hidden/);
    },
  );
});

describe('a Redis that is not one', () => {
  it.each([
    ['away', async () => ({ port: await freePort(), close: () => undefined })],
    [
      'something else',
      async () => {
        const server = createServer((_, reply) => reply.end('hello')).listen(0, '127.0.0.1');
        await once(server, 'listening');
        return { port: (server.address() as AddressInfo).port, close: () => server.close() };
      },
    ],
  ])('%s: is told once, without its password, and done without', async (_, make) => {
    const { port, close } = await make();
    const { lines, log } = notingLog();
    const redis = await openRedis(`redis://me:hidden@127.0.0.1:${port}`, 'test', log);
    expect(await redis.ask('PING')).toBeUndefined();
    await delay(500);
    expect(redis.ready()).toBe(false);
    await redis.stop();
    close();
    expect(lines.map(({ level, text }) => [level, text])).toEqual([
      ['warn', 'Redis is away: this process does without it'],
    ]);
    expect(JSON.stringify(lines)).not.toContain('hidden');
  });
});

describe.skipIf(!redisProgram)(`two processes with one Redis${WITHOUT_REDIS}`, () => {
  let redis: RedisServer;
  let port: number;
  let servers: Servers;
  beforeAll(async () => {
    port = await freePort();
    redis = await startRedis(port, '--requirepass', 'hidden');
    servers = await startServers([], { REDIS_URL: redis.url, MAX_REQUESTS_PER_MINUTE: String(PER_MINUTE) });
  });
  afterAll(async () => {
    await servers?.stop();
    await redis?.stop();
  });

  /** Links bear the origin: as behind a proxy, both have the same. */
  const get = async ({ http }: RunningServer, url: string) => {
    const reply = await http.inject({ url, headers: { host: 'contacts.example' } });
    expect(reply.statusCode, reply.body).toBe(200);
    return { hit: reply.headers['x-cache-hit'] === 'true', body: reply.body };
  };
  const create = async (server: RunningServer, first_name: string) => {
    const { status, json } = await send(server, 'POST', '/api/v1/contacts/', {
      token: servers.app.adminToken,
      body: { first_name },
      headers: { 'x-contacts-write-key': WRITE_KEYS.contacts },
    });
    expect(status, JSON.stringify(json)).toBe(201);
  };
  /** Reads at one until the other has it from the cache: announcements of earlier writes may still be on their way. */
  const shared = (url: string) =>
    vi.waitFor(async () => {
      const made = await get(servers.first, url);
      const kept = await get(servers.second, url);
      expect(kept).toEqual({ hit: true, body: made.body });
    });

  it('a reply that one has made is served again by the other, headers and bytes', async () => {
    await create(servers.first, 'Åse');
    await shared(LIST);
    const [key] = (await redis.client.keys('contact360:*:reply:*')) as [string];
    expect(await redis.client.pTTL(key)).toBeGreaterThan(0);
    expect(await redis.client.pTTL(key)).toBeLessThanOrEqual(60_000);
  });

  it('a write at one is seen by the next read at the other', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const [one, other] = turn % 2 ? [servers.first, servers.second] : [servers.second, servers.first];
      await get(other, LIST);
      await create(one, `Turn ${turn}`);
      expect((await get(other, LIST)).body).toContain(`"Turn ${turn}"`);
    }
  });

  it('a change that no process has made is heard of', async () => {
    await shared(LIST);
    await servers.app.app.pool.query("update contacts set first_name = 'By hand' where first_name = 'Turn 0'");
    await vi.waitFor(async () => expect((await get(servers.second, LIST)).body).toContain('By hand'));
  });

  it('takes no reply of more than a megabyte', async () => {
    const { cache } = servers.first.app;
    const at = async (key: string) => (await cache.open(key, ['contacts']))!;
    await vi.waitFor(async () => {
      for (const [key, length] of [
        ['/large', 2 ** 20 + 1],
        ['/small', 2 ** 20],
      ] as const)
        (await at(key)).keep({ headers: {}, body: Buffer.alloc(length) }, 60);
      expect((await at('/small')).entry?.body).toHaveLength(2 ** 20);
      expect((await at('/large')).entry).toBeUndefined();
    });
  });

  it('what others have written in its place is passed over', async () => {
    await shared(LIST);
    for (const text of ['', 'nonsense', '{"version":1}', '\n{}']) {
      for (const key of await redis.client.keys('contact360:*:reply:*')) await redis.client.set(key, text);
      expect((await get(servers.second, LIST)).hit).toBe(false);
    }
    await shared(LIST);
  });

  it('versions that Redis has thrown away are set anew, and make old what was kept', async () => {
    await shared(LIST);
    for (const key of await redis.client.keys('contact360:*:version:*')) await redis.client.del(key);
    expect((await get(servers.second, LIST)).hit).toBe(false);
    await shared(LIST);
  });

  it('limits are shared without the database', async () => {
    const { key } = await servers.newKey('read');
    const statuses: number[] = [];
    for (let time = 0; time < PER_MINUTE + 2; time++) {
      const server = time % 2 ? servers.first : servers.second;
      statuses.push((await send(server, 'POST', '/contacts', { key, body: {} })).status);
    }
    expect(statuses).toEqual([...Array(PER_MINUTE).fill(200), 429, 429]);
    expect((await servers.app.app.pool.query('select * from rate_limits')).rows).toEqual([]);
  });

  it('however many ask at once, a bucket gives what it holds', async () => {
    const settings = { ...servers.first.app.settings, MAX_REQUESTS_PER_MINUTE: 10 };
    const both = [servers.first, servers.second].map(({ app }) => new RateLimits({ ...app, settings }));
    const takings = await Promise.all(Array.from({ length: 60 }, (_, at) => both[at % 2]!.take('many', 1)));
    expect(takings.filter(({ refusal }) => !refusal)).toHaveLength(10);
    expect(takings[0]!.headers).toEqual({
      'ratelimit-limit': '10',
      'ratelimit-remaining': '9',
      'ratelimit-reset': '6',
    });
  });

  describe('when Redis goes', () => {
    afterEach(async () => {
      redis.signal('SIGCONT');
      await vi.waitFor(() => expect(servers.first.app.redis!.ready() && servers.second.app.redis!.ready()).toBe(true), {
        timeout: 20_000,
      });
    });

    it('each keeps replies in its own memory, limits are shared by PostgreSQL; what was missed is not served when it is back', async () => {
      await shared(LIST);
      await redis.stop();
      await get(servers.first, LIST);
      expect((await get(servers.first, LIST)).hit).toBe(true);
      const before = await get(servers.second, LIST);
      await create(servers.first, 'During');
      expect((await get(servers.first, LIST)).body).toContain('During');
      const { key } = await servers.newKey('read');
      for (let time = 0; time < 3; time++)
        expect((await send(servers.first, 'POST', '/contacts', { key, body: {} })).status).toBe(200);
      expect((await servers.app.app.pool.query('select * from rate_limits')).rows).toHaveLength(1);
      redis = await startRedis(port, '--requirepass', 'hidden');
      await vi.waitFor(() => expect(servers.second.app.redis!.ready()).toBe(true), { timeout: 20_000 });
      const after = await get(servers.second, LIST);
      expect(after.body).not.toBe(before.body);
      expect(after.body).toContain('During');
      await shared(LIST);
    });

    it('one that says nothing is done without, and asked again when it speaks', async () => {
      await shared(LIST);
      redis.signal('SIGSTOP');
      for (const server of [servers.first, servers.second]) {
        await get(server, LIST);
        await create(server, 'Silent');
        expect((await get(server, LIST)).body).toContain('Silent');
        expect(server.app.redis!.ready()).toBe(false);
      }
      const { status } = await send(servers.first, 'POST', '/contacts', { key: API_KEY, body: {} });
      expect(status).toBe(200);
      redis.signal('SIGCONT');
      await vi.waitFor(() => expect(servers.first.app.redis!.ready()).toBe(true), { timeout: 20_000 });
      expect((await get(servers.first, LIST)).body).toContain('Silent');
    });

    it('one that refuses to keep more is told once; replies are right all the same', async () => {
      const { lines, log } = notingLog();
      const full = await openRedis(redis.url, 'full', log);
      await redis.client.configSet('maxmemory', '1');
      try {
        for (let time = 0; time < 3; time++) expect(await full.ask('SET', 'a', 'b')).toBeUndefined();
        expect(full.ready()).toBe(true);
        expect(lines).toMatchObject([{ level: 'warn', text: 'Redis refuses a command', details: { command: 'SET' } }]);
        await create(servers.first, 'Full');
        for (const server of [servers.first, servers.second]) expect((await get(server, LIST)).body).toContain('Full');
      } finally {
        await redis.client.configSet('maxmemory', '0');
        await full.stop();
      }
    });
  });

  it('one with another password is done without, as told once', async () => {
    const { lines, log } = notingLog();
    const other = await openRedis(redis.url.replace('hidden', 'wr0ng'), 'test', log);
    expect(await other.ask('PING')).toBeUndefined();
    await other.stop();
    expect(lines).toMatchObject([{ level: 'warn', details: { error: expect.stringMatching(/WRONGPASS/) } }]);
    expect(JSON.stringify(lines)).not.toContain('wr0ng');
  });
});
