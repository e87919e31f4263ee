import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, WRITE_KEYS } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

/** Document 004 and schemas 7: `/api/v1/companies/`. */
let app: TestApp;
/** Uuid and row number of a company by name. */
let company: Record<string, { uuid: string; id: number }>;
const NOWHERE = '6f1a2b3c-0000-4000-8000-000000000000';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'Company,Company Name for Emails,Website,# Employees,Industry,Keywords,Technologies,Company Address,Company City,Company State,Company Country,Company Phone,Company Linkedin Url,Facebook Url,Twitter Url,Annual Revenue,Total Funding,Latest Funding,Latest Funding Amount,Last Raised At,Company Location,Note',
      'Acme Corp,Acme,https://www.acme.example,250,"Technology, Software","AI, ML","Python, PostgreSQL",123 Main St,San Francisco,CA,United States,+1 555,https://linkedin.com/company/acme,https://fb.example/acme,https://tw.example/acme,50000000,75000000,Series B,20000000,2023-06-01,,vip',
      'Örebro Verk,,orebro.example,5000,Machinery,robots,SAP,,Örebro,,Sweden,+46 19,,,,,,,,,"Hall 7, Örebro",',
      '100%_Pure,,pure.example,3,"Food, Technology",,,,,,,,,,,,,,,,,',
      'Quiet,,,,,,,,,,,,,,,,,,,,,',
    ),
    { plural: 'companies', fileName: 'companies.csv' },
  );
  await importCsv(
    app,
    csvOf(
      'First Name,Last Name,Title,Email,Email Status,Seniority,Departments,City,Country,Mobile Phone,Stage,Website,Contact Website,Contact Location',
      'John,Doe,CEO,john@acme.example,Verified,C suite,"Executive, Sales",Berlin,Germany,+49 1,Lead,https://www.acme.example,john.example,',
      'Zoë,Ångström,VP Sales,zoe@acme.example,Guessed,VP,Sales,Malmö,Sweden,,,https://www.acme.example,,"Malmö, Sverige"',
      'Ada,Brown,ceo,ada@acme.example,verified,,,,,,,https://www.acme.example,,',
      'Olle,Berg,Smith,olle@orebro.example,Verified,,,,,,,orebro.example,,',
      'Lone,Wolf,CEO,lone@alone.example,,,,,,,,,,',
    ),
  );
  const { rows } = await app.app.pool.query('select id, uuid, name from companies');
  company = Object.fromEntries(rows.map(({ id, uuid, name }) => [name, { uuid, id: Number(id) }]));
});
afterAll(() => app.stop());

const base = '/api/v1/companies/';
const get = (path: string, options = {}) => app.request('GET', base + path, options);
const write = (method: string, path: string, body: unknown, headers: Record<string, string> = KEY) =>
  app.request(method, base + path, { token: app.adminToken, body, headers });
const KEY = { 'x-companies-write-key': WRITE_KEYS.companies };
const found = async (path: string, key = 'name') => {
  const reply = await get(path);
  expect(reply.status, reply.text).toBe(200);
  return reply.json.results.map((item: Record<string, string>) => item[key]).sort();
};

