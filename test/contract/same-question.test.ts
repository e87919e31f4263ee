import { type Client, createClient } from '@contact360/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

const API_KEY = 'a key with all rights';
const TITLES = ['Chief Technology Officer', 'CTO', 'Sales Manager', 'Ingénieur', 'software engineer', 'VP Sales', ''];
const COUNTRIES = ['Germany', 'United States', 'Côte d’Ivoire', ''];
const STATUSES = ['Verified', 'Guessed', ''];
const DEPARTMENTS = ['Sales', 'Engineering', 'Sales Operations'];
const COMPANIES = ['Acme', 'Nord Data', 'Ürün', ''];

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startTestApp({ API_KEY, MAX_REQUESTS_PER_MINUTE: '1000000', CONTACTS_CACHE_ENABLED: 'false' });
  client = createClient({ url: app.url, token: app.userToken });
  const pick = <T>(values: readonly T[], index: number) => values[index % values.length]!;
  const rows = Array.from({ length: 240 }, (_, i) => {
    const departments = i % 3 === 0 ? '' : `"${pick(DEPARTMENTS, i)}, ${pick(DEPARTMENTS, i >> 2)}"`;
    const company = pick(COMPANIES, i >> 1);
    return `c${i}@x.example,${pick(TITLES, i * 7)},${pick(COUNTRIES, i * 5 + 1)},${pick(STATUSES, i)},${departments},${company},${company && (i >> 1) % 4 === 0 ? (i % 6) * 50 : ''}`;
  });
  await importCsv(app, csvOf('Email,Title,Country,Email Status,Departments,Company,# Employees', ...rows));
});
afterAll(() => app.stop());

/** A question that every dialect can ask; each member narrows it. */
interface Question {
  /** Parts of the title, any of which may occur. */
  title?: string[];
  country?: string;
  status?: string[];
  department?: string;
  company?: string;
  least?: number;
  most?: number;
  notTitles?: string[];
}

const word = (words: readonly string[]) =>
  fc
    .constantFrom(...words.flatMap((text) => text.split(/\W+/u)).filter((part) => /^[\p{L}]{2,}$/u.test(part)))
    .chain((text) => fc.constantFrom(text, text.toUpperCase(), text.slice(0, 3), text.slice(1, 4)));
const members = fc.record<Required<Question>>({
  title: fc.uniqueArray(word(TITLES), { minLength: 1, maxLength: 2 }),
  country: word(COUNTRIES),
  status: fc.uniqueArray(fc.constantFrom('verified', 'GUESSED', 'none'), { minLength: 1, maxLength: 2 }),
  department: word(DEPARTMENTS),
  company: word(COMPANIES),
  least: fc.constantFrom(0, 50, 150),
  most: fc.constantFrom(100, 250),
  notTitles: fc.uniqueArray(fc.constantFrom('cto', 'VP SALES', 'nobody'), { minLength: 1, maxLength: 2 }),
});

