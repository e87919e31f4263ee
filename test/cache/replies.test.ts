import { setTimeout as delay } from 'node:timers/promises';
import { contact } from '@contact360/contacts';
import { type App, type Binding, type Reads, WireReply, type WireRequest } from '@contact360/server';
import { startServer } from '@contact360/server/boot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import config from '../../contact360.config.ts';
import { ReplyCache, type ReplyPlace } from '../../openapi/reply-cache.ts';
import { startTestApp, type TestApp, WRITE_KEYS } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

/** Decision 28. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'First Name,Email,Title,Company,Industry',
      'Ann,ann@one.example,CEO,One,software',
      'Bob,bob@two.example,CTO,Two,retail',
    ),
  );
});
afterAll(() => app.stop());

const get = (path: string, options = {}) => app.request('GET', path, options);
const hit = ({ headers }: { headers: Headers }) => headers.get('x-cache-hit');
const admin = () => ({ token: app.adminToken, headers: { 'x-contacts-write-key': WRITE_KEYS.contacts } });

/** Reads until the reply comes from the cache, so that what follows shows what ends that. */
async function warm(path: string) {
  await get(path);
  const reply = await get(path);
  expect(hit(reply)).toBe('true');
  return reply;
}

const CACHED = [
  '/api/contacts/',
  '/api/contacts/?first_name=ann&ordering=title',
  '/api/contacts/title/',
  '/api/v1/contacts/?view=simple',
  '/api/v1/contacts/city/?limit=5',
  '/api/v1/contacts/industry/?limit=5',
  '/api/v1/companies/',
  '/api/v1/companies/name/?limit=5',
];

describe('a reply', () => {
  it.each(CACHED)('is served again: %s', async (path) => {
    const first = await get(path);
    expect(first.status).toBe(200);
    expect(hit(first)).toBeNull();
    const second = await get(path);
    expect(hit(second)).toBe('true');
    expect(second.text).toBe(first.text);
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
  });

  it('is made anew and kept when the client sends no-cache', async () => {
    const path = '/api/contacts/?page_size=7';
    await warm(path);
    await app.app.pool.query('alter table contacts disable trigger user');
    await app.app.pool.query(`update contacts set title = 'CFO' where first_name = 'Bob'`);
    await app.app.pool.query('alter table contacts enable trigger user');
    const titles = async (headers = {}) => {
      const reply = await get(path, { headers });
      return {
        hit: hit(reply),
        bob: reply.json.results.find((each: { first_name: string }) => each.first_name === 'Bob').title,
      };
    };
    expect(await titles()).toEqual({ hit: 'true', bob: 'CTO' });
    expect(await titles({ 'cache-control': 'max-age=0, no-cache' })).toEqual({ hit: null, bob: 'CFO' });
    expect(await titles()).toEqual({ hit: 'true', bob: 'CFO' });
  });

  it('is for those alone who may call the route', async () => {
    await warm('/api/v1/contacts/?page_size=8');
    expect((await get('/api/v1/contacts/?page_size=8', { token: null })).status).toBe(401);
    expect((await get('/api/v1/contacts/?page_size=8', { token: 'nonsense' })).status).toBe(401);
    expect(hit(await get('/api/v1/contacts/?page_size=8', { token: app.adminToken }))).toBe('true');
  });

  it('is not shared between origins, whose links differ', async () => {
    const path = '/api/contacts/?page_size=1';
    await warm(path);
    for (const host of ['one.example', 'two.example:81']) {
      const reply = await app.http.inject({ url: path, headers: { host } });
      expect(reply.headers['x-cache-hit']).toBeUndefined();
      expect(reply.json().next).toContain(`http://${host}/api/contacts/?`);
    }
  });

  it.each([
    ['a stream', '/api/v1/contacts/?ordering=title', 200],
    ['a count', '/api/v1/contacts/count/?title=ceo', 200],
    ['one record', '/api/contacts/1/', 200],
    ['a refusal', '/api/contacts/?limit=0', 400],
  ])('is not kept: %s', async (_, path, status) => {
    for (const reply of [await get(path), await get(path)]) {
      expect(reply.status).toBe(status);
      expect(hit(reply)).toBeNull();
    }
  });
});

