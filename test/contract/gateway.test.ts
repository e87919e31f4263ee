import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';

/** Document 003: `/contacts`, and its mirror `/companies`. */
const KEY = 'key of the tests';
let app: TestApp;
let readKey: string;

type Body = Readonly<Record<string, unknown>>;
type Reply = { data: Record<string, unknown>[]; search_after?: unknown[]; success: true };

const send = (method: string, path: string, body?: unknown, key: string | undefined = KEY) =>
  app.request(method, path, { token: null, body, headers: key === undefined ? {} : { 'x-api-key': key } });
const query = async (body: Body, records = 'contacts'): Promise<Reply> => {
  const { status, json, text } = await send('POST', `/${records}`, body);
  expect(status, text).toBe(200);
  return json;
};
const made = async (records: string, body: Body) => {
  const { status, json, text } = await send('POST', `/${records}/create`, body);
  expect(status, text).toBe(201);
  return json.data;
};
const namesOf = ({ data }: Reply) => data.map((item) => item.first_name ?? item.name);
const refusal = (error_code: string, error: unknown, details?: unknown) => ({
  success: false,
  error,
  error_code,
  message: error,
  ...(details !== undefined && { details }),
});
const notFound = (record: string) => refusal('NOT_FOUND', `${record} with identifier 'specified UUID' not found`);

const ACME = 'c0a8012e-1111-2222-3333-444455556666';
const NORD = 'c0a8012e-2222-3333-4444-555566667777';
const NOBODY = '6f1a2b3c-0000-4000-8000-000000000000';

beforeAll(async () => {
  app = await startTestApp({ API_KEY: KEY, MAX_REQUESTS_PER_MINUTE: '1000000' });
  const { json } = await app.request('POST', '/api/v4/admin/api-keys/', {
    token: app.adminToken,
    body: { name: 'reader', scope: 'read' },
  });
  readKey = json.key;
  await made('companies', {
    uuid: ACME,
    name: 'Acme Software',
    website: 'https://www.acme.example/about',
    employees_count: 500,
    industries: ['Software', 'SaaS'],
    keywords: ['cloud'],
    technologies: ['Go', 'PostgreSQL'],
    annual_revenue: 10000000,
    city: 'Malmö',
    linkedin_url: 'https://www.linkedin.com/company/acme',
  });
  await made('companies', { uuid: NORD, name: 'Nord Machines', employees_count: 50, industries: ['Machinery'] });
  const contacts: Body[] = [
    {
      first_name: 'John',
      last_name: 'Smith',
      email: 'john@acme.example',
      company_id: ACME,
      title: 'Senior Software Engineer',
      departments: ['Engineering', 'Research'],
      email_status: 'verified',
      seniority: 'Senior',
      city: 'San Francisco',
      country: 'USA',
      mobile_phone: '4706037761',
      meta_data: { source: 'fair' },
    },
    {
      first_name: 'Zoë',
      last_name: 'Ångström',
      email: 'ZOË@nord.example',
      company_id: NORD,
      title: 'Engineer of Software and Machines',
      departments: ['Engineering'],
      email_status: 'verified',
      seniority: 'Lead',
      city: 'Malmö',
      country: 'Sweden',
    },
    {
      first_name: 'Ida',
      last_name: 'Intern',
      email: 'ida@acme.example',
      company_id: ACME,
      title: 'Engineering Intern',
    },
    {
      first_name: 'Bo',
      last_name: 'Berg',
      email: 'bo@free.example',
      title: 'Python Developer',
      email_status: 'bounced',
    },
  ];
  for (const contact of contacts) await made('contacts', contact);
});
afterAll(() => app.stop());

