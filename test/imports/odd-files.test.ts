import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, ended, importCsv, upload } from './imports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

type Bytes = string | Uint8Array<ArrayBuffer>;
interface OddFile {
  readonly bytes: Bytes;
  /** The job as it ends. */
  readonly job: object;
  /** Of the contact `odd@x.example`. */
  readonly contact?: object;
  readonly errors?: readonly object[];
}

const bytes = (text: string, encoding: 'utf8' | 'utf16le' | 'latin1' = 'utf8') =>
  new Uint8Array(Buffer.from(text, encoding));
const bigEndian = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());
const done = (success: number, error = 0) => ({
  status: 'completed',
  total_rows: success + error,
  success_count: success,
  error_count: error,
});
const failed = (message: RegExp) => ({ status: 'failed', success_count: 0, message: expect.stringMatching(message) });

const MILLION = 'x'.repeat(1_000_000);
const WIDE = Array.from({ length: 4999 }, (_, column) => `Column ${column}`);

const files: Readonly<Record<string, OddFile>> = {
  'UTF-8 with a mark': {
    bytes: bytes('\ufeffEmail,City\nodd@x.example,Köln'),
    job: done(1),
    contact: { city: 'Köln' },
  },
  'UTF-16, little-endian': {
    bytes: bytes('\ufeffEmail,City\r\nodd@x.example,Łódź\r\n', 'utf16le'),
    job: done(1),
    contact: { city: 'Łódź' },
  },
  'UTF-16, big-endian': {
    bytes: bigEndian('\ufeffEmail,City\nodd@x.example,東京'),
    job: done(1),
    contact: { city: '東京' },
  },
  'UTF-16 that ends within a character': {
    bytes: bytes('\ufeffEmail,City\nodd@x.example,Köln', 'utf16le').slice(0, -1),
    job: failed(/UTF-16/),
  },
  'Windows-1252': {
    bytes: bytes('Email,City\nodd@x.example,Z\xfcrich \x80', 'latin1'),
    job: done(1),
    contact: { city: 'Zürich €' },
  },
  'Windows-1252 only after much ASCII': {
    bytes: bytes(
      csvOf('Email,City', ...Array.from({ length: 3000 }, (_, n) => `odd${n}@x.example,Bonn`), 'odd@x.example,K\xf6ln'),
      'latin1',
    ),
    job: done(3001),
    contact: { city: 'Köln' },
  },
  semicolons: {
    bytes: 'Email;City;Title\nodd@x.example;"a;b";c,d',
    job: done(1),
    contact: { city: 'a;b', title: 'c,d' },
  },
  tabs: { bytes: 'Email\tCity\nodd@x.example\tSt. Gallen, SG', job: done(1), contact: { city: 'St. Gallen, SG' } },
  'old Mac line ends': {
    bytes: 'Email,City\rodd@x.example,Bern\rodd2@x.example,Chur\r',
    job: done(2),
    contact: { city: 'Bern' },
  },
  'line ends of all kinds and blank lines': {
    bytes: '\n\nEmail,City\r\n\r\nodd@x.example,Bern\n\n\rodd2@x.example,Chur\r\r\n',
    job: done(2),
    contact: { city: 'Bern' },
  },
  'quotes inside quotes': {
    bytes: 'Email,Title,City\nodd@x.example,"The ""Boss"", ""really""","""Bern"""',
    job: done(1),
    contact: { title: 'The "Boss", "really"', city: '"Bern"' },
  },
  'quotes that are text': {
    bytes: 'Email,Title,City\nodd@x.example,5" pipe fitter,Bern "West"',
    job: done(1),
    contact: { title: '5" pipe fitter', city: 'Bern "West"' },
  },
  'lines inside quotes': {
    bytes: 'Email,Title,City\r\nodd@x.example,"Head of\r\nSales",Bern',
    job: done(1),
    contact: { title: 'Head of\r\nSales', city: 'Bern' },
  },
  'a million characters in an unknown column': {
    bytes: csvOf('Email,Diary,City', `odd@x.example,${MILLION},Bern`),
    job: done(1),
    contact: { city: 'Bern', meta_data: { Diary: MILLION } },
  },
  'a million characters in a searched field': {
    bytes: csvOf('Email,Title', `odd@x.example,${MILLION}`, 'odd2@x.example,short'),
    job: done(1, 1),
    errors: [{ row_number: 2, error_column: 'Title' }],
  },
  'an unclosed quote': {
    bytes: 'Email,Title\nodd@x.example,"open\nodd2@x.example,Boss\n',
    job: { status: 'failed', message: expect.stringMatching(/quote/) },
  },
  'an unclosed quote before many rows': {
    bytes: csvOf(
      'Email,Title',
      'odd@x.example,"open',
      ...Array.from({ length: 3000 }, (_, n) => `odd${n}@x.example,"Boss"`),
    ),
    job: { status: 'failed', message: expect.stringMatching(/quote/) },
  },
  'NUL bytes in a cell': {
    bytes: 'Email,Title\nodd2@x.example,a\0b\nodd@x.example,Boss',
    job: done(1, 1),
    contact: { title: 'Boss' },
    errors: [{ row_number: 2, error_message: 'Invalid character: Title holds a NUL character' }],
  },
  'NUL bytes in the header': { bytes: 'Email,Ti\0tle\nodd@x.example,Boss', job: failed(/NUL/) },
  'UTF-16 without a mark': {
    bytes: bytes('Email,City\nodd@x.example,Bern', 'utf16le'),
    job: done(1),
    contact: { city: 'Bern' },
  },
  'a field twice': {
    bytes: 'Email,City,City\nodd@x.example,,Bern\nodd2@x.example,Chur,Genf',
    job: done(2),
    contact: { city: 'Bern' },
  },
  'an unknown column twice': {
    bytes: 'Email,Note,Note\nodd@x.example,one,two',
    job: done(1),
    contact: { meta_data: { Note: 'one', 'Note (2)': 'two' } },
  },
  'no header': {
    bytes: 'odd@x.example,Bern\nodd2@x.example,Chur',
    job: failed(/^The file has no known column\. Found: 'odd@x\.example', 'Bern'/),
  },
  'a header only': { bytes: 'Email,City', job: done(0) },
  'nothing but blank lines': { bytes: '\n\r\n\n', job: failed(/no rows/) },
  '5,000 columns': {
    bytes: csvOf(['Email', ...WIDE].join(), ['odd@x.example', ...WIDE.map((_, n) => `v${n}`)].join()),
    job: done(1),
    contact: { meta_data: expect.objectContaining({ 'Column 0': 'v0', 'Column 4998': 'v4998' }) },
  },
  'ragged rows': {
    bytes: 'Email,City,Title\nodd@x.example,Bern\nodd2@x.example\nodd3@x.example,Chur,Boss,more\n,,\n',
    job: done(2, 2),
    contact: { city: 'Bern', title: '' },
    errors: [
      { row_number: 4, error_message: 'Row has 4 cells, header has 3' },
      { row_number: 5, error_message: 'Missing required field: email' },
    ],
  },
  'columns of a company that no row names': {
    bytes: 'Email,Industry,# Employees\nodd@x.example,Mining,12',
    job: done(1),
    contact: { employees: null, meta_data: { Industry: 'Mining', '# Employees': '12' } },
  },
  'a picture': {
    bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3]),
    job: failed(/./),
  },
  'an archive': { bytes: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), job: failed(/gzip/) },
};

