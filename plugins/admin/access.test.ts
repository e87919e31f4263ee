import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { API_KEY, type Sent, type Servers, send, startServers } from '../../test/servers.ts';
import { probePlugin } from './test-probe.ts';

/** Less than the time after which a key is looked at again anyhow. */
const SOON = { timeout: 15_000, interval: 20 };

let servers: Servers;
let callers: Record<string, Sent>;
let spareKey: string;
let userId: string;
beforeAll(async () => {
  servers = await startServers([probePlugin().plugin]);
  const { app, first, newKey } = servers;
  const [read, write, revoked, spare] = [
    await newKey('read'),
    await newKey('write'),
    await newKey('write'),
    await newKey('read'),
  ];
  spareKey = spare.id;
  await send(first, 'DELETE', `/api/v4/admin/api-keys/${revoked.id}`, { token: app.adminToken });
  const register = (email: string) =>
    send(first, 'POST', '/api/v1/auth/register', { body: { name: 'N', email, password: 'pass word 1234' } });
  const plain = (await register('plain@example.com')).json;
  userId = plain.user.id;
  const promoted = (await register('second.admin@example.com')).json;
  await send(first, 'PATCH', `/api/v4/admin/users/${promoted.user.id}`, {
    token: app.adminToken,
    body: { role: 'Admin' },
  });
  callers = {
    nobody: {},
    user: { token: plain.access_token },
    admin: { token: promoted.access_token },
    superAdmin: { token: app.adminToken },
    readKey: { key: read.key },
    writeKey: { key: write.key },
    environmentKey: { key: API_KEY },
    wrongKey: { key: `${write.key}x` },
    revokedKey: { key: revoked.key },
    adminWithReadKey: { token: app.adminToken, key: read.key },
    adminWithWrongKey: { token: app.adminToken, key: 'wrong' },
    badTokenWithWriteKey: { token: 'bad', key: write.key },
  };
});
afterAll(() => servers?.stop());

const KINDS = [
  'nobody',
  'user',
  'admin',
  'superAdmin',
  'readKey',
  'writeKey',
  'environmentKey',
  'wrongKey',
  'revokedKey',
  'adminWithReadKey',
  'adminWithWrongKey',
  'badTokenWithWriteKey',
] as const;

/** Statuses in the order of {@link KINDS}; `ok` is the route's own success. */
const ADMIN = [401, 403, 'ok', 'ok', 403, 403, 403, 401, 401, 'ok', 'ok', 401] as const;
const KEY = [401, 401, 401, 401, 'ok', 'ok', 'ok', 401, 401, 'ok', 401, 'ok'] as const;
const KEY_WRITER = [401, 401, 401, 401, 403, 'ok', 'ok', 401, 401, 403, 401, 'ok'] as const;
const READER = [401, 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 401, 401, 'ok', 'ok', 401] as const;
const WRITER = [401, 403, 'ok', 'ok', 403, 'ok', 'ok', 401, 401, 'ok', 'ok', 401] as const;
const USER = [401, 'ok', 'ok', 'ok', 403, 403, 403, 401, 401, 'ok', 'ok', 401] as const;
const OPEN = KINDS.map(() => 'ok' as const);

interface Route {
  method: string;
  path: string | (() => string);
  body?: unknown;
  ok: number;
  statuses: readonly (number | 'ok')[];
}
const ROUTES: Route[] = [
  { method: 'POST', path: '/api/v4/admin/api-keys', body: { name: 'made' }, ok: 201, statuses: ADMIN },
  { method: 'GET', path: '/api/v4/admin/api-keys/', ok: 200, statuses: ADMIN },
  { method: 'DELETE', path: () => `/api/v4/admin/api-keys/${spareKey}`, ok: 204, statuses: ADMIN },
  { method: 'GET', path: '/api/v4/admin/users', ok: 200, statuses: ADMIN },
  { method: 'PATCH', path: () => `/api/v4/admin/users/${userId}`, body: {}, ok: 200, statuses: ADMIN },
  { method: 'GET', path: '/api/v4/admin/jobs', ok: 200, statuses: ADMIN },
  { method: 'POST', path: '/trpc/admin.createKey', body: { name: 'made' }, ok: 200, statuses: ADMIN },
  { method: 'GET', path: '/trpc/admin.listUsers?input=%7B%7D', ok: 200, statuses: ADMIN },
  { method: 'GET', path: '/trpc/admin.listQueues', ok: 200, statuses: ADMIN },
  { method: 'POST', path: '/probe/read', ok: 200, statuses: KEY },
  { method: 'POST', path: '/probe/write/', ok: 200, statuses: KEY_WRITER },
  { method: 'GET', path: '/trpc/probe.reader', ok: 200, statuses: READER },
  { method: 'POST', path: '/trpc/probe.writer', body: {}, ok: 200, statuses: WRITER },
  { method: 'GET', path: '/trpc/probe.user', ok: 200, statuses: USER },
  { method: 'GET', path: '/trpc/probe.admin', ok: 200, statuses: ADMIN },
  { method: 'GET', path: '/trpc/probe.open', ok: 200, statuses: OPEN },
];