describe('a company', () => {
  it('is shown in a list as the union of what clients know', async () => {
    const { json } = await get('?name=acme');
    const shared = { website: 'https://www.acme.example', linkedin_url: 'https://linkedin.com/company/acme' };
    const place = { city: 'San Francisco', state: 'CA', country: 'United States', phone_number: '+1 555' };
    expect(json).toEqual({
      next: null,
      previous: null,
      results: [
        {
          ...company['Acme Corp'],
          name: 'Acme Corp',
          employees_count: 250,
          annual_revenue: 50000000,
          total_funding: 75000000,
          industries: ['Technology', 'Software'],
          industry: 'Technology, Software',
          keywords: ['AI', 'ML'],
          technologies: ['Python', 'PostgreSQL'],
          address: '123 Main St',
          ...shared,
          ...place,
          metadata: {
            uuid: company['Acme Corp']!.uuid,
            ...shared,
            ...place,
            linkedin_sales_url: '',
            facebook_url: 'https://fb.example/acme',
            twitter_url: 'https://tw.example/acme',
            company_name_for_emails: 'Acme',
            latest_funding: 'Series B',
            latest_funding_amount: 20000000,
            last_raised_at: '2023-06-01',
          },
          created_at: TIME,
          updated_at: TIME,
        },
      ],
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
    expect((await get('?name=acme&include_meta=true')).json.results[0].meta_data).toEqual({ Note: 'vip' });
  });

  it('has missing text as "", missing numbers as null, missing lists empty', async () => {
    const { json } = await get('?name=quiet');
    expect(json.results[0]).toMatchObject({
      employees_count: null,
      industries: [],
      industry: '',
      keywords: [],
      address: '',
      website: '',
      metadata: { city: '', latest_funding_amount: null },
    });
  });

  it('is found by uuid and by integer id, with text_search and meta_data', async () => {
    const { uuid, id } = company['Örebro Verk']!;
    const [item] = (await get('?name=orebro')).json.results;
    const byUuid = await get(`${uuid}/`);
    expect(byUuid.json).toEqual({ ...item, text_search: 'Hall 7, Örebro', meta_data: {} });
    expect((await get(`${id}/`)).json).toEqual(byUuid.json);
    expect((await get(uuid.toUpperCase())).json).toEqual(byUuid.json);
  });

  it.each(['invalid', '999999999', '-1', '0', '99999999999999999999', NOWHERE, 'company'])(
    '%s is not found',
    async (id) => {
      expect(await get(`${id}/`)).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
    },
  );
});

describe('filters', () => {
  const [acme, orebro, pure, quiet] = ['Acme Corp', 'Örebro Verk', '100%_Pure', 'Quiet'];
  const cases: [query: string, names: string[]][] = [
    ['', [pure, acme, quiet, orebro]],
    ['name=ACME', [acme]],
    ['name=orebro,quiet', [quiet, orebro]],
    ['name=100%25_', [pure]],
    ['name=1%25p', []],
    ['address=main', [acme]],
    ['company_location=main st', [acme]],
    ['company_location=hall 7', [orebro]],
    ['text_search="hall 7, orebro"', [orebro]],
    ['city=orebro', [orebro]],
    ['state=c', [acme]],
    ['country=sweden&country=states', [acme, orebro]],
    ['phone_number=%2B46', [orebro]],
    ['website=pure', [pure]],
    ['linkedin_url=company/ac', [acme]],
    ['facebook_url=fb', [acme]],
    ['twitter_url=tw', [acme]],
    ['latest_funding=series', [acme]],
    ['industries=tech', [pure, acme]],
    ['industry=food,machine', [pure, orebro]],
    ['keywords=ml', [acme]],
    ['technologies=sap,python', [acme, orebro]],
    ['employees_count=250', [acme]],
    ['employees=3', [pure]],
    ['employees_min=250&employees_max=5000', [acme, orebro]],
    ['annual_revenue=50000000', [acme]],
    ['annual_revenue_min=1', [acme]],
    ['annual_revenue_max=1', []],
    ['total_funding=75000000', [acme]],
    ['total_funding_min=1&total_funding_max=75000000', [acme]],
    ['latest_funding_amount_min=20000000', [acme]],
    ['latest_funding_amount_max=19999999', []],
    ['exclude_industries=technology', [quiet, orebro]],
    ['exclude_keywords=ai,robot', [pure, quiet]],
    ['exclude_technologies=SAP&exclude_technologies=python', [pure, quiet]],
    ['exclude_locations=örebro', [pure, acme, quiet]],
    ['created_at_after=2024-01-01T00:00:00Z', [pure, acme, quiet, orebro]],
    ['created_at_before=2024-01-01', []],
    ['updated_at_after=2024-01-01', [pure, acme, quiet, orebro]],
    ['updated_at_before=2024-01-01', []],
    ['search=acme', [acme]],
    ['search=OREBRO sap', [orebro]],
    ['search=main postgres ml series', []],
    ['search=main postgres ml', [acme]],
    ['search=tech', [pure, acme]],
    ['search=%2B46', [orebro]],
    ['search=fb.example', [acme]],
    ['search="hall', []],
    ['search=hall', [orebro]],
    ['search=100%25_', [pure]],
    ['search=acme&industries=food', []],
    ['unknown=1&name=', [pure, acme, quiet, orebro]],
  ];
  it.each(cases)('%s', async (query, expected) => {
    expect(await found(`?${query}`)).toEqual(expected);
    expect((await get(`count/?${query}`)).json).toEqual({ count: expected.length });
    const { json } = await get(`count/uuids/?${query}`);
    expect(json.count).toBe(expected.length);
    expect(new Set(json.uuids)).toEqual(new Set(expected.map((name) => company[name]!.uuid)));
  });

  const bad: [query: string, detail: string | RegExp][] = [
    ['employees_min=abc', 'employees_min: must be a whole number'],
    ['annual_revenue_max=-1', 'annual_revenue_max: must be at least 0'],
    ['created_at_after=x', /^created_at_after: must be an ISO 8601 time/],
    ['limit=0', 'limit: must be at least 1'],
    ['distinct=invalid', 'distinct: must be true or false'],
    ['cursor=broken', 'Invalid cursor value'],
    [
      'ordering=size',
      /^Invalid ordering field\(s\): size\. Valid fields are: created_at, updated_at, name, employees_count, annual_revenue, total_funding/,
    ],
    ['search=a b c d e f g h i j k l m', 'search: takes at most 12 words'],
  ];
  it.each(bad)('%s is refused', async (query, detail) => {
    const reply = await get(`?${query}`);
    expect(reply.status).toBe(400);
    if (typeof detail === 'string') expect(reply.json).toEqual({ detail });
    else expect(reply.json.detail).toMatch(detail);
  });

  it('may be as many as a search of twelve words and a dozen others', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `name${at}`).join(',');
    expect(await found(`?search=a b c d e f g h i j k l&name=${names}&exclude_keywords=${names}`)).toEqual([]);
  });
});

