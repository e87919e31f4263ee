import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import type { Filter, Order, RecordType } from '@contact360/server';
import {
  type Database,
  openDatabase,
  type Query,
  Store,
  TEXT_BREAKS,
  WORD_BREAKS,
  WORD_GAPS,
} from '@contact360/server/testing';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../app.ts';

/** `1` → `00000000-0000-4000-8000-000000000001` */
const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const companies = [
  {
    name: 'Acme, Inc',
    employees_count: 50,
    annual_revenue: 1_000_000,
    industries: ['Software', 'SaaS, B2B'],
    keywords: ['CRM', '100% remote'],
    address: '1 Main St',
    city: 'San José',
    state: 'CA',
    country: 'United States',
    phone_number: '+1 555 0100',
    normalized_domain: 'acme.com',
  },
  { name: 'ACME', employees_count: 5000, industries: ['Retail'], keywords: [], country: 'Canada' },
  {
    name: 'Société Générale',
    employees_count: 117_000,
    annual_revenue: 9_007_199_254_740_991,
    industries: ['Banking', 'software'],
    keywords: ['épargne'],
    city: 'Paris',
    country: 'France',
    phone_number: '+33 1 23',
    normalized_domain: 'société.example',
  },
  {
    name: "O'Neil & Söhne_GmbH",
    text_search: 'Hauptstraße 1, Köln',
    city: 'Bonn',
    normalized_domain: 'soehne.example',
  },
  { name: 'Ghost Ltd', employees_count: 1, city: 'San José' },
] as const;

/** First name, place of the company in the list above, other fields. Each is a day newer than the one before. */
const contacts: readonly [string, number | null, Record<string, unknown>][] = [
  [
    'Ann',
    0,
    {
      last_name: 'Lee',
      title: 'CTO',
      email: 'ann@acme.com',
      seniority: 'C suite',
      departments: ['Engineering', 'C-Suite'],
      city: 'San José',
      state: 'CA',
      country: 'US',
      corporate_phone: '+1 555 0101',
    },
  ],
  [
    'Bob',
    1,
    {
      last_name: 'de la Cruz',
      title: 'Vice President of Sales',
      email: 'Bob@ACME.com',
      seniority: 'vp',
      departments: ['Sales'],
      city: 'Toronto',
      country: 'Canada',
      stage: 'Cold',
    },
  ],
  [
    'Chloé',
    2,
    {
      last_name: 'Müller',
      title: 'Vice-Présidente, Sales & Marketing',
      email: 'chloé@société.example',
      seniority: 'VP',
      departments: ['sales', 'Marketing, Brand'],
      country: 'France',
    },
  ],
  [
    'Dave',
    null,
    {
      last_name: 'Cruz',
      title: 'VP Sales',
      seniority: 'vp',
      departments: [],
      text_search: 'Somewhere in Ontario',
      city: 'Toronto',
      country: 'Canada',
    },
  ],
  ['Émile', 3, { last_name: "O'Neil", title: 'cto', city: 'Köln' }],
  [
    'Frank',
    0,
    { last_name: '100%', title: '100% owner', email: 'frank_50%@x.example', departments: ['R&D_100%'], stage: 'cold' },
  ],
  [
    'Grete',
    3,
    {
      last_name: 'Weiß',
      title: 'a_b \\ "quoted", C++ / .NET',
      email: 'grete@soehne.example',
      linkedin_url: 'https://linkedin.com/in/grete',
    },
  ],
  ['Hana', null, {}],
  ['İpek', 2, { last_name: 'Ångström', title: 'President, Vice and Sales', city: 'Ærøskøbing', country: '日本' }],
  ['Jo', 0, { title: 'CTO' }],
];
const DELETED = { company: 'Ghost Ltd', contact: 'Jo' };

let database: Database;
/** What was sent to the database since a case began. */
let sent: { text: string; values: unknown[] }[] = [];

