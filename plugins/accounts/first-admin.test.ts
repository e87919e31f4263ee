import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type RunningServer, startServer } from '@contact360/server/boot';
import { createLog, readSettings } from '@contact360/server/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import config from '../../contact360.config.ts';
import { createDatabase } from '../../test/app.ts';
import { firstAdmin } from './index.ts';

const EMAIL = 'Boss@Example.com';
const PASSWORD = 'the password of the boss';

let home: string;
let databaseUrl: string;
let servers: RunningServer[];
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'contact360-admin-'));
  databaseUrl = await createDatabase();
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(settings: Record<string, string> = {}, folder = home): Promise<RunningServer> {
  const environment = {
    DATABASE_URL: databaseUrl,
    CONTACT360_HOME: folder,
    PORT: '0',
    LOG_LEVEL: 'error',
    ...settings,
  };
  const read = readSettings({ ADMIN_EMAIL: EMAIL, WORKERS: 'false', ...environment }, folder);
  const server = await startServer(config, read, createLog(read));
  servers.push(server);
  return server;
}
const post = (url: string, route: string, body: object) =>
  fetch(`${url}/api/v1/auth/${route}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const login = async ({ url }: RunningServer, password: string) =>
  (await post(url, 'login', { email: EMAIL, password })).status;
const roles = async ({ app }: RunningServer) =>
  (await app.pool.query<{ role: string }>('select role from users order by role')).rows.map(({ role }) => role);

test('a password is made, told once and kept for its owner alone', async () => {
  const first = await start();
  const { email, password } = firstAdmin(first.app);
  expect(email).toBe('boss@example.com');
  expect(await login(first, password!)).toBe(200);
  expect(await roles(first)).toEqual(['SuperAdmin']);
  const file = path.join(home, 'secrets', 'admin-password');
  expect(await readFile(file, 'utf8')).toBe(password);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  expect(await first.welcome()).toContain(
    `Sign in        boss@example.com with the password ${password} (shown this once)`,
  );

  const second = await start();
  expect(firstAdmin(second.app).password).toBeUndefined();
  expect(await login(second, password!)).toBe(200);
  expect((await second.welcome()).join()).not.toContain(password);
});

test('a password that is set is used and not told', async () => {
  const server = await start({ ADMIN_PASSWORD: PASSWORD });
  expect(firstAdmin(server.app).password).toBeUndefined();
  expect((await server.welcome()).join()).not.toContain(PASSWORD);
  expect(await login(server, PASSWORD)).toBe(200);
  expect(await roles(server)).toEqual(['SuperAdmin']);
});

test('a password that is set later replaces the one before, and ends its sessions', async () => {
  const first = await start();
  const { password } = firstAdmin(first.app);
  const { access_token } = (await (await post(first.url, 'login', { email: EMAIL, password })).json()) as {
    access_token: string;
  };
  await first.app.pool.query('update users set is_active = false');
  const second = await start({ ADMIN_PASSWORD: PASSWORD });
  expect([await login(second, PASSWORD), await login(second, password!)]).toEqual([200, 400]);
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await fetch(`${second.url}/api/v1/auth/session/`, { headers })).status).toBe(401);
  expect(await roles(second)).toEqual(['SuperAdmin']);
});

test('while there is an admin, nobody else becomes one without a set password', async () => {
  const first = await start();
  const second = await start({ ADMIN_EMAIL: 'other@example.com' });
  expect(firstAdmin(second.app).password).toBeUndefined();
  expect(await roles(first)).toEqual(['SuperAdmin']);
});

test('with no admin left, whoever took the address does not keep it', async () => {
  const first = await start();
  await first.app.pool.query('delete from users');
  await post(first.url, 'register', { name: 'Eve', email: EMAIL, password: 'the password of eve' });
  const second = await start();
  expect(await login(second, 'the password of eve')).toBe(400);
  expect(await login(second, firstAdmin(second.app).password!)).toBe(200);
});

test('of processes that start together one makes the admin', async () => {
  const other = await mkdtemp(path.join(os.tmpdir(), 'contact360-admin-'));
  const both = await Promise.all([start(), start({}, other)]);
  const told = both.map(({ app }) => firstAdmin(app).password).filter((password) => password !== undefined);
  expect(told).toHaveLength(1);
  expect(await login(both[0]!, told[0]!)).toBe(200);
  await rm(other, { recursive: true, force: true });
});