describe('ordering and pages', () => {
  const ordered: [ordering: string, names: string[]][] = [
    ['name', ['100%_Pure', 'Acme Corp', 'Quiet', 'Örebro Verk']],
    ['-employees_count', ['Örebro Verk', 'Acme Corp', '100%_Pure', 'Quiet']],
    ['-total_funding,name', ['Acme Corp', '100%_Pure', 'Quiet', 'Örebro Verk']],
    ['created_at', ['Acme Corp', 'Örebro Verk', '100%_Pure', 'Quiet']],
  ];
  it.each(ordered)('by %s, a page or all as a stream', async (ordering, expected) => {
    const { json } = await get(`?ordering=${ordering}&limit=10`);
    expect(json.results.map(({ name }: { name: string }) => name)).toEqual(expected);
    expect(json.meta).toMatchObject({ strategy: 'limit-offset', count: 4, count_mode: 'estimated' });
    const { json: streamed } = await get(`?ordering=${ordering}`);
    expect(streamed).toMatchObject({ next: null, previous: null, meta: { returned_records: 4, page_size: 4 } });
    expect(streamed.results).toEqual(json.results);
  });

  it('takes every ordering that it offers', async () => {
    const { json } = await get('?ordering=nothing');
    const fields: string[] = /are: (.*)$/.exec(json.detail)![1]!.split(', ');
    expect(fields.length).toBeGreaterThan(10);
    for (const field of fields) expect((await get(`?ordering=-${field}&limit=1`)).status, field).toBe(200);
  });

  it('walks by cursor, by offset and by page number', async () => {
    for (const query of ['?page_size=3', '?ordering=name&limit=3', '?page=1&page_size=3']) {
      const first = await get(query);
      expect(first.json.results).toHaveLength(3);
      expect(first.json.previous).toBeNull();
      const second = await get(new URL(first.json.next).search);
      expect(second.json).toMatchObject({ next: null, results: [{}] });
      const back = await get(new URL(second.json.previous).search);
      expect(back.json.results).toEqual(first.json.results);
    }
    expect((await get('count/uuids/?limit=2')).json).toEqual({
      count: 2,
      uuids: [expect.any(String), expect.any(String)],
    });
  });
});

