import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';
import { readDocument } from './examples/read.ts';

/** Document 002: `/api/v3/contacts`, and its mirror `/api/v3/companies`. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'First Name,Last Name,Title,Email,Email Status,Seniority,Departments,Mobile Phone,City,State,Country,Company,Website,# Employees,Industry,Keywords,Technologies,Annual Revenue,Company Address,Company City,Company Country,Company Phone,Person Linkedin Url,Stage,Contact Location,Note',
      'John,Doe,CEO,john@acme.example,valid,C suite,"Executive, Sales",+1 555,San Francisco,CA,United States,Acme Corp,https://acme.example,100,"Technology, Software","enterprise, saas, cloud","Python, Django",10000000,123 Main St,San Francisco,United States,+1 234,https://linkedin.com/in/johndoe,Lead,,vip',
      'Zoë,Ångström,"VP Sales, EMEA",zoe@nord.example,guessed,VP,Sales,,Malmö,Skåne,Sweden,"Nord, Inc",nord.example,5000,Machinery,robots,SAP,,,Malmö,Sweden,,,,,',
      'Ada,Brown,Senior Engineer,ada@acme.example,valid,Senior,Engineering,,Berlin,,Germany,Acme Corp,https://acme.example,,,,,,,,,,,Cold,"Berlin, Deutschland",',
      'Lone,Wolf,100%_sure,lone@wolf.example,,,,,,,,,,,,,,,,,,,,,,',
    ),
  );
});
afterAll(() => app.stop());

type Body = Readonly<Record<string, unknown>>;
const post = (path: string, body: unknown, options = {}) =>
  app.request('POST', `/api/v3/${path}`, { body, ...options });
const c = (field: string, operator: string, value?: unknown) => ({ field, operator, value });
const query = async (body: Body, records = 'contacts') => {
  const reply = await post(`${records}/query`, body);
  expect(reply.status, reply.text).toBe(200);
  return reply.json;
};
const namesOf = (page: { results: { first_name?: string; name?: string }[] }) =>
  page.results.map((item) => item.first_name ?? item.name);

describe('the first example of the document', () => {
  it('is answered with the fields it selects and the company it populates', async () => {
    const body = readDocument('002').requests[0]!.body as Body;
    expect(await query({ ...body, limit: 1 })).toEqual({
      next: null,
      previous: null,
      results: [
        {
          uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
          first_name: 'John',
          last_name: 'Doe',
          email: 'john@acme.example',
          title: 'CEO',
          company: { name: 'Acme Corp', employees_count: 100 },
        },
      ],
      meta: {
        strategy: 'limit-offset',
        count_mode: 'exact',
        count: 1,
        filters_applied: true,
        ordering: '-created_at',
        returned_records: 1,
        page_size: 1,
        page_size_cap: 100,
        using_replica: false,
      },
    });
  });
});

describe('a contact', () => {
  const whole = {
    id: expect.any(Number),
    uuid: expect.any(String),
    first_name: 'John',
    last_name: 'Doe',
    title: 'CEO',
    email: 'john@acme.example',
    email_status: 'valid',
    primary_email_catch_all_status: null,
    seniority: 'C suite',
    departments: ['Executive', 'Sales'],
    work_direct_phone: null,
    home_phone: null,
    mobile_phone: '+1 555',
    corporate_phone: null,
    other_phone: null,
    stage: 'Lead',
    linkedin_url: 'https://linkedin.com/in/johndoe',
    facebook_url: null,
    twitter_url: null,
    website: null,
    city: 'San Francisco',
    state: 'CA',
    country: 'United States',
    text_search: null,
    company_id: expect.any(String),
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  };

  it('is shown with all its fields, lists as arrays, missing ones null, times in whole seconds', async () => {
    const { results } = await query({ filters: { and: [c('email', 'eq', 'JOHN@acme.example')] } });
    expect(results).toEqual([whole]);
    const { status, json } = await app.request('GET', `/api/v3/contacts/${results[0].uuid.toUpperCase()}/`);
    expect(status).toBe(200);
    expect(json).toEqual({ ...whole, meta_data: { Note: 'vip' } });
    const lone = await query({ filters: { and: [c('first_name', 'eq', 'lone')] }, company_config: { populate: true } });
    expect(lone.results[0]).toMatchObject({ departments: null, company_id: null, company: null });
  });

  it('of which columns are chosen has its uuid beside them and no other', async () => {
    const chosen = async (body: Body) =>
      (await query({ filters: { and: [c('first_name', 'eq', 'john')] }, ...body })).results[0];
    const uuid = expect.any(String);
    expect(await chosen({ select_columns: ['title'] })).toEqual({ uuid, title: 'CEO' });
    expect(await chosen({ select_columns: ['meta_data', 'location', 'person_linkedin_url', 'company_name'] })).toEqual({
      uuid,
      meta_data: { Note: 'vip' },
      location: 'San Francisco, CA, United States',
      person_linkedin_url: 'https://linkedin.com/in/johndoe',
      company_name: 'Acme Corp',
    });
    expect(
      await chosen({ select_columns: ['title'], contact_config: { populate: true, select_columns: ['stage'] } }),
    ).toEqual({ uuid, title: 'CEO', stage: 'Lead' });
    const { company } = await chosen({ company_config: { populate: true } });
    expect(company).toMatchObject({
      name: 'Acme Corp',
      industries: ['Technology', 'Software'],
      annual_revenue: 10000000,
    });
    expect(await chosen({ company_config: { populate: false } })).not.toHaveProperty('company');
  });

  it.each(['abc123-def456-ghi789', '1', '6f1a2b3c-0000-4000-8000-000000000000'])('%s is not found', async (uuid) => {
    for (const records of ['contacts', 'companies'])
      expect(await app.request('GET', `/api/v3/${records}/${uuid}/`)).toMatchObject({
        status: 404,
        json: { detail: 'Not found.' },
      });
  });
});

describe('a company', () => {
  it('is shown alike, with its newest contacts when asked', async () => {
    const page = await query(
      {
        filters: { and: [c('name', 'eq', 'acme corp')] },
        select_columns: ['name', 'domain', 'keywords'],
        contact_config: { populate: true, select_columns: ['first_name', 'created_at'] },
      },
      'companies',
    );
    const [{ contacts, ...item }] = page.results;
    expect(item).toEqual({
      uuid: expect.any(String),
      name: 'Acme Corp',
      domain: 'https://acme.example',
      keywords: ['enterprise', 'saas', 'cloud'],
    });
    expect(contacts.map((each: { first_name: string }) => each.first_name).sort()).toEqual(['Ada', 'John']);
    expect(Object.keys(contacts[0])).toEqual(['first_name', 'created_at']);
    const { json } = await app.request('GET', `/api/v3/companies/${item.uuid}/`);
    expect(json).toMatchObject({ normalized_domain: 'acme.example', total_funding: null, meta_data: {} });
  });
});

describe('filters', () => {
  const everyone = ['Ada', 'John', 'Lone', 'Zoë'];
  const cases: [filters: unknown, names: string[]][] = [
    [undefined, everyone],
    [null, everyone],
    [{}, everyone],
    [{ and: [] }, everyone],
    [{ conditions: [], logic: 'OR' }, everyone],
    [{ and: [c('first_name', 'eq', 'ZOË')] }, ['Zoë']],
    [{ and: [c('first_name', 'equals', 'zoe')] }, []],
    [{ and: [c('first_name', 'contains', 'ZOE')] }, ['Zoë']],
    [{ and: [c('last_name', 'ne', 'doe')] }, ['Ada', 'Lone', 'Zoë']],
    [{ and: [c('seniority', 'not_equals', 'VP')] }, ['Ada', 'John', 'Lone']],
    [{ and: [c('seniority', 'in', ['vp', 'senior'])] }, ['Ada', 'Zoë']],
    [{ and: [c('seniority', 'not_in', ['vp', 'senior'])] }, ['John', 'Lone']],
    [{ and: [c('seniority', 'nin', ['vp'])] }, ['Ada', 'John', 'Lone']],
    [{ and: [c('title', 'contains', '100%_')] }, ['Lone']],
    [{ and: [c('title', 'not_contains', 'e')] }, []],
    [{ and: [c('title', 'ncontains', 'CEO')] }, ['Ada', 'Lone', 'Zoë']],
    [{ and: [c('departments', 'contains', 'sal')] }, ['John', 'Zoë']],
    [{ and: [c('departments', 'eq', 'sales')] }, ['John', 'Zoë']],
    [{ and: [c('departments', 'ne', 'sales')] }, ['Ada', 'Lone']],
    [{ and: [c('departments', 'exists')] }, ['Ada', 'John', 'Zoë']],
    [{ and: [c('departments', 'not_exists')] }, ['Lone']],
    [{ and: [c('departments', 'nexists', true)] }, ['Lone']],
    [{ and: [c('created_at', 'gte', '2024-01-01')] }, everyone],
    [{ and: [c('created_at', 'less_than', '2024-01-01T00:00:00Z')] }, []],
    [{ and: [c('status', 'eq', 'valid')] }, ['Ada', 'John']],
    [{ and: [c('contact_location', 'contains', 'deutschland')] }, ['Ada']],
    [{ and: [c('person_linkedin_url', 'contains', 'johndoe')] }, ['John']],
    [{ and: [c('employees_count', 'gte', 100)] }, ['Ada', 'John', 'Zoë']],
    [{ and: [c('company_employees_count', 'greater_than', 100)] }, ['Zoë']],
    [{ and: [c('company_employees', 'less_than_or_equal', 100)] }, ['Ada', 'John']],
    [{ and: [c('industries', 'eq', 'software')] }, ['Ada', 'John']],
    [{ and: [c('company_industry', 'contains', 'machin')] }, ['Zoë']],
    [{ and: [c('company_name', 'contains', 'nord')] }, ['Zoë']],
    [{ and: [c('company_city', 'eq', 'malmö')] }, ['Zoë']],
    [{ and: [c('city', 'eq', 'berlin')] }, ['Ada']],
    [{ and: [c('company_location', 'contains', 'main st')] }, ['Ada', 'John']],
    [{ and: [c('company_phone', 'contains', '234')] }, ['Ada', 'John']],
    [{ and: [c('name', 'ncontains', 'acme')] }, ['Lone', 'Zoë']],
    [{ or: [c('title', 'contains', 'CEO'), c('title', 'contains', 'engineer')] }, ['Ada', 'John']],
    [{ and: [c('status', 'eq', 'valid')], or: [c('city', 'eq', 'berlin'), c('city', 'eq', 'malmö')] }, ['Ada']],
    [{ conditions: [c('city', 'eq', 'berlin'), c('city', 'eq', 'malmö')], logic: 'OR' }, ['Ada', 'Zoë']],
    [{ conditions: [c('city', 'eq', 'berlin'), c('city', 'eq', 'malmö')], logic: 'and' }, []],
    [
      { conditions: [c('status', 'eq', 'valid'), { or: [c('title', 'eq', 'ceo'), c('title', 'eq', 'cto')] }] },
      ['John'],
    ],
    [{ and: [{ and: [{ or: [{ and: [c('city', 'eq', 'berlin')] }] }] }] }, ['Ada']],
  ];
  it.each(cases)('%j', async (filters, names) => {
    const page = await query({ filters });
    expect(namesOf(page).sort()).toEqual(names);
    expect(page.meta.count).toBe(names.length);
    expect(await post('contacts/count', { filters })).toMatchObject({ status: 200, json: { count: names.length } });
  });

  it('know contacts and companies by uuid, which `id` meant before', async () => {
    const [{ uuid, id, company_id }] = (await query({ filters: { and: [c('first_name', 'eq', 'zoë')] } })).results;
    for (const filters of [
      c('id', 'eq', uuid),
      c('id', 'in', [uuid]),
      c('uuid', 'eq', uuid),
      c('id', 'eq', id),
      c('company_id', 'eq', company_id),
      c('company_uuid', 'in', [company_id]),
    ])
      expect(namesOf(await query({ filters: { and: [filters] } }))).toEqual(['Zoë']);
  });

  const companyCases: [filters: unknown, names: string[]][] = [
    [{}, ['Acme Corp', 'Nord, Inc']],
    [{ and: [c('employees', 'gt', 100)] }, ['Nord, Inc']],
    [{ and: [c('industry', 'in', ['software', 'x'])] }, ['Acme Corp']],
    [{ and: [c('company_city', 'contains', 'malmo')] }, ['Nord, Inc']],
    [{ and: [c('corporate_phone', 'exists')] }, ['Acme Corp']],
    [{ and: [c('domain', 'contains', 'nord')] }, ['Nord, Inc']],
    [{ and: [c('company_location', 'contains', 'main st')] }, ['Acme Corp']],
  ];
  it.each(companyCases)('of companies: %j', async (filters, names) => {
    expect(namesOf(await query({ filters }, 'companies')).sort()).toEqual(names);
    expect((await post('companies/count', { filters })).json).toEqual({ count: names.length });
  });
});

describe('order and pages', () => {
  const orders: [body: Body, ordering: string, names: string[]][] = [
    [{}, '-created_at', ['Lone', 'Ada', 'Zoë', 'John']],
    [{ sort_by: 'created_at' }, 'created_at', ['John', 'Zoë', 'Ada', 'Lone']],
    [{ sort_direction: 'asc' }, 'created_at', ['John', 'Zoë', 'Ada', 'Lone']],
    [{ sort_by: 'first_name' }, 'first_name', ['Ada', 'John', 'Lone', 'Zoë']],
    [{ sort_by: 'first_name', sort_direction: 'desc' }, '-first_name', ['Zoë', 'Lone', 'John', 'Ada']],
    [{ sort_by: 'employees_count', sort_direction: 'desc' }, '-employees_count', ['Zoë', 'Ada', 'John', 'Lone']],
    [{ sort_by: 'company_name' }, 'company_name', ['John', 'Ada', 'Zoë', 'Lone']],
  ];
  it.each(orders)('%j', async (body, ordering, names) => {
    const page = await query(body);
    expect(namesOf(page)).toEqual(names);
    expect(page.meta).toMatchObject({ ordering, page_size: 25, filters_applied: false, count: 4 });
  });

  it('posting the same body to next and previous walks on and back', async () => {
    const body = { sort_by: 'first_name', limit: 3, offset: 0, select_columns: ['first_name'] };
    const first = await query(body);
    expect(first).toMatchObject({
      next: `${app.url}/api/v3/contacts/query?limit=3&offset=3`,
      previous: null,
      meta: { count: 4, returned_records: 3, page_size: 3 },
    });
    const follow = async (link: string) => {
      const { pathname, search } = new URL(link);
      return (await app.request('POST', pathname + search, { body })).json;
    };
    const second = await follow(first.next);
    expect(namesOf(second)).toEqual(['Zoë']);
    expect(second.next).toBeNull();
    expect(namesOf(await follow(second.previous))).toEqual(namesOf(first));
    expect((await query({ limit: 1000 })).meta.page_size).toBe(100);
    expect(namesOf(await query({ offset: 9 }))).toEqual([]);
  });
});

describe('a query that cannot be meant', () => {
  const deep = (levels: number): unknown => (levels === 0 ? c('title', 'exists') : { and: [deep(levels - 1)] });
  const wrong: [body: unknown, detail: string | RegExp][] = [
    [{ filters: { conditions: [{ operator: 'eq', value: 1 }] } }, 'filters.conditions[0].field: field is required'],
    [{ filters: { and: [{}] } }, 'filters.and[0].field: field is required'],
    [{ filters: { and: [{ field: 'title' }] } }, 'filters.and[0].operator: operator is required'],
    [
      { filters: { and: [c('title', 'exists'), c('frist_name', 'eq', 'x')] } },
      "filters.and[1].field: unknown field 'frist_name', did you mean 'first_name'?",
    ],
    [
      { filters: { or: [{ conditions: [c('company_nmae', 'eq', 'x')] }] } },
      "filters.or[0].conditions[0].field: unknown field 'company_nmae', did you mean 'company_name'?",
    ],
    [
      { filters: { and: [c('title', 'exists'), c('title', 'equal', 'x')] } },
      "filters.and[1].operator: unknown operator 'equal', did you mean 'equals'?",
    ],
    [
      { filters: { and: [c('title', 'resembles', 'x')] } },
      /^filters\.and\[0\]\.operator: unknown operator 'resembles'; use one of eq, ne, /,
    ],
    [
      { filters: { and: [c('employees_count', 'contains', 'x')] } },
      "filters.and[0].operator: operator 'contains' does not apply to 'employees_count', which takes eq, ne, in, nin, exists, nexists, gt, gte, lt, lte",
    ],
    [{ filters: { and: [c('title', 'constructor', 'x')] } }, /operator: unknown operator/],
    [
      { filters: { and: [c('company_employees_count', 'gte', '100')] } },
      "filters.and[0].value: 'company_employees_count' takes a whole number",
    ],
    [{ filters: { and: [c('title', 'in', ['a', 5])] } }, "filters.and[0].value[1]: 'title' takes a text"],
    [{ filters: { and: [c('title', 'eq', ['a'])] } }, "filters.and[0].value: takes one value; use 'in' for several"],
    [{ filters: { and: [c('title', 'contains')] } }, 'filters.and[0].value: value is required'],
    [{ filters: { and: [c('title', 'eq', 'a\0')] } }, /^filters\.and\[0\]\.value/],
    [{ filters: { and: [c('meta_data', 'eq', 'a')] } }, /takes exists, nexists$/],
    [{ filters: { and: { field: 'title' } } }, 'filters.and: must be a list of conditions'],
    [{ filters: { and: ['title'] } }, 'filters.and[0]: must be an object'],
    [{ filters: [] }, 'filters: must be an object'],
    [{ filters: 'title' }, 'filters: must be an object'],
    [{ filters: { nad: [] } }, "filters: unknown key 'nad', did you mean 'and'?"],
    [
      { filters: { and: [{ feild: 'title', operator: 'eq' }] } },
      "filters.and[0]: unknown key 'feild', did you mean 'field'?",
    ],
    [{ filters: { conditions: [], and: [] } }, "filters: unknown key 'and'; use one of conditions, logic"],
    [{ filters: { conditions: [], logic: 'XOR' } }, 'filters.logic: must be "AND" or "OR"'],
    [{ filters: deep(11) }, `filters${'.and[0]'.repeat(11)}: more than 10 levels of and, or`],
    [{ filters: { and: Array(201).fill(c('title', 'exists')) } }, 'filters.and[200]: more than 200 conditions'],
    [{ filters: { and: Array(3000).fill({ and: [] }) } }, /^filters\.and\[\d+\]: more than 200 conditions$/],
    [{ filter: {} }, "unknown key 'filter', did you mean 'filters'?"],
    [{ limit: 0 }, 'limit: must be at least 1'],
    [{ limit: -1, offset: -1 }, 'limit: must be at least 1; offset: must be at least 0'],
    [{ limit: '10' }, 'limit: must be a number'],
    [{ limit: 1.5 }, 'limit: must be a whole number'],
    [{ sort_by: 'titel' }, "sort_by: unknown field 'titel', did you mean 'title'?"],
    [{ sort_by: 'meta_data' }, "sort_by: records cannot be sorted by 'meta_data'"],
    [{ sort_direction: 'up' }, /^sort_direction: must be one of asc, desc/],
    [{ select_columns: ['title', 'emial'] }, "select_columns[1]: unknown column 'emial', did you mean 'email'?"],
    [{ select_columns: 'title' }, 'select_columns: must be a list'],
    [
      { company_config: { populate: true, select_columns: ['nmae'] } },
      "company_config.select_columns[0]: unknown column 'nmae', did you mean 'name'?",
    ],
    [{ company_config: { populate: 'yes' } }, 'company_config.populate: must be true or false'],
    [{ company_config: { poplate: true } }, "company_config: unknown key 'poplate', did you mean 'populate'?"],
    [[], 'must be an object'],
  ];
  it.each(wrong)('%j', async (body, detail) => {
    for (const path of ['contacts/query', 'contacts/count', 'contacts/explain']) {
      const reply = await post(path, body);
      expect(reply.status).toBe(400);
      const told =
        typeof detail === 'string'
          ? `Invalid VQL query: ${detail}`
          : expect.stringMatching(new RegExp(detail.source.replace('^', '^Invalid VQL query: ')));
      expect(reply.json).toEqual({ detail: told });
    }
  });

  it('takes ten levels and two hundred conditions', async () => {
    expect((await query({ filters: deep(10) })).meta.count).toBe(4);
    expect((await query({ filters: { or: Array(200).fill(c('title', 'exists')) } })).meta.count).toBe(4);
  });

  it('is told by the parameter where the address is wrong, and by JSON where the body is', async () => {
    expect(await post('contacts/query?limit=0', {})).toMatchObject({
      status: 400,
      json: { detail: 'limit: must be at least 1' },
    });
    expect(await post('contacts/query', '{"filters":')).toMatchObject({
      status: 400,
      json: { detail: expect.stringMatching(/not valid JSON/) },
    });
  });
});

describe('the registry of filters', () => {
  it('lists the filters of contacts and of companies', async () => {
    const { json } = await app.request('GET', '/api/v3/contacts/filters');
    expect(json.data).toHaveLength(13);
    expect(json.data).toEqual(
      expect.arrayContaining([
        { key: 'first_name', type: 'text', label: 'First Name', direct_derived: true },
        { key: 'departments', type: 'keyword', label: 'Departments', direct_derived: false },
        { key: 'email_status', type: 'keyword', label: 'Email Status', direct_derived: false },
      ]),
    );
    const companies = await app.request('GET', '/api/v3/companies/filters/');
    expect(companies.json.data).toContainEqual({
      key: 'employees_count',
      type: 'range',
      label: 'Employees Count',
      direct_derived: true,
    });
  });

  const values: [body: Body, data: string[]][] = [
    [{ service: 'contact', filter_key: 'departments' }, ['Sales', 'Engineering', 'Executive']],
    [{ service: 'contact', filter_key: 'departments', search_text: 'ENG' }, ['Engineering']],
    [{ service: 'contact', filter_key: 'departments', page: 2, limit: 2 }, ['Executive']],
    [{ service: 'contact', filter_key: 'first_name', search_text: null, page: null }, ['Ada', 'John', 'Lone', 'Zoë']],
    [{ service: 'company', filter_key: 'technologies' }, ['Django', 'Python', 'SAP']],
  ];
  it.each(values)('gives the values for %j', async (body, data) => {
    for (const path of ['contacts', 'companies'])
      expect(await post(`${path}/filters/data`, body)).toMatchObject({ status: 200, json: { data } });
  });

  const missing = (field: string) => ({
    detail: [{ loc: ['body', field], msg: 'field required', type: 'value_error.missing' }],
  });
  const refused: [body: unknown, status: number, json: unknown][] = [
    [{ service: 'contact' }, 422, missing('filter_key')],
    [{ filter_key: 'title' }, 422, missing('service')],
    [{ service: 'contact', filter_key: 'title', limit: 101 }, 422, { detail: [{ loc: ['body', 'limit'] }] }],
    [{ service: 'contact', filter_key: 'title', page: 0 }, 422, { detail: [{ loc: ['body', 'page'] }] }],
    [{ service: 5, filter_key: 'title' }, 422, { detail: [{ loc: ['body', 'service'], type: 'type_error' }] }],
    [{ service: 'contacts', filter_key: 'title' }, 400, { detail: "Service must be 'contact' or 'company'" }],
    [
      { service: 'contact', filter_key: 'department' },
      400,
      { detail: "unknown filter 'department', did you mean 'departments'?" },
    ],
  ];
  it.each(refused)('refuses %j', async (body, status, json) => {
    expect(await post('contacts/filters/data', body)).toMatchObject({ status, json });
  });
});

describe('search and explanation', () => {
  const search = (parameters: Record<string, string>, records = 'contacts') =>
    app.request('GET', `/api/v3/${records}/search?${new URLSearchParams(parameters)}`);

  it('finds in spite of typos, ranked, with facets and highlights', async () => {
    const { status, json } = await search({ q: 'angstrom' });
    expect(status).toBe(200);
    expect(json.results[0]).toMatchObject({
      first_name: 'Zoë',
      departments: ['Sales'],
      company: { name: 'Nord, Inc' },
      score: expect.any(Number),
      highlights: { last_name: '<mark>Ångström</mark>' },
    });
    expect(json).toMatchObject({
      next: null,
      previous: null,
      facets: { country: [{ value: 'Sweden', count: 1 }] },
      meta: { engine: 'postgresql', count: 1, returned_records: 1, page_size: 25, filters_applied: false },
    });
    expect((await search({ q: 'acme' }, 'companies')).json.results[0].name).toBe('Acme Corp');
  });

  it('takes filters and pages', async () => {
    const filters = JSON.stringify({ and: [c('title', 'contains', 'engineer')] });
    expect((await search({ q: 'acme', filters })).json).toMatchObject({
      results: [{ first_name: 'Ada' }],
      meta: { filters_applied: true, count: 1 },
    });
    const { json } = await search({ q: 'acme', limit: '1' });
    expect(json).toMatchObject({
      next: `${app.url}/api/v3/contacts/search?q=acme&limit=1&offset=1`,
      meta: { count: 2 },
    });
    const next = await app.request('GET', new URL(json.next).pathname + new URL(json.next).search);
    expect(next.json).toMatchObject({
      next: null,
      previous: `${app.url}/api/v3/contacts/search?q=acme&limit=1&offset=0`,
    });
    expect(next.json.results[0].uuid).not.toBe(json.results[0].uuid);
  });

  const refused: [parameters: Record<string, string>, detail: string | RegExp][] = [
    [{}, 'q: is required'],
    [{ q: 'x'.repeat(501) }, 'q: must have at most 500 characters'],
    [{ q: 'a', limit: '0' }, 'limit: must be at least 1'],
    [{ q: 'a', offset: '10001' }, 'offset: must be at most 10000'],
    [{ q: 'a', filters: '{' }, /^Invalid VQL query: filters: is not valid JSON/],
    [{ q: 'a', filters: '{"and":[{}]}' }, 'Invalid VQL query: filters.and[0].field: field is required'],
  ];
  it.each(refused)('refuses %j', async (parameters, detail) => {
    const { status, json } = await search(parameters);
    expect(status).toBe(400);
    expect(json.detail).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail));
  });

  it('tells what a query means and how it is answered', async () => {
    const { json } = await post('contacts/explain', {
      filters: { and: [c('title', 'contains', 'cto'), c('employees_count', 'gte', 50)] },
      sort_by: 'first_name',
    });
    expect(json).toEqual({
      meaning: 'contacts where Title contains “cto” and Company Employees Count is at least 50',
      order: 'First Name ascending, then ID ascending',
      cost: expect.any(Number),
      steps: expect.arrayContaining([{ step: expect.any(String), on: 'contacts', rows: expect.any(Number) }]),
    });
    expect((await post('companies/explain', {})).json.meaning).toBe('companies: all of them');
  });
});

describe('the wire', () => {
  const routes: [method: string, path: string][] = ['contacts', 'companies'].flatMap((records) => [
    ['POST', `${records}/query`],
    ['POST', `${records}/count`],
    ['POST', `${records}/explain`],
    ['GET', `${records}/search?q=a`],
    ['GET', `${records}/filters`],
    ['POST', `${records}/filters/data`],
    ['GET', `${records}/6f1a2b3c-0000-4000-8000-000000000000`],
  ]);
  it.each(routes)('%s %s is for signed-in users', async (method, path) => {
    const body = method === 'POST' ? {} : undefined;
    expect(await app.request(method, `/api/v3/${path}`, { token: null, body })).toMatchObject({
      status: 401,
      json: { detail: 'Not authenticated' },
    });
    expect(await app.request(method, `/api/v3/${path}`, { token: 'nonsense', body })).toMatchObject({
      status: 401,
      json: { detail: 'Given token not valid for any token type' },
    });
  });

  it('answers with the trailing slash too; a static path wins over a uuid', async () => {
    expect((await post('contacts/query/', {})).status).toBe(200);
    expect((await post('contacts/count/', {})).status).toBe(200);
    expect(await app.request('GET', '/api/v3/contacts/query')).toMatchObject({
      status: 405,
      json: { detail: 'Method "GET" not allowed.' },
    });
  });

  it('tells of a failure of the server without what it was', async () => {
    await app.app.pool.query('alter table contacts rename to contacts_away');
    try {
      expect(await post('contacts/query', {})).toMatchObject({
        status: 500,
        json: {
          detail: 'An error occurred while processing the request. Please check your query parameters and try again.',
        },
      });
    } finally {
      await app.app.pool.query('alter table contacts_away rename to contacts');
    }
  });
});

describe('companies with more contacts than a page of companies shows', () => {
  it('show their newest ones, and leave no other company without its own', async () => {
    const row = (company: string, index: number) => `P${index},p${index}@${company}.example,${company}`;
    await importCsv(
      app,
      csvOf(
        'First Name,Email,Company',
        row('few', 0),
        row('few', 1),
        ...Array.from({ length: 1010 }, (_, index) => row('many', index)),
      ),
    );
    const { results } = await query(
      {
        filters: { and: [c('name', 'in', ['few', 'many'])] },
        sort_by: 'name',
        contact_config: { populate: true, select_columns: ['email'] },
      },
      'companies',
    );
    const emails = results.map(({ contacts }: { contacts: { email: string }[] }) => contacts.map(({ email }) => email));
    expect(emails[0]).toEqual(['p1@few.example', 'p0@few.example']);
    expect(emails[1]).toEqual(Array.from({ length: 25 }, (_, index) => `p${1009 - index}@many.example`));
  });
});
