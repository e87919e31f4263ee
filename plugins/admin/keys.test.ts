import { createHash } from 'node:crypto';
import { type App, type RequestInfo, uuidv7 } from '@contact360/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { ApiKeys } from './keys.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ WORKERS: 'false', API_KEY: 'from the environment' });
});
afterAll(() => app?.stop());

const CREATOR = uuidv7();
const bearing = (key: string | undefined): RequestInfo => ({
  id: 'r',
  address: '127.0.0.1',
  origin: 'http://x',
  headers: { 'x-api-key': key },
});

const usedAt = async (id: string) =>
  (await app.app.pool.query('select last_used_at from api_keys where id = $1', [id])).rows[0].last_used_at;

/** An app that counts readings of keys and writings of their use; the first reading stands still until it is let go. */
function watched() {
  const { promise: read, resolve: wasRead } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const counts = { reads: 0, writes: 0 };
  const em = () => {
    const real = app.app.em();
    const query = real.findOne.bind(real);
    const findOne = async (...question: Parameters<typeof query>) => {
      const answer = await query(...question);
      if (counts.reads++ === 0) {
        wasRead();
        await released;
      }
      return answer;
    };
    return Object.assign(real, { findOne });
  };
  const pool = {
    query: (text: string, values: unknown[]) => {
      counts.writes++;
      return app.app.pool.query(text, values);
    },
  };
  return { app: { ...app.app, em, pool } as unknown as App, read, release, counts };
}

