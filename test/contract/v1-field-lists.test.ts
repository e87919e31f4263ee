import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

/** Document 000: `/api/v1/contacts/<field>/`. */
let app: TestApp;
/** Row number of a contact by first name. */
let id: Record<string, number>;
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'First Name,Last Name,Title,Email,City,State,Country,Company,Website,Industry,Keywords,Technologies,Company Address,Company City,Company State,Company Country,Contact Location',
      'Ann,One,CEO,ann@acme.example,Berlin,BE,Germany,Acme,acme.example,"Software, Retail","SaaS, Cloud",Python,1 Main St,Austin,TX,USA,',
      'Bob,Two,ceo,bob@acme.example,berlin,BE,Germany,Acme,acme.example,,,,,,,,',
      'Cy,Three,"VP, Sales",cy@nord.example,Malmö,Skåne,Sweden,Nord,nord.example,Retail,"cloud, Robots","SAP, Python",,Malmö,,Sweden,"Malmö, Sverige"',
      'Dot,Four,,dot@alone.example,,,,,,,,,,,,,',
    ),
  );
  const { rows } = await app.app.pool.query('select id, first_name from contacts');
  id = Object.fromEntries(rows.map((row) => [row.first_name, Number(row.id)]));
});
afterAll(() => app.stop());

const get = (path: string, options = {}) => app.request('GET', `/api/v1/contacts/${path}`, options);
const results = async (path: string) => {
  const reply = await get(path);
  expect(reply.status, reply.text).toBe(200);
  return reply.json.results;
};
/** Ids and values of a list as `Ann:CEO`. */
const records = async (field: string, query = '') => {
  const name = (wanted: number) => Object.keys(id).find((each) => id[each] === wanted);
  const rows: Record<string, string | number>[] = await results(`${field}/?${query}`);
  for (const row of rows) expect(Object.keys(row)).toEqual(['id', field]);
  return rows.map((row) => `${name(row.id as number)}:${row[field]}`);
};

describe('lists of {id, field}', () => {
  const lists: [field: string, query: string, records: string[]][] = [
    ['title', '', ['Ann:CEO', 'Bob:ceo', 'Cy:VP, Sales']],
    ['title', 'distinct=true', ['Ann:CEO', 'Cy:VP, Sales']],
    ['title', 'search=SALES', ['Cy:VP, Sales']],
    ['title', 'separated=true', ['Ann:CEO', 'Bob:ceo', 'Cy:VP, Sales']],
    ['company', '', ['Ann:Acme', 'Bob:Acme', 'Cy:Nord']],
    ['company', 'distinct=1&search=c', ['Ann:Acme']],
    ['industry', '', ['Cy:Retail', 'Ann:Software, Retail', 'Bob:Software, Retail']],
    ['industry', 'separated=true&distinct=true', ['Ann:Retail', 'Ann:Software']],
    ['keywords', '', ['Cy:cloud, Robots', 'Ann:SaaS, Cloud', 'Bob:SaaS, Cloud']],
    ['keywords', 'distinct=true', ['Cy:cloud, Robots', 'Ann:SaaS, Cloud']],
    ['keywords', 'separated=yes', ['Ann:Cloud', 'Bob:Cloud', 'Cy:cloud', 'Cy:Robots', 'Ann:SaaS', 'Bob:SaaS']],
    ['keywords', 'separated=true&distinct=true', ['Ann:Cloud', 'Cy:Robots', 'Ann:SaaS']],
    ['keywords', 'separated=true&search=ro', ['Cy:Robots']],
    ['keywords', 'search=saas, c', ['Ann:SaaS, Cloud', 'Bob:SaaS, Cloud']],
    ['technologies', 'separated=on', ['Ann:Python', 'Bob:Python', 'Cy:Python', 'Cy:SAP']],
    ['company_address', 'distinct=true', ['Ann:1 Main St, Austin, TX, USA', 'Cy:Malmö, Sweden']],
    ['contact_address', '', ['Ann:Berlin, BE, Germany', 'Bob:berlin, BE, Germany', 'Cy:Malmö, Sverige']],
    ['contact_address', 'search=malmo', ['Cy:Malmö, Sverige']],
  ];
  it.each(lists)('%s/?%s', async (field, query, expected) => {
    expect(await records(field, query)).toEqual(expected);
    // The same with a page large enough, told by limit.
    expect(await records(field, `${query}&limit=100`)).toEqual(expected);
  });

  const filtered: [query: string, records: string[]][] = [
    ['first_name=ann', ['Ann:CEO']],
    ['company=nord', ['Cy:VP, Sales']],
    ['exclude_titles=CEO', ['Cy:VP, Sales']],
    ['country=germany&search=ce', ['Ann:CEO', 'Bob:ceo']],
    ['industry=software,retail&city=malmo', ['Cy:VP, Sales']],
    ['employees_min=1', []],
    ['created_at_before=2000-01-01', []],
  ];
  it.each(filtered)('takes the filters of contacts: %s', async (query, expected) => {
    expect(await records('title', query)).toEqual(expected);
  });
});