describe('a record', () => {
  const contact = {
    id: expect.any(Number),
    uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    first_name: 'John',
    last_name: 'Smith',
    title: 'Senior Software Engineer',
    email: 'john@acme.example',
    email_status: 'verified',
    primary_email_catch_all_status: null,
    seniority: 'Senior',
    departments: ['Engineering', 'Research'],
    work_direct_phone: null,
    home_phone: null,
    mobile_phone: '4706037761',
    corporate_phone: null,
    other_phone: null,
    stage: null,
    linkedin_url: null,
    facebook_url: null,
    twitter_url: null,
    website: null,
    city: 'San Francisco',
    state: null,
    country: 'USA',
    text_search: null,
    company_id: ACME,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    updated_at: expect.stringMatching(/\.\d{6}Z$/),
    deleted_at: null,
  };
  const john = { where: { keyword_match: { must: { email: 'john@acme.example' } } } };

  it('is shown with all its fields, in lists without what an import left over', async () => {
    const reply = await query(john);
    expect(reply).toEqual({ data: [contact], success: true });
    const { status, json } = await send('GET', `/contacts/${(reply.data[0]!.uuid as string).toUpperCase()}/`);
    expect(status).toBe(200);
    expect(json).toEqual({ data: { ...contact, meta_data: { source: 'fair' } }, success: true });
  });

  it('of a company is shown alike', async () => {
    const { json } = await send('GET', `/companies/${ACME}`);
    expect(json.data).toEqual({
      id: 1,
      uuid: ACME,
      name: 'Acme Software',
      company_name_for_emails: null,
      employees_count: 500,
      industries: ['Software', 'SaaS'],
      keywords: ['cloud'],
      technologies: ['Go', 'PostgreSQL'],
      address: null,
      text_search: null,
      city: 'Malmö',
      state: null,
      country: null,
      phone_number: null,
      website: 'https://www.acme.example/about',
      normalized_domain: 'acme.example',
      linkedin_url: 'https://www.linkedin.com/company/acme',
      linkedin_sales_url: null,
      facebook_url: null,
      twitter_url: null,
      annual_revenue: 10000000,
      total_funding: null,
      latest_funding: null,
      latest_funding_amount: null,
      last_raised_at: null,
      meta_data: {},
      created_at: expect.any(String),
      updated_at: expect.any(String),
      deleted_at: null,
    });
  });

  it('shows the chosen columns only, and the company as configured', async () => {
    const chosen = async (body: Body) => (await query({ ...john, ...body })).data[0];
    expect(await chosen({ select_columns: ['email', 'deleted_at', 'meta_data'] })).toEqual({
      email: 'john@acme.example',
      deleted_at: null,
      meta_data: { source: 'fair' },
    });
    expect(
      await chosen({ select_columns: ['id'], company_config: { populate: true, select_columns: ['name', 'website'] } }),
    ).toEqual({ id: 1, company: { name: 'Acme Software', website: 'https://www.acme.example/about' } });
    const { company } = (await chosen({ select_columns: ['id'], company_config: { populate: true } })) as never;
    expect(company).toMatchObject({ uuid: ACME, industries: ['Software', 'SaaS'], deleted_at: null });
    expect(await chosen({ select_columns: ['id'], company_config: { populate: false } })).toEqual({ id: 1 });
    const { uuid } = (await query({ where: { keyword_match: { must: { first_name: 'bo' } } } })).data[0] as never;
    const { json } = await send('GET', `/contacts/${uuid}?select_columns=first_name,company_id,deleted_at`);
    expect(json.data).toEqual({ first_name: 'Bo', company_id: null, deleted_at: null });
  });
});

describe('where', () => {
  const text = (filter_key: string, text_value: string, search_type: string, more: Body = {}) => ({
    filter_key,
    text_value,
    search_type,
    ...more,
  });
  const must = (...matches: Body[]) => ({ text_matches: { must: matches } });
  const mustNot = (...matches: Body[]) => ({ text_matches: { must_not: matches } });
  const keyword = (fields: Body) => ({ keyword_match: { must: fields } });
  const range = (fields: Body) => ({ range_query: { must: fields } });
  const everyone = ['Bo', 'Ida', 'John', 'Zoë'];
  const cases: [where: unknown, names: string[]][] = [
    [undefined, everyone],
    [null, everyone],
    [{}, everyone],
    [
      { text_matches: { must: [], must_not: null }, keyword_match: { must: {}, must_not: {} }, range_query: {} },
      everyone,
    ],
    [must(text('title', 'software engineer', 'exact')), ['John']],
    [must(text('title', 'engineer software', 'exact')), []],
    [must(text('title', 'engineer software', 'exact', { slop: 1 })), ['Zoë']],
    [must(text('title', 'engineer machines', 'exact', { slop: 2 })), []],
    [must(text('title', 'engineer machines', 'exact', { slop: 3 })), ['Zoë']],
    [must(text('title', 'SOFTWARE engineer', 'shuffle')), ['John', 'Zoë']],
    [must(text('title', 'engine', 'shuffle')), []],
    [must(text('title', 'engineer intern', 'shuffle', { operator: 'or' })), ['Ida', 'John', 'Zoë']],
    [must(text('title', 'enginer', 'shuffle')), []],
    [must(text('title', 'enginer', 'shuffle', { fuzzy: true })), ['John', 'Zoë']],
    [must(text('title', 'engin', 'substring')), ['Ida', 'John', 'Zoë']],
    [must(text('title', 'engin machi', 'substring')), ['Zoë']],
    [must(text('title', 'ython machi', 'substring', { operator: 'or' })), ['Bo', 'Zoë']],
    [must(text('last_name', 'angstrom', 'shuffle')), ['Zoë']],
    [must(text('title', 'intern', 'shuffle'), text('title', 'python', 'shuffle')), ['Bo', 'Ida']],
    [must(text('title', 'engineer', 'shuffle'), text('first_name', 'john', 'shuffle')), ['John']],
    [must(text('company_name', 'acme', 'substring')), ['Ida', 'John']],
    [must(text('title', '--', 'shuffle')), everyone],
    [mustNot(text('title', 'intern', 'shuffle')), ['Bo', 'John', 'Zoë']],
    [mustNot(text('title', 'intern', 'shuffle'), text('city', 'malmo', 'shuffle')), ['Bo', 'John']],
    [mustNot(text('title', '--', 'shuffle')), everyone],
    [keyword({ country: 'usa' }), ['John']],
    [keyword({ country: ['USA', 'Sweden'], email_status: 'verified', seniority: ['Lead'] }), ['Zoë']],
    [keyword({ departments: 'research' }), ['John']],
    [keyword({ departments: ['Engineering', 'Nothing'] }), ['John', 'Zoë']],
    [keyword({ departments: 'Engineer' }), []],
    [keyword({ company_id: [ACME, 'company-uuid-1'] }), ['Ida', 'John']],
    [keyword({ company_id: 'company-uuid-1' }), []],
    [keyword({ company_industries: ['machinery'] }), ['Zoë']],
    [keyword({ id: 1 }), ['John']],
    [{ keyword_match: { must_not: { email_status: ['verified'] } } }, ['Bo', 'Ida']],
    [{ keyword_match: { must_not: { company_id: 'company-uuid-1' } } }, everyone],
    [range({ created_at: { gte: '2023-01-01T00:00:00Z', lte: '2123-01-01T00:00:00Z' } }), everyone],
    [range({ created_at: { lt: '2023-01-01T00:00:00Z' } }), []],
    [range({ company_employees_count: { gt: 50 } }), ['Ida', 'John']],
    [range({ company_employees_count: { gte: 50, lt: 500 } }), ['Zoë']],
    [{ range_query: { must_not: { company_employees_count: { gte: 100 } } } }, ['Bo', 'Zoë']],
    [{ ...must(text('title', 'engineer', 'substring')), ...keyword({ country: 'Sweden' }) }, ['Zoë']],
  ];
  it.each(cases)('%j', async (where, names) => {
    expect(namesOf(await query({ where })).sort()).toEqual(names);
    expect(await send('POST', '/contacts/count', { where, limit: 25 })).toMatchObject({
      status: 200,
      json: { count: names.length, success: true },
    });
  });

  const companyCases: [where: unknown, names: string[]][] = [
    [must(text('name', 'machines', 'shuffle')), ['Nord Machines']],
    [must(text('website', 'acme', 'substring')), ['Acme Software']],
    [keyword({ technologies: 'postgresql' }), ['Acme Software']],
    [range({ employees_count: { lte: 50 } }), ['Nord Machines']],
    [{ keyword_match: { must_not: { keywords: ['cloud'] } } }, ['Nord Machines']],
  ];
  it.each(companyCases)('of companies: %j', async (where, names) => {
    expect(namesOf(await query({ where }, 'companies'))).toEqual(names);
    expect((await send('POST', '/companies/count/', { where })).json).toEqual({ count: names.length, success: true });
  });
});

