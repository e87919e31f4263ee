import { contact } from '@contact360/contacts';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runImport } from '../../plugins/imports/run.ts';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, ended, importInBatches, upload } from './imports.ts';

/** Without workers: the tests run the jobs themselves, in batches of their choice. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ WORKERS: 'false' });
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.database.query('truncate contacts, companies, filters_deltas, filters_data');
});

interface Run {
  plural?: string;
  dry?: boolean;
  batchRows?: number;
}

async function run(csv: string, { plural = 'contacts', dry = false, batchRows = 5000 }: Run = {}) {
  const job = await importInBatches(app, csv, { plural, batchRows, query: dry ? '?dry_run=true' : '' });
  expect(job).toMatchObject({ status: 'completed', dry_run: dry });
  expect(job.report.created + job.report.updated + job.report.unchanged).toBe(job.success_count);
  return job;
}

/** Everything that a reader could see of the records. */
async function stored() {
  const { rows } = await app.database.query(
    `select (select md5(string_agg(t::text, chr(10) order by id)) from contacts t) as contacts, (select md5(string_agg(t::text, chr(10) order by id)) from companies t) as companies,
      (select count(*)::int from contacts where deleted_at is null) as people, (select count(*)::int from companies where deleted_at is null) as firms,
      (select count(*)::int from filters_deltas) as deltas, (select count(*)::int from import_changes) as changes`,
  );
  return rows[0];
}

/** Random files of each kind. */
const RUNS = 3;
const some = <T>(...values: T[]) => fc.constantFrom(...values);
const UUIDS = ['01a20000-0000-7000-8000-000000000001', '01a20000-0000-7000-8000-000000000002'] as const;
const anyContact = fc
  .tuple(
    some('', '', 'a@one.example', 'A@one.example', 'b@one.example', 'c@two.example', 'd@gmail.com', 'broken'),
    some('', 'Ann', 'Ánn', 'Bob', 'BOB'),
    some('', 'Lee', 'Ray'),
    some('', '', '', 'in/ann', 'in/bob'),
    some('', '', 'One', 'Two', 'one'),
    some('', '', 'one.example', 'two.example'),
    some('', '10', '20', 'many'),
    some('', 'CTO', 'CEO'),
    some('', 'Sales', 'Sales, Legal', ','),
    some('', '42', '43'),
    some('', '', '', '', ...UUIDS),
  )
  .map((cells) => cells.map((cell) => (cell.includes(',') ? `"${cell}"` : cell)).join(','));
/** Rows that are found by their names alone are rare among the others. */
const namedContact = fc
  .tuple(some('Ann', 'Bob'), some('Lee', 'Ray'), some('', 'One', 'Two'), some('', 'CTO', 'CEO'))
  .map(([first, last, company, title]) => `,${first},${last},,${company},,,${title},,`);
const contactRow = fc.oneof({ weight: 2, arbitrary: anyContact }, { weight: 1, arbitrary: namedContact });
const CONTACTS =
  'Email,First Name,Last Name,Person Linkedin Url,Company,Website,# Employees,Title,Departments,Shoe,uuid';
const companyRow = fc
  .tuple(
    some('', 'One', 'Two', 'ONE', 'Three'),
    some('', 'one.example', 'two.example'),
    some('', '10', '20', 'x'),
    some('', 'Riga', 'Oslo'),
    some('', '42', '43'),
  )
  .map((cells) => cells.join(','));
const COMPANIES = 'Company,Website,# Employees,City,Founded';

/** Every way in which rows find stored records. */
const FOUND = {
  contacts: [
    'a@one.example,,,,,,,,,',
    ',,,in/ann,,,,,,',
    ',Ann,Lee,,One,,,,,',
    ',Ann,Lee,,,,,,,',
    'b@one.example,,,,Two,two.example,,,,',
  ],
  companies: ['One,,,,', ',two.example,,,', 'Three,three.example,,,'],
} as const;

