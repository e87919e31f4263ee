import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestReply, WRITE_KEYS } from '../../app.ts';
import { csvOf, importCsv } from '../../imports/imports.ts';
import { differences } from './golden.ts';
import { type DocumentedRequest, readDocument } from './read.ts';

const KEY = 'key of the documents';
const NOBODY = '6f1a2b3c-0000-4000-8000-000000000000';

/** What is sent to get a documented reply, and what a decision has made of that reply. */
interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly as?: 'nobody' | 'user' | 'admin' | 'key';
  /** Another API key than that of the environment. */
  readonly key?: () => string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly form?: { readonly field: string; readonly text: string };
  /** What has to be sent before. */
  readonly first?: readonly Asked[];
  /** The trouble in which it is sent. */
  readonly during?: 'failure' | 'slowness';
  /** Status and fields that a decision has changed; `undefined` takes a field out. */
  readonly decided?: { readonly status?: number; readonly body?: object };
}

/** Addresses of records that documents name, by the record's own. */
type Named = (path: string) => string;

async function send(app: TestApp, asked: Asked, method: string, path: string): Promise<TestReply> {
  for (const each of asked.first ?? []) await send(app, each, each.method ?? 'POST', each.path!);
  const form = asked.form && new FormData();
  form?.append(asked.form!.field, new Blob([asked.form!.text]), 'contacts.csv');
  return app.request(asked.method ?? method, path, {
    token: { nobody: null, key: null, user: app.userToken, admin: app.adminToken }[asked.as ?? 'user'],
    body: form ?? asked.body,
    headers: {
      'cache-control': 'no-cache',
      ...(asked.as === 'key' && { 'x-api-key': asked.key?.() ?? KEY }),
      ...asked.headers,
    },
  });
}

/** Runs `work` while every query of contacts fails or takes too long. */
async function during<T>(app: TestApp, trouble: Asked['during'], work: () => Promise<T>): Promise<T> {
  const { pool } = app.app;
  if (trouble === 'failure') {
    await pool.query('alter table contacts rename to contacts_away');
    return work().finally(() => pool.query('alter table contacts_away rename to contacts'));
  }
  if (trouble === 'slowness') {
    const client = await pool.connect();
    await client.query('begin; lock table contacts in access exclusive mode');
    return work().finally(() => client.query('rollback').then(() => client.release()));
  }
  return work();
}

/** Every reply of a document, by what has to be sent for it, in the order in which they stand under their heading. */
function testReplies(number: string, app: () => TestApp, named: Named, asked: Record<string, readonly Asked[]>) {
  const { replies } = readDocument(number);
  const byHeading = Map.groupBy(replies, ({ heading }) => heading);
  it('are all asked for', () => {
    const counts = (of: Iterable<[string, readonly unknown[]]>) =>
      Object.fromEntries([...of].map(([heading, each]) => [heading, each.length]));
    expect(counts(Object.entries(asked))).toEqual(counts(byHeading));
  });
  const rows = [...byHeading].flatMap(([heading, each]) =>
    each.map((reply, at) => ({ ...reply, ask: asked[heading]?.[at] ?? {}, name: `${heading} ${reply.label}` })),
  );
  it.each(rows)('$name', async ({ heading, status, body, ask }) => {
    const [, method, path] = /^([A-Z]+) (\/.*)$/.exec(heading) ?? [];
    const target = named(ask.path?.startsWith('?') ? path + ask.path : (ask.path ?? path)!);
    const reply = await during(app(), ask.during, () => send(app(), ask, method ?? 'GET', target));
    expect(reply.status, reply.text).toBe(ask.decided?.status ?? status);
    const decided = ask.decided?.body;
    const plain = JSON.parse(
      JSON.stringify(Array.isArray(body) ? (decided ?? body) : { ...(body as object), ...decided }),
    );
    expect(differences(plain, reply.json, app().url)).toEqual([]);
    // A refusal says what is documented and nothing else.
    if (status >= 400) expect(Object.keys(reply.json)).toEqual(Object.keys(plain));
  });
}

