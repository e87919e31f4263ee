import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { jobs } from './jobs.ts';
import { MOST_FAILURES } from './sign-in-failures.ts';

const PASSWORD = 'the right password';
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: 'true' });
});
afterAll(() => app?.stop());

let users = 0;
const newUser = async () => {
  const email = `user${++users}@example.com`;
  await app.request('POST', '/api/v1/auth/register/', { body: { name: 'U', email, password: PASSWORD } });
  return email;
};
const login = (email: string, password: string, address = '192.0.2.1') =>
  app.request('POST', '/api/v1/auth/login/', {
    token: null,
    body: { email, password },
    headers: { 'x-forwarded-for': address },
  });
const fail = async (email: string, times: number, address?: string) => {
  for (let time = 0; time < times; time++) expect((await login(email, 'wrong password', address)).status).toBe(400);
};

test('too many failures close an account to the address, with the time to wait', async () => {
  const email = await newUser();
  await fail(email, MOST_FAILURES);
  for (const password of ['wrong password', PASSWORD]) {
    const reply = await login(email.toUpperCase(), password);
    expect(reply.status).toBe(429);
    expect(reply.json.detail).toMatch(/^Too many failed sign-ins\. Try again in \d+ seconds\.$/);
    const wait = Number(reply.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(15 * 60);
  }
});

test('another address and another account stay open', async () => {
  const [email, other] = [await newUser(), await newUser()];
  await fail(email, MOST_FAILURES);
  expect((await login(email, PASSWORD, '192.0.2.2')).status).toBe(200);
  expect((await login(other, PASSWORD)).status).toBe(200);
  expect((await login(email, PASSWORD)).status).toBe(429);
});

test('an account that does not exist is closed alike', async () => {
  await fail('nobody@example.com', MOST_FAILURES);
  expect((await login('nobody@example.com', PASSWORD)).status).toBe(429);
});

test('a success clears the count', async () => {
  const email = await newUser();
  await fail(email, MOST_FAILURES - 1);
  expect((await login(email, PASSWORD)).status).toBe(200);
  await fail(email, MOST_FAILURES - 1);
  expect((await login(email, PASSWORD)).status).toBe(200);
});

test('the account opens again when the window is over, and counts from one', async () => {
  const email = await newUser();
  await fail(email, MOST_FAILURES);
  await app.app.pool.query(`update sign_in_failures set since = since - interval '15 minutes' where account = $1`, [
    email,
  ]);
  await fail(email, MOST_FAILURES - 1);
  expect((await login(email, PASSWORD)).status).toBe(200);
});

test('guesses at the same time do not pass the limit by more than are checked at once', async () => {
  const email = await newUser();
  const replies = await Promise.all(Array.from({ length: 60 }, (_, n) => login(email, `wrong password ${n}`)));
  const checked = replies.filter(({ status }) => status === 400).length;
  expect(checked).toBeGreaterThanOrEqual(MOST_FAILURES);
  expect(checked).toBeLessThan(MOST_FAILURES + availableParallelism());
  expect(replies.filter(({ status }) => status === 429)).toHaveLength(60 - checked);
});

test('many right sign-ins at the same time all succeed', async () => {
  const email = await newUser();
  const replies = await Promise.all(Array.from({ length: 40 }, () => login(email, PASSWORD)));
  expect(replies.map(({ status }) => status)).toEqual(Array(40).fill(200));
});

test('an address that is none harms nothing', async () => {
  expect((await login(await newUser(), PASSWORD, "no address'; --")).status).toBe(200);
});

test('what is over is cleaned up, and nothing else', async () => {
  const [old, recent] = [await newUser(), await newUser()];
  await fail(old, 1);
  await fail(recent, 1);
  await app.app.pool.query(`update sign_in_failures set since = since - interval '16 minutes' where account = $1`, [
    old,
  ]);
  const sessionsOf = async (email: string) =>
    (await app.app.pool.query('select 1 from sessions s join users u on u.id = s.user_id where u.email = $1', [email]))
      .rowCount;
  await app.app.pool.query(
    `update sessions set expires_at = now() - interval '1 second' where user_id = (select id from users where email = $1)`,
    [old],
  );
  await jobs[0]!.run({} as never, { app: app.app, signal: new AbortController().signal });
  const { rows } = await app.app.pool.query('select account from sign_in_failures where account = any($1)', [
    [old, recent],
  ]);
  expect(rows).toEqual([{ account: recent }]);
  expect([await sessionsOf(old), await sessionsOf(recent)]).toEqual([0, 1]);
});
