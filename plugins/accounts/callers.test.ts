import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { App } from '@contact360/server';
import { type RunningServer, startServer } from '@contact360/server/boot';
import { createLog, readSettings } from '@contact360/server/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import config from '../../contact360.config.ts';
import { ADMIN, startTestApp, type TestApp } from '../../test/app.ts';
import { Callers } from './callers.ts';
import { accountsOf } from './service.ts';
import type { Claims } from './tokens.ts';

const PASSWORD = 'pass word 1234';
const JWT_SECRET = 'a secret that both processes sign with';
/** Less than the time after which a session is looked at again anyhow. */
const SOON = { timeout: 15_000, interval: 20 };

let app: TestApp;
/** Another server on the same database, as another process would be. */
let second: RunningServer;
let home: string;

beforeAll(async () => {
  app = await startTestApp({ JWT_SECRET });
  home = await mkdtemp(path.join(os.tmpdir(), 'contact360-second-'));
  const environment = {
    DATABASE_URL: app.databaseUrl,
    CONTACT360_HOME: home,
    JWT_SECRET,
    PORT: '0',
    LOG_LEVEL: 'fatal',
  };
  const settings = readSettings({ ...environment, ADMIN_EMAIL: ADMIN.email }, home);
  second = await startServer(config, settings, createLog(settings));
});
afterAll(async () => {
  await second?.stop();
  await app?.stop();
  await rm(home, { recursive: true, force: true });
});

let users = 0;
async function newUser() {
  const body = { name: 'P', email: `p${++users}@example.com`, password: PASSWORD };
  const { json } = await app.request('POST', '/api/v1/auth/register/', { token: null, body });
  return { token: json.access_token as string, id: json.user.id as string };
}
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Claims;
const session = (url: string, token: string) =>
  fetch(`${url}/api/v1/auth/session/`, { headers: { authorization: `Bearer ${token}` } });
const logout = (token: string) => app.request('POST', '/api/v1/auth/logout/', { token });
const setRole = (token: string, user: string, role: string) =>
  app.request('POST', '/trpc/accounts.setRole', { token, body: { user, role } });