describe('order and pages', () => {
  it('is newest first, else by the given fields', async () => {
    expect(namesOf(await query({}))).toEqual(['Bo', 'Ida', 'Zoë', 'John']);
    const order_by = [{ order_by: 'email_status', order_direction: 'desc' }, { order_by: 'email' }];
    expect(namesOf(await query({ order_by }))).toEqual(['John', 'Zoë', 'Bo', 'Ida']);
    expect(namesOf(await query({ order_by, page: 2, limit: 3 }))).toEqual(['Ida']);
    expect(await query({ order_by, page: 2, limit: 3 })).not.toHaveProperty('search_after');
    expect(namesOf(await query({ order_by, page: 10 }))).toEqual([]);
  });

  const sortable: [records: string, field: string][] = [
    ...['id', 'company_id', 'email', 'departments', 'mobile_phone', 'email_status', 'seniority', 'created_at'].map(
      (field): [string, string] => ['contacts', field],
    ),
    ...[
      'id',
      'employees_count',
      'annual_revenue',
      'total_funding',
      'created_at',
      'industries',
      'keywords',
      'technologies',
    ].map((field): [string, string] => ['companies', field]),
  ];
  it.each(sortable)('%s by %s are walked by search_after, every record once', async (records, field) => {
    for (const order_direction of ['asc', 'desc']) {
      const order_by = [{ order_by: field, order_direction }];
      const whole = await query({ order_by }, records);
      const walked: unknown[] = [];
      let search_after: unknown[] | undefined;
      do {
        const page: Reply = await query({ order_by, limit: 1, ...(search_after && { search_after }) }, records);
        walked.push(...page.data.map(({ id }) => id));
        search_after = page.search_after;
        // What the reply gives is what the last record shows, so that a client may take it from there.
        if (search_after) {
          const [last] = page.data as [Record<string, unknown>];
          expect(search_after).toEqual(field === 'id' ? [last.id] : [last[field], last.id]);
        }
      } while (search_after);
      expect(walked).toEqual(whole.data.map(({ id }) => id));
    }
  });

  it('of several fields gives their values, and takes any row from there', async () => {
    const order_by = [
      { order_by: 'seniority', order_direction: 'asc' },
      { order_by: 'created_at', order_direction: 'desc' },
    ];
    const { data, search_after } = await query({ order_by, limit: 2 });
    expect(data.map(({ first_name }) => first_name)).toEqual(['Zoë', 'John']);
    expect(search_after).toEqual(['Senior', data[1]!.created_at, data[1]!.id]);
    expect(namesOf(await query({ order_by, search_after: ['lead', data[0]!.created_at, data[0]!.id] }))).toEqual([
      'John',
      'Bo',
      'Ida',
    ]);
  });
});