describe('a file that people really have', () => {
  it.each(Object.entries(files))('%s', async (name, { bytes, job, contact, errors }) => {
    await app.database.query("delete from contacts where email like '%@x.example'");
    const found = await importCsv(app, bytes, { fileName: `${name}.csv` });
    expect(found).toMatchObject(job);
    if (errors) expect(found.errors).toMatchObject(errors);
    const { json } = await app.request('GET', '/api/v1/contacts/?email=odd@x.example&include_meta=true');
    expect(json.results).toHaveLength(contact ? 1 : json.results.length);
    if (contact) expect(json.results[0]).toMatchObject(contact);
    expect((await app.request('GET', '/health/')).status).toBe(200);
  });
});

describe('imports at once, beside other writers', () => {
  const ROWS = 1500;
  const numbers = Array.from({ length: ROWS }, (_, n) => n);

  it('make every record once, and lose no write', async () => {
    const contacts = (from: number) =>
      csvOf(
        'Email,First Name,Company,Website',
        ...numbers.map((n) => `same${n + from}@s.example,F${n + from},Same ${n % 40},same${n % 40}.example`),
      );
    const companies = csvOf(
      'Company Name,Website,# Employees',
      ...numbers.slice(0, 80).map((n) => `Same ${n},same${n}.example,${n + 1}`),
    );
    const uploads = [
      upload(app, contacts(0), { fileName: 'one.csv' }),
      upload(app, contacts(0), { fileName: 'same.csv' }),
      upload(app, contacts(ROWS / 2), { fileName: 'overlapping.csv' }),
      upload(app, companies, { plural: 'companies' }),
    ];
    const writes = numbers.slice(0, 60).map(async (n) => {
      const body = { email: `SAME${n * 30}@s.example`, stage: `Stage ${n}` };
      const reply = await app.request('POST', '/trpc/contacts.upsert', { token: app.adminToken, body });
      expect(reply.status).toBe(200);
    });
    const jobs = await Promise.all(uploads);
    await Promise.all(writes);
    for (const [at, { json }] of jobs.entries()) {
      const rows = at === 3 ? 80 : ROWS;
      expect(await ended(app, json.job_id, at === 3 ? 'companies' : 'contacts')).toMatchObject(done(rows));
    }
    const { rows } = await app.database.query(
      `select (select count(*)::int from contacts where email ilike 'same%@s.example') as contacts,
        (select count(distinct lower(email))::int from contacts where email ilike 'same%@s.example') as emails,
        (select count(*)::int from contacts where stage like 'Stage %') as staged,
        (select count(*)::int from companies where name like 'Same %') as companies,
        (select count(*)::int from companies where name like 'Same %' and employees_count is null) as unread,
        (select count(*)::int from contacts t join companies c on c.uuid = t.company_id
          where t.email ilike 'same%@s.example' and (t.company_row, t.company_employees_count) is distinct from (c.id, c.employees_count)) as stale`,
    );
    expect(rows[0]).toEqual({
      contacts: 1.5 * ROWS,
      emails: 1.5 * ROWS,
      staged: 60,
      companies: 80,
      unread: 0,
      stale: 0,
    });
  });
});
