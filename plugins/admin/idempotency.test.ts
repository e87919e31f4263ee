import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WRITE_KEYS } from '../../test/app.ts';
import { type Reply, type Sent, type Servers, send, startServers } from '../../test/servers.ts';
import { forgetOldRequests } from './idempotency.ts';
import { probePlugin } from './test-probe.ts';

const probe = probePlugin();
let servers: Servers;
let writer: { id: string; key: string };
beforeAll(async () => {
  servers = await startServers([probe.plugin]);
  writer = await servers.newKey('write');
});
afterAll(() => servers?.stop());
// What is held up would hold up the stop.
afterEach(() => probe.letGo());

let keys = 0;
const newKey = () => `key ${++keys}`;
interface Try extends Sent {
  server?: 'first' | 'second';
  path?: string;
  method?: string;
}
/** A POST of work at the gateway with an Idempotency-Key; any key of work `value`. */
const work = (idempotencyKey: string | undefined, body: unknown, options: Try = {}): Promise<Reply> => {
  const { server = 'first', path = '/probe/work', method = 'POST', ...sent } = options;
  return send(servers[server], method, path, {
    key: writer.key,
    body,
    ...sent,
    headers: { ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }), ...sent.headers },
  });
};
const runsOf = (value: string) => probe.runs.filter((run) => run === value).length;
const seen = ({ status, json, headers }: Reply) => ({ status, json, again: headers.get('idempotent-replayed') });