describe('the registry of filters', () => {
  it('lists the filters of each record type by key, with the numbers that clients know', async () => {
    const { json } = await send('GET', '/contacts/filters');
    expect(json.success).toBe(true);
    expect(json.data.map(({ id, key }: { id: number; key: string }) => [id, key])).toEqual([
      [24, 'city'],
      [17, 'company_id'],
      [26, 'country'],
      [20, 'departments'],
      [18, 'email'],
      [22, 'email_status'],
      [15, 'first_name'],
      [16, 'last_name'],
      [27, 'linkedin_url'],
      [21, 'mobile_phone'],
      [23, 'seniority'],
      [25, 'state'],
      [19, 'title'],
    ]);
    expect(json.data[8]).toEqual({
      id: 27,
      key: 'linkedin_url',
      service: 'contact',
      display_name: 'LinkedIn URL',
      direct_derived: true,
      deleted_at: null,
    });
    const companies = await send('GET', '/companies/filters/');
    expect(companies.json.data).toHaveLength(14);
    expect(companies.json.data[0]).toMatchObject({ key: 'address', service: 'company' });
  });

  it('gives their values, most frequent first', async () => {
    const values = async (records: string, body: Body) => (await send('POST', `/${records}/filters/data`, body)).json;
    expect(await values('contacts', { service: 'contact', filter_key: 'departments', page: 1, limit: 25 })).toEqual({
      data: ['Engineering', 'Research'],
      success: true,
    });
    expect(await values('contacts', { service: 'contact', filter_key: 'title', search_text: 'INTERN' })).toEqual({
      data: ['Engineering Intern'],
      success: true,
    });
    expect(await values('companies', { service: 'company', filter_key: 'name', limit: 1, page: 2 })).toEqual({
      data: ['Nord Machines'],
      success: true,
    });
  });
});

const SIZE =
  'ERR_PAGE_SIZE_EXCEEDED: the requested page size surpasses the maximum allowed limit; consider using pagination with smaller batches';
const RANGE =
  'ERR_PAGE_OUT_OF_RANGE: the requested page number is beyond the available range; verify total pages before requesting';

describe('what cannot be meant', () => {
  const match = { text_value: 'x', filter_key: 'title', search_type: 'exact' };
  const wrong: [body: unknown, error: string][] = [
    [{ limit: 101 }, SIZE],
    [{ limit: 0 }, SIZE],
    [{ page: 11 }, RANGE],
    [{ page: 0 }, RANGE],
    [{ limit: '5' }, 'limit: must be a number'],
    [{ were: {} }, "unknown key 'were', did you mean 'where'?"],
    [{ where: { text_match: {} } }, "where: unknown key 'text_match', did you mean 'text_matches'?"],
    [
      { where: { keyword_match: { mustnot: {} } } },
      "where.keyword_match: unknown key 'mustnot', did you mean 'must_not'?",
    ],
    [
      { where: { text_matches: { must: [{ ...match, filter_key: 'titel' }] } } },
      "where.text_matches.must[0].filter_key: unknown filter_key 'titel', did you mean 'title'?",
    ],
    [
      { where: { text_matches: { must_not: [match, { ...match, filter_key: 'company_employees_count' }] } } },
      "where.text_matches.must_not[1].filter_key: 'company_employees_count' cannot be asked by text_matches",
    ],
    [
      { where: { text_matches: { must: [{ ...match, search_type: 'shufle' }] } } },
      "where.text_matches.must[0].search_type: must be one of exact, shuffle, substring, did you mean 'shuffle'?",
    ],
    [
      { where: { text_matches: { must: [{ filter_key: 'title', search_type: 'exact' }] } } },
      'where.text_matches.must[0].text_value: text_value is required',
    ],
    [
      { where: { text_matches: { must: [{ ...match, text_value: 'a\0' }] } } },
      'where.text_matches.must[0].text_value: must not contain a NUL character',
    ],
    [
      { where: { text_matches: { must: [{ ...match, slop: -1 }] } } },
      'where.text_matches.must[0].slop: must be at least 0',
    ],
    [
      { where: { keyword_match: { must: { contry: 'x' } } } },
      "where.keyword_match.must.contry: unknown filter_key 'contry', did you mean 'country'?",
    ],
    [
      { where: { keyword_match: { must: { country: 5 } } } },
      "where.keyword_match.must.country: 'country' takes a text",
    ],
    [
      { where: { keyword_match: { must: { country: ['a', null] } } } },
      "where.keyword_match.must.country[1]: 'country' takes a text",
    ],
    [
      { where: { range_query: { must: { company_employees_count: { gte: 'many' } } } } },
      "where.range_query.must.company_employees_count.gte: 'company_employees_count' takes a whole number",
    ],
    [
      { where: { range_query: { must: { created_at: { from: 'x' } } } } },
      "where.range_query.must.created_at: unknown key 'from'; use one of gt, gte, lt, lte",
    ],
    [
      { where: { range_query: { must: { departments: { gte: 'x' } } } } },
      "where.range_query.must.departments: 'departments' cannot be asked by range_query",
    ],
    [{ where: { text_matches: { must_not: Array(201).fill(match) } } }, 'where: more than 200 conditions'],
    [
      { order_by: [{ order_by: 'email' }, { order_by: 'title' }] },
      "order_by[1].order_by: 'title' is not sortable; use one of id, company_id, email, departments, mobile_phone, email_status, seniority, created_at",
    ],
    [
      { order_by: [{ order_by: 'email', order_direction: 'down' }] },
      'order_by[0].order_direction: must be one of asc, desc',
    ],
    [{ select_columns: ['id', 'emial'] }, "select_columns[1]: unknown column 'emial', did you mean 'email'?"],
    [
      { select_columns: ['company_name'] },
      "select_columns[0]: 'company_name' is for filters only; use company_config with populate and select_columns 'name'",
    ],
    [{ company_config: { select_columns: ['name'] } }, 'company_config.populate: populate is required'],
    [
      { company_config: { populate: true, select_columns: ['nmae'] } },
      "company_config.select_columns[0]: unknown column 'nmae', did you mean 'name'?",
    ],
    [
      { company_config: { populate: true, select_columns: ['company_name'] } },
      "company_config.select_columns[0]: unknown column 'company_name', did you mean 'name'?",
    ],
    [{ search_after: [1] }, 'search_after: must hold the values of created_at, id of the last row'],
    [
      { search_after: ['yesterday', 1] },
      'search_after[0]: must be the value of created_at, an ISO 8601 time such as 2024-01-01T00:00:00Z',
    ],
    [{ search_after: ['2024-01-01', '1'] }, 'search_after[1]: must be the value of id, a whole number'],
    [{ search_after: ['2024-01-01', 1], page: 2 }, 'page: must be 1 or absent beside search_after'],
    [{ search_after: [null, 1] }, 'Invalid cursor value'],
    [[], 'must be an object'],
  ];
  it.each(wrong)('%j', async (body, error) => {
    const { status, json } = await send('POST', '/contacts', body);
    expect(status).toBe(400);
    const details = json.details === undefined ? undefined : expect.any(Object);
    expect(json).toEqual(refusal('VALIDATION_ERROR', error, details));
  });

  it('tells each fault under the place where it is', async () => {
    expect((await send('POST', '/contacts', { limit: '5', where: { keyword: {} } })).json.details).toEqual({
      where: "unknown key 'keyword'; use one of text_matches, keyword_match, range_query",
      limit: 'must be a number',
    });
    expect((await send('POST', '/contacts', { limit: 101 })).json).toEqual(refusal('VALIDATION_ERROR', SIZE));
  });

  it('companies have their own fields and nothing to populate', async () => {
    const { json } = await send('POST', '/companies', { order_by: [{ order_by: 'name' }] });
    expect(json.error).toBe(
      "order_by[0].order_by: 'name' is not sortable; use one of id, employees_count, annual_revenue, total_funding, created_at, industries, keywords, technologies",
    );
    expect((await send('POST', '/companies', { company_config: { populate: true } })).json.error).toMatch(
      /^unknown key 'company_config'/,
    );
  });

  const values: [body: unknown, error: string][] = [
    [{ filter_key: 'title' }, 'service: service is required'],
    [{ service: 'contact' }, 'filter_key: filter_key is required'],
    [{ service: 'company', filter_key: 'title' }, "service: must be 'contact'"],
    [{ service: 'contact', filter_key: 'titel' }, "unknown filter 'titel', did you mean 'title'?"],
    [{ service: 'contact', filter_key: 'title', limit: 101 }, SIZE],
    [{ service: 'contact', filter_key: 'title', page: 11 }, RANGE],
    [{ service: 'contact', filter_key: 'title', pages: 1 }, "unknown key 'pages', did you mean 'page'?"],
  ];
  it.each(values)('filters/data %j', async (body, error) => {
    expect(await send('POST', '/contacts/filters/data', body)).toMatchObject({
      status: 400,
      json: { error, error_code: 'VALIDATION_ERROR' },
    });
  });
});

