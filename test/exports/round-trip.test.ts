import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { createClient } from '@contact360/sdk';
import { KINDS, type Kind, type RecordType, SYSTEM_FIELDS, uuidv7 } from '@contact360/server';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { importCsv } from '../imports/imports.ts';
import { download, exported } from './exports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

/** Texts that files, spreadsheets and imports take for something else. */
const TEXT = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.constantFrom(...`=+-@'",;_|\t\r\n\\ aé1€😀`), { minLength: 1, maxLength: 5 })
      .map((all) => all.join('')),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '=1+1',
      "'=1",
      "''5",
      '+49 (30) 1234-5',
      '-',
      '-5',
      '-5e3',
      '@me',
      '_',
      '\\N',
      '\\.',
      '{"a":1}',
      '007',
      'NULL',
      'e\u0301',
      '\ufeff',
      '1,5',
      '"',
      "'",
    ),
  },
);
const NUMBER = fc.oneof(fc.integer({ min: -10, max: 2_000_000_000 }), fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER));
const values: { readonly [K in Kind]?: fc.Arbitrary<unknown> } = {
  list: fc.array(TEXT, { maxLength: 4 }),
  integer: NUMBER,
  money: NUMBER,
  json: fc.dictionary(
    TEXT.filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 2 }),
    { maxKeys: 3 },
  ),
};

/** Values as the API takes them; those that it would refuse are left out. */
function recordOf(
  record: RecordType,
  given: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const own = Object.entries(record.fields)
    .filter(([name]) => !(name in SYSTEM_FIELDS))
    .map(([name, { kind }]) => {
      const any = given[name] ?? (values[kind] ?? TEXT).filter((value) => KINDS[kind].schema.safeParse(value).success);
      return [name, any] as const;
    });
  return fc.record(
    { ...Object.fromEntries(own), uuid: fc.constant(undefined).map(() => uuidv7()) },
    { requiredKeys: ['uuid', ...Object.keys(given)] as 'uuid'[] },
  );
}

let made = 0;
const unique = (text: (number: number) => string) => fc.constant(undefined).map(() => text(++made));
const companies = recordOf(company, {
  website: fc.constantFrom('https://www.acme.example/about', 'acme.example', '=acme', 'no address'),
  normalized_domain: fc.oneof(
    fc.constant(null),
    unique((number) => `D${number}.Example`),
  ),
});
const contacts = (uuids: readonly string[]) =>
  recordOf(contact, {
    email: fc.oneof(
      unique((number) => `=one${number}@d${number}.example`),
      unique((number) => `Someone${number}@gmail.com`),
    ),
    company_id: fc.option(fc.constantFrom(...uuids)),
  });
const records = fc
  .array(companies, { minLength: 3, maxLength: 12 })
  .chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.array(contacts(all.map(({ uuid }) => uuid as string)), { minLength: 5, maxLength: 25 }),
    ),
  );

const snapshot = async () => {
  const rows = async (table: string) =>
    (await app.database.query(`select to_jsonb(t) as row from ${table} t order by id`)).rows;
  return { companies: await rows('companies'), contacts: await rows('contacts') };
};

it.each(['csv', 'jsonl', 'xlsx'])(
  'what was exported as %s is imported back and changes nothing',
  async (format) => {
    const client = createClient({ url: app.url, token: app.adminToken });
    await fc.assert(
      fc.asyncProperty(records, async ([someCompanies, someContacts]) => {
        await app.database.query('truncate contacts, companies');
        for (const [each, all] of [
          [client.companies, someCompanies],
          [client.contacts, someContacts],
        ] as const) {
          const reply = await (each.bulk as (input: unknown) => Promise<{ errors: unknown[] }>)({
            rows: all,
          });
          expect(reply.errors).toEqual([]);
        }
        const before = await snapshot();
        expect(before.contacts).toHaveLength(someContacts.length);
        for (const plural of ['contacts', 'companies']) {
          const { download_url } = await exported(app, plural, { filters: {}, format });
          const file = new Uint8Array(await download(app, download_url));
          const job = await importCsv(app, file, { plural, fileName: `export.${format}` });
          expect(job.errors).toEqual([]);
          expect(job.success_count).toBe(before[plural as 'contacts'].length);
          expect(await snapshot()).toEqual(before);
        }
      }),
      { numRuns: Number(process.env.ROUND_TRIPS ?? 5), endOnFailure: true },
    );
  },
  600_000,
);