describe('field lists', () => {
  const lists: [path: string, texts: string[]][] = [
    ['name/', ['100%_Pure', 'Acme Corp', 'Quiet', 'Örebro Verk']],
    ['name/?search=R', ['100%_Pure', 'Acme Corp', 'Örebro Verk']],
    ['name/?limit=2&offset=1', ['Acme Corp', 'Quiet']],
    ['name/?offset=3', ['Örebro Verk']],
    ['name/?employees_min=4', ['Acme Corp', 'Örebro Verk']],
    ['industry/', ['Food, Technology', 'Machinery', 'Technology, Software']],
    ['industry/?separated=true', ['Food', 'Machinery', 'Software', 'Technology', 'Technology']],
    ['industry/?separated=true&distinct=true', ['Food', 'Machinery', 'Software', 'Technology']],
    ['industry/?separated=true&distinct=true&search=tech', ['Technology']],
    ['keywords/', ['AI, ML', 'robots']],
    ['keywords/?separated=1', ['AI', 'ML', 'robots']],
    ['technologies/?separated=1', ['PostgreSQL', 'Python', 'SAP']],
    ['address/', ['123 Main St']],
    ['city/', ['San Francisco', 'Örebro']],
    ['state/', ['CA']],
    ['country/', ['Sweden', 'United States']],
    ['country/?name=nobody', []],
  ];
  it.each(lists)('%s', async (path, texts) => {
    expect((await get(path)).json).toEqual(texts);
  });

  it('give as many as are asked for, beyond one call of the core', async () => {
    await app.app.pool.query(
      "insert into companies (uuid, name, city) select gen_random_uuid(), 'Many ' || n, 'City ' || lpad(n::text, 4, '0') from generate_series(1, 2222) n",
    );
    const cities = async (query: string) => (await get(`city/?name=many&${query}`)).json;
    const all: string[] = await cities('');
    expect(all).toHaveLength(2222);
    expect(await cities('limit=1500&offset=100')).toEqual(all.slice(100, 1600));
    expect(await cities('limit=1000')).toEqual(all.slice(0, 1000));
    await app.app.pool.query("delete from companies where name like 'Many %'");
  });

  it('refuse bad parameters', async () => {
    expect(await get('name/?limit=0')).toMatchObject({ status: 400, json: { detail: 'limit: must be at least 1' } });
    expect(await get('name/?offset=-1')).toMatchObject({ json: { detail: 'offset: must be at least 0' } });
    expect(await get('name/?separated=no&distinct=?')).toMatchObject({
      json: { detail: 'distinct: must be true or false' },
    });
  });
});