describe('creating', () => {
  it('answers 201 with the record, which keeps the uuid it was given', async () => {
    const uuid = '0193a1b2-0000-7000-8000-000000000001';
    const { status, json } = await send('POST', '/contacts/create', {
      uuid,
      first_name: ' Eve ',
      last_name: 'New',
      email: 'eve@free.example',
      departments: ['Sales', 'sales', ''],
      website: 'https://eve.example',
      state: '',
      id: 99,
      deleted_at: null,
    });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      data: { uuid, first_name: 'Eve', departments: ['Sales'], website: 'https://eve.example', state: null },
      success: true,
    });
    expect(json.data.id).not.toBe(99);
    expect((await send('GET', `/contacts/${uuid}`)).json.data).toEqual(json.data);
    await send('DELETE', `/contacts/${uuid}`);
  });

  const sound = { first_name: 'A', last_name: 'B', email: 'a@b.example' };
  const contacts: [body: unknown, error: string, details: Body][] = [
    [{ last_name: 'B', email: 'a@b.example' }, 'first_name is required', { first_name: 'first_name is required' }],
    [
      { first_name: ' ', last_name: null },
      'first_name is required; last_name is required; email is required',
      { first_name: expect.any(String), last_name: expect.any(String), email: 'email is required' },
    ],
    [undefined, 'first_name is required; last_name is required; email is required', expect.any(Object) as never],
    [{ ...sound, email: 'nobody' }, 'invalid email format: nobody', { email: 'invalid email format: nobody' }],
    [{ ...sound, uuid: 'x' }, 'invalid UUID format: x', { uuid: 'invalid UUID format: x' }],
    [{ ...sound, company_id: 'x' }, 'invalid company_id: x', { company_id: 'invalid company_id: x' }],
    [
      { ...sound, company_id: NOBODY },
      `no company has the uuid '${NOBODY}'`,
      { company_id: 'No company has this uuid.' },
    ],
    [
      { ...sound, website: 'not-a-url' },
      'website must be a valid URL that begins with http:// or https://, got: not-a-url',
      { website: expect.any(String) },
    ],
    [
      { ...sound, linkedin_url: 'ftp://x.example' },
      expect.stringMatching(/^linkedin_url must be a valid URL/),
      { linkedin_url: expect.any(String) },
    ],
    [
      { ...sound, frist_name: 'x' },
      "unknown field 'frist_name', did you mean 'first_name'?",
      { frist_name: expect.any(String) },
    ],
    [{ ...sound, departments: 'Sales' }, 'departments must be a list of texts', { departments: expect.any(String) }],
    [{ ...sound, title: 5 }, 'title must be a text', { title: expect.any(String) }],
    [{ ...sound, title: 'a\0' }, 'title must not contain a NUL character', { title: expect.any(String) }],
    [[sound], 'a contact must be a JSON object', { body: expect.any(String) }],
  ];
  it.each(contacts)('refuses the contact %j', async (body, error, details) => {
    const { status, json } = await send('POST', '/contacts/create', body);
    expect(status).toBe(400);
    expect(json).toEqual(refusal('VALIDATION_ERROR', error, details));
  });

  const companies: [body: unknown, error: string][] = [
    [{ website: 'https://x.example' }, 'name is required'],
    [{ name: 'X', employees_count: -5 }, 'employees_count must be non-negative, got: -5'],
    [{ name: 'X', annual_revenue: 1.5 }, 'annual_revenue must be a whole amount'],
    [{ name: 'X', total_funding: '5' }, 'total_funding must be a whole amount'],
    [
      { name: 'X', linkedin_url: 'https://x.example' },
      'linkedin_url must be an address on linkedin.com, got: https://x.example',
    ],
    [{ name: 'X', normalized_domain: 'no host' }, 'normalized_domain must be a host name, got: no host'],
    [
      { name: 'X', facebook_url: 'facebook' },
      'facebook_url must be a valid URL that begins with http:// or https://, got: facebook',
    ],
  ];
  it.each(companies)('refuses the company %j', async (body, error) => {
    expect(await send('POST', '/companies/create', body)).toMatchObject({
      status: 400,
      json: { error, error_code: 'VALIDATION_ERROR' },
    });
  });

  it('refuses with 409 what is there already', async () => {
    expect(await send('POST', '/contacts/create', { ...sound, email: 'JOHN@acme.example' })).toMatchObject({
      status: 409,
      json: refusal('CONFLICT', 'Contact with this email already exists', expect.any(Object)),
    });
    expect(await send('POST', '/companies/create', { name: 'Again', uuid: ACME })).toMatchObject({
      status: 409,
      json: { error_code: 'CONFLICT', details: { uuid: expect.any(String) } },
    });
    expect(await send('POST', '/companies/create', { name: 'Again', website: 'http://acme.example' })).toMatchObject({
      status: 409,
      json: { error_code: 'CONFLICT', error: 'Company with this normalized_domain already exists' },
    });
  });
});

