import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, WRITE_KEYS } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

/** Document 000: `/api/v1/contacts/`. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'First Name,Last Name,Title,Email,Email Status,Seniority,Departments,City,State,Country,Company,Website,# Employees,Industry,Keywords,Technologies,Annual Revenue,Total Funding,Latest Funding,Latest Funding Amount,Last Raised At,Company Address,Company City,Company Country,Company Phone,Corporate Phone,Person Linkedin Url,Stage,Contact Location,Note',
      'John,Doe,CEO,john@acme.example,Verified,C suite,"Executive, Sales",San Francisco,CA,United States,Acme Corp,https://acme.example,100,"Technology, Software","enterprise, saas, cloud","Python, Django",10000000,50000000,Series B,20000000,2023-06-01,123 Main St,San Francisco,United States,+1 234,,https://linkedin.com/in/johndoe,Lead,,vip',
      'Zoë,Ångström,"VP Sales, EMEA",zoe@nord.example,Guessed,VP,Sales,Malmö,Skåne,Sweden,"Nord, Inc",nord.example,5000,Machinery,robots,SAP,,,,,,,Malmö,Sweden,,+46 555,,,,',
      'Ada,Brown,Senior Engineer,ada@acme.example,Verified,Senior,Engineering,Berlin,,Germany,Acme Corp,https://acme.example,,,,,,,,,,,,,,,,Cold,"Berlin, Deutschland",',
      'Lone,Wolf,100%_sure,lone@wolf.example,,,,,,,,,,,,,,,,,,,,,,,,,,',
    ),
  );
});
afterAll(() => app.stop());

const get = (path: string, options = {}) => app.request('GET', `/api/v1/contacts/${path}`, options);
const names = async (query: string) => {
  const reply = await get(`?${query}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.json.results.map((item: { first_name: string }) => item.first_name).sort();
};

describe('a list item', () => {
  it('has every field of the document, in its order, and both ids', async () => {
    const { json } = await get('?first_name=john');
    const [item] = json.results;
    expect(item).toEqual({
      id: expect.any(Number),
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      first_name: 'John',
      last_name: 'Doe',
      title: 'CEO',
      company: 'Acme Corp',
      company_name_for_emails: '',
      email: 'john@acme.example',
      email_status: 'Verified',
      primary_email_catch_all_status: '',
      seniority: 'C suite',
      departments: 'Executive, Sales',
      work_direct_phone: '',
      home_phone: '',
      mobile_phone: '',
      corporate_phone: '+1 234',
      other_phone: '',
      stage: 'Lead',
      employees: 100,
      industry: 'Technology, Software',
      keywords: 'enterprise, saas, cloud',
      person_linkedin_url: 'https://linkedin.com/in/johndoe',
      website: 'https://acme.example',
      company_linkedin_url: '',
      facebook_url: '',
      twitter_url: '',
      city: 'San Francisco',
      state: 'CA',
      country: 'United States',
      company_address: '123 Main St, San Francisco, United States',
      company_city: 'San Francisco',
      company_state: '',
      company_country: 'United States',
      company_phone: '+1 234',
      technologies: 'Python, Django',
      annual_revenue: 10000000,
      total_funding: 50000000,
      latest_funding: 'Series B',
      latest_funding_amount: 20000000,
      last_raised_at: '2023-06-01',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_at: expect.stringMatching(/Z$/),
    });
    expect(json).toMatchObject({
      next: null,
      previous: null,
      meta: {
        strategy: 'cursor',
        count_mode: 'none',
        count: null,
        filters_applied: true,
        ordering: '-created_at',
        returned_records: 1,
        page_size: 25,
        page_size_cap: 100,
        using_replica: false,
      },
    });
  });

  it('shows missing text as "" and missing numbers as null', async () => {
    const { json } = await get('?first_name=lone');
    expect(json.results[0]).toMatchObject({
      company: '',
      employees: null,
      industry: '',
      departments: '',
      city: '',
      corporate_phone: '',
    });
  });

  it('is short with view=simple and carries meta_data with include_meta', async () => {
    const { json: simple } = await get('?first_name=john&view=simple');
    expect(simple.results[0]).toEqual({
      id: expect.any(Number),
      uuid: expect.any(String),
      first_name: 'John',
      last_name: 'Doe',
      title: 'CEO',
      location: { city: 'San Francisco', state: 'CA', country: 'United States' },
      company_name: 'Acme Corp',
      person_linkedin_url: 'https://linkedin.com/in/johndoe',
      company_domain: 'https://acme.example',
    });
    const { json: meta } = await get('?first_name=john&include_meta=yes');
    expect(meta.results[0].meta_data).toEqual({ Note: 'vip' });
  });
});

describe('filters', () => {
  const cases: [query: string, names: string[]][] = [
    ['', ['Ada', 'John', 'Lone', 'Zoë']],
    ['first_name=ZOE', ['Zoë']],
    ['last_name=angstrom', ['Zoë']],
    ['title=ceo,engineer', ['Ada', 'John']],
    ['title=ceo&title=engineer', ['Ada', 'John']],
    ['title="VP Sales, EMEA"', ['Zoë']],
    ['title=100%25_', ['Lone']],
    ['title=1%25s', []],
    ['company="Nord, Inc"', ['Zoë']],
    ['include_company_name=acme', ['Ada', 'John']],
    ['departments=sal', ['John', 'Zoë']],
    ['email_status=verified', ['Ada', 'John']],
    ['email_status=verif', []],
    ['seniority=vp,senior', ['Ada', 'Zoë']],
    ['stage=lead', ['John']],
    ['corporate_phone=%2B46', ['Zoë']],
    ['corporate_phone=234', ['Ada', 'John']],
    ['company_phone=234', ['Ada', 'John']],
    ['employees_min=100&employees_max=100', ['Ada', 'John']],
    ['employees_count=5000', ['Zoë']],
    ['annual_revenue_min=1', ['Ada', 'John']],
    ['total_funding=50000000', ['Ada', 'John']],
    ['latest_funding_amount_max=20000000', ['Ada', 'John']],
    ['industry=soft', ['Ada', 'John']],
    ['technologies=SAP', ['Zoë']],
    ['keywords=cloud,robot', ['Ada', 'John', 'Zoë']],
    ['keywords_and=cloud,saas', ['Ada', 'John']],
    ['keywords_and=cloud,robot', []],
    ['keywords=acme&keyword_search_fields=company', ['Ada', 'John']],
    ['company_location=main st', ['Ada', 'John']],
    ['company_address=malmo', ['Zoë']],
    ['contact_location=deutschland', ['Ada']],
    ['contact_location=skane, sweden', ['Zoë']],
    ['contact_location="skane, sweden"', ['Zoë']],
    ['include_domain_list=acme.example', ['Ada', 'John']],
    ['exclude_domain_list=acme.example', ['Lone', 'Zoë']],
    ['exclude_titles=ceo', ['Ada', 'Lone', 'Zoë']],
    ['exclude_titles=ce', ['Ada', 'John', 'Lone', 'Zoë']],
    ['exclude_seniorities=VP&exclude_seniorities=senior', ['John', 'Lone']],
    ['exclude_departments=sales', ['Ada', 'Lone']],
    ['exclude_keywords=cloud', ['Lone', 'Zoë']],
    ['exclude_industries=machine', ['Ada', 'John', 'Lone']],
    ['exclude_technologies=python,sap', ['Lone']],
    ['exclude_company_locations=malmö', ['Ada', 'John', 'Lone']],
    ['exclude_contact_locations=berlin', ['John', 'Lone', 'Zoë']],
    ['exclude_company_name=nord', ['Ada', 'John', 'Lone']],
    ['created_at_after=2024-01-01T00:00:00Z', ['Ada', 'John', 'Lone', 'Zoë']],
    ['created_at_before=2024-01-01', []],
    ['updated_at_after=2024-01-01T00:00:00+02:00', ['Ada', 'John', 'Lone', 'Zoë']],
    ['search=acme engineer', ['Ada']],
    ['search=zoe nord.example', ['Zoë']],
    ['search=john berlin', []],
    ['unknown=1&title=', ['Ada', 'John', 'Lone', 'Zoë']],
  ];
  it.each(cases)('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
    const counted = await get(`count/?${query}`);
    expect(counted.json).toEqual({ count: expected.length });
    const { json: uuids } = await get(`count/uuids/?${query}`);
    expect(uuids.count).toBe(expected.length);
    expect(uuids.uuids).toHaveLength(expected.length);
  });

  it('excludes companies by uuid', async () => {
    const { rows } = await app.app.pool.query("select uuid from companies where name = 'Acme Corp'");
    expect(await names(`exclude_company_ids=${rows[0].uuid}`)).toEqual(['Lone', 'Zoë']);
  });
});

describe('ordering and pages', () => {
  const ordered: [ordering: string, names: string[]][] = [
    ['first_name', ['Ada', 'John', 'Lone', 'Zoë']],
    ['-first_name', ['Zoë', 'Lone', 'John', 'Ada']],
    ['last_name', ['Ada', 'John', 'Lone', 'Zoë']],
    ['-employees', ['Zoë', 'Ada', 'John', 'Lone']],
    ['employees,first_name', ['Ada', 'John', 'Zoë', 'Lone']],
    ['company,-title', ['Ada', 'John', 'Zoë', 'Lone']],
    ['city', ['Ada', 'Zoë', 'John', 'Lone']],
    ['company_address', ['John', 'Ada', 'Zoë', 'Lone']],
    ['created_at', ['John', 'Zoë', 'Ada', 'Lone']],
  ];
  it.each(ordered)('by %s', async (ordering, expected) => {
    const { json } = await get(`?ordering=${ordering}&limit=10`);
    expect(json.results.map((item: { first_name: string }) => item.first_name)).toEqual(expected);
    expect(json.meta).toMatchObject({ strategy: 'limit-offset', ordering, count: 4, count_mode: 'estimated' });
    const { json: streamed } = await get(`?ordering=${ordering}`);
    expect(streamed).toMatchObject({ next: null, previous: null, meta: { returned_records: 4, count: 4 } });
    expect(streamed.results).toEqual(json.results);
  });

  it('takes every documented ordering', async () => {
    const { json } = await get('?ordering=nothing');
    const fields: string[] = /are: (.*)$/.exec(json.detail)![1]!.split(', ');
    expect(fields.length).toBeGreaterThan(40);
    for (const field of fields) expect((await get(`?ordering=-${field}&limit=1`)).status, field).toBe(200);
  });

  it('walks by cursor in both directions, keeping the other parameters', async () => {
    const first = await get('?page_size=2&view=simple&country=');
    expect(first.json.previous).toBeNull();
    expect(first.json.next).toMatch(
      new RegExp(`^${app.url}/api/v1/contacts/\\?page_size=2&view=simple&country=&cursor=`),
    );
    const second = await get(new URL(first.json.next).search);
    expect(second.json.next).toBeNull();
    const back = await get(new URL(second.json.previous).search);
    expect(back.json.results).toEqual(first.json.results);
    expect(back.json.previous).toBeNull();
  });

  it('walks by limit and offset, and by page', async () => {
    const { json: page } = await get('?ordering=first_name&limit=1&offset=1&title=e');
    expect(page.next).toBe(`${app.url}/api/v1/contacts/?ordering=first_name&limit=1&title=e&offset=2`);
    expect(page.previous).toBe(`${app.url}/api/v1/contacts/?ordering=first_name&limit=1&title=e&offset=0`);
    expect((await get('?page=2&page_size=3')).json).toMatchObject({
      next: null,
      results: [{ first_name: 'John' }],
      meta: { strategy: 'limit-offset' },
    });
    expect((await get('?cursor=bz0z')).json.results).toHaveLength(1);
    expect((await get('?limit=1000')).json.meta.page_size).toBe(100);
  });
});

describe('one contact', () => {
  it('is found by uuid and by integer id, with meta_data', async () => {
    const { json } = await get('?first_name=john');
    const [{ id, uuid }] = json.results;
    const byUuid = await get(`${uuid}/`);
    expect(byUuid.json).toMatchObject({ id, uuid, meta_data: { Note: 'vip' } });
    expect((await get(`${id}`)).json).toEqual(byUuid.json);
    expect((await get(uuid.toUpperCase())).json).toEqual(byUuid.json);
  });

  it.each(['invalid', '999999999', '-1', '0', '99999999999999999999', '6f1a2b3c-0000-4000-8000-000000000000', "x'--"])(
    '%s is not found',
    async (id) => {
      expect(await get(`${encodeURIComponent(id)}/`)).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
    },
  );
});

describe('creating', () => {
  const create = (body: unknown, headers: Record<string, string> = { 'x-contacts-write-key': WRITE_KEYS.contacts }) =>
    app.request('POST', '/api/v1/contacts/', { token: app.adminToken, body, headers });

  it('answers 201 with the detail, visible to the next read', async () => {
    const reply = await create({
      first_name: 'New',
      last_name: ' One ',
      email: 'new@acme.example',
      departments: ['executive', 'Executive', ' '],
      text_search: 'Oslo',
      mobile_phone: '+1',
    });
    expect(reply.status).toBe(201);
    expect(reply.json).toMatchObject({
      first_name: 'New',
      last_name: 'One',
      departments: 'executive',
      mobile_phone: '+1',
      meta_data: {},
    });
    expect((await get('?contact_location=oslo')).json.results).toHaveLength(1);
    expect((await get('count/')).json.count).toBe(5);
  });

  it('links the company, whose fields then show', async () => {
    const { rows } = await app.app.pool.query("select uuid from companies where name = 'Acme Corp'");
    const reply = await create({ first_name: 'Linked', company_id: rows[0].uuid });
    expect(reply.json).toMatchObject({ company: 'Acme Corp', employees: 100 });
    expect((await get('?ordering=-employees&first_name=linked&limit=1')).json.results).toHaveLength(1);
  });

  const refused: [
    name: string,
    body: unknown,
    headers: Record<string, string> | undefined,
    status: number,
    reply: object,
  ][] = [
    ['without the write key', { first_name: 'X' }, {}, 403, { detail: 'Forbidden' }],
    ['with a wrong write key', { first_name: 'X' }, { 'x-contacts-write-key': 'wrong' }, 403, { detail: 'Forbidden' }],
    [
      'with an email that is taken',
      { email: 'JOHN@acme.example' },
      undefined,
      400,
      { email: ['Contact with this email already exists.'] },
    ],
    [
      'with an email that is none',
      { email: 'nobody' },
      undefined,
      422,
      { detail: [{ loc: ['body', 'email'], msg: 'Invalid email format' }] },
    ],
    [
      'with wrong types',
      { first_name: 5, departments: 'x' },
      undefined,
      422,
      { detail: [{ loc: ['body', 'first_name'] }, { loc: ['body', 'departments'] }] },
    ],
    [
      'with an unknown company',
      { company_id: '6f1a2b3c-0000-4000-8000-000000000000' },
      undefined,
      400,
      { company_id: ['No company has this uuid.'] },
    ],
    ['with a NUL character', { first_name: 'a\0b' }, undefined, 422, { detail: [{ loc: ['body', 'first_name'] }] }],
    ['with a body that is no object', [1], undefined, 422, { detail: [{ loc: ['body'] }] }],
    [
      'with malformed JSON',
      '{"first_name":',
      undefined,
      400,
      { detail: expect.stringMatching(/^The request body is not valid JSON/) },
    ],
  ];
  it.each(refused)('%s is refused', async (_name, body, headers, status, reply) => {
    expect(await create(body, headers)).toMatchObject({ status, json: reply });
  });

  it('is for admins, and too large a body is 413', async () => {
    const headers = { 'x-contacts-write-key': WRITE_KEYS.contacts };
    expect(await app.request('POST', '/api/v1/contacts/', { body: {}, headers })).toMatchObject({
      status: 403,
      json: { detail: 'You do not have permission to perform this action.' },
    });
    expect((await create({ first_name: 'x'.repeat(17 * 1024 * 1024) })).status).toBe(413);
  });
});

describe('bad questions', () => {
  const bad: [query: string, detail: string | RegExp][] = [
    ['employees_min=abc', 'employees_min: must be a whole number'],
    ['employees_max=-1', 'employees_max: must be at least 0'],
    ['employees_count=1.5', 'employees_count: must be a whole number'],
    ['limit=0', 'limit: must be at least 1'],
    ['page=0', 'page: must be at least 1'],
    ['offset=-5&ordering=title', 'offset: must be at least 0'],
    ['created_at_after=yesterday', /^created_at_after: must be an ISO 8601 time/],
    ['updated_at_before=2024-02-30', /^updated_at_before/],
    ['include_meta=maybe', 'include_meta: must be true or false'],
    ['exclude_company_ids=x', "exclude_company_ids: 'x' is not a UUID"],
    [
      'ordering=invalid_field',
      /^Invalid ordering field\(s\): invalid_field\. Valid fields are: created_at, updated_at, employees, annual_revenue/,
    ],
    ['ordering=__proto__', /^Invalid ordering/],
    ['ordering=title,city,state,country,email,stage', /at most 5/],
    ['cursor=broken', 'Invalid cursor value'],
    ['cursor=WzAsIi1jcmVhdGVkX2F0LC1pZCIsIngiLCIxIl0', 'Invalid cursor value'],
  ];
  it.each(bad)('%s', async (query, detail) => {
    const reply = await get(`?${query}`);
    expect(reply.status).toBe(400);
    if (typeof detail === 'string') expect(reply.json).toEqual({ detail });
    else expect(reply.json.detail).toMatch(detail);
  });

  it('take huge numbers and texts without harm', async () => {
    expect((await get(`?employees_min=${'9'.repeat(200)}`)).json.results).toEqual([]);
    expect((await get(`?employees_max=${'9'.repeat(200)}`)).json.results).not.toEqual([]);
    expect((await get(`?title=${'x'.repeat(5000)}`)).status).toBe(200);
    expect((await get('?title=%00')).status).toBe(400);
    expect((await get('?title=%ff%fe')).status).toBe(200);
    expect((await get('?page=9007199254740991&limit=100')).status).toBe(200);
  });
});

describe('the wire', () => {
  it('answers with and without the trailing slash', async () => {
    expect((await app.request('GET', '/api/v1/contacts')).status).toBe(200);
    expect((await app.request('GET', '/api/v1/contacts/count')).status).toBe(200);
  });

  it('asks for credentials, refuses bad ones and wrong methods', async () => {
    expect(await get('', { token: null })).toMatchObject({
      status: 401,
      json: { detail: 'Authentication credentials were not provided.' },
    });
    expect(await get('', { token: 'nonsense' })).toMatchObject({
      status: 401,
      json: { detail: 'Given token not valid for any token type' },
    });
    const wrong = await app.request('PATCH', '/api/v1/contacts/');
    expect(wrong).toMatchObject({ status: 405, json: { detail: 'Method "PATCH" not allowed.' } });
    expect(wrong.headers.get('allow')).toBe('GET, POST');
    expect(await app.request('GET', '/api/v1/nothing/')).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
  });

  it('echoes the request id when it can be printed', async () => {
    const id = async (sent?: string) =>
      (await get('', { headers: sent === undefined ? {} : { 'x-request-id': sent } })).headers.get('x-request-id');
    expect(await id('my-request 1')).toBe('my-request 1');
    expect(await id('x'.repeat(201))).not.toBe('x'.repeat(201));
    expect(await id()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('lets browsers in', async () => {
    const origin = 'http://localhost:3000';
    const simple = await get('', { headers: { origin } });
    expect(simple.headers.get('access-control-allow-origin')).toBe(origin);
    expect(simple.headers.get('access-control-allow-credentials')).toBe('true');
    const preflight = await app.request('OPTIONS', '/api/v1/contacts/', {
      token: null,
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-contacts-write-key',
      },
    });
    expect([200, 204]).toContain(preflight.status);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, DELETE, OPTIONS, PATCH');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-contacts-write-key');
    expect(preflight.headers.get('access-control-max-age')).toBe('3600');
  });
});