/** Every request of a document, pasted: it succeeds as documented, with the fields of the documented reply. */
function testRequests(
  number: string,
  app: () => TestApp,
  fill: (request: DocumentedRequest) => Asked & { path: string },
) {
  const { requests, replies } = readDocument(number);
  it.each(requests)('$method $path $heading', async (request) => {
    const ask = fill(request);
    const success = replies.find((reply) => reply.heading === request.heading && reply.status < 400);
    const reply = await send(app(), ask, request.method, ask.path);
    expect(reply.status, reply.text).toBe(ask.decided?.status ?? success?.status ?? 200);
    if (reply.json && success)
      expect(Object.keys(reply.json)).toEqual(expect.arrayContaining(Object.keys(success.body as object)));
  });
}

const CONTACTS = csvOf(
  'First Name,Last Name,Title,Company,Company Name for Emails,Email,Email Status,Seniority,Departments,Work Direct Phone,Mobile Phone,Stage,# Employees,Industry,Keywords,Person Linkedin Url,Website,Company Linkedin Url,City,State,Country,Company Location,Company City,Company State,Company Country,Company Phone,Technologies,Annual Revenue,Total Funding,Latest Funding,Latest Funding Amount,Last Raised At,Contact Location',
  ...Array.from(
    { length: 70 },
    (_, at) => `Johnny,Filler,Worker,Zeta Works,,f${at}@zeta.com,valid,,,,,,${at < 35 ? 5000 : ''}${','.repeat(20)}`,
  ).map((row, at) => (at < 35 ? row.replace('Zeta Works', 'Yotta Works') : row)),
  'Jane,Roe,CTO,Tech Inc,Tech Inc,jane@tech.com,guessed,c-level,Engineering Operations,,,,20,Healthcare,"startup, technology",,tech.com,,New York,NY,United Kingdom,"456 Oak Ave, Denver, CO",New York,NY,United Kingdom,,"JavaScript, React, Node.js",,,,,,"456 Sample Ave, Denver, CO"',
  'Joan,Poe,CIO,Soft,,joan@soft.com,valid,c-level,"Engineering, Engineering Management",,,,7,software,,,soft.com,,Austin,TX,Canada,"123 Main St, Austin, TX",Austin,TX,Canada,,,,,,,,"789 Market St, San Francisco, CA"',
  'Jo,US,,,,jo@us.com,,,,,,,,,,,,,,,US,,,,,,,,,,,,',
  'Jo,GB,,,,jo@gb.com,,,,,,,,,,,,,,,GB,,,,,,,,,,,,',
  'John,Doe,CEO,Acme Corp,Acme Corp,john@acme.com,valid,c-level,executive,+1234567890,+1234567891,lead,100,Technology,"enterprise, saas, cloud",https://linkedin.com/in/johndoe,https://acme.com,https://linkedin.com/company/acme,San Francisco,CA,United States,123 Main St,San Francisco,CA,United States,+1234567892,"Python, Django, PostgreSQL",10000000,50000000,Series B,20000000,2023-06-01,',
);
/** Rows 5 and 12 are the documented bad ones. */
const WITH_ERRORS = csvOf(
  'first_name,email',
  ...Array.from({ length: 11 }, (_, at) => {
    if (at === 3) return 'John,invalid-email';
    return at === 10 ? 'Jane,' : `G${at},g${at}@good.com`;
  }),
);
const UNKNOWN_ID = { path: '/api/contacts/999999999/' };

