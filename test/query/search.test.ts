import { type Client, createClient } from '@contact360/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startTestApp();
  client = createClient({ url: app.url, token: app.userToken });
  const rows = [
    'Johanna,Müller,Software Engineer,jm@nord.example,Nord Data,nord.example,Germany,Engineering',
    'John,Miller,Sales Manager,john@acme.example,Acme <Corp>,acme.example,United States,Sales',
    'Jonathan,Mills,Sales Director,jon@acme.example,Acme <Corp>,acme.example,United States,Sales',
    'Zoë,Quinn,Designer,zoe@studio.example,Studio,studio.example,France,Design',
  ];
  await importCsv(app, csvOf('First Name,Last Name,Title,Email,Company,Website,Country,Departments', ...rows));
});
afterAll(() => app.stop());

const names = async (q: string) => (await client.contacts.search({ q })).hits.map(({ row }) => row.first_name);

describe('ranked search', () => {
  const cases: [q: string, first: string | undefined][] = [
    ['muller', 'Johanna'],
    ['mueler', 'Johanna'],
    ['sofware enginer', 'Johanna'],
    ['joh mill', 'John'],
    ['acme director', 'Jonathan'],
    ['zoe', 'Zoë'],
    ['studiio', 'Zoë'],
    ['acme crop director', 'Jonathan'],
    ['qiunn', 'Zoë'],
    ['xyzzy', undefined],
    ['', undefined],
  ];
  it.each(cases)('finds %s', async (q, first) => {
    expect((await names(q))[0]).toBe(first);
  });

  it('tells how many, the frequent values among them, why, and what answered', async () => {
    const result = await client.contacts.search({ q: 'acme', include: ['company'] });
    expect(result).toMatchObject({
      found: 2,
      engine: 'postgresql',
      facets: { country: [{ value: 'United States', count: 2 }], departments: [{ value: 'Sales', count: 2 }] },
    });
    expect(result.hits[0]).toMatchObject({
      row: { company: { name: 'Acme <Corp>' } },
      highlights: { email: expect.stringContaining('<mark>acme</mark>') },
    });
    expect((await client.companies.search({ q: 'acme corpp' })).hits[0]).toMatchObject({
      highlights: { name: '<mark>Acme</mark> &#60;<mark>Corp</mark>&#62;' },
    });
    expect(
      await client.contacts.search({ q: 'acme', where: { field: 'title', operator: 'contains', value: 'manager' } }),
    ).toMatchObject({ found: 1 });
    expect((await client.contacts.search({ q: 'acme', limit: 1, offset: 1 })).hits).toHaveLength(1);
  });
});

describe('a typo', () => {
  const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
  const letter = fc.constantFrom(...ALPHABET);
  const edit = fc.record({
    kind: fc.constantFrom('insert', 'delete', 'replace', 'swap'),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    letter,
  });
  const mistyped = (word: string, { kind, at, letter }: { kind: string; at: number; letter: string }) => {
    const place = Math.floor(at * (word.length - (kind === 'swap' ? 1 : 0)));
    const rest = word.slice(place);
    const typed = {
      insert: letter + rest,
      delete: rest.slice(1),
      replace: letter + rest.slice(1),
      swap: `${rest[1]}${rest[0]}${rest.slice(2)}`,
    };
    return word.slice(0, place) + typed[kind as 'insert'];
  };

  it('in a word of five letters or more of a name does not hide the company', async () => {
    const companies = [
      'Acme Corp',
      'Borealis Labs',
      'Crown Prints',
      'Dunder Widgets',
      'Emerald Groups',
      'Örebro Verkstad',
    ];
    await importCsv(app, csvOf('Company', ...companies), { plural: 'companies', fileName: 'companies.csv' });
    const words = companies.flatMap((name) => name.split(' ').map((word) => ({ name, word })));
    const long = words.filter(({ word }) => word.length >= 5);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...long), edit, async ({ name, word }, typo) => {
        const q = mistyped(word.toLowerCase(), typo);
        const { hits } = await client.companies.search({ q, limit: 50 });
        expect(
          hits.map(({ row }) => row.name),
          q,
        ).toContain(name);
      }),
      { numRuns: 60 },
    );
  });

  it('in a short word neither, and is marked', async () => {
    const { hits } = await client.companies.search({ q: 'acme crop' });
    expect(hits.map(({ row, highlights }) => [row.name, highlights.name])).toContainEqual([
      'Acme Corp',
      '<mark>Acme</mark> <mark>Corp</mark>',
    ]);
    const reply = await app.request('GET', '/api/v3/companies/search?q=acme%20crop');
    expect(JSON.stringify(reply.json)).toContain('Acme Corp');
  });
});

describe('explain', () => {
  it('says what a query means, how it is answered and what that costs', async () => {
    const explained = await client.contacts.explain({
      where: {
        and: [
          { field: 'title', operator: 'contains', value: 'cto' },
          {
            or: [
              { field: 'country', operator: 'in', value: ['US', 'Germany'] },
              { field: 'company.employees_count', operator: 'gte', value: 50 },
            ],
          },
          { not: { field: 'email', operator: 'exists' } },
          { field: 'title', operator: 'words', value: { text: 'sofware', unit: 'whole', fuzzy: true } },
        ],
      },
      order: [{ field: 'company.name', direction: 'desc' }],
    });
    expect(explained.meaning).toBe(
      'contacts where Title contains “cto” and (Country is “US” or “Germany” or Company Employees Count is at least 50) and not (Email is known) and Title has, typos allowed, the word “sofware”',
    );
    expect(explained.order).toBe('Company Name descending, then ID descending');
    expect(explained.cost).toBeGreaterThan(0);
    expect(explained.steps.map(({ step }) => step)).toContain('Limit');
    expect((await client.companies.explain({})).meaning).toBe('companies: all of them');
  });
});