describe('the contacts of a company', () => {
  const of = (name: string) => `company/${company[name]!.uuid}/contacts/`;

  it('are items of contacts, found by the company’s uuid or integer id', async () => {
    const { json } = await get(`${of('Acme Corp')}?first_name=john`);
    expect(json).toMatchObject({
      results: [{ first_name: 'John', company: 'Acme Corp', employees: 250, departments: 'Executive, Sales' }],
      meta: { strategy: 'cursor', count_mode: 'none', count: null, filters_applied: true },
    });
    const all = await get(of('Acme Corp'));
    expect(all.json.results).toHaveLength(3);
    expect((await get(`company/${company['Acme Corp']!.id}/contacts/`)).json).toEqual(all.json);
    expect((await get(of('Quiet'))).json.results).toEqual([]);
    expect(await found(of('Örebro Verk'), 'first_name')).toEqual(['Olle']);
  });

  const cases: [query: string, names: string[]][] = [
    ['', ['Ada', 'John', 'Zoë']],
    ['first_name=zoe', ['Zoë']],
    ['last_name=angstrom,doe', ['John', 'Zoë']],
    ['title=ceo', ['Ada', 'John']],
    ['seniority=suite', ['John']],
    ['department=sal', ['John', 'Zoë']],
    ['departments=exec', ['John']],
    ['email_status=verif', ['Ada', 'John']],
    ['status=guess', ['Zoë']],
    ['email=ada@', ['Ada']],
    ['contact_location=sverige', ['Zoë']],
    ['text_search=berlin', ['John']],
    ['mobile_phone=49', ['John']],
    ['work_direct_phone=1', []],
    ['city=malmo', ['Zoë']],
    ['country=germany', ['John']],
    ['website=john.example', ['John']],
    ['stage=lead', ['John']],
    ['exclude_titles=CEO', ['Zoë']],
    ['exclude_contact_locations=berlin', ['Ada', 'Zoë']],
    ['exclude_seniorities=vp', ['Ada', 'John']],
    ['exclude_departments=exec', ['Ada', 'Zoë']],
    ['created_at_before=2000-01-01', []],
    ['search=vp zoe', ['Zoë']],
    ['company=nothing', ['Ada', 'John', 'Zoë']],
  ];
  it.each(cases)('filtered: %s', async (query, expected) => {
    const path = of('Acme Corp');
    expect(await found(`${path}?${query}`, 'first_name')).toEqual(expected);
    expect((await get(`${path}count/?${query}`)).json).toEqual({ count: expected.length });
    const { json } = await get(`${path}count/uuids/?${query}`);
    expect(json).toEqual({ count: expected.length, uuids: expected.map(() => expect.any(String)) });
  });

  const lists: [field: string, texts: string[]][] = [
    ['first_name/', ['Ada', 'John', 'Zoë']],
    ['last_name/', ['Brown', 'Doe', 'Ångström']],
    ['title/', ['CEO', 'ceo', 'VP Sales']],
    ['title/?distinct=true', ['CEO', 'VP Sales']],
    ['title/?search=vp', ['VP Sales']],
    ['title/?limit=1&offset=2', ['VP Sales']],
    ['seniority/', ['C suite', 'VP']],
    ['department/', ['Executive', 'Sales', 'Sales']],
    ['department/?distinct=true&separated=false', ['Executive', 'Sales']],
    ['email_status/?distinct=true', ['Guessed', 'Verified']],
    ['email_status/?first_name=ada', ['verified']],
  ];
  it.each(lists)('%s', async (path, texts) => {
    expect((await get(of('Acme Corp') + path)).json).toEqual(texts);
  });

  it('are walked by cursor and by offset', async () => {
    for (const query of ['?limit=2', '?ordering=first_name&limit=2']) {
      const first = await get(of('Acme Corp') + query);
      expect(first.json.next).toContain(`${app.url}${base}${of('Acme Corp')}?`);
      const second = await app.request('GET', first.json.next.replace(app.url, ''));
      expect(second.json).toMatchObject({ next: null, results: [{}] });
      const back = await app.request('GET', second.json.previous.replace(app.url, ''));
      expect(back.json.results).toEqual(first.json.results);
    }
    expect((await get(`${of('Acme Corp')}?ordering=-first_name`)).json.results).toHaveLength(3);
  });

  it.each(['', 'count/', 'count/uuids/', 'first_name/', 'department/'])(
    'of an unknown company are not found: %s',
    async (path) => {
      for (const id of [NOWHERE, 'nonsense', '999999'])
        expect(await get(`company/${id}/contacts/${path}`)).toMatchObject({
          status: 404,
          json: { detail: 'Not found.' },
        });
    },
  );

  it('refuse bad parameters', async () => {
    expect(await get(`${of('Quiet')}?ordering=x`)).toMatchObject({ status: 400 });
    expect(await get(`${of('Quiet')}title/?limit=-1`)).toMatchObject({
      status: 400,
      json: { detail: 'limit: must be at least 1' },
    });
  });
});