/** Documents 000, 001 and 002: the same contacts in three dialects. */
describe('documents of version 1 and 3', () => {
  let app: TestApp;
  let john: { id: number; uuid: string; company: string };
  let job: { id: number; uuid: string };
  beforeAll(async () => {
    app = await startTestApp({ STATEMENT_TIMEOUT: '1s', LOG_LEVEL: 'silent' });
    await importCsv(app, WITH_ERRORS);
    await importCsv(app, CONTACTS);
    const { rows } = await app.app.pool.query(
      "select c.id::int, c.uuid, companies.uuid as company from contacts c join companies on companies.id = company_row where email = 'john@acme.com'",
    );
    john = rows[0];
    const jobs = await app.app.pool.query('select id::int, uuid from import_jobs order by id limit 1');
    job = jobs.rows[0];
  });
  afterAll(() => app.stop());

  const named: Named = (path) =>
    path
      .replace('{contact_uuid}', john.uuid)
      .replace('abc123-def456-ghi789', john.uuid)
      .replace('{id}', String(john.id))
      .replace(/(v1\/contacts\/import)\/(\{job_id\}|abc123def456)/, `$1/${job.uuid}`)
      .replace(/(\/contacts\/import)\/(\{job_id\}|123)/, `$1/${job.id}`);
  const fill = (request: DocumentedRequest) => {
    const path = named(request.path || '/api/v3/contacts/query');
    const admin = path.includes('/import') || (request.method === 'POST' && path === '/api/v1/contacts/');
    const [legacy, created] = [path.startsWith('/api/contacts/'), request.heading === 'POST /api/v1/contacts/'];
    return {
      path,
      as: admin ? ('admin' as const) : legacy ? ('nobody' as const) : ('user' as const),
      ...(request.file && { form: { field: 'file', text: 'First Name,Email\nNew,new@pasted.com' } }),
      ...(request.body !== undefined && { body: request.body }),
      // Its uuids are words for ones.
      ...(created && {
        headers: { 'x-contacts-write-key': WRITE_KEYS.contacts },
        body: { ...(request.body as object), uuid: undefined, company_id: john.company },
        decided: { status: 201 },
      }),
    };
  };

  const nobody = { as: 'nobody' } as const;
  const admin = { as: 'admin' } as const;
  // Decision 13: without a phone of the contact's own, the company's.
  const phone = { corporate_phone: '+1234567892' };
  const item = (body: object) => ({ body: { results: [{ ...body, ...phone }] } });
  const { replies } = readDocument('000');
  const listed = (replies[0]!.body as { results: object[] }).results[0]!;
  const badRows = replies.find(({ body }) => Array.isArray(body))!.body as object[];
  const csv = (text: string, field = 'file') => ({ ...admin, form: { field, text } });
  const wrongJob = (path: string) => ({ ...admin, path });
  const lists = (path: string, fields: string) =>
    Object.fromEntries(fields.split(' ').map((field) => [`GET ${path}${field}/`, [{}]]));
  const keywords = [{}, { path: '?separated=true' }, { path: '?separated=true&distinct=true' }];
  const whatWentWrong = (path: string) => ({
    path: `${path}?limit=0`,
    decided: { body: { detail: 'limit: must be at least 1' } },
  });
  const counts = [
    {},
    { path: '?first_name=john' },
    { path: '?first_name=john', during: 'slowness' as const, decided: { status: 503 } },
    { path: '?first_name=john', during: 'failure' as const },
  ];

  describe('000: requests', () => testRequests('000', () => app, fill));
  describe('000: replies', () =>
    testReplies('000', () => app, named, {
      'GET /api/v1/contacts/': [
        { path: '?email=john@acme.com,f1@&page_size=1&include_meta=true', decided: item(listed) },
        {},
        { path: '?ordering=-employees&limit=25&offset=25' },
        { path: '?view=simple&page_size=1&email=john@acme.com,f1@' },
        { path: '?ordering=invalid_field' },
        { during: 'failure', path: '?page_size=9' },
      ],
      'GET /api/v1/contacts/{contact_uuid}/': [{ decided: { body: phone } }, { path: `/api/v1/contacts/${NOBODY}/` }],
      'GET /api/v1/contacts/count/': counts,
      'GET /api/v1/contacts/count/uuids/': [{ decided: { body: { uuids: ['uuid1'] } } }],
      'POST /api/v1/contacts/': [{ ...admin, body: { first_name: 'X' } }],
      ...lists('/api/v1/contacts/', 'industry technologies company_address contact_address'),
      ...lists('/api/v1/contacts/', 'city state country company_city company_state company_country'),
      'GET /api/v1/contacts/title/': [{ path: '?limit=25' }],
      'GET /api/v1/contacts/company/': [{ path: '?limit=25' }],
      'GET /api/v1/contacts/keywords/': keywords,
      'GET /api/v1/contacts/import/': [admin],
      'POST /api/v1/contacts/import/': [
        csv('First Name,Email\nNew,new@pasted.com'),
        csv('x', 'other'),
        csv(''),
        nobody,
        {},
      ],
      'GET /api/v1/contacts/import/{job_id}/': [
        admin,
        { ...admin, path: '?include_errors=true' },
        nobody,
        {},
        wrongJob(`/api/v1/contacts/import/${NOBODY}/`),
      ],
      'GET /api/v1/contacts/import/{job_id}/errors/': [
        // Decision 41: what a row without any key of a contact lacks is its email.
        {
          ...admin,
          decided: { body: badRows.with(1, { ...badRows[1], error_message: 'Missing required field: email' }) },
        },
        nobody,
        {},
        wrongJob(`/api/v1/contacts/import/${NOBODY}/errors/`),
      ],
      '400 Bad Request': [whatWentWrong('/api/v1/contacts/')],
      '401 Unauthorized': [{ ...nobody, path: '/api/v1/contacts/' }],
      '403 Forbidden': [{ path: '/api/v1/contacts/import/' }],
      '404 Not Found': [{ path: `/api/v1/contacts/${NOBODY}/` }],
      '500 Internal Server Error': [{ path: '/api/v1/contacts/title/', during: 'failure' }],
    }));

  describe('001: requests', () => testRequests('001', () => app, fill));
  describe('001: replies', () =>
    testReplies('001', () => app, named, {
      'GET /api/contacts/': [
        { ...nobody, path: '?email=john@acme.com,f1@&page_size=1&include_meta=true', decided: item(listed) },
        nobody,
        { ...nobody, path: '?ordering=-employees&limit=25&offset=25' },
        { ...nobody, path: '?ordering=invalid_field' },
        { ...nobody, during: 'failure', path: '?page_size=9' },
      ],
      'GET /api/contacts/{id}/': [
        { ...nobody, decided: { body: phone } },
        { ...nobody, ...UNKNOWN_ID },
      ],
      'GET /api/contacts/count/': counts.map((each) => ({ ...each, ...nobody })),
      'GET /api/contacts/analytics/': [nobody],
      ...lists('/api/contacts/', 'title company industry technologies company_address contact_address'),
      'GET /api/contacts/keywords/': keywords,
      'GET /api/contacts/import/': [admin],
      'POST /api/contacts/import/': [
        csv('First Name,Email\nNew,new@pasted.com'),
        csv('x', 'other'),
        csv(''),
        nobody,
        {},
      ],
      'GET /api/contacts/import/{job_id}/': [admin, nobody, {}, wrongJob('/api/contacts/import/999999999/')],
      'GET /api/contacts/import/{job_id}/errors/': [nobody, {}, wrongJob('/api/contacts/import/999999999/errors/')],
      '400 Bad Request': [whatWentWrong('/api/contacts/')],
      '401 Unauthorized': [{ ...nobody, path: '/api/contacts/import/' }],
      '403 Forbidden': [{ path: '/api/contacts/import/' }],
      '404 Not Found': [UNKNOWN_ID],
      '500 Internal Server Error': [{ path: '/api/contacts/title/', during: 'failure' }],
    }));

  const { requests } = readDocument('002');
  const noField = { filters: { conditions: [{ operator: 'equals', value: 'x' }] } };
  const noFieldText = 'Invalid VQL query: filters.conditions[0].field: field is required';
  const shown = (readDocument('002').replies[0]!.body as { results: object[] }).results[0]!;
  const values = { service: 'contact', filter_key: 'departments' };
  describe('002: requests', () => testRequests('002', () => app, fill));
  describe('002: replies', () =>
    testReplies('002', () => app, named, {
      'POST /api/v3/contacts/query': [
        { body: requests[0]!.body, decided: { body: { results: [{ ...shown, email: 'john@acme.com' }] } } },
        { body: noField },
        { ...nobody, body: {} },
      ],
      'POST /api/v3/contacts/count': [{ body: requests[2]?.body }, { body: noField }, { ...nobody, body: {} }],
      'GET /api/v3/contacts/filters': [{}, nobody],
      'POST /api/v3/contacts/filters/data': [
        { body: { ...values, search_text: 'Eng' } },
        { body: { ...values, service: 'user' } },
        { ...nobody, body: values },
        { body: { service: 'contact' } },
      ],
      'GET /api/v3/contacts/{contact_uuid}/': [
        { decided: { body: { email: 'john@acme.com', mobile_phone: '+1234567891', text_search: null } } },
        { path: `/api/v3/contacts/${NOBODY}/` },
        nobody,
      ],
      'Common Error Responses': [
        {
          method: 'POST',
          path: '/api/v3/contacts/query',
          body: noField,
          decided: { body: { detail: noFieldText } },
        },
        { ...nobody, path: '/api/v3/contacts/filters' },
        { path: `/api/v3/contacts/${NOBODY}/` },
        { method: 'POST', path: '/api/v3/contacts/query', body: {}, during: 'failure' },
      ],
    }));
});

