import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, WRITE_KEYS } from '../app.ts';

/** Who may call each route, as the specification's list of endpoints says: the first rule that fits decides. */
const RULES: readonly [method: RegExp, path: RegExp, access: 'open' | 'user' | 'admin' | 'key'][] = [
  [/GET/, /^\/(health\/)?$/, 'open'],
  [/./, /^\/api\/contacts\/import\//, 'admin'],
  [/GET/, /^\/api\/contacts\//, 'open'],
  [/GET/, /^\/api\/v1\/$/, 'open'],
  [/GET/, /^\/api\/v1\/health\//, 'open'],
  [/POST/, /^\/api\/v[12]\/auth\/(register|login|refresh)\/$/, 'open'],
  [/./, /^\/api\/v[12]\/auth\/(logout|session)\/$/, 'user'],
  [/./, /^\/api\/v1\/(contacts|companies)\/import\//, 'admin'],
  [/POST|PUT|DELETE/, /^\/api\/v1\/(contacts|companies)\//, 'admin'],
  [/GET/, /^\/api\/v1\/(contacts|companies)\//, 'user'],
  // Who has a signed link needs nothing else (decision 47).
  [/GET/, /^\/api\/v2\/exports\/\{export_id\}\/download$/, 'open'],
  [/DELETE/, /^\/api\/v2\/exports\/files$/, 'admin'],
  [/./, /^\/api\/v2\/exports\//, 'user'],
  [/GET|POST/, /^\/api\/v3\/(contacts|companies)\//, 'user'],
  [/./, /^\/(contacts|companies)(\/|$)/, 'key'],
  [/./, /^\/api\/v4\/admin\//, 'admin'],
];

const CALLERS = ['nobody', 'user', 'admin', 'wrong token', 'read key', 'write key', 'wrong key'] as const;
type Caller = (typeof CALLERS)[number];

let app: TestApp;
let readKey: string;
let routes: { method: string; path: string }[];
beforeAll(async () => {
  app = await startTestApp({ API_KEY: 'a key with all rights', MAX_REQUESTS_PER_MINUTE: '100000' });
  const created = await app.request('POST', '/api/v4/admin/api-keys', {
    token: app.adminToken,
    body: { name: 'reader', scope: 'read' },
  });
  readKey = created.json.key;
  const { json } = await app.request('GET', '/openapi.json', { token: null });
  routes = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
});
afterAll(() => app.stop());

const accessOf = (method: string, path: string) =>
  RULES.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2];

/** What a caller of each kind is answered: whether they get past the door, or the status that turns them away. */
function expected(access: 'open' | 'user' | 'admin' | 'key', caller: Caller, writes: boolean): 'in' | 401 | 403 {
  const signedIn = caller === 'user' || caller === 'admin';
  // A good key is somebody, but not one of those whom these routes are for.
  const stranger = caller === 'read key' || caller === 'write key' ? 403 : 401;
  switch (access) {
    case 'open':
      return 'in';
    case 'user':
      return signedIn ? 'in' : stranger;
    case 'admin':
      return caller === 'admin' ? 'in' : caller === 'user' ? 403 : stranger;
    case 'key':
      if (caller === 'write key') return 'in';
      if (caller === 'read key') return writes ? 403 : 'in';
      return 401;
  }
}

const READS_BY_POST = /\/(query|count|filters\/data|explain)$|^\/(contacts|companies)\/?$/;

describe('every route', () => {
  it('has an owner in the specification', () => {
    expect(routes.length).toBeGreaterThan(100);
    expect(routes.filter(({ method, path }) => accessOf(method, path) === undefined)).toEqual([]);
  });

  it.each(CALLERS)('lets in whom it should: %s', async (caller) => {
    const headers: Record<string, string> = {
      'x-contacts-write-key': WRITE_KEYS.contacts,
      'x-companies-write-key': WRITE_KEYS.companies,
    };
    if (caller === 'read key') headers['x-api-key'] = readKey;
    if (caller === 'write key') headers['x-api-key'] = 'a key with all rights';
    if (caller === 'wrong key') headers['x-api-key'] = 'wrong';
    // A user and an admin of their own: some routes end the session they are called with.
    const wrong: string[] = [];
    for (const { method, path } of routes) {
      const token =
        caller === 'user'
          ? await signIn('user@example.com')
          : caller === 'admin'
            ? app.adminToken
            : caller === 'wrong token'
              ? 'nonsense'
              : null;
      const target = path.replaceAll(/\{\w+\}/g, '6f1a2b3c-0000-4000-8000-000000000000');
      const body = method === 'GET' || method === 'DELETE' ? undefined : {};
      if (caller === 'admin' && path.endsWith('/logout/')) continue;
      const { status, text } = await app.request(method, target, { token, headers, body });
      const writes = method !== 'GET' && !READS_BY_POST.test(path);
      const right = expected(accessOf(method, path)!, caller, writes);
      const outcome = status === 401 || status === 403 ? status : 'in';
      if (outcome !== right || status >= 500)
        wrong.push(`${method} ${path}: ${status} ${text.slice(0, 80)}, expected ${right}`);
    }
    expect(wrong).toEqual([]);
  });

  const tokens = new Map<string, string>();
  async function signIn(email: string): Promise<string> {
    const known = tokens.get(email);
    if (known && (await app.request('GET', '/api/v1/auth/session/', { token: known })).status === 200) return known;
    const { json } = await app.request('POST', '/api/v1/auth/login/', {
      token: null,
      body: { email, password: 'correct horse battery' },
    });
    tokens.set(email, json.access_token);
    return json.access_token;
  }
});

describe('writes that need a write key', () => {
  const writes: [method: string, path: string][] = [
    ['POST', '/api/v1/contacts/'],
    ['POST', '/api/v1/companies/'],
    ['PUT', '/api/v1/companies/6f1a2b3c-0000-4000-8000-000000000000/'],
    ['DELETE', '/api/v1/companies/6f1a2b3c-0000-4000-8000-000000000000/'],
  ];
  it.each(writes)('%s %s is Forbidden to an admin without it, or with a wrong one', async (method, path) => {
    const body = method === 'DELETE' ? undefined : {};
    for (const headers of [{}, { 'x-contacts-write-key': 'wrong', 'x-companies-write-key': 'wrong' }] as Record<
      string,
      string
    >[]) {
      expect(await app.request(method, path, { token: app.adminToken, body, headers })).toMatchObject({
        status: 403,
        json: { detail: 'Forbidden' },
      });
    }
  });
});