describe('keys', () => {
  test('one reading and one note of its use serve many requests', async () => {
    const { app: counting, release, counts } = watched();
    release();
    const keys = new ApiKeys(counting);
    const { row, key } = await keys.create('k', 'write', CREATOR);
    for (let time = 0; time < 5; time++)
      expect(await keys.authenticate(bearing(key))).toEqual({ kind: 'key', keyId: row.id, scope: 'write' });
    expect(counts).toEqual({ reads: 1, writes: 1 });
  });

  test('another process that sees the key within the minute notes nothing more', async () => {
    const { row, key } = await new ApiKeys(app.app).create('k', 'read', CREATOR);
    expect(await usedAt(row.id)).toBeNull();
    await new ApiKeys(app.app).authenticate(bearing(key));
    const first = await usedAt(row.id);
    expect(first).not.toBeNull();
    await new ApiKeys(app.app).authenticate(bearing(key));
    expect(await usedAt(row.id)).toEqual(first);
    await app.app.pool.query(`update api_keys set last_used_at = now() - interval '61 seconds' where id = $1`, [
      row.id,
    ]);
    await new ApiKeys(app.app).authenticate(bearing(key));
    expect((await usedAt(row.id)) >= first).toBe(true);
  });

  test('of two processes that see the key at the same time one notes its use', async () => {
    const paused = watched();
    const keys = new ApiKeys(paused.app);
    const { row, key } = await keys.create('k', 'read', CREATOR);
    const late = keys.authenticate(bearing(key));
    await paused.read;
    await new ApiKeys(app.app).authenticate(bearing(key));
    const first = await usedAt(row.id);
    paused.release();
    await late;
    expect(paused.counts.writes).toBe(1);
    expect(await usedAt(row.id)).toEqual(first);
  });

  test('a process forgets at once what it revokes itself, however the uuid is written', async () => {
    const keys = new ApiKeys(app.app);
    const { row, key } = await keys.create('k', 'read', CREATOR);
    await keys.authenticate(bearing(key));
    await keys.revoke(row.id.toUpperCase());
    await expect(keys.authenticate(bearing(key))).rejects.toMatchObject({ status: 401 });
  });

  test('a key that is revoked while it is being read is not kept as good', async () => {
    const paused = watched();
    const keys = new ApiKeys(paused.app);
    const { row, key } = await keys.create('k', 'read', CREATOR);
    const before = keys.authenticate(bearing(key));
    await paused.read;
    await keys.revoke(row.id);
    paused.release();
    expect(await before).toMatchObject({ keyId: row.id });
    await expect(keys.authenticate(bearing(key))).rejects.toMatchObject({ code: 'admin.invalid_key', status: 401 });
  });

  test('only the digest is stored', async () => {
    const { row, key } = await new ApiKeys(app.app).create('secret', 'read', CREATOR);
    expect(key).toMatch(/^c360_[\w-]{43}$/);
    const { rows } = await app.app.pool.query('select * from api_keys where id = $1', [row.id]);
    expect(rows[0].hash).toBe(createHash('sha256').update(key).digest('hex'));
    expect(rows[0].prefix).toBe(key.slice(0, 11));
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  test.each([
    ['absent', undefined, undefined],
    ['empty', '', undefined],
    ['that of the environment', 'from the environment', 'write'],
  ])('a header that is %s', async (_, sent, scope) => {
    expect((await new ApiKeys(app.app).authenticate(bearing(sent)))?.scope).toBe(scope);
  });

  test.each(['wrong', 'from the environment ', 'From the environment', 'c360_', 'x'.repeat(10_000), '\u00e9'])(
    'the key %j is refused',
    async (sent) => {
      await expect(new ApiKeys(app.app).authenticate(bearing(sent))).rejects.toMatchObject({ status: 401 });
    },
  );

  test('without API_KEY no key is that of the environment', async () => {
    const settings = { ...app.app.settings, API_KEY: undefined };
    const keys = new ApiKeys({ ...app.app, settings });
    await expect(keys.authenticate(bearing('undefined'))).rejects.toMatchObject({ status: 401 });
  });
});

describe('/api/v4/admin/api-keys', () => {
  const send = (method: string, path: string, body?: unknown) =>
    app.request(method, `/api/v4/admin/api-keys${path}`, {
      token: app.adminToken,
      ...(body !== undefined && { body }),
    });

  test('POST shows the key once, GET lists it without', async () => {
    const made = await send('POST', '', { name: '  Sales sync ', scope: 'write' });
    expect(made.status).toBe(201);
    const { key, ...listed } = made.json;
    expect(listed).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'Sales sync',
      prefix: key.slice(0, 11),
      scope: 'write',
      created_by: expect.any(String),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      last_used_at: null,
      revoked_at: null,
    });
    const list = await send('GET', '');
    expect(list.json.api_keys[0]).toEqual(listed);
    expect(list.text).not.toContain(key);
  });

  test('pages, newest first', async () => {
    for (const name of ['one', 'two', 'three']) await send('POST', '', { name });
    const namesOf = async (query: string) =>
      (await send('GET', query)).json.api_keys.map((key: { name: string }) => key.name);
    expect(await namesOf('?limit=2')).toEqual(['three', 'two']);
    expect(await namesOf('?limit=1&offset=2')).toEqual(['one']);
    const { total } = (await send('GET', '?limit=1')).json;
    expect(total).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ['no name', { scope: 'read' }, ['body', 'name']],
    ['a blank name', { name: '  ' }, ['body', 'name']],
    ['a name that is too long', { name: 'x'.repeat(256) }, ['body', 'name']],
    ['a name with a NUL', { name: 'a\0b' }, ['body', 'name']],
    ['an unknown scope', { name: 'n', scope: 'all' }, ['body', 'scope']],
  ])('%s is 422', async (_, body, loc) => {
    const reply = await send('POST', '', body);
    expect(reply.status).toBe(422);
    expect(reply.json.detail[0].loc).toEqual(loc);
  });

  test.each([
    ['?limit=abc', 400, 'limit: must be a whole number'],
    ['?limit=0', 400, 'limit: must be at least 1'],
    ['?limit=1001', 400, 'limit: must be at most 1000'],
    ['?offset=-1', 400, 'offset: must be at least 0'],
    ['?limit=1&limit=2', 400, 'limit: must be a whole number'],
  ])('GET %s is %i', async (query, status, detail) => {
    const reply = await send('GET', query);
    expect([reply.status, reply.json.detail]).toEqual([status, detail]);
  });

  test.each(['/not-a-uuid', `/${uuidv7()}`])('DELETE %s is 404', async (path) => {
    expect((await send('DELETE', path)).status).toBe(404);
  });
});
