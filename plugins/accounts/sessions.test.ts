import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

const SECRET = 'a secret of the tests that is long enough';
const PASSWORD = 'pass word 1234';
const INVALID = { detail: 'Given token not valid for any token type' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ JWT_SECRET: SECRET });
});
afterAll(() => app?.stop());

let users = 0;
const newEmail = () => `person${++users}@example.com`;
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

describe.each(['v1', 'v2'])('%s', (version) => {
  const auth = (route: string, body?: unknown, token: string | null = null) =>
    app.request('POST', `/api/${version}/auth/${route}/`, { token, body });
  const session = (token: string | null) => app.request('GET', `/api/${version}/auth/session/`, { token });
  const register = async (email = newEmail()) => {
    const reply = await auth('register', { name: 'Pia Person', email, password: PASSWORD });
    expect(reply.status).toBe(201);
    return reply.json as { access_token: string; refresh_token: string; user: { id: string; email: string } };
  };

  test('registering makes a free user and signs them in', async () => {
    const reply = await auth('register', {
      name: ' Pia Person ',
      email: ` PIA.${version}@Example.com `,
      password: PASSWORD,
      geolocation: { ip: '192.0.2.1', city: 'Zürich', lat: 47.4, lon: 8.5, proxy: false, unknown: 'is ignored' },
    });
    expect(reply.status).toBe(201);
    const { id } = reply.json.user;
    expect(reply.json).toEqual({
      access_token: expect.stringMatching(JWT),
      refresh_token: expect.stringMatching(JWT),
      user: { id: expect.stringMatching(UUID), uuid: id, email: `pia.${version}@example.com` },
      message: 'Registration successful! Please check your email to verify your account.',
    });
    const { rows } = await app.app.pool.query(
      'select u.name, u.role, u.password_hash, u.notifications, u.updated_at, s.geolocation from users u join sessions s on s.user_id = u.id where u.id = $1',
      [id],
    );
    expect(rows).toEqual([
      {
        name: 'Pia Person',
        role: 'FreeUser',
        password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
        notifications: { weeklyReports: true, newLeadAlerts: true },
        updated_at: null,
        geolocation: { ip: '192.0.2.1', city: 'Zürich', lat: 47.4, lon: 8.5, proxy: false },
      },
    ]);
  });

  test('tokens carry the documented claims and lifetimes', async () => {
    const { access_token, refresh_token, user } = await register();
    const [access, refresh] = [claimsOf(access_token), claimsOf(refresh_token)];
    expect(access).toMatchObject({ sub: user.id, type: 'access', sid: expect.stringMatching(UUID) });
    expect(refresh).toMatchObject({ sub: user.id, type: 'refresh', sid: access.sid });
    expect(access.exp - access.iat).toBe(30 * 60);
    expect(refresh.exp - refresh.iat).toBe(7 * 86_400);
    expect(refresh.jti).not.toBe(access.jti);
  });

  test('an email that is taken is refused, in any case', async () => {
    const email = newEmail();
    await register(email);
    const reply = await auth('register', { name: 'Other', email: email.toUpperCase(), password: PASSWORD });
    expect([reply.status, reply.json]).toEqual([400, { email: ['Email already exists'] }]);
  });

  test('of registrations with one email at the same time exactly one wins', async () => {
    const body = { name: 'Twin', email: newEmail(), password: PASSWORD };
    const replies = await Promise.all(Array.from({ length: 8 }, () => auth('register', body)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(400)]);
    for (const { status, json } of replies)
      if (status === 400) expect(json).toEqual({ email: ['Email already exists'] });
  });

  test('a login compares the address without case, and is remembered', async () => {
    const { user, access_token } = await register();
    expect((await session(access_token)).json).toEqual({
      user: { id: user.id, uuid: user.id, email: user.email, last_sign_in_at: null },
      last_sign_in_at: null,
    });
    const reply = await auth('login', { email: user.email.toUpperCase(), password: PASSWORD });
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      access_token: expect.stringMatching(JWT),
      refresh_token: expect.stringMatching(JWT),
      user: { id: user.id, uuid: user.id, email: user.email },
    });
    const { json } = await session(reply.json.access_token);
    expect(json.last_sign_in_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(json.user.last_sign_in_at).toBe(json.last_sign_in_at);
  });

  test('a password composed otherwise is the same password', async () => {
    const email = newEmail();
    await auth('register', { name: 'Zoë', email, password: 'crème brûlée'.normalize('NFD') });
    expect((await auth('login', { email, password: 'crème brûlée'.normalize('NFC') })).status).toBe(200);
  });

  test.each([
    ['a wrong password', () => ({ password: `${PASSWORD}x` })],
    ['a password in another case', () => ({ password: PASSWORD.toUpperCase() })],
    ['an empty password', () => ({ password: '' })],
    ['a password of a megabyte', () => ({ password: 'x'.repeat(2 ** 20) })],
    ['an unknown email', () => ({ email: newEmail() })],
    ['what is no email', () => ({ email: 'nobody' })],
    ['a quote', () => ({ email: "' or 1=1 --" })],
  ])('%s answers alike', async (_name, difference) => {
    const { user } = await register();
    const reply = await auth('login', { email: user.email, password: PASSWORD, ...difference() });
    expect([reply.status, reply.json]).toEqual([400, { detail: 'Invalid email or password' }]);
  });

  test('a user who is switched off can neither sign in nor refresh nor use a token from before', async () => {
    const { user, access_token, refresh_token } = await register();
    await app.app.pool.query('update users set is_active = false where id = $1', [user.id]);
    const login = await auth('login', { email: user.email, password: PASSWORD });
    expect([login.status, login.json]).toEqual([400, { non_field_errors: ['User account is disabled'] }]);
    const wrong = await auth('login', { email: user.email, password: 'not the password' });
    expect(wrong.json).toEqual({ detail: 'Invalid email or password' });
    expect((await auth('refresh', { refresh_token })).json).toEqual({ detail: 'Token is invalid or expired' });
    expect((await session(access_token)).status).toBe(401);
  });

  test('a refresh gives tokens that work and uses the refresh token up', async () => {
    const first = await register();
    const reply = await auth('refresh', { refresh_token: first.refresh_token });
    expect(reply.status).toBe(200);
    expect(reply.json.user).toEqual({ id: first.user.id, uuid: first.user.id, email: first.user.email });
    expect((await session(reply.json.access_token)).status).toBe(200);
    expect((await session(first.access_token)).status).toBe(200);
    expect((await auth('refresh', { refresh_token: reply.json.refresh_token })).status).toBe(200);
  });

  test('a refresh token used twice ends its whole family at once, and no other', async () => {
    const first = await register();
    const other = (await auth('login', { email: first.user.email, password: PASSWORD })).json;
    const second = (await auth('refresh', { refresh_token: first.refresh_token })).json;
    expect((await session(second.access_token)).status).toBe(200);
    const again = await auth('refresh', { refresh_token: first.refresh_token });
    expect([again.status, again.json]).toEqual([400, { detail: 'Token is invalid or expired' }]);
    for (const token of [first.access_token, second.access_token]) expect((await session(token)).json).toEqual(INVALID);
    expect((await auth('refresh', { refresh_token: second.refresh_token })).status).toBe(400);
    expect((await session(other.access_token)).status).toBe(200);
  });

  test('of uses of a refresh token at the same time at most one wins, and the family ends', async () => {
    const { refresh_token, access_token } = await register();
    const replies = await Promise.all(Array.from({ length: 8 }, () => auth('refresh', { refresh_token })));
    const won = replies.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 400)).toHaveLength(7);
    for (const token of [access_token, won[0]!.json.access_token]) expect((await session(token)).status).toBe(401);
  });

  test.each([
    ['without a body', () => undefined],
    ['with an empty body', () => ({})],
    ['with null', () => ({ refresh_token: null })],
    ['with a bad refresh token', () => ({ refresh_token: 'bad' })],
    ['with its refresh token', (token: string) => ({ refresh_token: token })],
  ])('a logout %s ends the session at once', async (_name, body) => {
    const { access_token, refresh_token } = await register();
    expect((await session(access_token)).status).toBe(200);
    const reply = await auth('logout', body(refresh_token), access_token);
    if (version === 'v1') expect([reply.status, reply.text]).toEqual([204, '']);
    else expect([reply.status, reply.json]).toEqual([200, { message: 'Logout successful' }]);
    expect((await session(access_token)).json).toEqual(INVALID);
    expect((await auth('refresh', { refresh_token })).json).toEqual({ detail: 'Token is invalid or expired' });
    expect((await auth('logout', {}, access_token)).status).toBe(401);
  });

  test("a logout also ends the session of another refresh token of the user, and nobody else's", async () => {
    const [mine, theirs] = [await register(), await register()];
    const second = (await auth('login', { email: mine.user.email, password: PASSWORD })).json;
    const third = (await auth('login', { email: mine.user.email, password: PASSWORD })).json;
    await auth('logout', { refresh_token: theirs.refresh_token }, second.access_token);
    await auth('logout', { refresh_token: mine.refresh_token }, third.access_token);
    expect((await session(theirs.access_token)).status).toBe(200);
    expect((await session(mine.access_token)).status).toBe(401);
  });

  const field = (name: string, msg: string, type = 'value_error') => ({ loc: ['body', name], msg, type });
  const missing = (name: string) => field(name, 'field required', 'value_error.missing');
  const noString = (name: string) => field(name, 'Input should be a valid string', 'type_error');
  const nul = (name: string) => field(name, 'must not contain a NUL character');
  const good = { name: 'N', email: 'good@example.com', password: PASSWORD };
  test.each<[string, unknown, object[]]>([
    ['register', {}, [missing('name'), missing('email'), missing('password')]],
    ['register', undefined, [missing('name'), missing('email'), missing('password')]],
    ['register', { name: 1, email: [], password: {} }, [noString('name'), noString('email'), noString('password')]],
    ['register', { ...good, name: '  ' }, [field('name', 'This field may not be blank.')]],
    ['register', { ...good, name: 'n'.repeat(256) }, [field('name', 'String should have at most 255 characters')]],
    ['register', { ...good, name: 'n'.repeat(2 ** 20) }, [field('name', 'String should have at most 255 characters')]],
    ['register', { ...good, name: 'a\0b' }, [nul('name')]],
    ['register', { ...good, email: 'a\0@example.com' }, [nul('email')]],
    ['register', { ...good, email: 'no address' }, [field('email', 'value is not a valid email address')]],
    [
      'register',
      { ...good, email: `${'a'.repeat(250)}@example.com` },
      [field('email', 'String should have at most 254 characters')],
    ],
    ['register', { ...good, password: '1234567' }, [field('password', 'String should have at least 8 characters')]],
    [
      'register',
      { ...good, password: '🔑'.repeat(7) },
      [field('password', 'String should have at least 8 characters')],
    ],
    [
      'register',
      { ...good, password: 'p'.repeat(129) },
      [field('password', 'String should have at most 128 characters')],
    ],
    ['register', { ...good, password: '1234567\0' }, [nul('password')]],
    ['login', {}, [missing('email'), missing('password')]],
    ['login', { email: 1, password: true }, [noString('email'), noString('password')]],
    ['login', { email: 'a\0', password: '\0' }, [nul('email'), nul('password')]],
    [
      'login',
      { email: 'e'.repeat(2 ** 20), password: 'x' },
      [field('email', 'String should have at most 254 characters')],
    ],
    ['refresh', {}, [missing('refresh_token')]],
    ['refresh', { refresh_token: 7 }, [noString('refresh_token')]],
    ['refresh', { refresh_token: 'a\0' }, [nul('refresh_token')]],
    ['logout', { refresh_token: 7 }, [noString('refresh_token')]],
    ['logout', { refresh_token: '\0' }, [nul('refresh_token')]],
  ])('%s refuses a body of the wrong shape %#', async (route, body, faults) => {
    const reply = await auth(route, body, route === 'logout' ? app.userToken : null);
    expect([reply.status, reply.json]).toEqual([422, { detail: faults }]);
  });

  test.each([
    ['text for a number', { lat: '47' }],
    ['a NUL character', { city: 'a\0b' }],
    ['no object', 'Zürich'],
    ['an endless text', { city: 'x'.repeat(100_000) }],
  ])('a geolocation with %s is refused', async (_name, geolocation) => {
    expect((await auth('register', { ...good, geolocation })).status).toBe(422);
  });

  test.each([
    ['8 characters', '1234 678'],
    ['128 characters', 'p'.repeat(128)],
    ['128 characters beyond the first plane', '🔑'.repeat(128)],
    ['half a surrogate pair', 'half \ud83d pair'],
  ])('a password of %s is good', async (_name, password) => {
    const email = newEmail();
    expect((await auth('register', { name: 'N', email, password })).status).toBe(201);
    expect((await auth('login', { email, password })).status).toBe(200);
  });

  test.each(['{', '{"email": "a"', '[1', 'null x'])('malformed JSON is told: %s', async (body) => {
    const reply = await auth('login', body);
    expect([reply.status, reply.json.detail]).toEqual([400, expect.stringContaining('not valid JSON')]);
  });

  test.each(['', 'x', 'a.b.c', `${'x'.repeat(20_000)}`, 'Ω.Ω.Ω'])(
    'a bad refresh token is 400 %#',
    async (refresh_token) => {
      const reply = await auth('refresh', { refresh_token });
      expect([reply.status, reply.json]).toEqual([400, { detail: 'Token is invalid or expired' }]);
    },
  );

  test('an access token is no refresh token', async () => {
    const { access_token } = await register();
    expect((await auth('refresh', { refresh_token: access_token })).status).toBe(400);
    expect((await session(access_token)).status).toBe(200);
  });
});