beforeAll(async () => {
  database = await openDatabase(await createDatabase(), [], { STATEMENT_TIMEOUT: 30 });
  const { pool } = database;
  for (const [index, values] of companies.entries())
    await new Store(pool, company).create({
      ...values,
      uuid: uuid(100 + index),
      industries: [...('industries' in values ? values.industries : [])],
      keywords: [...('keywords' in values ? values.keywords : [])],
    });
  for (const [index, [first_name, employer, values]] of contacts.entries())
    await new Store(pool, contact).create({
      first_name,
      uuid: uuid(index + 1),
      company_id: employer === null ? null : uuid(100 + employer),
      ...values,
    });
  await pool.query(`update contacts set created_at = '2024-01-01T12:00:00Z'::timestamptz + id * interval '1 day'`);
  await pool.query('update companies set deleted_at = now() where name = $1', [DELETED.company]);
  await pool.query('update contacts set deleted_at = now() where first_name = $1', [DELETED.contact]);
});
afterAll(() => database.close());

/** A store that remembers what it sends. */
function recordingStore(record: RecordType): Store<RecordType> {
  const recording = {
    query: (statement: { text: string; values: unknown[] }) => {
      sent.push(statement);
      return database.pool.query(statement);
    },
  };
  return new Store(recording as unknown as Pool, record);
}

/** Statements as a snapshot shows them: what picks the rows, a line for each clause; word breaks by their names. */
function shown(name: string): string {
  const value = (each: unknown) =>
    JSON.stringify(each)
      .replaceAll(quoted(WORD_BREAKS), 'breaks')
      .replaceAll(quoted(WORD_GAPS), 'gaps')
      .replaceAll(quoted(TEXT_BREAKS), 'text breaks');
  const statements = sent.map(({ text, values }) => {
    const sql = text
      .replace(/^select t\..* from \((select .*)\) page .*$/, '$1')
      .replaceAll(/(?<!left) (?=(?:from|left join|join|where|order by|limit|and|or) )/g, '\n  ');
    return `${sql}\n${values.map((each, index) => `-- $${index + 1} = ${value(each)}\n`).join('')}`;
  });
  return `-- ${name}\n${statements.join('')}`;
}

const quoted = (text: string) => JSON.stringify(text).slice(1, -1);

/** Asks a query and gives the names of the rows. */
async function ask(record: RecordType, query: Partial<Query>): Promise<unknown[]> {
  const { items } = await recordingStore(record).query({ limit: 100, ...query });
  return items.map((row) => (row as Record<string, unknown>)[record === contact ? 'first_name' : 'name']);
}

const is = (field: string, operator: string, value?: unknown) => ({ field, operator, value }) as Filter;
const search = (value: unknown) => is('search', 'words', value);
const BY_ID: Order[] = [{ field: 'id', direction: 'asc' }];
const everyone = contacts.map(([name]) => name).filter((name) => name !== DELETED.contact);
const but = (...names: string[]) => everyone.filter((name) => !names.includes(name));

