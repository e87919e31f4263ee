import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { csvOf, importCsv } from '../../test/imports/imports.ts';
import type { AnalyticsBackend } from './backend.ts';
import { livyBackend } from './livy.ts';

const FILE = csvOf(
  'First Name,Email,Country,Company,Industry',
  'Ann,ann@x.example,France,One,"software, retail"',
  'Bob,bob@x.example,France,One,',
  'Cid,cid@x.example,Chile,Two,software',
  'Dan,dan@x.example,,,',
  'Eve,eve@x.example,Aruba,,',
);
const PATHS = ['/api/contacts/analytics/', '/api/v1/contacts/analytics/'];

describe('the snapshot', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.stop());

  it('of no contacts', async () => {
    const { json } = await app.request('GET', PATHS[0]!);
    expect(json).toMatchObject({ total_contacts: 0, top_countries: [], top_industries: [], limit: 10 });
  });

  it('counts contacts by country and by industry of their company, most first, then by value', async () => {
    await importCsv(app, FILE);
    for (const path of PATHS) {
      const { status, json } = await app.request('GET', path);
      expect(status).toBe(200);
      expect(json).toEqual({
        total_contacts: 5,
        top_countries: [
          { country: 'France', total: 2 },
          { country: 'Aruba', total: 1 },
          { country: 'Chile', total: 1 },
        ],
        top_industries: [
          { industry: 'software', total: 3 },
          { industry: 'retail', total: 2 },
        ],
        hadoop_job_configured: false,
        generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        limit: 10,
        source: 'postgresql',
      });
      const one = await app.request('GET', `${path}?limit=1`);
      expect(one.json).toMatchObject({
        top_countries: [{ country: 'France' }],
        top_industries: [{ industry: 'software' }],
        limit: 1,
      });
    }
  });

  it('is kept until a contact or a company is written', async () => {
    const path = `${PATHS[0]}?limit=9`;
    const first = await app.request('GET', path);
    const second = await app.request('GET', path);
    expect(second.headers.get('x-cache-hit')).toBe('true');
    expect(second.text).toBe(first.text);
    await importCsv(app, csvOf('First Name,Email,Country', 'Fay,fay@x.example,Chile'));
    expect((await app.request('GET', path)).json).toMatchObject({ total_contacts: 6 });
  });

  it('does not count what is deleted', async () => {
    const [ann] = (await app.request('GET', '/api/contacts/?first_name=ann')).json.results;
    const key = (await app.request('GET', PATHS[0]!)).json.total_contacts;
    const client = { token: app.adminToken, body: { uuid: ann.uuid } };
    expect((await app.request('POST', '/trpc/contacts.delete', client)).status).toBe(200);
    expect((await app.request('GET', PATHS[0]!)).json).toMatchObject({
      total_contacts: key - 1,
      top_countries: [{ country: 'Chile', total: 2 }, { country: 'Aruba' }, { country: 'France', total: 1 }],
      top_industries: [
        { industry: 'software', total: 2 },
        { industry: 'retail', total: 1 },
      ],
    });
  });

  it('is open in legacy and for users in v1', async () => {
    expect((await app.request('GET', PATHS[0]!, { token: null })).status).toBe(200);
    expect((await app.request('GET', PATHS[1]!, { token: null })).status).toBe(401);
  });

  it.each(['0', '51', '-1', 'ten', '1.5', '999999999999999999999'])('refuses limit=%s', async (limit) => {
    for (const path of PATHS) {
      const { status, json } = await app.request('GET', `${path}?limit=${limit}`);
      expect({ status, json }).toEqual({ status: 400, json: { detail: 'limit: must be a whole number from 1 to 50' } });
    }
  });

  it('takes limit=50 and an empty one', async () => {
    expect((await app.request('GET', `${PATHS[0]}?limit=50`)).json.limit).toBe(50);
    expect((await app.request('GET', `${PATHS[0]}?limit=`)).json.limit).toBe(10);
  });
});