/** Document 003. */
describe('document of the gateway', () => {
  let app: TestApp;
  /** Another key, which has asked too often. */
  let exhausted: string;
  const UUID = 'd1e2f3a4-5678-90ab-cdef-1234567890ab';
  const DELETABLE = '0193a1b2-0000-7000-8000-00000000000d';
  const [ACME, NORD] = ['c0a8012e-1111-2222-3333-444455556666', 'c0a8012e-2222-3333-4444-555566667777'];
  const { requests, replies } = readDocument('003');
  const bodyOf = (heading: string) => requests.find((request) => request.heading === heading)!.body as object;
  const shown = <T>(heading: string) => (replies.find((reply) => reply.heading === heading)!.body as { data: T }).data;
  const [shawna] = shown<[Record<string, string>]>('POST /contacts');
  const [{ company: altitude }] = shown<[{ company: object }]>('Example: Basic Company Population');
  const departments = shown<string[]>('POST /contacts/filters/data');

  const key = { as: 'key' } as const;
  const made = async (records: string, body: object) => {
    const { status, text } = await app.request('POST', `/${records}/create`, {
      token: null,
      body,
      headers: { 'x-api-key': KEY },
    });
    expect(status, text).toBe(201);
  };
  beforeAll(async () => {
    app = await startTestApp({ API_KEY: KEY, MAX_REQUESTS_PER_MINUTE: '100000', LOG_LEVEL: 'silent' });
    const { json } = await app.request('POST', '/api/v4/admin/api-keys/', {
      token: app.adminToken,
      body: { name: 'often', scope: 'read' },
    });
    exhausted = json.key;
    await app.app.pool.query("insert into rate_limits values ($1, clock_timestamp() + interval '1 hour')", [json.id]);
    await made('companies', { ...altitude, uuid: ACME });
    await made('companies', { name: 'Nord Machines', uuid: NORD });
    await made('companies', { name: 'Multi', uuid: shawna.company_id });
    const { id, created_at, updated_at, deleted_at, ...fields } = shawna;
    await made('contacts', fields);
    const person = { first_name: 'A', last_name: 'B' };
    await made('contacts', { ...person, email: 'all@departments.com', departments });
    await made('contacts', { ...person, email: 'gone@soon.com', uuid: DELETABLE });
  });
  afterAll(() => app.stop());

  const named: Named = (path) => path.replace(':uuid', UUID);
  const invalid = "where: unknown key 'were'; use one of text_matches, keyword_match, range_query";
  const invalidReply = { error: invalid, message: invalid, details: { where: invalid.replace('where: ', '') } };
  const john = { ...bodyOf('POST /contacts/upsert') };
  const { uuid, ...withoutUuid } = john as Record<string, string>;

  describe('003: replies', () =>
    testReplies('003', () => app, named, {
      'POST /contacts': [
        { ...key, body: { where: { keyword_match: { must: { email: shawna.email } } } } },
        { as: 'nobody', body: {} },
        { ...key, key: () => exhausted, body: {} },
        { ...key, body: { where: { were: 1 } }, decided: { body: invalidReply } },
        { ...key, body: { limit: 101 } },
        // Decision 6: nothing internal is told.
        { ...key, body: {}, during: 'failure', decided: { body: { details: undefined } } },
      ],
      'POST /contacts/count': [{ ...key, body: bodyOf('POST /contacts/count') }],
      'GET /contacts/filters': [key],
      'POST /contacts/filters/data': [{ ...key, body: { service: 'contact', filter_key: 'departments' } }],
      'POST /contacts/create': [{ ...key, body: { ...bodyOf('POST /contacts/create'), uuid: UUID } }],
      'PUT /contacts/:uuid': [
        { ...key, body: bodyOf('PUT /contacts/:uuid') },
        { ...key, path: `/contacts/${NOBODY}`, body: {} },
      ],
      'GET /contacts/:uuid': [
        { ...key, first: [{ ...key, path: '/contacts/upsert', body: john }] },
        { ...key, path: `/contacts/${NOBODY}` },
        { ...key, path: '/contacts/not-a-uuid' },
      ],
      'DELETE /contacts/:uuid': [
        { ...key, path: `/contacts/${DELETABLE}` },
        { ...key, path: `/contacts/${DELETABLE}` },
      ],
      'POST /contacts/upsert': [
        { ...key, body: john },
        { ...key, body: { ...withoutUuid, email: 'another@smith.com' } },
        { ...key, body: withoutUuid },
      ],
      'POST /contacts/bulk': [
        { ...key, body: { contacts: [john, { first_name: 'Jane', last_name: 'Doe', email: 'jane.doe@example.com' }] } },
        { ...key, body: { contacts: [john, { first_name: 'Jane', last_name: 'Doe' }] } },
      ],
      'Error Codes': [
        {
          ...key,
          method: 'POST',
          path: '/contacts',
          body: { where: { were: 1 } },
          decided: { status: 400, body: { ...invalidReply, error_code: 'VALIDATION_ERROR' } },
        },
      ],
      'Example: Basic Company Population': [
        {
          ...key,
          method: 'POST',
          path: '/contacts',
          body: { ...bodyOf('Example: Basic Company Population'), where: { keyword_match: { must: { uuid: UUID } } } },
        },
      ],
    }));

  describe('003: requests', () => {
    beforeAll(() => app.app.pool.query('delete from contacts where uuid <> $1', [shawna.uuid]));
    testRequests(
      '003',
      () => app,
      ({ heading, path, body }) => ({
        ...key,
        path: named(path || '/contacts'),
        ...(body !== undefined && { body }),
        // The later examples name the contact by this uuid.
        ...(heading === 'POST /contacts/create' && { body: { ...(body as object), uuid: UUID } }),
        // One of its two contacts has a uuid that is none.
        ...(heading === 'POST /contacts/bulk' && { decided: { status: 207 } }),
      }),
    );
  });
});