type Case = [filter: Filter, names: readonly string[]];
const groups: Record<string, Case[]> = {
  'equality of texts: any case, accents told apart, nothing a pattern': [
    [is('title', 'eq', 'CTO'), ['Ann', 'Émile']],
    [is('title', 'eq', ' cTo '), ['Ann', 'Émile']],
    [is('title', 'ne', 'cto'), but('Ann', 'Émile')],
    [is('first_name', 'eq', 'CHLOÉ'), ['Chloé']],
    [is('first_name', 'eq', 'CHLOE\u0301'), ['Chloé']],
    [is('first_name', 'eq', 'chloe'), []],
    [is('first_name', 'eq', 'ipek'), ['İpek']],
    [is('title', 'eq', '100%'), []],
    [is('title', 'eq', 'A_B \\ "QUOTED", c++ / .net'), ['Grete']],
    [is('title', 'eq', ''), []],
    [is('title', 'in', ['CTO', 'vp sales', 'nobody']), ['Ann', 'Dave', 'Émile']],
    [is('title', 'in', []), []],
    [is('title', 'nin', ['CTO', 'vp sales']), but('Ann', 'Dave', 'Émile')],
    [is('title', 'nin', []), everyone],
    [is('email', 'eq', 'BOB@acme.COM'), ['Bob']],
    [is('last_name', 'eq', "o'neil"), ['Émile']],
  ],
  'order of texts: by lower-cased code points': [
    [is('first_name', 'lt', 'bob'), ['Ann']],
    [is('first_name', 'lte', 'BOB'), ['Ann', 'Bob']],
    [is('first_name', 'gt', 'hana'), ['Émile', 'İpek']],
    [is('first_name', 'gte', 'é'), ['Émile']],
    [is('stage', 'gt', ''), ['Bob', 'Frank']],
  ],
  'parts: any case, without accents, nothing a pattern': [
    [is('title', 'contains', 'cto'), ['Ann', 'Émile']],
    [is('title', 'contains', 'presid'), ['Bob', 'Chloé', 'İpek']],
    [is('title', 'contains', 'PRÉSID'), ['Bob', 'Chloé', 'İpek']],
    [is('title', 'ncontains', 'presid'), but('Bob', 'Chloé', 'İpek')],
    [is('first_name', 'contains', 'Emile'), ['Émile']],
    [is('last_name', 'contains', 'weiss'), ['Grete']],
    [is('last_name', 'contains', 'weiß'), ['Grete']],
    [is('last_name', 'contains', 'angstrom'), ['İpek']],
    [is('city', 'contains', 'aero'), ['İpek']],
    [is('country', 'contains', '日'), ['İpek']],
    [is('title', 'contains', '%'), ['Frank']],
    [is('title', 'contains', '0% o'), ['Frank']],
    [is('title', 'contains', '_'), ['Grete']],
    [is('title', 'contains', 'a_b'), ['Grete']],
    [is('title', 'contains', 'axb'), []],
    [is('title', 'contains', '\\'), ['Grete']],
    [is('title', 'contains', '\\ "quoted"'), ['Grete']],
    [is('last_name', 'contains', "'"), ['Émile']],
    [is('title', 'contains', ','), ['Chloé', 'Grete', 'İpek']],
    [is('title', 'contains', ''), but('Hana')],
    [is('title', 'ncontains', ''), ['Hana']],
  ],
  'words: parts of words and whole words': [
    [is('title', 'words', 'sales vice'), ['Bob', 'Chloé', 'İpek']],
    [is('title', 'words', 'sal presid'), ['Bob', 'Chloé', 'İpek']],
    [is('title', 'words', { text: 'owner cto', match: 'any' }), ['Ann', 'Émile', 'Frank']],
    [is('title', 'words', { text: 'president', unit: 'whole' }), ['Bob', 'İpek']],
    [is('title', 'words', { text: 'presid', unit: 'whole' }), []],
    [is('title', 'words', { text: 'Présidente vice', unit: 'whole' }), ['Chloé']],
    [is('title', 'words', { text: 'vp cto', unit: 'whole', match: 'any' }), ['Ann', 'Dave', 'Émile']],
    [is('title', 'words', { text: 'C++', unit: 'whole' }), ['Grete']],
    [is('title', 'words', { text: '.net', unit: 'whole' }), ['Grete']],
    [is('title', 'words', 'c++ .net'), ['Grete']],
    [is('email', 'words', '@acme.com'), ['Ann', 'Bob']],
    [is('title', 'words', ''), everyone],
    [is('title', 'words', { text: '-', unit: 'whole' }), everyone],
    [{ not: is('title', 'words', 'sales') }, but('Bob', 'Chloé', 'Dave', 'İpek')],
  ],
  'phrases: in order, with others between them': [
    [is('title', 'phrase', 'vice president'), ['Bob']],
    [is('title', 'phrase', 'VICE PRÉSIDENTE'), ['Chloé']],
    [is('title', 'phrase', 'president vice'), ['İpek']],
    [is('title', 'phrase', 'vice sales'), []],
    [is('title', 'phrase', { text: 'vice sales', slop: 1 }), ['Chloé', 'İpek']],
    [is('title', 'phrase', { text: 'vice sales', slop: 2 }), ['Bob', 'Chloé', 'İpek']],
    [is('title', 'phrase', { text: 'vice sales marketing', slop: 1 }), ['Chloé']],
    [is('title', 'phrase', { text: 'president vice sales', slop: 0 }), []],
    [is('title', 'phrase', { text: 'president vice sales', slop: 1 }), ['İpek']],
    [is('title', 'phrase', 'vic'), []],
    [is('title', 'phrase', ' . '), everyone],
  ],
  'lists: some element': [
    [is('departments', 'eq', 'SALES'), ['Bob', 'Chloé']],
    [is('departments', 'eq', 'sale'), []],
    [is('departments', 'eq', 'marketing, brand'), ['Chloé']],
    [is('departments', 'eq', 'r&d_100%'), ['Frank']],
    [is('departments', 'eq', 'r&d%'), []],
    [is('departments', 'ne', 'sales'), but('Bob', 'Chloé')],
    [is('departments', 'in', ['sales', 'C-suite']), ['Ann', 'Bob', 'Chloé']],
    [is('departments', 'nin', ['sales', 'C-suite']), but('Ann', 'Bob', 'Chloé')],
    [is('departments', 'in', []), []],
    [is('departments', 'contains', 'suite'), ['Ann']],
    [is('departments', 'contains', 'sales, m'), []],
    [is('departments', 'contains', '_'), ['Frank']],
    [is('departments', 'ncontains', 'sale'), but('Bob', 'Chloé')],
    [is('departments', 'words', 'sales brand'), ['Chloé']],
    [is('departments', 'words', { text: 'brand engineering', match: 'any', unit: 'whole' }), ['Ann', 'Chloé']],
    [is('departments', 'phrase', 'marketing brand'), ['Chloé']],
    // A phrase stands within one element.
    [is('departments', 'phrase', { text: 'sales marketing', slop: 5 }), []],
    [is('departments', 'exists'), ['Ann', 'Bob', 'Chloé', 'Frank']],
    [is('departments', 'nexists'), ['Dave', 'Émile', 'Grete', 'Hana', 'İpek']],
  ],
  'numbers, times and uuids': [
    [is('id', 'in', [1, 3, 1.5, 2 ** 63]), ['Ann', 'Chloé']],
    [is('id', 'lt', 2.5), ['Ann', 'Bob']],
    [is('id', 'gte', 7.5), ['Hana', 'İpek']],
    [is('id', 'eq', 2.5), []],
    [is('id', 'ne', 2.5), everyone],
    [is('id', 'gt', -1e300), everyone],
    [is('id', 'gt', 1e300), []],
    [is('created_at', 'lt', '2024-01-03'), ['Ann']],
    [is('created_at', 'eq', '2024-01-02T13:00:00+01:00'), ['Ann']],
    [is('created_at', 'gte', '2024-01-09 12:00'), ['Hana', 'İpek']],
    [is('created_at', 'gt', '2024-01-09T12:00:00.000001Z'), ['İpek']],
    [is('uuid', 'eq', uuid(2).toUpperCase()), ['Bob']],
    [is('uuid', 'in', [uuid(2).replaceAll('-', ''), uuid(10)]), ['Bob']],
    [is('company_id', 'eq', uuid(100)), ['Ann', 'Frank']],
    [is('company_id', 'ne', uuid(100)), but('Ann', 'Frank')],
    [is('company_id', 'nexists'), ['Dave', 'Hana']],
  ],
  presence: [
    [is('title', 'exists'), but('Hana')],
    [is('title', 'nexists'), ['Hana']],
    [is('title', 'exists', false), ['Hana']],
    [is('title', 'nexists', false), but('Hana')],
    [is('meta_data', 'exists'), []],
    [is('location', 'nexists'), ['Frank', 'Grete', 'Hana']],
  ],
  'computed fields': [
    [is('location', 'eq', 'san josé, ca, us'), ['Ann']],
    [is('location', 'contains', 'ontario'), ['Dave']],
    // `text_search` goes before city and country.
    [is('location', 'contains', 'toronto'), ['Bob']],
    [is('location', 'phrase', 'jose ca'), ['Ann']],
    [is('office_phone', 'eq', '+1 555 0101'), ['Ann']],
    [is('office_phone', 'contains', '+1 555'), ['Ann', 'Frank']],
    [is('office_phone', 'gt', '+1'), ['Ann', 'Chloé', 'Frank', 'İpek']],
    [is('office_phone', 'nexists'), ['Bob', 'Dave', 'Émile', 'Grete', 'Hana']],
  ],
  'fields of the company': [
    [is('company.name', 'eq', 'acme'), ['Bob']],
    [is('company.name', 'ne', 'acme'), but('Bob')],
    [is('company.name', 'contains', 'acme'), ['Ann', 'Bob', 'Frank']],
    [is('company.name', 'contains', 'SOHNE_'), ['Émile', 'Grete']],
    [is('company.name', 'in', ['ACME', 'acme, inc']), ['Ann', 'Bob', 'Frank']],
    [is('company.name', 'nexists'), ['Dave', 'Hana']],
    [is('company.name', 'gt', 'b'), ['Chloé', 'Émile', 'Grete', 'İpek']],
    [is('company.employees_count', 'gt', 49.5), ['Ann', 'Bob', 'Chloé', 'Frank', 'İpek']],
    [is('company.employees_count', 'lte', 5000), ['Ann', 'Bob', 'Frank']],
    [is('company.annual_revenue', 'eq', Number.MAX_SAFE_INTEGER), ['Chloé', 'İpek']],
    [is('company.annual_revenue', 'lt', 2 ** 80), ['Ann', 'Chloé', 'Frank', 'İpek']],
    [is('company.industries', 'eq', 'Software'), ['Ann', 'Chloé', 'Frank', 'İpek']],
    [is('company.industries', 'ne', 'software'), ['Bob', 'Dave', 'Émile', 'Grete', 'Hana']],
    [is('company.industries', 'eq', 'saas, b2b'), ['Ann', 'Frank']],
    [is('company.keywords', 'contains', 'epargne'), ['Chloé', 'İpek']],
    [is('company.keywords', 'nexists'), ['Bob', 'Dave', 'Émile', 'Grete', 'Hana']],
    [is('company.location', 'contains', 'koln'), ['Émile', 'Grete']],
    [is('company.location', 'words', { text: 'main jose', unit: 'whole' }), ['Ann', 'Frank']],
    [is('company.uuid', 'eq', uuid(102)), ['Chloé', 'İpek']],
    [is('company.phone_number', 'lt', '+2'), ['Ann', 'Frank']],
    [is('company.city', 'words', ''), everyone],
  ],
  'search: every word somewhere in the contact or its company': [
    [search('acme'), ['Ann', 'Bob', 'Frank']],
    [search('cto jose'), ['Ann']],
    [search('ann@acme.com'), ['Ann']],
    [search('cto sohne'), ['Émile']],
    [search('societe SALES'), ['Chloé', 'İpek']],
    [search({ text: 'canada france', match: 'any' }), ['Bob', 'Chloé', 'Dave', 'İpek']],
    [search({ text: 'acme sales', unit: 'whole' }), ['Bob']],
    [search({ text: 'acm', unit: 'whole' }), []],
    [search({ text: 'soc sales', unit: 'whole', match: 'any' }), ['Bob', 'Chloé', 'Dave', 'İpek']],
    [search('in/grete'), ['Grete']],
    [search('%'), ['Frank']],
    [search(''), everyone],
    [{ not: search('acme') }, but('Ann', 'Bob', 'Frank')],
    // Where a contact is matters, `text_search` and seniority do not.
    [search('ontario'), []],
  ],
  'and, or, not': [
    [{}, everyone],
    [{ and: [], or: [] }, everyone],
    [{ not: {} }, []],
    [{ and: [is('title', 'contains', 'sales'), is('seniority', 'eq', 'vp')] }, ['Bob', 'Chloé', 'Dave']],
    [{ or: [is('title', 'eq', 'cto'), is('city', 'eq', 'toronto')] }, ['Ann', 'Bob', 'Dave', 'Émile']],
    [{ and: [is('city', 'eq', 'toronto')], or: [is('title', 'eq', 'vp sales'), is('title', 'eq', 'cto')] }, ['Dave']],
    [{ and: [is('seniority', 'eq', 'vp')], not: is('departments', 'eq', 'sales') }, ['Dave']],
    [{ not: { or: [is('title', 'exists'), is('city', 'exists')] } }, ['Hana']],
    [{ not: { not: is('stage', 'eq', 'cold') } }, ['Bob', 'Frank']],
    // A negation keeps the rows where the value is missing; twice, it leaves them out again.
    [{ not: is('stage', 'eq', 'cold') }, but('Bob', 'Frank')],
    [{ not: is('stage', 'ne', 'cold') }, ['Bob', 'Frank']],
    [{ and: [{}, is('stage', 'eq', 'cold')] }, ['Bob', 'Frank']],
    [{ or: [{}, is('stage', 'eq', 'cold')] }, everyone],
    [
      {
        and: [
          is('company.city', 'contains', 'san'),
          is('company.industries', 'contains', 'soft'),
          is('title', 'exists'),
        ],
      },
      ['Ann', 'Frank'],
    ],
    [
      {
        or: [
          is('company.city', 'eq', 'paris'),
          is('company.industries', 'eq', 'retail'),
          is('title', 'eq', 'vp sales'),
        ],
      },
      ['Bob', 'Chloé', 'Dave', 'İpek'],
    ],
    [{ and: [is('company.city', 'nexists'), is('company.name', 'exists')] }, ['Bob']],
  ],
};

