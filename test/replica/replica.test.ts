import { startServer } from '@contact360/server/boot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import config from '../../contact360.config.ts';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';
import { type ReplicatedPostgres, startReplicated } from './streaming-replica.ts';

/** Decision 29, with a real streaming replica. */
let postgres: ReplicatedPostgres;
let app: TestApp;
beforeAll(async () => {
  postgres = await startReplicated();
  app = await startTestApp({ DATABASE_URL: postgres.primaryUrl, DB_CONTACTS_REPLICA_URL: postgres.replicaUrl });
  await importCsv(app, csvOf('First Name,Email,Company', 'Ann,ann@x.example,Ann Ltd'));
  await postgres.caughtUp();
});
afterAll(async () => {
  await app.stop();
  await postgres.remove();
});

/** What is seen while the replica is held where it was before Bob came. */
const LISTS = ['/api/contacts/', '/api/v1/contacts/', '/api/v1/contacts/?ordering=first_name', '/api/v1/companies/'];

// biome-ignore lint/suspicious/noExplicitAny: replies of every shape
type Json = any;

async function get(url: string, path: string, headers: Record<string, string> = {}) {
  const reply = await fetch(url + path, { headers: { authorization: `Bearer ${app.userToken}`, ...headers } });
  return { status: reply.status, json: (await reply.json()) as Json, hit: reply.headers.get('x-cache-hit') };
}

async function seen(url: string, path: string, headers: Record<string, string> = {}) {
  const { status, json } = await get(url, path, headers);
  const names = json.results.map((each: { first_name?: string; name?: string }) => each.first_name ?? each.name);
  return { status, bob: names.some((name: string) => name.startsWith('Bob')), replica: json.meta.using_replica };
}
const withParameter = (path: string, parameter: string) => path + (path.includes('?') ? '&' : '?') + parameter;
const current = { status: 200, bob: true, replica: false };
const behind = { status: 200, bob: false, replica: true };

describe('a replica that is behind', () => {
  beforeAll(async () => {
    await postgres.holdReplay(true);
    await importCsv(app, csvOf('First Name,Email,Company', 'Bob,bob@x.example,Bob Ltd'));
  });
  afterAll(() => postgres.holdReplay(false));

  it.each(LISTS)('is read where use_replica says so: %s', async (path) => {
    expect(await seen(app.url, path)).toEqual(current);
    expect(await seen(app.url, withParameter(path, 'use_replica=true'))).toEqual(behind);
    expect(await seen(app.url, withParameter(path, 'use_replica=no'))).toEqual(current);
  });

  it('is read for queries of v3', async () => {
    const { json } = await app.request('POST', '/api/v3/contacts/query?use_replica=true', { body: {} });
    expect(json).toMatchObject({ results: [{ first_name: 'Ann' }], meta: { count: 1, using_replica: true } });
  });

  it.each([
    ['/api/contacts/company/', { results: [{ company: 'Ann Ltd' }] }],
    ['/api/v1/companies/name/', ['Ann Ltd']],
    ['/api/v1/contacts/count/', { count: 1 }],
    ['/api/v1/contacts/count/uuids/', { count: 1 }],
    ['/api/v1/contacts/analytics/', { total_contacts: 1 }],
  ])('is read for %s', async (path, expected) => {
    expect((await get(app.url, `${path}?use_replica=true`)).json).toMatchObject(expected);
  });

  it('answers nothing that is kept: it would outlive the delay', async () => {
    for (let call = 0; call < 2; call++) expect((await get(app.url, '/api/contacts/?use_replica=true')).hit).toBeNull();
  });

  it('is not read to tell a writer what was written', async () => {
    const server = await startPreferring();
    try {
      const reply = await fetch(`${server.url}/trpc/contacts.create`, {
        method: 'POST',
        headers: { authorization: `Bearer ${app.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ first_name: 'Cid' }),
      });
      expect(await reply.json()).toMatchObject({ result: { data: { first_name: 'Cid' } } });
    } finally {
      await server.stop();
    }
  });

  it('refuses a use_replica that is no truth value', async () => {
    const { status, json } = await get(app.url, '/api/contacts/?use_replica=maybe');
    expect([status, json]).toEqual([400, { detail: 'use_replica: must be true or false' }]);
  });

  it('is read by default with CONTACTS_DEFAULT_REPLICA_READ, unless asked otherwise', async () => {
    const { url, stop } = await startPreferring();
    try {
      for (const path of LISTS) {
        expect(await seen(url, path)).toEqual(behind);
        expect(await seen(url, withParameter(path, 'use_replica=false'))).toEqual(current);
        expect(await seen(url, path, { 'cache-control': 'no-cache' })).toEqual(current);
      }
      const count = `/trpc/contacts.count?input=${encodeURIComponent('{}')}`;
      expect((await get(url, count)).json.result.data.count).toBe(1);
      expect((await get(url, count, { 'cache-control': 'no-cache' })).json.result.data.count).toBeGreaterThan(1);
    } finally {
      await stop();
    }
  });
});

describe('a replica that fails', () => {
  // What the primary answers is kept: each read has an address of its own.
  let reads = 0;
  const list = () => `/api/contacts/?use_replica=true&read=${reads++}`;
  const stream = '/api/v1/contacts/?ordering=first_name&use_replica=true';

  it('leaves the primary to answer within the request, and is left alone for a while', async () => {
    const { url, stop } = await startPreferring();
    try {
      await postgres.caughtUp();
      const [answered, fallen] = [
        { status: 200, bob: true, replica: true },
        { status: 200, bob: true, replica: false },
      ];
      expect(await seen(url, list())).toEqual(answered);
      await postgres.stopReplica();
      expect(await seen(url, list())).toEqual(fallen);
      expect(await seen(url, stream)).toEqual(fallen);
      await postgres.startReplica();
      // By now it could answer again, and is not asked yet.
      expect(await seen(url, list())).toEqual(fallen);
      await vi.waitFor(async () => expect(await seen(url, list())).toEqual(answered), {
        timeout: 30_000,
        interval: 200,
      });
      expect(await seen(url, stream)).toEqual(answered);
    } finally {
      await stop();
    }
  });

  it('does not stop the start', async () => {
    await postgres.stopReplica();
    const { url, stop } = await startPreferring();
    try {
      expect(await seen(url, stream)).toEqual({ status: 200, bob: true, replica: false });
    } finally {
      await stop();
      await postgres.startReplica();
    }
  });

  it('for which the read itself is to blame is not retried elsewhere', async () => {
    const { reads } = app.app;
    const failing = reads({ replica: true });
    let tries = 0;
    const read = failing.run((pool) => {
      tries++;
      return pool.query(`select 'x'::text::int`);
    });
    await expect(read).rejects.toMatchObject({ code: '22P02' });
    expect(tries).toBe(1);
  });
});

const startPreferring = () =>
  startServer(config, { ...app.app.settings, PORT: 0, CONTACTS_DEFAULT_REPLICA_READ: true });
