import { uuidv7 } from '@contact360/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, startTestApp, type TestApp } from '../../test/app.ts';

const PASSWORD = 'pass word 1234';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ WORKERS: 'false' });
});
afterAll(() => app?.stop());

const users = (query: string, token = app.adminToken) => app.request('GET', `/api/v4/admin/users${query}`, { token });
const change = (id: string, body: unknown, token = app.adminToken) =>
  app.request('PATCH', `/api/v4/admin/users/${id}`, { token, body });
const login = (email: string) =>
  app.request('POST', '/api/v1/auth/login/', { token: null, body: { email, password: PASSWORD } });
const session = (token: string) => app.request('GET', '/api/v1/auth/session/', { token });
let made = 0;
async function newUser(name = 'N', email = `n${++made}@example.com`) {
  const { json } = await app.request('POST', '/api/v1/auth/register/', {
    token: null,
    body: { name, email, password: PASSWORD },
  });
  return {
    id: json.user.id as string,
    token: json.access_token as string,
    refresh: json.refresh_token as string,
    email,
  };
}

describe('the list of users', () => {
  beforeAll(async () => {
    for (const [name, email] of [
      ['Zoë Quick', 'zoe@list.example'],
      ['Under_Score', 'under@list.example'],
      ['Percent%', 'percent@list.example'],
    ] as const)
      await newUser(name, email);
  });

  test.each([
    ['zoë', ['Zoë Quick']],
    ['ZOË', ['Zoë Quick']],
    ['list.example', ['Percent%', 'Under_Score', 'Zoë Quick']],
    ['_', ['Under_Score']],
    ['%25', ['Percent%']],
    ['%5C', []],
    ['nobody', []],
  ])('search=%s', async (search, names) => {
    const { json } = await users(`?search=${search}`);
    expect(json.users.map((user: { name: string }) => user.name)).toEqual(names);
    expect(json.total).toBe(names.length);
  });

  test('pages, newest first', async () => {
    const namesOf = async (query: string) => (await users(query)).json.users.map((user: { name: string }) => user.name);
    expect(await namesOf('?search=list.example&limit=2')).toEqual(['Percent%', 'Under_Score']);
    expect(await namesOf('?search=list.example&limit=2&offset=2')).toEqual(['Zoë Quick']);
    expect((await users('?search=list.example&limit=1')).json.total).toBe(3);
  });

  test('by role and state', async () => {
    const { id, email } = await newUser();
    await change(id, { role: 'ProUser', is_active: false });
    const found = async (query: string) => (await users(query)).json.users.map((user: { email: string }) => user.email);
    expect(await found('?role=ProUser')).toEqual([email]);
    expect(await found('?is_active=no')).toEqual([email]);
    expect(await found('?role=SuperAdmin&is_active=true')).toEqual([ADMIN.email]);
    expect(await found('?role=&is_active=&search=')).toContain(email);
  });

  test.each([
    ['?role=King', 'role: must be one of FreeUser, ProUser, Admin, SuperAdmin'],
    ['?is_active=perhaps', 'is_active: must be true or false'],
    ['?limit=x', 'limit: must be a whole number'],
    ['?search=a&search=b', 'search: must be given once'],
  ])('%s is 400', async (query, detail) => {
    const reply = await users(query);
    expect([reply.status, reply.json.detail]).toEqual([400, detail]);
  });
});