describe.each(Object.entries(groups))('%s', (group, cases) => {
  test.each(cases)('%j', async (where, names) => {
    expect(await ask(contact, { where, order: BY_ID })).toEqual(names);
  });

  test('as SQL', async () => {
    await snapshot(group.split(':')[0]!, cases, ([where]) => ask(contact, { where, order: BY_ID }));
  });
});

test('a whole statement', async () => {
  sent = [];
  const where = { and: [is('company.city', 'eq', 'paris'), is('title', 'exists')] };
  await ask(contact, {
    where,
    order: [{ field: 'company.name', direction: 'desc' }],
    limit: 10,
    offset: 20,
    include: ['company'],
  });
  const { text } = sent[0]!;
  await expect(`${text.replaceAll(/(?<!left) (?=(?:from|left join|where|order by) )/g, '\n')}\n`).toMatchFileSnapshot(
    './__snapshots__/a-whole-statement.sql',
  );
});

/** Holds the statements of each case against the file of that name. */
async function snapshot<T extends readonly unknown[]>(
  name: string,
  cases: readonly T[],
  run: (each: T) => Promise<unknown>,
) {
  const statements: string[] = [];
  for (const each of cases) {
    sent = [];
    await run(each);
    statements.push(shown(JSON.stringify(each[0])));
  }
  await expect(statements.join('\n')).toMatchFileSnapshot(`./__snapshots__/${name.replaceAll(/[, ]+/g, '-')}.sql`);
}