describe('lists of texts', () => {
  const lists: [path: string, texts: string[]][] = [
    ['city/', ['Berlin', 'Malmö']],
    ['city/?distinct=false', ['Berlin', 'Malmö']],
    ['state/', ['BE', 'Skåne']],
    ['state/?search=ska', ['Skåne']],
    ['country/', ['Germany', 'Sweden']],
    ['country/?first_name=cy', ['Sweden']],
    ['company_city/', ['Austin', 'Malmö']],
    ['company_state/', ['TX']],
    ['company_country/', ['Sweden', 'USA']],
    ['company_country/?company_country=usa', ['USA']],
  ];
  it.each(lists)('%s', async (path, texts) => {
    expect(await results(path)).toEqual(texts);
  });
});

describe('pages', () => {
  const walk = async (path: string, direction: 'next' | 'previous' = 'next') => {
    const pages: unknown[][] = [];
    for (let target: string | null = `/api/v1/contacts/${path}`; target; ) {
      const { json } = await app.request('GET', target);
      pages.push(json.results);
      target = json[direction]?.replace(app.url, '') ?? null;
    }
    return pages;
  };

  it('are walked by limit and offset in both directions, keeping the other parameters', async () => {
    const { json } = await get('keywords/?separated=true&limit=4&search=');
    expect(json).toEqual({
      next: `${app.url}/api/v1/contacts/keywords/?separated=true&limit=4&search=&offset=4`,
      previous: null,
      results: expect.any(Array),
    });
    const pages = await walk('keywords/?separated=true&limit=2');
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2]);
    expect(pages.flat()).toEqual(await results('keywords/?separated=true'));
    expect(await walk('keywords/?separated=true&limit=2&offset=4', 'previous')).toEqual(pages.toReversed());
    expect(await walk('city/?limit=1')).toEqual([['Berlin'], ['Malmö']]);
  });

  it('without limit hold everything from the offset on', async () => {
    expect((await get('title/')).json).toMatchObject({ next: null, previous: null });
    expect(await records('title', 'offset=2')).toEqual(['Cy:VP, Sales']);
    expect(await results('title/?offset=10')).toEqual([]);
  });

  it('are empty where no value is borne', async () => {
    expect((await get('city/?first_name=nobody')).json).toEqual({ next: null, previous: null, results: [] });
    expect((await get('title/?first_name=dot&limit=5')).json).toEqual({ next: null, previous: null, results: [] });
  });

  it('hold any number of values, more than one call of the core gives', async () => {
    await app.app.pool.query(
      "insert into contacts (uuid, first_name, title) select gen_random_uuid(), 'Many', 'Title ' || lpad(n::text, 5, '0') from generate_series(1, 3456) n",
    );
    const titles = async (query: string) => (await get(`title/?first_name=many&${query}`)).json;
    const all = await titles('');
    expect(all.results).toHaveLength(3456);
    expect(all.results.at(-1).title).toBe('Title 03456');
    const most = await titles('limit=3000&offset=200');
    expect(most.results).toEqual(all.results.slice(200, 3200));
    expect(new URL(most.next).searchParams.get('offset')).toBe('3200');
    expect(new URL(most.previous).searchParams.get('offset')).toBe('0');
    for (const limit of [1000, 1001, 2000, 3455]) {
      const page = await titles(`limit=${limit}`);
      expect(page.results).toEqual(all.results.slice(0, limit));
      expect(page.next).not.toBeNull();
    }
    expect((await titles('limit=3456')).next).toBeNull();
    expect((await titles('limit=9007199254740993')).results).toHaveLength(3456);
    await app.app.pool.query("delete from contacts where first_name = 'Many'");
  });
});

describe('refusals', () => {
  const bad: [path: string, detail: string][] = [
    ['title/?limit=0', 'limit: must be at least 1'],
    ['title/?limit=x', 'limit: must be a whole number'],
    ['title/?offset=-1', 'offset: must be at least 0'],
    ['title/?distinct=invalid', 'distinct: must be true or false'],
    ['city/?distinct=invalid', 'distinct: must be true or false'],
    ['keywords/?separated=perhaps', 'separated: must be true or false'],
    ['keywords/?employees_min=few', 'employees_min: must be a whole number'],
    ['state/?exclude_company_ids=7', "exclude_company_ids: '7' is not a UUID"],
  ];
  it.each(bad)('%s', async (path, detail) => {
    expect(await get(path)).toMatchObject({ status: 400, json: { detail } });
  });

  it('are for strangers first, whatever else is wrong', async () => {
    for (const field of ['title', 'city', 'company_address'])
      expect(await get(`${field}/?limit=0`, { token: null })).toMatchObject({
        status: 401,
        json: { detail: 'Authentication credentials were not provided.' },
      });
    expect((await app.request('POST', '/api/v1/contacts/title/', { body: {} })).status).toBe(405);
  });
});