describe('the same key and body', () => {
  test.each(['first', 'second'] as const)('get the first reply at the %s process', async (server) => {
    const [key, value] = [newKey(), `same at ${server}`];
    const first = await work(key, { value });
    expect(seen(first)).toEqual({ status: 201, json: { run: expect.any(Number), value }, again: null });
    for (let time = 0; time < 2; time++)
      expect(seen(await work(key, { value }, { server }))).toEqual({ ...seen(first), again: 'true' });
    expect(runsOf(value)).toBe(1);
  });

  test('get the first refusal, as it was', async () => {
    const [key, value] = [newKey(), 'refused'];
    const first = await work(key, { value, how: 'refuse' });
    expect(first.status).toBe(409);
    expect(first.json).toMatchObject({
      success: false,
      error_code: 'CONFLICT',
      message: expect.stringMatching(/^run /),
    });
    expect(seen(await work(key, { value, how: 'refuse' }))).toEqual({ ...seen(first), again: 'true' });
    expect(runsOf(value)).toBe(1);
  });

  test('get the first refusal of a body that is wrong', async () => {
    const key = newKey();
    const first = await work(key, { value: 1 });
    expect([first.status, first.json.error_code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(seen(await work(key, { value: 1 }))).toEqual({ ...seen(first), again: 'true' });
  });

  test('are tried anew after a failure of the server', async () => {
    const [key, value] = [newKey(), 'broken'];
    for (let time = 0; time < 2; time++) expect((await work(key, { value, how: 'break' })).status).toBe(500);
    expect(runsOf(value)).toBe(2);
  });

  test('get it with and without the slash, but not for ever', async () => {
    const [key, value] = [newKey(), 'a day'];
    await work(key, { value });
    const age = (hours: number) =>
      servers.app.app.pool.query(
        'update idempotent_requests set created_at = now() - make_interval(hours => $2) where key = $1',
        [key, hours],
      );
    await age(23);
    expect((await work(key, { value }, { path: '/probe/work/' })).headers.get('idempotent-replayed')).toBe('true');
    await age(25);
    expect((await work(key, { value })).headers.get('idempotent-replayed')).toBeNull();
    expect(runsOf(value)).toBe(2);
    expect((await work(key, { value })).headers.get('idempotent-replayed')).toBe('true');
  });
});

describe('the same key', () => {
  test.each<[string, unknown, Try]>([
    ['another body', { value: 'x' }, {}],
    ['another member in the body', { value: 'original', more: 1 }, {}],
    ['another route', { value: 'original' }, { path: '/probe/write' }],
    ['another path parameter', { value: 'original' }, { path: '/probe/work/original' }],
    ['another query', { value: 'original' }, { path: '/probe/work?value=original' }],
  ])('with %s is a conflict', async (_, body, options) => {
    const key = newKey();
    expect((await work(key, { value: 'original' })).status).toBe(201);
    const reply = await work(key, body, options);
    expect(reply.status).toBe(409);
    expect(reply.json).toMatchObject({ error_code: 'CONFLICT', message: expect.stringContaining('another request') });
    expect((await work(key, { value: 'original' })).headers.get('idempotent-replayed')).toBe('true');
  });

  test('of another caller is another key', async () => {
    const [key, value] = [newKey(), 'two callers'];
    await work(key, { value });
    const other = await servers.newKey('write');
    const reply = await work(key, { value }, { key: other.key });
    expect(seen(reply)).toMatchObject({ status: 201, again: null });
    expect(runsOf(value)).toBe(2);
  });

  test('is not looked at for who may not call', async () => {
    const key = newKey();
    const reader = await servers.newKey('read');
    await work(key, { value: 'secret' });
    expect((await work(key, { value: 'secret' }, { key: reader.key })).status).toBe(403);
    expect((await work(key, { value: 'secret' }, { key: 'wrong' })).status).toBe(401);
  });
});

describe('while the first is being answered', () => {
  test.each(['first', 'second'] as const)('the same request is a conflict at the %s process', async (server) => {
    const [key, value] = [newKey(), `in flight at ${server}`];
    const first = work(key, { value, how: 'wait' });
    await probe.held(1);
    const reply = await work(key, { value, how: 'wait' }, { server });
    expect(reply.status).toBe(409);
    expect(reply.json.error_code).toBe('CONFLICT');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    probe.letGo();
    expect((await first).status).toBe(201);
    expect(seen(await work(key, { value, how: 'wait' }, { server }))).toMatchObject({ status: 201, again: 'true' });
    expect(runsOf(value)).toBe(1);
  });

  test('of many at the same time one is answered, the others wait', async () => {
    const [key, value] = [newKey(), 'many'];
    const answers = Array.from({ length: 12 }, (_, index) =>
      work(key, { value, how: 'wait' }, { server: index % 2 ? 'first' : 'second' }),
    );
    await probe.held(1);
    const refused: Reply[] = [];
    for (const answer of answers) answer.then((reply) => reply.status === 409 && refused.push(reply));
    while (refused.length < 11) await new Promise((resolve) => setTimeout(resolve, 5));
    probe.letGo();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(runsOf(value)).toBe(1);
  });
});

describe('when the process that answered died', () => {
  /** Makes an attempt look as if its process had not been heard of since its lease ended. */
  const die = (key: string) =>
    servers.app.app.pool.query(
      `update idempotent_requests set leased_until = now() - interval '1 millisecond' where key = $1 and status is null`,
      [key],
    );

  test.each(['oldest', 'newest'] as const)(
    'the request is answered anew; a dead attempt that comes back counts no more (%s first)',
    async (order) => {
      const [key, value] = [newKey(), `dead, ${order}`];
      const lost = work(key, { value, how: 'wait' });
      await probe.held(1);
      await die(key);
      const retry = work(key, { value, how: 'wait' }, { server: 'second' });
      await probe.held(2);
      expect((await work(key, { value, how: 'wait' })).status).toBe(409);
      probe.letGo(order);
      await (order === 'oldest' ? lost : retry);
      // The retry is the one that counts: until it is answered nothing is.
      const between = await work(key, { value, how: 'wait' });
      expect(between.status).toBe(order === 'oldest' ? 409 : 201);
      probe.letGo();
      const [, second] = await Promise.all([lost, retry]);
      expect(second.status).toBe(201);
      expect(runsOf(value)).toBe(2);
      expect(seen(await work(key, { value, how: 'wait' }))).toEqual({ ...seen(second), again: 'true' });
    },
  );

  test('another body is still a conflict', async () => {
    const key = newKey();
    const lost = work(key, { value: 'dead too', how: 'wait' });
    await probe.held(1);
    await die(key);
    expect((await work(key, { value: 'other' })).status).toBe(409);
    probe.letGo();
    await lost;
  });
});

describe('which requests', () => {
  test.each<[string, string, number]>([
    ['empty', '', 400],
    ['of 255 characters', 'k'.repeat(255), 201],
    ['of 256 characters', 'k'.repeat(256), 400],
  ])('a key that is %s', async (_, key, status) => {
    const reply = await work(key, { value: 'length' });
    expect(reply.status).toBe(status);
    if (status === 400) expect(reply.json.message).toBe('Idempotency-Key: must have 1 to 255 characters');
  });

  test('without a key each is answered', async () => {
    for (let time = 0; time < 2; time++) await work(undefined, { value: 'no key' });
    expect(runsOf('no key')).toBe(2);
  });

  test.each<[string, string, string, boolean]>([
    ['a POST of the gateway', 'POST', '/probe/work', true],
    ['a POST of v1 by an admin', 'POST', '/probe/v1/work', true],
    ['a PUT of v1 by an admin', 'PUT', '/probe/v1/put', true],
    ['a POST of v4', 'POST', '/probe/v4/work', false],
    ['the typed face', 'POST', '/trpc/probe.work', false],
  ])('%s: %j', async (value, method, path, once) => {
    const idempotencyKey = newKey();
    const sent = { method, path, token: servers.app.adminToken };
    for (let time = 0; time < 2; time++) expect((await work(idempotencyKey, { value }, sent)).status).toBeLessThan(300);
    expect(runsOf(value)).toBe(once ? 1 : 2);
  });

  test('a contact is created once', async () => {
    const create = (server: 'first' | 'second') =>
      work(
        'create a contact',
        { first_name: 'Once', email: 'once@example.com' },
        {
          path: '/api/v1/contacts/',
          server,
          token: servers.app.adminToken,
          headers: { 'x-contacts-write-key': WRITE_KEYS.contacts },
        },
      );
    const [first, again] = [await create('first'), await create('second')];
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.json).toEqual(first.json);
  });

  test('requests of more than a day ago are forgotten', async () => {
    const [old, young] = [newKey(), newKey()];
    for (const key of [old, young]) await work(key, { value: 'kept' });
    const { pool } = servers.app.app;
    await pool.query(`update idempotent_requests set created_at = now() - interval '25 hours' where key = $1`, [old]);
    await forgetOldRequests(servers.app.app);
    const { rows } = await pool.query('select key from idempotent_requests where key = any($1)', [[old, young]]);
    expect(rows).toEqual([{ key: young }]);
  });
});