describe('a write is seen by the next read', () => {
  const list = '/api/contacts/?page_size=50';
  const names = async () => {
    const reply = await get(list);
    return reply.json.results.map((each: { first_name: string }) => each.first_name).sort();
  };

  it('of a contact', async () => {
    await warm(list);
    await warm('/api/v1/contacts/title/?limit=9');
    const { json } = await app.request('POST', '/api/v1/contacts/', {
      ...admin(),
      body: { first_name: 'Cid', title: 'Clerk', email: 'cid@example.com' },
    });
    expect(await names()).toContain('Cid');
    expect((await get('/api/v1/contacts/title/?limit=9')).text).toContain('Clerk');
    await warm(list);
    await app.app.store(contact).delete(json.uuid);
    expect(await names()).not.toContain('Cid');
  });

  it('of a company, in lists of contacts too', async () => {
    await warm(list);
    await warm('/api/v1/companies/?page_size=50');
    const one = (await get('/api/v1/companies/?page_size=50')).json.results.find(
      (each: { name: string }) => each.name === 'One',
    );
    await app.request('PUT', `/api/v1/companies/${one.uuid}/`, {
      token: app.adminToken,
      headers: { 'x-companies-write-key': WRITE_KEYS.companies },
      body: { name: 'One Renamed' },
    });
    expect((await get(list)).text).toContain('One Renamed');
    expect((await get('/api/v1/companies/?page_size=50')).text).toContain('One Renamed');
  });

  it('of an import', async () => {
    await warm(list);
    await importCsv(app, csvOf('First Name,Email', 'Dan,dan@example.com'));
    expect(await names()).toContain('Dan');
  });

  it('of a contact leaves lists of companies as they are', async () => {
    await warm('/api/v1/companies/?page_size=49');
    await warm(list);
    await app.request('POST', '/api/v1/contacts/', { ...admin(), body: { first_name: 'Eve' } });
    expect(hit(await get(list))).toBeNull();
    expect(hit(await get('/api/v1/companies/?page_size=49'))).toBe('true');
  });

  it('of another process, once PostgreSQL has told of it', async () => {
    const other = await startServer(config, { ...app.app.settings, PORT: 0 });
    try {
      await warm(list);
      const reply = await fetch(`${other.url}/api/v1/contacts/`, {
        method: 'POST',
        headers: { ...admin().headers, authorization: `Bearer ${app.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ first_name: 'Fay' }),
      });
      expect(reply.status).toBe(201);
      await vi.waitFor(async () => expect(await names()).toContain('Fay'));
    } finally {
      await other.stop();
    }
  });

  it('that was made while nothing could be heard', async () => {
    const { pool, notifications, dataVersions } = app.app;
    await warm(list);
    const before = dataVersions.of(['contacts']);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'contact360-notifications' and datname = current_database()`,
    );
    await vi.waitFor(() => expect(notifications.listening()).toBe(false), { interval: 5 });
    expect(dataVersions.of(['contacts'])).toBeUndefined();
    expect(hit(await get(list))).toBeNull();
    await pool.query(`update contacts set first_name = 'Deafened' where first_name = 'Bob'`);
    await vi.waitFor(() => expect(notifications.listening()).toBe(true), { timeout: 20_000 });
    expect(dataVersions.of(['contacts'])).not.toBe(before);
    expect(await names()).toContain('Deafened');
    await warm(list);
  });
});

describe('a place in the cache', () => {
  const binding = { cache: { family: 'list', tables: ['contacts'] } } as unknown as Binding;
  const reads = { usingReplica: () => false } as Reads;
  const wire = { info: { origin: 'http://here', headers: {} }, url: '/list', reads } as unknown as WireRequest;
  const reply = new WireReply({ body: { results: [] } });

  const placeOf = (cache: ReplyCache, more: Partial<WireRequest> = {}) =>
    cache.placeOf(binding, { ...wire, ...more }) as ReplyPlace;
  it('is taken at once', () => {
    expect(new ReplyCache(app.app).placeOf(binding, wire)).not.toBeInstanceOf(Promise);
  });

  it('keeps nothing for readers of later versions than its own', () => {
    const cache = new ReplyCache(app.app);
    const place = placeOf(cache);
    app.app.dataVersions.changed(['contacts']);
    place.keep(reply);
    expect(placeOf(cache).find()).toBeUndefined();
    placeOf(cache).keep(reply);
    app.app.dataVersions.changed(['companies']);
    expect(placeOf(cache).find()).toBeDefined();
  });

  it('keeps nothing that a replica answered, which may be behind', () => {
    const cache = new ReplyCache(app.app);
    const url = '/behind';
    placeOf(cache, { url, reads: { ...reads, usingReplica: () => true } }).keep(reply);
    expect(placeOf(cache, { url }).find()).toBeUndefined();
  });

  it('is given up after its lifetime', async () => {
    const settings = { ...app.app.settings, CONTACTS_LIST_CACHE_TTL: 5 };
    const cache = new ReplyCache({ ...app.app, settings } as App);
    const start = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(start);
    // The cache looks at the clock once in a millisecond.
    const at = (milliseconds: number) => {
      clock.mockReturnValue(start + milliseconds);
      return delay(5);
    };
    try {
      placeOf(cache).keep(reply);
      await at(4900);
      expect(placeOf(cache).find()).toBeDefined();
      await at(5100);
      expect(placeOf(cache).find()).toBeUndefined();
    } finally {
      clock.mockRestore();
    }
  });

  it('takes no reply of more than a megabyte, and of the others the latest 64', () => {
    const cache = new ReplyCache(app.app);
    const at = (url: string) => placeOf(cache, { url });
    at('/large').keep(new WireReply({ body: 'x'.repeat(2 ** 20) }));
    expect(at('/large').find()).toBeUndefined();
    for (let page = 0; page < 100; page++) at(`/${page}`).keep(new WireReply({ body: 'x'.repeat(2 ** 20 - 1000) }));
    expect(at('/0').find()).toBeUndefined();
    expect(at('/99').find()).toBeDefined();
  });
});

describe('CONTACTS_CACHE_ENABLED=false', () => {
  it('makes every reply anew', async () => {
    const plain = await startTestApp({ CONTACTS_CACHE_ENABLED: 'false' });
    try {
      for (const reply of [await plain.request('GET', '/api/contacts/'), await plain.request('GET', '/api/contacts/')])
        expect(hit(reply)).toBeNull();
    } finally {
      await plain.stop();
    }
  });
});