describe('a change of a user', () => {
  test('gives back the user', async () => {
    const { id, email } = await newUser('Some One');
    const reply = await change(id.toUpperCase(), { role: 'Admin' });
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      uuid: id,
      email,
      name: 'Some One',
      role: 'Admin',
      is_active: true,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      last_sign_in_at: null,
    });
  });

  test('counts from the next request, however the uuid is written', async () => {
    const { id, token } = await newUser();
    expect((await users('', token)).status).toBe(403);
    await change(id.toUpperCase(), { role: 'Admin' });
    expect((await users('', token)).status).toBe(200);
    await change(id, { role: 'FreeUser' });
    expect((await users('', token)).status).toBe(403);
  });

  test('counts from the next request over the typed face too, however the uuid is written', async () => {
    const { id, token } = await newUser();
    expect((await users('', token)).status).toBe(403);
    const body = { id: id.toUpperCase(), role: 'Admin' };
    // This server hears of its own changes too, a little later: it must not need to.
    const reply = await app.request('POST', '/trpc/admin.updateUser', { token: app.adminToken, body });
    expect(reply.json.result.data).toMatchObject({ id, role: 'Admin' });
    expect((await users('', token)).status).toBe(200);
  });

  test('switching off ends every session for good; switching on lets sign in again', async () => {
    const { id, email, token, refresh } = await newUser();
    await change(id, { is_active: false });
    expect((await session(token)).status).toBe(401);
    expect((await login(email)).json).toEqual({ non_field_errors: ['User account is disabled'] });
    expect((await login(email)).status).toBe(400);
    await change(id, { is_active: true });
    expect((await session(token)).status).toBe(401);
    const again = await app.request('POST', '/api/v1/auth/refresh/', { token: null, body: { refresh_token: refresh } });
    expect(again.status).toBe(400);
    expect((await session((await login(email)).json.access_token)).status).toBe(200);
  });

  test.each([
    ['Admin', 'FreeUser', { is_active: false }, 200],
    ['Admin', 'Admin', { is_active: false }, 200],
    ['Admin', 'SuperAdmin', { is_active: false }, 403],
    ['Admin', 'SuperAdmin', {}, 403],
    ['Admin', 'FreeUser', { role: 'SuperAdmin' }, 403],
    ['Admin', 'FreeUser', { role: 'SuperAdmin', is_active: false }, 403],
    ['SuperAdmin', 'SuperAdmin', { role: 'FreeUser', is_active: false }, 200],
    ['ProUser', 'FreeUser', { is_active: false }, 403],
  ])('a %s changes a %s by %j: %i', async (mine, theirs, body, status) => {
    const [caller, other] = [await newUser(), await newUser()];
    await change(caller.id, { role: mine });
    await change(other.id, { role: theirs });
    const reply = await change(other.id, body, caller.token);
    expect(reply.status).toBe(status);
    const [{ role, is_active }] = (await users(`?search=${other.email}`)).json.users;
    const after = status === 200 ? { role: theirs, is_active: true, ...body } : { role: theirs, is_active: true };
    expect({ role, is_active }).toEqual(after);
  });

  test('nobody switches off themselves, and nothing of such a change is made', async () => {
    const { id, token } = await newUser();
    await change(id, { role: 'Admin' });
    const reply = await change(id.toUpperCase(), { role: 'ProUser', is_active: false }, token);
    expect([reply.status, reply.json]).toEqual([400, { detail: 'You cannot switch off your own account' }]);
    expect((await users('', token)).status).toBe(200);
  });

  test.each([
    [{ role: 'King' }, ['body', 'role']],
    [{ is_active: 'no' }, ['body', 'is_active']],
    [[], ['body']],
  ])('%j is 422', async (body, loc) => {
    const { id } = await newUser();
    const reply = await change(id, body);
    expect(reply.status).toBe(422);
    expect(reply.json.detail[0].loc).toEqual(loc);
  });

  test.each(['nobody', uuidv7()])('of %s is 404', async (id) => {
    expect((await change(id, { role: 'ProUser' })).status).toBe(404);
  });
});

describe('/api/v4/admin/jobs', () => {
  const queues = async () => {
    const { json } = await app.request('GET', '/api/v4/admin/jobs', { token: app.adminToken });
    return new Map<string, Record<string, unknown>>(json.queues.map((queue: { name: string }) => [queue.name, queue]));
  };

  test('tells of every kind of job what waits, runs and was done', async () => {
    const name = 'admin.clean-up';
    expect((await queues()).get(name)).toEqual({
      name,
      schedule: '37 * * * *',
      waiting: 0,
      running: 0,
      completed: 0,
      failed: 0,
      oldest_waiting_at: null,
      last_finished_at: null,
    });
    for (let time = 0; time < 2; time++) await app.app.jobs.send(name, {});
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect((await queues()).get(name)).toMatchObject({ waiting: 2, oldest_waiting_at: time });
    await app.app.pool.query(`update jobs.job set state = 'completed', completed_on = now() where name = $1`, [name]);
    expect((await queues()).get(name)).toMatchObject({ waiting: 0, completed: 2, last_finished_at: time });
  });

  test('lists them by name', async () => {
    const names = [...(await queues()).keys()];
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['accounts.clean-up', 'core.refresh-statistics']));
  });
});