describe('changing and deleting', () => {
  it('changes what is given, clears by null, and leaves the rest', async () => {
    const { uuid } = await made('contacts', {
      first_name: 'Una',
      last_name: 'Update',
      email: 'una@free.example',
      title: 'Before',
      city: 'Oslo',
      company_id: NORD,
    });
    const { status, json } = await send('PUT', `/contacts/${uuid}`, { title: 'After', city: null });
    expect(status).toBe(200);
    expect(json).toMatchObject({ data: { uuid, title: 'After', city: null, company_id: NORD }, success: true });
    expect(json.data.updated_at > json.data.created_at).toBe(true);
    const again = await send('PUT', `/contacts/${uuid.toUpperCase()}/`, json.data);
    expect(again).toMatchObject({ status: 200, json: { data: { title: 'After' } } });
    expect(await send('DELETE', `/contacts/${uuid}`)).toMatchObject({
      status: 200,
      json: { message: 'Contact deleted successfully', success: true },
    });
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect(await send(method, `/contacts/${uuid}`, method === 'PUT' ? {} : undefined)).toMatchObject({
        status: 404,
        json: notFound('Contact'),
      });
    expect(namesOf(await query({ where: { keyword_match: { must: { first_name: 'una' } } } }))).toEqual([]);
  });

  it('does so with companies, whose contacts are left without one', async () => {
    const { uuid } = await made('companies', { name: 'Gone Soon', website: 'https://gone.example' });
    await made('contacts', { first_name: 'Left', last_name: 'Over', email: 'left@gone.example', company_id: uuid });
    expect((await send('PUT', `/companies/${uuid}`, { employees_count: 7 })).json.data).toMatchObject({
      name: 'Gone Soon',
      employees_count: 7,
      normalized_domain: 'gone.example',
    });
    expect((await send('DELETE', `/companies/${uuid}`)).json).toEqual({
      message: 'Company deleted successfully',
      success: true,
    });
    const where = { keyword_match: { must: { email: 'left@gone.example' } } };
    const { data } = await query({ where, company_config: { populate: true } });
    expect(data[0]).toMatchObject({ company_id: null, company: null });
    await send('DELETE', `/contacts/${data[0]!.uuid}`);
  });

  const wrong: [method: string, path: string, body: unknown, status: number, json: unknown][] = [
    ['GET', '/contacts/not-a-uuid', undefined, 400, refusal('VALIDATION_ERROR', 'Invalid UUID format')],
    ['PUT', '/contacts/123', {}, 400, refusal('VALIDATION_ERROR', 'Invalid UUID format')],
    ['DELETE', '/companies/x', undefined, 400, refusal('VALIDATION_ERROR', 'Invalid UUID format')],
    ['GET', `/contacts/${NOBODY}`, undefined, 404, notFound('Contact')],
    ['PUT', `/companies/${NOBODY}`, { name: 'X' }, 404, notFound('Company')],
    ['DELETE', `/contacts/${NOBODY}`, undefined, 404, notFound('Contact')],
    ['PUT', `/companies/${ACME}`, { nmae: 'X' }, 400, { error: "unknown field 'nmae', did you mean 'name'?" }],
    ['PUT', `/companies/${ACME}`, { employees_count: 'X' }, 400, { error: 'employees_count must be a whole number' }],
    ['PUT', `/companies/${ACME}`, { uuid: NOBODY }, 400, { error: 'uuid of the record cannot be changed' }],
    ['PUT', `/companies/${NORD}`, { normalized_domain: 'acme.example' }, 409, { error_code: 'CONFLICT' }],
    [
      'GET',
      `/companies/${ACME}?select_columns=name,nmae`,
      undefined,
      400,
      { error: "select_columns[1]: unknown column 'nmae', did you mean 'name'?" },
    ],
  ];
  it.each(wrong)('%s %s %j', async (method, path, body, status, json) => {
    expect(await send(method, path, body)).toMatchObject({ status, json });
  });
});