describe('companies', () => {
  const asked: Case[] = [
    [is('name', 'contains', 'acme'), ['Acme, Inc', 'ACME']],
    [is('name', 'eq', 'ACME, INC'), ['Acme, Inc']],
    [is('industries', 'in', ['SOFTWARE', 'retail']), ['Acme, Inc', 'ACME', 'Société Générale']],
    [is('keywords', 'exists'), ['Acme, Inc', 'Société Générale']],
    [is('keywords', 'words', '100%'), ['Acme, Inc']],
    [is('employees_count', 'gte', 50), ['Acme, Inc', 'ACME', 'Société Générale']],
    [is('employees_count', 'nexists'), ["O'Neil & Söhne_GmbH"]],
    [is('location', 'eq', '1 main st, san josé, ca, united states'), ['Acme, Inc']],
    [search('societe.example'), ['Société Générale']],
    [search('paris france'), ['Société Générale']],
    // An address is no place to search in, and a city that is hidden by `text_search` is.
    [search('bonn'), ["O'Neil & Söhne_GmbH"]],
    [search('main'), []],
    [is('name', 'contains', 'ghost'), []],
  ];

  test.each(asked)('%j', async (where, names) => {
    expect(await ask(company, { where, order: BY_ID })).toEqual(names);
  });

  test('as SQL', async () => {
    await snapshot('companies', asked, ([where]) => ask(company, { where, order: BY_ID }));
  });
});