describe.each(ROUTES)('$method $path', ({ method, path, body, ok, statuses }) => {
  test.each(KINDS.map((kind, at) => ({ kind, status: statuses[at]! })))('$kind: $status', async ({ kind, status }) => {
    const target = typeof path === 'string' ? path : path();
    const reply = await send(servers.first, method, target, { ...callers[kind], body });
    expect(reply.status).toBe(status === 'ok' ? ok : status);
  });
});

describe('what a refused caller is told', () => {
  test.each([
    ['gateway, nobody', '/probe/read', 'nobody', 'UNAUTHORIZED', 'Unauthorized: Invalid or missing API key'],
    ['gateway, wrong key', '/probe/read', 'wrongKey', 'UNAUTHORIZED', 'Unauthorized: Invalid or missing API key'],
    ['gateway, admin', '/probe/read', 'superAdmin', 'UNAUTHORIZED', 'Unauthorized: Invalid or missing API key'],
    ['gateway, read', '/probe/write', 'readKey', 'FORBIDDEN', 'You do not have permission to perform this action.'],
  ] as const)('%s', async (_, path, kind, code, text) => {
    const { json } = await send(servers.first, 'POST', path, callers[kind]);
    expect(json).toEqual({ success: false, error: text, error_code: code, message: text });
  });

  test.each([
    ['nobody', 'Authentication credentials were not provided.'],
    ['wrongKey', 'Given API key is not valid.'],
    ['readKey', 'You do not have permission to perform this action.'],
    ['badTokenWithWriteKey', 'Given token not valid for any token type'],
  ] as const)('v4, %s', async (kind, detail) => {
    expect((await send(servers.first, 'GET', '/api/v4/admin/users', callers[kind])).json).toEqual({ detail });
  });
});

describe('a key that is revoked', () => {
  const uses = async (server: 'first' | 'second', key: string) =>
    (await send(servers[server], 'POST', '/probe/read', { key })).status;

  test('is refused at once where it was revoked, and by the other process when it hears of it', async () => {
    const { id, key } = await servers.newKey('read');
    expect([await uses('first', key), await uses('second', key)]).toEqual([200, 200]);
    const { app, first } = servers;
    // Uuids may be written in capitals.
    await send(first, 'DELETE', `/api/v4/admin/api-keys/${id.toUpperCase()}`, { token: app.adminToken });
    expect(await uses('first', key)).toBe(401);
    await vi.waitFor(async () => expect(await uses('second', key)).toBe(401), SOON);
  });

  test('is refused by a process that may have missed the message', async () => {
    const { id, key } = await servers.newKey('read');
    expect(await uses('second', key)).toBe(200);
    await servers.app.app.pool.query('update api_keys set revoked_at = now() where id = $1', [id]);
    expect(await uses('second', key)).toBe(200);
    await servers.app.app.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'contact360-notifications' and datname = current_database()`,
    );
    await vi.waitFor(async () => expect(await uses('second', key)).toBe(401), SOON);
  });

  test('stays revoked, and can be revoked again', async () => {
    const { app, first } = servers;
    const { id, key } = await servers.newKey('read');
    const revoke = () => send(first, 'DELETE', `/api/v4/admin/api-keys/${id}`, { token: app.adminToken });
    const revokedAt = async () =>
      (await app.app.pool.query('select revoked_at from api_keys where id = $1', [id])).rows[0].revoked_at;
    expect((await revoke()).status).toBe(204);
    const at = await revokedAt();
    expect((await revoke()).status).toBe(204);
    expect(await revokedAt()).toEqual(at);
    expect(await uses('first', key)).toBe(401);
  });
});