describe('access tokens', () => {
  const get = (authorization: string) =>
    app.request('GET', '/api/v1/auth/session/', { token: null, headers: { authorization } });
  const sign = (claims: Record<string, unknown>, { secret = SECRET, alg = 'HS256', exp = '5m' } = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime(exp).sign(Buffer.from(secret));
  const mine = () => {
    const { sub, sid } = claimsOf(app.userToken);
    return { sub, sid, jti: randomUUID(), type: 'access' };
  };
  const unsigned = (claims: object) =>
    `${[{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  test('the scheme may be written in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect((await get(`${scheme} ${app.userToken}`)).status).toBe(200);
    }
  });

  test('a token made with the right secret, session and user is good', async () => {
    expect((await get(`Bearer ${await sign(mine())}`)).status).toBe(200);
  });

  test.each<[string, () => string | Promise<string>]>([
    ['no token', () => ''],
    ['text', () => 'nonsense'],
    ['a changed signature', () => `${app.userToken.slice(0, -4)}AAAA`],
    ['something after it', () => `${app.userToken} x`],
    ['another secret', () => sign(mine(), { secret: 'another secret that is also long enough' })],
    ['another algorithm', () => sign(mine(), { alg: 'HS512' })],
    ['no signature', () => unsigned({ ...mine(), exp: 4_000_000_000 })],
    ['a time that is over', () => sign(mine(), { exp: '-1s' })],
    ['the type of a refresh token', () => sign({ ...mine(), type: 'refresh' })],
    ['no type', () => sign({ ...mine(), type: undefined })],
    ['no session', () => sign({ ...mine(), sid: undefined })],
    ['a session that is no uuid', () => sign({ ...mine(), sid: "'" })],
    ['an unknown session', () => sign({ ...mine(), sid: randomUUID() })],
    ["another user's session", () => sign({ ...mine(), sub: claimsOf(app.adminToken).sub })],
    ['a user who is gone', () => sign({ ...mine(), sub: randomUUID() })],
  ])('one with %s is refused', async (_name, token) => {
    const reply = await get(`Bearer ${await token()}`);
    expect([reply.status, reply.json]).toEqual([401, INVALID]);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each(['Basic dXNlcjpwYXNz', 'Bearerx', ''])(
    'credentials of another kind are none: %s',
    async (authorization) => {
      const reply = await get(authorization);
      expect([reply.status, reply.json]).toEqual([401, { detail: 'Authentication credentials were not provided.' }]);
    },
  );

  test('a bad one does not hinder signing in', async () => {
    const body = { email: 'user@example.com', password: 'correct horse battery' };
    expect((await app.request('POST', '/api/v1/auth/login/', { token: 'bad', body })).status).toBe(200);
  });

  test('one of a user who was deleted is refused', async () => {
    const body = { name: 'Gone', email: newEmail(), password: PASSWORD };
    const { access_token, user } = (await app.request('POST', '/api/v1/auth/register/', { body })).json;
    await app.app.pool.query('delete from users where id = $1', [user.id]);
    expect((await get(`Bearer ${access_token}`)).status).toBe(401);
  });
});