describe('orders: code points in lower case, missing values last, ties by id as the last field', () => {
  const order = (...fields: string[]): Order[] =>
    fields.map((field) => ({ field: field.replace('-', ''), direction: field.startsWith('-') ? 'desc' : 'asc' }));
  const cases: [Order[], string[]][] = [
    [[], ['İpek', 'Hana', 'Grete', 'Frank', 'Émile', 'Dave', 'Chloé', 'Bob', 'Ann']],
    [order('created_at'), everyone],
    [order('first_name'), ['Ann', 'Bob', 'Chloé', 'Dave', 'Frank', 'Grete', 'Hana', 'İpek', 'Émile']],
    [order('title'), ['Frank', 'Grete', 'Ann', 'Émile', 'İpek', 'Bob', 'Chloé', 'Dave', 'Hana']],
    [order('-title'), ['Dave', 'Chloé', 'Bob', 'İpek', 'Émile', 'Ann', 'Grete', 'Frank', 'Hana']],
    [order('seniority'), ['Ann', 'Bob', 'Chloé', 'Dave', 'Émile', 'Frank', 'Grete', 'Hana', 'İpek']],
    [order('-seniority'), ['Dave', 'Chloé', 'Bob', 'Ann', 'İpek', 'Hana', 'Grete', 'Frank', 'Émile']],
    [order('-seniority', 'first_name'), ['Bob', 'Chloé', 'Dave', 'Ann', 'Frank', 'Grete', 'Hana', 'İpek', 'Émile']],
    [order('location'), ['Chloé', 'Émile', 'Ann', 'Dave', 'Bob', 'İpek', 'Frank', 'Grete', 'Hana']],
    [order('office_phone'), ['Frank', 'Ann', 'Chloé', 'İpek', 'Bob', 'Dave', 'Émile', 'Grete', 'Hana']],
    [order('-office_phone'), ['İpek', 'Chloé', 'Ann', 'Frank', 'Hana', 'Grete', 'Émile', 'Dave', 'Bob']],
    [order('company.name'), ['Bob', 'Ann', 'Frank', 'Émile', 'Grete', 'Chloé', 'İpek', 'Dave', 'Hana']],
    [
      order('-company.employees_count', 'id'),
      ['Chloé', 'İpek', 'Bob', 'Ann', 'Frank', 'Dave', 'Émile', 'Grete', 'Hana'],
    ],
    [order('company.city', '-first_name'), ['Émile', 'Grete', 'İpek', 'Chloé', 'Frank', 'Ann', 'Hana', 'Dave', 'Bob']],
    [order('departments'), ['Ann', 'Frank', 'Bob', 'Chloé', 'Dave', 'Émile', 'Grete', 'Hana', 'İpek']],
  ];

  test.each(cases)('%j', async (by, names) => {
    expect(await ask(contact, { order: by })).toEqual(names);
  });

  test.each(cases)('%j by cursors, two rows at a time', async (by, names) => {
    const store = recordingStore(contact);
    const query = { order: by, limit: 2, where: is('first_name', 'ne', 'Ann') };
    const expected = names.filter((name) => name !== 'Ann');
    const pages = [await store.query(query)];
    while (pages.at(-1)!.next) pages.push(await store.query({ ...query, cursor: pages.at(-1)!.next! }));
    const back = [pages.at(-1)!];
    while (back[0]!.previous) back.unshift(await store.query({ ...query, cursor: back[0]!.previous! }));
    const names_ = (some: typeof pages) =>
      some.map(({ items }) => items.map((row) => (row as Record<string, unknown>).first_name));
    expect(names_(pages)).toEqual([0, 2, 4, 6].map((at) => expected.slice(at, at + 2)));
    expect(names_(back)).toEqual(names_(pages));
  });

  test('as SQL, each with the pages after and before the middle row', async () => {
    await snapshot('orders', cases, async ([by]) => {
      const { next } = await recordingStore(contact).query({ order: by, limit: 5 });
      const page = await recordingStore(contact).query({ order: by, limit: 2, cursor: next! });
      await recordingStore(contact).query({ order: by, limit: 2, cursor: page.previous! });
    });
  });
});