/** What document 004 names its replies. Schemas of the names: `schemas.md` 7 and 8. */
const SHAPES: Readonly<Record<string, unknown>> = {
  CountResponse: { count: expect.any(Number) },
  UuidListResponse: { count: expect.any(Number), uuids: expect.arrayContaining([expect.any(String)]) },
  'List[str]': expect.arrayContaining([expect.any(String)]),
  'CursorPage[CompanyListItem]': page({ uuid: expect.any(String), name: 'Acme Corp', industries: ['Technology'] }),
  'CursorPage[ContactListItem]': page({ uuid: expect.any(String), first_name: 'John', company: 'Acme Corp' }),
  'CursorPage[ContactListItem | ContactSimpleItem]': page({ uuid: expect.any(String), first_name: 'John' }),
  ContactDetail: expect.objectContaining({ first_name: 'John', title: 'Software Engineer', meta_data: {} }),
  CompanyDetail: expect.objectContaining({ address: '123 Main St', keywords: ['AI', 'ML'], meta_data: {} }),
  TokenResponse: expect.objectContaining({ access_token: expect.any(String), refresh_token: expect.any(String) }),
  SessionResponse: expect.objectContaining({ user: expect.objectContaining({ email: expect.any(String) }) }),
  MessageResponse: { message: expect.any(String) },
  ImportJobDetail: expect.objectContaining({ job_id: expect.any(String), status: 'pending' }),
  'ImportJobDetail | ImportJobWithErrors': expect.objectContaining({ job_id: expect.any(String) }),
  'List[ImportErrorRecord]': [],
};