/** A few members at a time: with all of them hardly a row is left. */
const question: fc.Arbitrary<Question> = fc
  .tuple(
    members,
    fc.subarray<keyof Question>(['title', 'country', 'status', 'department', 'company', 'least', 'most', 'notTitles'], {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([all, names]) => Object.fromEntries(names.map((name) => [name, all[name]])));

/** The question as VQL conditions, the company's fields under the given names. */
function conditions(asked: Question, companyName: string, employees: string) {
  const contains = (field: string, text: string) => ({ field, operator: 'contains', value: text });
  return [
    ...(asked.title ? [{ or: asked.title.map((text) => contains('title', text)) }] : []),
    ...(asked.country ? [contains('country', asked.country)] : []),
    ...(asked.status ? [{ field: 'email_status', operator: 'in', value: asked.status }] : []),
    ...(asked.department ? [contains('departments', asked.department)] : []),
    ...(asked.company ? [contains(companyName, asked.company)] : []),
    ...(asked.least !== undefined ? [{ field: employees, operator: 'gte', value: asked.least }] : []),
    ...(asked.most !== undefined ? [{ field: employees, operator: 'lte', value: asked.most }] : []),
    ...(asked.notTitles ? [{ field: 'title', operator: 'nin', value: asked.notTitles }] : []),
  ];
}

async function askRpc(asked: Question): Promise<string[]> {
  const where = { and: conditions(asked, 'company.name', 'company.employees_count') };
  const { items } = await client.contacts.query({ where: where as never, limit: 1000 });
  return items.map(({ uuid }) => uuid);
}

async function askV1(asked: Question): Promise<string[]> {
  const query = new URLSearchParams();
  if (asked.title) query.set('title', asked.title.join(','));
  if (asked.country) query.set('country', asked.country);
  for (const status of asked.status ?? []) query.append('email_status', status);
  if (asked.department) query.set('departments', asked.department);
  if (asked.company) query.set('company', asked.company);
  if (asked.least !== undefined) query.set('employees_min', String(asked.least));
  if (asked.most !== undefined) query.set('employees_max', String(asked.most));
  if (asked.notTitles) query.set('exclude_titles', asked.notTitles.join(','));
  const { json } = await app.request('GET', `/api/v1/contacts/count/uuids/?${query}`);
  return json.uuids;
}

async function askV3(asked: Question): Promise<string[]> {
  const filters = { and: conditions(asked, 'company_name', 'company_employees_count') };
  const found: string[] = [];
  for (let offset = 0; ; offset += 100) {
    const { json, text } = await app.request('POST', '/api/v3/contacts/query', {
      body: { filters, limit: 100, offset, select_columns: ['uuid'] },
    });
    expect(json.results, text).toBeDefined();
    found.push(...json.results.map((item: { uuid: string }) => item.uuid));
    if (json.next === null) return found;
  }
}

async function askGateway(asked: Question): Promise<string[]> {
  const part = (filter_key: string, text_value: string) => ({ filter_key, text_value, search_type: 'substring' });
  const where = {
    text_matches: {
      must: [
        ...(asked.title ?? []).map((text) => part('title', text)),
        ...(asked.country ? [part('country', asked.country)] : []),
        ...(asked.department ? [part('departments', asked.department)] : []),
        ...(asked.company ? [part('company_name', asked.company)] : []),
      ],
    },
    keyword_match: {
      must: asked.status ? { email_status: asked.status } : {},
      must_not: asked.notTitles ? { title: asked.notTitles } : {},
    },
    range_query: {
      must:
        asked.least === undefined && asked.most === undefined
          ? {}
          : {
              company_employees_count: {
                ...(asked.least !== undefined && { gte: asked.least }),
                ...(asked.most !== undefined && { lte: asked.most }),
              },
            },
    },
  };
  const found: string[] = [];
  let searchAfter: unknown;
  do {
    const body = {
      where,
      limit: 100,
      select_columns: ['uuid'],
      ...(searchAfter !== undefined && { search_after: searchAfter }),
    };
    const { json, text } = await app.request('POST', '/contacts', {
      token: null,
      headers: { 'x-api-key': API_KEY },
      body,
    });
    expect(json.data, text).toBeDefined();
    found.push(...json.data.map((item: { uuid: string }) => item.uuid));
    searchAfter = json.search_after;
  } while (searchAfter !== undefined);
  return found;
}

it('the same question has the same answer in every dialect', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      const expected = (await askRpc(asked)).toSorted();
      if (expected.length > 0) answered++;
      expect((await askV1(asked)).toSorted()).toEqual(expected);
      expect((await askV3(asked)).toSorted()).toEqual(expected);
      expect((await askGateway(asked)).toSorted()).toEqual(expected);
    }),
    { numRuns: Number(process.env.FC_RUNS ?? 100) },
  );
  expect(answered).toBeGreaterThan(10);
}, 300_000);