describe('cursors that were not handed out for this order', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const newest = '-created_at,-id';
  test.each([
    ['empty', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('hello').toString('base64url')],
    ['null', encode(null)],
    ['an object', encode({ before: 0 })],
    ['no keys', encode([0, newest])],
    ['too few keys', encode([0, newest, '2024-01-01 00:00:00+00'])],
    ['too many keys', encode([0, newest, '2024-01-01 00:00:00+00', '5', '6'])],
    ['another order', encode([0, 'created_at,id', '2024-01-01 00:00:00+00', '5'])],
    ['no direction', encode(['x', newest, '2024-01-01 00:00:00+00', '5'])],
    ['no time', encode([0, newest, 'yesterday', '5'])],
    ['a year that PostgreSQL does not write', encode([0, newest, '9999-12-31T23:59:59-12', '5'])],
    ['a missing time', encode([0, newest, null, '5'])],
    ['no number', encode([0, newest, '2024-01-01 00:00:00+00', '5 or true'])],
    ['a number as such', encode([0, newest, '2024-01-01 00:00:00+00', 5])],
    ['a number too large', encode([0, newest, '2024-01-01 00:00:00+00', '9'.repeat(30)])],
  ])('%s: 400', async (_, cursor) => {
    await expect(ask(contact, { cursor })).rejects.toMatchObject({
      code: 'query.bad_cursor',
      status: 400,
      message: 'Invalid cursor value',
    });
  });

  test.each([
    ['NUL', [0, 'title,id', 'a\0', '5'], false],
    ['a missing title', [0, 'title,id', null, '5'], true],
    ['any text', [1, 'title,id', "'; drop table contacts; --", '5'], true],
  ])('%s for a title', async (_, cursor, taken) => {
    const asked = ask(contact, { order: [{ field: 'title', direction: 'asc' }], cursor: encode(cursor) });
    await (taken ? expect(asked).resolves.toBeInstanceOf(Array) : expect(asked).rejects.toMatchObject({ status: 400 }));
  });

  test('a forged cursor of any kind of key is refused or followed, never a fault of the database', async () => {
    const keys = [
      '',
      'x',
      '0',
      '-1',
      '1e5',
      '2024-01-01',
      '2024-01-01 00:00:00+00',
      'infinity',
      uuid(1),
      '\ud800',
      null,
    ];
    for (const field of [
      'created_at',
      'id',
      'uuid',
      'title',
      'company.employees_count',
      'company.created_at',
      'departments',
    ]) {
      for (const [key, before] of keys.flatMap((each) => [
        [each, 0],
        [each, 1],
      ])) {
        const cursor = encode(field === 'id' ? [before, 'id', key] : [before, `${field},id`, key, '3']);
        const failure = await ask(contact, { order: [{ field, direction: 'asc' }], cursor }).catch(
          (error: unknown) => error,
        );
        if (!Array.isArray(failure)) expect(failure).toMatchObject({ code: 'query.bad_cursor' });
      }
    }
  });
});