describe('upserting', () => {
  it('creates with 201, then updates by email or uuid with 200', async () => {
    const first = await send('POST', '/contacts/upsert', {
      first_name: 'Uli',
      last_name: 'Upsert',
      email: 'uli@free.example',
    });
    expect(first).toMatchObject({ status: 201, json: { data: { first_name: 'Uli' }, is_new: true, success: true } });
    const { uuid, id } = first.json.data;
    const byEmail = await send('POST', '/contacts/upsert', { email: 'ULI@free.example', title: 'CTO' });
    expect(byEmail).toMatchObject({
      status: 200,
      json: { data: { id, first_name: 'Uli', title: 'CTO' }, is_new: false },
    });
    const byUuid = await send('POST', '/contacts/upsert', { uuid, email: 'uli2@free.example' });
    expect(byUuid).toMatchObject({ status: 200, json: { data: { id, email: 'uli2@free.example', title: 'CTO' } } });
    await send('DELETE', `/contacts/${uuid}`);
  });

  it('knows companies by the domain of their website', async () => {
    const { status, json } = await send('POST', '/companies/upsert', {
      name: 'Acme Software',
      website: 'https://acme.example',
      employees_count: 501,
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ data: { uuid: ACME, employees_count: 501 }, is_new: false });
    await send('PUT', `/companies/${ACME}`, { employees_count: 500, website: 'https://www.acme.example/about' });
  });

  const wrong: [path: string, body: unknown, error: string][] = [
    ['contacts', { first_name: 'X' }, 'either email or UUID is required for upsert'],
    ['contacts', { email: 'new@free.example' }, 'first_name is required; last_name is required'],
    ['contacts', { uuid: NOBODY, title: 'X' }, 'first_name is required; last_name is required; email is required'],
    ['contacts', { uuid: 'x', email: 'y' }, 'invalid UUID format: x; invalid email format: y'],
    ['companies', { employees_count: 5 }, 'either normalized_domain or UUID is required for upsert'],
    ['companies', { website: 'https://new.example' }, 'name is required'],
    ['contacts', undefined, 'a contact must be a JSON object'],
  ];
  it.each(wrong)('%s %j is refused', async (records, body, error) => {
    expect(await send('POST', `/${records}/upsert`, body)).toMatchObject({
      status: 400,
      json: { error, error_code: 'VALIDATION_ERROR' },
    });
  });
});

describe('bulk', () => {
  it('upserts all, and tells what it refused by index', async () => {
    const rows = [
      { first_name: 'Bulk', last_name: 'One', email: 'one@bulk.example' },
      { first_name: 'Bulk', last_name: 'Two', email: 'two@bulk.example', company_id: NORD },
    ];
    expect(await send('POST', '/contacts/bulk', { contacts: rows })).toMatchObject({
      status: 200,
      json: {
        data: { total_count: 2, success_count: 2, error_count: 0, created: 2, updated: 0, errors: [] },
        success: true,
      },
    });
    const mixed = [
      { first_name: 'Bulk', last_name: 'Nobody' },
      { ...rows[1], title: 'Changed' },
      'a text',
      { ...rows[0], company_id: NOBODY },
      { first_name: 'Bulk', last_name: 'Three', email: 'three@bulk.example', emial: 'x' },
      { first_name: 'Bulk', last_name: 'Four', email: 'four@bulk.example' },
    ];
    const { status, json } = await send('POST', '/contacts/bulk', { contacts: mixed });
    expect(status).toBe(207);
    expect(json).toEqual({
      data: {
        total_count: 6,
        success_count: 2,
        error_count: 4,
        created: 1,
        updated: 1,
        errors: [
          { index: 0, error: 'Validation error: email is required' },
          { index: 2, error: 'Validation error: a contact must be a JSON object' },
          { index: 3, error: `Validation error: no company has the uuid '${NOBODY}'` },
          { index: 4, error: "Validation error: unknown field 'emial', did you mean 'email'?" },
        ],
      },
      success: false,
    });
    const where = { keyword_match: { must: { first_name: 'bulk' } } };
    const { data } = await query({ where, order_by: [{ order_by: 'email' }] });
    expect(data.map(({ title, email }) => [title, email])).toEqual([
      [null, 'four@bulk.example'],
      [null, 'one@bulk.example'],
      ['Changed', 'two@bulk.example'],
    ]);
    for (const { uuid } of data) await send('DELETE', `/contacts/${uuid}`);
  });

  it('refuses all when none is sound', async () => {
    expect(await send('POST', '/companies/bulk', { companies: [{}] })).toMatchObject({
      status: 207,
      json: { data: { success_count: 0, errors: [{ index: 0, error: 'Validation error: name is required' }] } },
    });
  });

  const wrong: [body: unknown, error: string][] = [
    [{ contacts: [] }, 'contacts: must contain at least 1 item'],
    [{}, 'contacts: contacts is required'],
    [{ contacts: {} }, 'contacts: must be a list'],
    [{ contacts: Array(10001).fill({}) }, 'contacts: must contain at most 10000 items'],
    [{ companies: [{}] }, "contacts: contacts is required; unknown key 'companies'; use one of contacts"],
  ];
  it.each(wrong)('%j is refused', async (body, error) => {
    expect(await send('POST', '/contacts/bulk', body)).toMatchObject({
      status: 400,
      json: { error, error_code: 'VALIDATION_ERROR' },
    });
  });

  it('takes ten thousand records', async () => {
    const companies = Array.from({ length: 10_000 }, (_, index) => ({ name: `Many ${index}`, employees_count: 3 }));
    expect((await send('POST', '/companies/bulk', { companies })).json.data).toMatchObject({
      success_count: 10_000,
      created: 10_000,
    });
    await app.app.pool.query("update companies set deleted_at = now() where name like 'Many %'");
  });
});