describe('writing', () => {
  it('creates, answering 201 with the detail, visible to the next read', async () => {
    const reply = await write('POST', '', {
      uuid: '7e57d004-2b97-4e7a-b45f-5387367791cd',
      name: ' New Co ',
      employees_count: 100,
      industries: ['Technology', 'technology', ''],
      keywords: ['AI', 'ML'],
      address: '123 Main St',
      annual_revenue: 10000000,
      total_funding: 5000000,
      technologies: ['Python', 'PostgreSQL'],
      text_search: 'location text',
      metadata: { city: 'Oslo', website: 'https://www.new.example', latest_funding_amount: 7, unknown: 1 },
    });
    expect(reply.status).toBe(201);
    expect(reply.json).toMatchObject({
      uuid: '7e57d004-2b97-4e7a-b45f-5387367791cd',
      name: 'New Co',
      industries: ['Technology'],
      text_search: 'location text',
      city: 'Oslo',
      website: 'https://www.new.example',
      metadata: { city: 'Oslo', latest_funding_amount: 7 },
      meta_data: {},
    });
    expect((await get(`${reply.json.uuid}/`)).json).toEqual(reply.json);
    expect(await found('?name=new co&city=oslo')).toEqual(['New Co']);
    expect((await write('POST', '', undefined)).json).toMatchObject({ name: '', uuid: expect.any(String) });
  });

  it('changes only what is sent, inside metadata too; null clears', async () => {
    const { json: made } = await write('POST', '', {
      name: 'Before',
      keywords: ['kept'],
      employees_count: 5,
      city: 'Old',
      metadata: { state: 'Stays', phone_number: '+1', facebook_url: 'fb' },
    });
    const changed = await write('PUT', `${made.uuid}/`, {
      name: 'After',
      employees_count: null,
      metadata: { city: 'New', phone_number: null },
    });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.json).toEqual({
      ...made,
      name: 'After',
      employees_count: null,
      city: 'New',
      phone_number: '',
      metadata: { ...made.metadata, city: 'New', phone_number: '' },
      updated_at: TIME,
    });
    expect((await get(`${made.uuid}/`)).json).toEqual(changed.json);
    // What was read may be sent back whole.
    const { updated_at: _, ...same } = changed.json;
    expect((await write('PUT', `${made.id}/`, changed.json)).json).toMatchObject(same);
    expect((await write('PUT', `${made.uuid}/`, {})).json).toMatchObject(same);
  });

  it('shows a change with the contacts of the company', async () => {
    const path = `${company['Örebro Verk']!.uuid}/`;
    expect((await write('PUT', path, { name: 'Åbo Verk', employees_count: 7 })).status).toBe(200);
    const { json } = await app.request('GET', '/api/v1/contacts/?first_name=olle&ordering=employees&limit=1');
    expect(json.results).toMatchObject([{ company: 'Åbo Verk', employees: 7 }]);
    expect((await app.request('GET', '/api/v1/contacts/count/?employees_max=7&company=abo')).json).toEqual({
      count: 1,
    });
  });

  it('deletes, 204 without a body; contacts stay, without a company', async () => {
    const { json: made } = await write('POST', '', { name: 'Doomed' });
    await app.request('POST', '/api/v1/contacts/', {
      token: app.adminToken,
      headers: { 'x-contacts-write-key': WRITE_KEYS.contacts },
      body: { first_name: 'Left', company_id: made.uuid },
    });
    expect(await write('DELETE', `${made.uuid}/`, undefined)).toMatchObject({ status: 204, text: '' });
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect(await write(method, `${made.uuid}/`, method === 'GET' ? undefined : {})).toMatchObject({ status: 404 });
    expect((await get(`company/${made.uuid}/contacts/`)).status).toBe(404);
    expect(await found('?name=doomed')).toEqual([]);
    const { json } = await app.request('GET', '/api/v1/contacts/?first_name=left');
    expect(json.results).toMatchObject([{ company: '', employees: null }]);
  });

  const refused: [name: string, body: unknown, status: number, reply: object][] = [
    [
      'wrong types',
      { name: 5, keywords: 'AI', employees_count: '9' },
      422,
      {
        detail: [
          { loc: ['body', 'name'], type: 'type_error' },
          { loc: ['body', 'employees_count'], type: 'type_error' },
          { loc: ['body', 'keywords'], type: 'type_error' },
        ],
      },
    ],
    ['a wrong type in metadata', { metadata: { city: [] } }, 422, { detail: [{ loc: ['body', 'metadata', 'city'] }] }],
    ['metadata that is no object', { metadata: 'x' }, 422, { detail: [{ loc: ['body', 'metadata'] }] }],
    ['a NUL character', { address: 'a\0b' }, 422, { detail: [{ loc: ['body', 'address'] }] }],
    ['a body that is no object', [1], 422, { detail: [{ loc: ['body'] }] }],
    ['malformed JSON', '{"name":', 400, { detail: expect.stringMatching(/^The request body is not valid JSON/) }],
  ];
  it.each(refused)('%s is refused', async (_name, body, status, reply) => {
    expect(await write('POST', '', body)).toMatchObject({ status, json: reply });
    expect(await write('PUT', `${company.Quiet!.uuid}/`, body)).toMatchObject({ status, json: reply });
  });

  it('refuses the website of another company', async () => {
    const body = { website: 'http://acme.example/about' };
    expect((await write('POST', '', body)).status).toBe(400);
    expect(await write('PUT', `${company.Quiet!.uuid}/`, body)).toMatchObject({
      status: 400,
      json: { normalized_domain: ['Company with this normalized_domain already exists.'] },
    });
    expect((await write('PUT', `${company['Acme Corp']!.uuid}/`, body)).status).toBe(200);
  });

  it('refuses a uuid that is taken or none', async () => {
    const { uuid } = company.Quiet!;
    expect(await write('POST', '', { uuid })).toMatchObject({
      status: 400,
      json: { uuid: ['Company with this uuid already exists.'] },
    });
    expect(await write('POST', '', { uuid: 'x' })).toMatchObject({
      status: 422,
      json: { detail: [{ loc: ['body', 'uuid'] }] },
    });
  });

  it('of an unknown company is not found', async () => {
    for (const id of [NOWHERE, 'nonsense', '999999']) {
      // Nor does a value that another company bears lead to that one.
      const reply = await write('PUT', `${id}/`, { website: 'acme.example', name: 'Hijacked' });
      expect(reply).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
      expect((await write('DELETE', `${id}/`, undefined)).status).toBe(404);
    }
    expect(await found('?name=hijacked')).toEqual([]);
  });

  const routes: [method: string, path: () => string][] = [
    ['POST', () => ''],
    ['PUT', () => `${company.Quiet!.uuid}/`],
    ['DELETE', () => `${company.Quiet!.uuid}/`],
  ];
  it.each(routes)('%s needs an admin and the write key', async (method, path) => {
    const body = method === 'DELETE' ? undefined : { name: 'X' };
    const asked = (options: object) => app.request(method, base + path(), { body, ...options });
    expect(await asked({ token: null, headers: KEY })).toMatchObject({
      status: 401,
      json: { detail: 'Authentication credentials were not provided.' },
    });
    expect(await asked({ headers: KEY })).toMatchObject({
      status: 403,
      json: { detail: 'You do not have permission to perform this action.' },
    });
    for (const headers of [{}, { 'x-companies-write-key': 'wrong' }, { 'x-contacts-write-key': WRITE_KEYS.companies }])
      expect(await asked({ token: app.adminToken, headers })).toMatchObject({
        status: 403,
        json: { detail: 'Forbidden' },
      });
  });
});