describe('the largest queries that are let in are answered', () => {
  const words = (count: number) => numbered(count).join(' ');
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`);
  const many = (count: number, filter: Filter): Filter => ({ or: Array(count).fill(filter) });
  test.each<[string, Filter]>([
    ['words to search', many(200, search(words(10)))],
    ['whole words', many(20, is('title', 'words', { text: words(100), unit: 'whole' }))],
    ['long phrases with many words between', many(20, is('title', 'phrase', { text: words(100), slop: 100 }))],
    ['short phrases with many words between', many(200, is('title', 'phrase', { text: words(2), slop: 100 }))],
    ['one long word', is('title', 'words', { text: 'x'.repeat(10_000), unit: 'whole' })],
    ['a phrase of long words', is('title', 'phrase', { text: Array(100).fill('x'.repeat(99)).join(' '), slop: 100 })],
    ['values', many(10, is('title', 'in', numbered(10_000)))],
    ['elements', is('departments', 'in', numbered(10_000))],
    ['a long text', is('title', 'contains', '%_\\'.repeat(300_000))],
    [
      'deep negations',
      Array.from({ length: 10 }).reduce<Filter>((inner) => ({ not: inner }), is('title', 'eq', 'none')),
    ],
    ['empty groups', { and: Array(1900).fill({}), or: [is('title', 'eq', 'none')] }],
  ])('%s', async (_, where) => {
    expect(await ask(contact, { where })).toHaveLength(0);
  });
});