/** Replies of Apache Livy 0.8's REST interface, one after the other; what is asked is noted. */
describe('with Livy', () => {
  let livy: Server;
  let app: TestApp;
  let backend: AnalyticsBackend;
  let replies: (readonly [status: number, body: unknown])[] = [];
  let asked: { line: string; authorization: string | undefined; body: string }[] = [];
  const lines = () => asked.map(({ line }) => line);

  beforeAll(async () => {
    livy = createServer(async (request, reply) => {
      const body = await text(request);
      asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
      const [status, answer] = replies.shift() ?? [500, { msg: 'nothing more is recorded' }];
      reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => livy.listen(0, '127.0.0.1', resolve));
    app = await startTestApp({
      CONTACTS_LIVY_URL: `http://spark:s%40crets@127.0.0.1:${(livy.address() as AddressInfo).port}/livy`,
      CONTACTS_HIVE_DATABASE: 'crm',
      CONTACTS_HADOOP_BIN: '/usr/bin/hadoop',
      CONTACTS_HADOOP_JOB_JAR: 'contacts.jar',
    });
    await importCsv(app, FILE);
  });
  afterAll(async () => {
    await app.stop();
    livy.closeAllConnections();
    await new Promise((resolve) => livy.close(resolve));
  });
  beforeEach(() => {
    asked = [];
    backend = livyBackend(app.app.settings.CONTACTS_LIVY_URL!, app.app.settings);
  });

  const session = (state: string, id = 4) => ({
    id,
    name: null,
    owner: null,
    state,
    kind: 'sql',
    appInfo: {},
    log: [],
  });
  const statement = (state: string, output: unknown = null) => ({ id: 0, code: 'select', state, output, progress: 0 });
  const fields = ['kind', 'value', 'total'].map((name) => ({ name, type: 'string', nullable: false, metadata: {} }));
  const rows = (data: unknown) => ({
    status: 'ok',
    execution_count: 0,
    data: { 'application/json': { schema: { type: 'struct', fields }, data } },
  });
  const answer = rows([
    ['total', '', 70_000],
    ['industry', 'software', 55_000],
    ['country', 'Chile', 20_000],
    ['country', 'France', 30_000],
  ]);
  const snapshot = async () => (await app.request('GET', PATHS[0]!, { headers: { 'cache-control': 'no-cache' } })).json;

  it('Spark answers once its session is up; until then, and when it fails, PostgreSQL', async () => {
    replies = [
      [201, session('starting')],
      [200, session('idle')],
      [201, statement('waiting')],
      [200, statement('running')],
      [200, statement('available', answer)],
      [200, session('idle')],
      [500, { msg: 'out of memory' }],
    ];
    expect(await snapshot()).toMatchObject({ source: 'postgresql', total_contacts: 5, hadoop_job_configured: true });
    expect(await snapshot()).toMatchObject({
      source: 'spark-livy',
      total_contacts: 70_000,
      top_countries: [
        { country: 'France', total: 30_000 },
        { country: 'Chile', total: 20_000 },
      ],
      top_industries: [{ industry: 'software', total: 55_000 }],
    });
    expect(lines()).toEqual([
      'POST /livy/sessions',
      'GET /livy/sessions/4',
      'POST /livy/sessions/4/statements',
      'GET /livy/sessions/4/statements/0',
      'GET /livy/sessions/4/statements/0',
    ]);
    const { kind, code } = JSON.parse(asked[2]!.body);
    expect({ kind, code }).toEqual({ kind: 'sql', code: expect.stringMatching(/from `crm`\.`contacts`.* limit 10\)/) });
    expect(asked[2]!.authorization).toBe(`Basic ${Buffer.from('spark:s@crets').toString('base64')}`);
    expect(await snapshot()).toMatchObject({ source: 'postgresql', total_contacts: 5 });
    // What has just failed is left alone.
    expect(lines()).toHaveLength(7);
    expect(await snapshot()).toMatchObject({ source: 'postgresql', total_contacts: 5 });
    expect(lines()).toHaveLength(7);
  });

  it.each<[string, typeof replies, RegExp]>([
    ['a refusal', [[403, { msg: 'no' }]], /POST \/sessions with 403/],
    [
      'a failed statement',
      [
        [201, session('idle')],
        [201, statement('available', { status: 'error', evalue: 'no such table' })],
      ],
      /no such table/,
    ],
    [
      'a statement without output',
      [
        [201, session('idle')],
        [201, statement('cancelled')],
      ],
      /is cancelled/,
    ],
    [
      'a statement that is gone',
      [
        [201, session('idle')],
        [201, statement('running')],
        [404, { msg: 'not found' }],
      ],
      /with 404/,
    ],
    [
      'rows that are no counts',
      [
        [201, session('idle')],
        [201, statement('available', rows([['total', '', 'many']]))],
      ],
      /no counts/,
    ],
    [
      'no total',
      [
        [201, session('idle')],
        [201, statement('available', rows([]))],
      ],
      /no total/,
    ],
    ['something that is not Livy', [[200, { hello: 'world' }]], /id/],
  ])('fails on %s', async (_, recorded, fault) => {
    replies = [...recorded];
    await expect(backend.aggregate(10)).rejects.toThrow(fault);
  });

  it.each<[string, readonly [number, unknown]]>([
    ['has died', [200, session('dead')]],
    ['is gone', [404, { msg: "Session '4' not found." }]],
  ])('makes a new session when its own %s, and gives it back at the end', async (_, found) => {
    replies = [
      [201, session('idle')],
      [201, statement('available', answer)],
      found,
      [201, session('idle', 5)],
      [201, statement('available', answer)],
      [200, { msg: 'deleted' }],
    ];
    for (let call = 0; call < 2; call++) expect((await backend.aggregate(10)).total).toBe(70_000);
    await backend.stop!();
    expect(lines().slice(2)).toEqual([
      'GET /livy/sessions/4',
      'POST /livy/sessions',
      'POST /livy/sessions/5/statements',
      'DELETE /livy/sessions/5',
    ]);
  });
});