describe('the wire', () => {
  const reads: [method: string, path: string][] = ['contacts', 'companies'].flatMap((records) => [
    ['POST', `/${records}`],
    ['POST', `/${records}/count`],
    ['GET', `/${records}/filters`],
    ['POST', `/${records}/filters/data`],
    ['GET', `/${records}/${NOBODY}`],
  ]);
  const writes: [method: string, path: string][] = ['contacts', 'companies'].flatMap((records) => [
    ['POST', `/${records}/create`],
    ['PUT', `/${records}/${NOBODY}`],
    ['DELETE', `/${records}/${NOBODY}`],
    ['POST', `/${records}/upsert`],
    ['POST', `/${records}/bulk`],
  ]);
  const bodyOf = (method: string) => (method === 'POST' || method === 'PUT' ? {} : undefined);

  it.each([...reads, ...writes])('%s %s needs a key', async (method, path) => {
    const body = bodyOf(method);
    const unauthorized = refusal('UNAUTHORIZED', 'Unauthorized: Invalid or missing API key');
    for (const headers of [{}, { 'x-api-key': 'wrong' }])
      expect(await app.request(method, path, { token: null, body, headers })).toMatchObject({
        status: 401,
        json: unauthorized,
      });
    // A user's session is no key.
    expect(await app.request(method, path, { token: app.adminToken, body })).toMatchObject({ status: 401 });
  });

  it.each(writes)('%s %s needs a key that may write', async (method, path) => {
    expect(await send(method, path, bodyOf(method), readKey)).toMatchObject({
      status: 403,
      json: { success: false, error_code: 'FORBIDDEN' },
    });
  });

  it('reads with a key that may only read', async () => {
    expect((await send('POST', '/contacts', {}, readKey)).status).toBe(200);
    expect((await send('GET', '/companies/filters', undefined, readKey)).status).toBe(200);
  });

  it('knows its methods and its paths', async () => {
    expect(await send('GET', '/contacts')).toMatchObject({
      status: 405,
      json: refusal('BAD_REQUEST', 'Method "GET" not allowed.'),
    });
    expect((await send('GET', '/contacts/create')).status).toBe(405);
    expect(await send('GET', '/contacts/x/y')).toMatchObject({ status: 404, json: { error_code: 'NOT_FOUND' } });
    expect((await send('POST', '/contacts/', {})).status).toBe(200);
  });

  it('tells malformed JSON, and bodies that are too large', async () => {
    expect(await send('POST', '/contacts', '{"where":')).toMatchObject({
      status: 400,
      json: { success: false, error_code: 'BAD_REQUEST', error: expect.stringMatching(/not valid JSON/) },
    });
    expect(await send('POST', '/contacts/create', { title: 'x'.repeat(17 * 1024 * 1024) })).toMatchObject({
      status: 413,
      json: { success: false, error_code: 'BAD_REQUEST' },
    });
  });

  it('tells of a failure of the server without what it was', async () => {
    await app.app.pool.query('alter table contacts rename to contacts_away');
    try {
      expect(await send('POST', '/contacts', {})).toMatchObject({
        status: 500,
        json: refusal('INTERNAL_ERROR', 'An unexpected error occurred'),
      });
    } finally {
      await app.app.pool.query('alter table contacts_away rename to contacts');
    }
  });

  it('limits the requests of a key', async () => {
    const limited = await startTestApp({ API_KEY: KEY, MAX_REQUESTS_PER_MINUTE: '1' });
    try {
      const ask = () => limited.request('POST', '/contacts', { token: null, body: {}, headers: { 'x-api-key': KEY } });
      expect((await ask()).status).toBe(200);
      const refused = await ask();
      expect(refused).toMatchObject({
        status: 429,
        json: refusal('RATE_LIMIT_EXCEEDED', 'Rate limit exceeded. Please try again later.'),
      });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await limited.stop();
    }
  });
});