describe('the wire', () => {
  it('answers with and without the trailing slash, to signed-in users only', async () => {
    for (const path of ['', 'count', 'name', 'count/uuids', `company/${company.Quiet!.uuid}/contacts`]) {
      const bare = (base + path).replace(/\/$/, '');
      expect((await app.request('GET', bare)).status).toBe(200);
      expect(await app.request('GET', bare, { token: null })).toMatchObject({
        status: 401,
        json: { detail: 'Authentication credentials were not provided.' },
      });
    }
    const wrong = await app.request('PATCH', `${base}${company.Quiet!.uuid}/`);
    expect(wrong).toMatchObject({ status: 405, json: { detail: 'Method "PATCH" not allowed.' } });
    expect(wrong.headers.get('allow')).toBe('DELETE, GET, PUT');
  });

  it('keeps writes off where no write key is set', async () => {
    const closed = await startTestApp({ COMPANIES_WRITE_KEY: '' });
    try {
      for (const headers of [{}, { 'x-companies-write-key': '' }, KEY])
        expect(
          await closed.request('POST', base, { token: closed.adminToken, body: { name: 'X' }, headers }),
        ).toMatchObject({ status: 403, json: { detail: 'Forbidden' } });
    } finally {
      await closed.stop();
    }
  });
});