describe.each([
  ['contacts', CONTACTS, contactRow],
  ['companies', COMPANIES, companyRow],
] as const)('a dry run of %s', (plural, header, row) => {
  it('finds every stored record that the import finds', async () => {
    const file = csvOf(header, ...FOUND[plural]);
    await run(file, { plural });
    for (const batchRows of [1, 100])
      expect((await run(file, { plural, dry: true, batchRows })).report).toMatchObject({
        created: 0,
        unchanged: FOUND[plural].length,
        companies: plural === 'contacts' ? { created: 0, updated: 0 } : null,
      });
  });

  it('tells what the import then does, and writes nothing', { timeout: 120_000 }, async () => {
    const rows = fc.array(row, { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 20 }), async (first, then, batchRows) => {
        await app.database.query('truncate contacts, companies, filters_deltas, filters_data');
        await run(csvOf(header, ...first), { plural });
        const before = await stored();
        const dry = await run(csvOf(header, ...then), { plural, dry: true, batchRows });
        expect(await stored()).toEqual(before);
        for (const { record, uuid, field, old } of dry.report.differences) {
          const table = record === 'contact' ? 'contacts' : 'companies';
          const { rows: found } = await app.database.query(`select * from ${table} where uuid = $1`, [uuid]);
          expect(found).toHaveLength(1);
          expect(field.startsWith('meta_data.') || field in found[0], field).toBe(true);
          expect(old).not.toBeUndefined();
        }
        const real = await run(csvOf(header, ...then), { plural, batchRows });
        const comparable = ({ report, ...job }: typeof dry) => ({
          ...report,
          differences: undefined,
          merged: job.merged_in_file,
          merged_in_file: report.merged_in_file.map((merge: object) => ({ ...merge, uuid: undefined })),
          errors: job.errors,
          rows: [job.total_rows, job.success_count, job.error_count],
        });
        expect(comparable(real)).toEqual(comparable(dry));
        const after = await stored();
        expect(plural === 'contacts' ? after.people - before.people : after.firms - before.firms).toBe(
          dry.report.created,
        );
        if (plural === 'contacts') expect(after.firms - before.firms).toBe(dry.report.companies.created);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  it('counts rows alike whatever the batches', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 2, maxLength: 10 }), async (rows) => {
        await app.database.query('truncate contacts, companies');
        await run(csvOf(header, ...rows.slice(0, 4)), { plural });
        const [small, large] = [
          await run(csvOf(header, ...rows), { plural, dry: true, batchRows: 1 }),
          await run(csvOf(header, ...rows), { plural, dry: true }),
        ];
        const comparable = (job: typeof small) => ({
          counts: [job.report.created, job.report.updated, job.report.unchanged, job.error_count],
          merges: job.report.merged_in_file.map((merge: { row_number: number; earlier_row_number: number }) => [
            merge.row_number,
            merge.earlier_row_number,
          ]),
          // A company that a dry run makes has another uuid in each.
          differences: job.report.differences.map((each: { field: string; new: unknown }) => ({
            ...each,
            ...(each.field === 'company_id' && { old: undefined, new: undefined }),
          })),
        });
        expect(comparable(small)).toEqual(comparable(large));
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
});

describe('a dry run', () => {
  it('takes a uuid that a record does not bear for no difference', async () => {
    await run(csvOf('Email,Title', 'u1@x.example,CTO'));
    const rows = UUIDS.map((uuid) => `u1@x.example,CTO,${uuid}`);
    const { report } = await run(csvOf('Email,Title,uuid', ...rows), { dry: true });
    expect(report).toMatchObject({ created: 0, updated: 0, unchanged: 2, differences: [] });
  });

  it('tells the first hundred differences, field by field, and the rejected rows', async () => {
    await run(csvOf('Email,First Name,Title,Company,Website', 'd1@x.example,Ada,CTO,X,x.example'));
    const job = await run(
      csvOf(
        'Email,Title,# Employees,Website,Shoe',
        'D1@x.example,CEO,5,x.example,42',
        'new@x.example,CEO,,,',
        'D1@x.example,CEO,,,',
        'nobody,CEO,,,',
      ),
      { dry: true },
    );
    const { rows } = await app.database.query(
      'select c.uuid as contact, f.uuid as company from contacts c, companies f',
    );
    expect(job).toMatchObject({ total_rows: 4, success_count: 3, error_count: 1 });
    expect(job.errors).toMatchObject([{ row_number: 5, error_code: 'invalid_email', row_data: { Email: 'nobody' } }]);
    expect(job.report).toEqual({
      read_as: 'CSV, UTF-8, separated by commas',
      mapping: {
        Email: 'email',
        Title: 'title',
        '# Employees': 'company_employees_count',
        Website: 'company_website',
        Shoe: 'meta_data',
      },
      created: 1,
      updated: 1,
      unchanged: 1,
      rejected: 1,
      companies: { created: 0, updated: 1 },
      differences: [
        {
          row_number: 2,
          record: 'contact',
          uuid: rows[0].contact,
          field: 'email',
          old: 'd1@x.example',
          new: 'D1@x.example',
        },
        { row_number: 2, record: 'contact', uuid: rows[0].contact, field: 'title', old: 'CTO', new: 'CEO' },
        { row_number: 2, record: 'contact', uuid: rows[0].contact, field: 'meta_data.Shoe', old: null, new: '42' },
        { row_number: 2, record: 'company', uuid: rows[0].company, field: 'employees_count', old: null, new: 5 },
      ],
      merged_in_file: [],
    });
    const many = Array.from({ length: 60 }, (_, row) => `D1@x.example,${row},x${row}`);
    expect(
      (await run(csvOf('Email,Title,First Name', ...many), { dry: true, batchRows: 7 })).report.differences,
    ).toHaveLength(100);
  });

  it('that was interrupted begins anew and tells the same', async () => {
    const rows = Array.from({ length: 12 }, (_, row) =>
      row % 5 === 4 ? 'no address,x' : `i${row % 3}@x.example,N${row}`,
    );
    const file = csvOf('Email,First Name', ...rows);
    const { json } = await upload(app, file, { query: '?dry_run=true' });
    const importable = new Map([['contact', contact]]);
    let steps = 0;
    const signal = {
      throwIfAborted: () => {
        if (++steps === 3) throw new Error('stopped');
      },
    } as AbortSignal;
    await expect(runImport(importable, json.job_id, { app: app.app, signal }, 2)).rejects.toThrow('stopped');
    await runImport(importable, json.job_id, { app: app.app, signal: new AbortController().signal }, 2);
    const whole = await run(file, { dry: true });
    const resumed = await ended(app, json.job_id);
    expect(resumed).toMatchObject({ total_rows: 12, error_count: 2, merged_in_file: whole.merged_in_file });
    expect({ ...resumed.report, merged_in_file: 0 }).toEqual({ ...whole.report, merged_in_file: 0 });
    expect(resumed.errors).toEqual(whole.errors);
  });
});

describe('rows of one file on one record under different names', () => {
  const rowsOf = [
    'm1@x.example,Ann,Lee,A',
    'm2@x.example,Bob,Ray,A',
    'm1@x.example,ÁNN,LEE,B',
    'm1@x.example,,,C',
    'm1@x.example,Cid,,D',
    'm2@x.example,Bob,Ray,E',
    'm1@x.example,Cid,Poe,F',
    'm3@x.example,,,G',
    'm3@x.example,New,Name,H',
  ];
  const expected = [
    [6, 4, 'Cid', 'ÁNN LEE'],
    [8, 6, 'Cid Poe', 'Cid LEE'],
  ];
  it.each([1, 2, 3, 5000])('are reported and no errors, in batches of %i', async (batchRows) => {
    const file = csvOf('Email,First Name,Last Name,Title', ...rowsOf);
    for (const dry of [true, false]) {
      const job = await run(file, { batchRows, dry });
      expect(job).toMatchObject({ success_count: 9, error_count: 0, merged_in_file: 2 });
      const found = job.report.merged_in_file.map((merge: Record<string, unknown>) => [
        merge.row_number,
        merge.earlier_row_number,
        merge.name,
        merge.earlier_name,
      ]);
      expect(found).toEqual(expected);
    }
    const { rows } = await app.database.query("select uuid from contacts where email = 'm1@x.example'");
    const { json: jobs } = await app.request('GET', '/api/v1/contacts/import/jobs/?limit=1', { token: app.adminToken });
    expect(jobs[0].merged_in_file).toBe(2);
    expect((await ended(app, jobs[0].job_id)).report.merged_in_file[0].uuid).toBe(rows[0].uuid);
  });

  it('are those of one file only, even where nothing is changed by the first of them', async () => {
    await run(csvOf('Email,First Name,Last Name', 'o1@x.example,Ann,Lee'));
    expect(await run(csvOf('Email,First Name,Last Name', 'o1@x.example,Bob,Lee'))).toMatchObject({ merged_in_file: 0 });
    const job = await run(
      csvOf('Email,First Name,Last Name', 'o1@x.example,Bob,Lee', 'o2@x.example,A,B', 'o1@x.example,Cid,Lee'),
      { batchRows: 1 },
    );
    expect(job.report.merged_in_file).toMatchObject([
      { row_number: 4, earlier_row_number: 2, name: 'Cid Lee', earlier_name: 'Bob Lee' },
    ]);
    expect(job.report).toMatchObject({ created: 1, updated: 1, unchanged: 1 });
    expect((await app.database.query("select from import_changes where changes = '{}'")).rowCount).toBe(0);
  });

  it('are companies with another name where a file is of companies', async () => {
    const job = await run(csvOf('Company,Website', 'One,one.example', 'ONE,one.example', 'Uno,one.example'), {
      plural: 'companies',
      batchRows: 2,
    });
    expect(job.report.merged_in_file).toMatchObject([
      { row_number: 4, earlier_row_number: 3, name: 'Uno', earlier_name: 'ONE' },
    ]);
    expect(job.report).toMatchObject({ companies: null, created: 1, updated: 2, unchanged: 0 });
  });
});