const roleOf = async (url: string, token: string) => {
  const reply = await fetch(`${url}/trpc/accounts.session`, { headers: { authorization: `Bearer ${token}` } });
  return ((await reply.json()) as { result: { data: { user: { role: string } } } }).result.data.user.role;
};
const isAdminAt = async (url: string, token: string) => {
  const reply = await fetch(`${url}/trpc/accounts.setRole`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect([403, 422, 400]).toContain(reply.status);
  return reply.status !== 403;
};

describe('several processes', () => {
  test('a logout at one ends the session at the other', async () => {
    const { token } = await newUser();
    expect((await session(second.url, token)).status).toBe(200);
    await logout(token);
    await vi.waitFor(async () => expect((await session(second.url, token)).status).toBe(401), SOON);
  });

  test('a role given at one counts at the other', async () => {
    const { token, id } = await newUser();
    expect(await isAdminAt(second.url, token)).toBe(false);
    await setRole(app.adminToken, id, 'Admin');
    expect(await isAdminAt(app.url, token)).toBe(true);
    await vi.waitFor(async () => expect(await isAdminAt(second.url, token)).toBe(true), SOON);
  });

  test('a process that may have missed messages forgets what it knew', async () => {
    const { token } = await newUser();
    expect((await session(second.url, token)).status).toBe(200);
    await app.app.pool.query('update sessions set revoked_at = now() where id = $1', [claimsOf(token).sid]);
    expect((await session(second.url, token)).status).toBe(200);
    await app.app.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'contact360-notifications' and datname = current_database()`,
    );
    await vi.waitFor(async () => expect((await session(second.url, token)).status).toBe(401), SOON);
  });
});

describe('what is kept of a session', () => {
  /** An app whose next reading of a session stands still after it got its answer, until it is let go. */
  function pausing() {
    const { promise: read, resolve: wasRead } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let queries = 0;
    const em = () => {
      const real = app.app.em();
      const query = real.findOne.bind(real);
      const findOne = async (...question: Parameters<typeof query>) => {
        const answer = await query(...question);
        if (queries++ === 0) {
          wasRead();
          await released;
        }
        return answer;
      };
      return Object.assign(real, { findOne });
    };
    return { app: { ...app.app, em } as App, read, release, queries: () => queries };
  }

  test('one query serves many requests', async () => {
    const { token, id } = await newUser();
    const counting = pausing();
    counting.release();
    const callers = new Callers(counting.app);
    for (let time = 0; time < 5; time++) expect(await callers.find(claimsOf(token))).toMatchObject({ userId: id });
    expect(counting.queries()).toBe(1);
  });

  test('a session that ends while it is being read is not kept as good', async () => {
    const { token, id } = await newUser();
    const paused = pausing();
    const callers = new Callers(paused.app);
    const before = callers.find(claimsOf(token));
    await paused.read;
    await callers.change(async (em) => {
      await em.execute('update sessions set revoked_at = now() where id = ?', [claimsOf(token).sid]);
      return [id];
    });
    const during = await callers.find(claimsOf(token));
    paused.release();
    await before;
    expect(during).toBeUndefined();
    expect(await callers.find(claimsOf(token))).toBeUndefined();
  });

  test('a change that is rolled back is told to nobody', async () => {
    const { token, id } = await newUser();
    const counting = pausing();
    counting.release();
    const callers = new Callers(counting.app);
    await callers.find(claimsOf(token));
    await expect(
      callers.change(async (em) => {
        await em.execute('update users set is_active = false where id = ?', [id]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await callers.find(claimsOf(token))).toBeDefined();
    expect(counting.queries()).toBe(1);
  });
});

describe('roles', () => {
  const ALL = ['FreeUser', 'ProUser', 'Admin', 'SuperAdmin'];
  test.each([
    ['SuperAdmin', 'FreeUser', 'SuperAdmin', 200],
    ['SuperAdmin', 'SuperAdmin', 'FreeUser', 200],
    ['Admin', 'FreeUser', 'Admin', 200],
    ['Admin', 'Admin', 'ProUser', 200],
    ['Admin', 'FreeUser', 'SuperAdmin', 403],
    ['Admin', 'SuperAdmin', 'Admin', 403],
    ['ProUser', 'FreeUser', 'ProUser', 403],
    ['FreeUser', 'FreeUser', 'FreeUser', 403],
  ])('a %s makes a %s a %s: %i', async (mine, theirs, wanted, status) => {
    expect(ALL).toContain(wanted);
    const [caller, other] = [await newUser(), await newUser()];
    await setRole(app.adminToken, caller.id, mine);
    await setRole(app.adminToken, other.id, theirs);
    expect((await setRole(caller.token, other.id, wanted)).status).toBe(status);
    expect(await roleOf(app.url, other.token)).toBe(status === 200 ? wanted : theirs);
  });

  test('nobody raises their own, and anybody who may give roles can lower it', async () => {
    const { token, id } = await newUser();
    await setRole(app.adminToken, id, 'Admin');
    expect((await setRole(token, id, 'SuperAdmin')).status).toBe(403);
    expect((await setRole(token, id, 'FreeUser')).status).toBe(200);
    expect((await setRole(token, id, 'Admin')).status).toBe(403);
  });

  test('an unknown user is 404, an unknown role or a text that is no uuid is refused', async () => {
    const { id } = await newUser();
    expect((await setRole(app.adminToken, '01a1fea2-7b49-7636-97ca-a794152ec0d4', 'Admin')).status).toBe(404);
    expect((await setRole(app.adminToken, id, 'King')).status).toBe(422);
    expect((await setRole(app.adminToken, "'", 'Admin')).status).toBe(422);
  });

  test('all sessions of a user can be ended together', async () => {
    const { token, id } = await newUser();
    await accountsOf(app.app).revoke(id);
    expect((await session(app.url, token)).status).toBe(401);
  });
});