function page(item: object) {
  return expect.objectContaining({
    next: null,
    previous: null,
    results: expect.arrayContaining([expect.objectContaining(item)]),
  });
}

/**
 * Document 004, as far as it is about contacts, companies and signing in. Its contacts stand under a heading of AI
 * chats; their field lists are pages of `{id, field}`, as document 000 wins for these.
 */
describe('the complete document', () => {
  let app: TestApp;
  let tokens: { access_token: string; refresh_token: string };
  const ids = {
    company: '7e57d004-2b97-4e7a-b45f-5387367791cd',
    contact: '7e57d004-2b97-4e7a-b45f-5387367791ce',
    job: '',
  };
  const { requests, named, replies } = readDocument('004');
  const bodyOf = (heading: string) => requests.find((request) => request.heading === heading)!.body as object;
  const company = { ...bodyOf('POST /api/v1/companies/'), uuid: ids.company };
  const contact = { ...bodyOf('POST /api/v2/ai-chats/'), uuid: ids.contact, company_id: ids.company };
  const person = bodyOf('POST /api/v2/auth/register/');
  const jane = { ...person, email: 'jane@example.com' };
  const keys = { 'x-contacts-write-key': WRITE_KEYS.contacts, 'x-companies-write-key': WRITE_KEYS.companies };
  const refresh = () => ({ refresh_token: tokens.refresh_token });

  beforeAll(async () => {
    app = await startTestApp({ NODE_ENV: 'development' });
    const write = (path: string, body: object) =>
      app.request('POST', path, { token: app.adminToken, headers: keys, body });
    await write('/api/v1/companies/', company);
    await write('/api/v1/contacts/', { ...contact, stage: 'x' });
    await app.app.pool.query("update companies set city = 'Oslo', state = 'OS', country = 'Norway'");
    ids.job = (await importCsv(app, csvOf('First Name,Email', 'New,new@pasted.com'))).job_id;
    tokens = (await app.request('POST', '/api/v1/auth/register/', { token: null, body: jane })).json;
  });
  afterAll(() => app.stop());

  /** Bodies by what is sent to; what the document gives none for is as its schema says. */
  const bodies: Readonly<Record<string, () => unknown>> = {
    'POST /api/v1/auth/register/': () => ({ ...person, email: 'joan@example.com' }),
    'POST /api/v2/auth/register/': () => person,
    'POST /api/v1/auth/login/': () => jane,
    'POST /api/v2/auth/login/': () => bodyOf('POST /api/v2/auth/login/'),
    'POST /api/v1/auth/refresh/': refresh,
    'POST /api/v2/auth/refresh/': refresh,
    'POST /api/v1/auth/logout/': refresh,
    'POST /api/v2/auth/logout/': refresh,
    'POST /api/v1/contacts/': () => ({ ...contact, uuid: undefined, email: 'second@example.com' }),
    'POST /api/v1/companies/': () => ({ ...company, uuid: undefined }),
    'PUT /api/v1/companies/{company_uuid}/': () => ({ name: 'Acme Corp' }),
  };
  const LISTS = /^(title|company|industry|keywords|technologies|company_address|contact_address)\/$/;

  // Signing out ends what the others need, and deleting takes the company away.
  const last = ({ heading }: { heading: string }) => (/logout|DELETE/.test(heading) ? 1 : 0);
  it.each(named.toSorted((a, b) => last(a) - last(b)))('$heading answers $shape', async ({ heading, shape }) => {
    const [method, documented] = heading.replace('/api/v2/ai-chats/', '/api/v1/contacts/').split(' ') as [
      string,
      string,
    ];
    const path = documented
      .replace('{company_uuid}', ids.company)
      .replace('{contact_uuid}', ids.contact)
      .replace('{job_id}', ids.job);
    const signedIn = path.includes('/auth/');
    if (/session|logout/.test(path)) {
      const known = path.includes('/v1/') ? jane : person;
      tokens = (await app.request('POST', '/api/v1/auth/login/', { body: known })).json;
    }
    const body = bodies[`${method} ${documented}`]?.();
    const form = method === 'POST' && path.endsWith('/import/') ? new FormData() : undefined;
    form?.append('file', new Blob(['First Name,Email\nA,a@b.example']), 'contacts.csv');
    const token = signedIn ? tokens.access_token : app.adminToken;
    const reply = await app.request(method, path, { token, headers: keys, body: form ?? body });
    const status = Number(/\d{3}/.exec(shape)?.[0] ?? 200);
    expect(reply.status, reply.text).toBe(status);
    if (status === 204) return expect(reply.text).toBe('');
    const list = path.startsWith('/api/v1/contacts/') && LISTS.exec(path.replace('/api/v1/contacts/', ''))?.[1];
    if (list)
      return expect(reply.json).toEqual({
        next: null,
        previous: null,
        results: expect.arrayContaining([{ id: expect.any(Number), [list]: expect.any(String) }]),
      });
    const shown = replies.find((each) => each.heading === heading)?.body;
    if (shown && signedIn) expect(differences(shown, reply.json, app.url)).toEqual([]);
    const name = shape.replace(/ \(.*/, '');
    if (name in SHAPES) expect(reply.json).toEqual(SHAPES[name]);
    if (path.includes('refresh')) tokens = reply.json;
  });

  it.each(['GET /api/v1/', 'GET /api/v1/health/'])('%s answers as shown', async (heading) => {
    const { json } = await app.request('GET', heading.slice(4), { token: null });
    expect(differences(replies.find((reply) => reply.heading === heading)!.body, json, app.url)).toEqual([]);
  });
});
