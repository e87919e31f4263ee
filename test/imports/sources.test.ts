import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { writeXlsxStream } from 'hucre/xlsx';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { csvSource } from '../../plugins/imports/csv-source.ts';
import { startTestApp, type TestApp } from '../app.ts';
import { fileOf, readWhole } from '../data-source.ts';
import { importCsv } from './imports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(() => app.database.query('truncate contacts, companies'));

type Rows = readonly (readonly string[])[];
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const MADE = ['id', 'uuid', 'created_at', 'updated_at', 'company_id', 'company_row', 'row_version'];

/** What contacts and companies say, but for what each import makes anew. */
async function stored() {
  const { rows } = await app.database.query(
    `select to_jsonb(t) - $1::text[] as contact, to_jsonb(c) - $1::text[] as company
     from contacts t left join companies c on c.uuid = t.company_id order by t.email, t.last_name, t.first_name`,
    [MADE],
  );
  return rows;
}

async function importedAs(fileName: string, bytes: Uint8Array<ArrayBuffer>) {
  await app.database.query('truncate contacts, companies');
  const job = await importCsv(app, bytes, { fileName });
  expect(job).toMatchObject({ status: 'completed', message: 'Completed' });
  return { job, records: await stored() };
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const asCsv = (header: readonly string[], rows: Rows) =>
  bytesOf([header, ...rows].map((cells) => cells.map(quoted).join(',')).join('\n'));

async function asXlsx(header: readonly string[], rows: Rows) {
  const columns = header.map((heading) => ({ header: heading }));
  const typed = rows.map((cells) => cells.map((cell) => (/^[1-9]\d{0,9}$/.test(cell) ? Number(cell) : cell)));
  return new Uint8Array(await buffer(writeXlsxStream(typed, { name: 'People', columns })));
}

/** Company fields in an object of their own, lists as lists, numbers as numbers. */
function asJsonLines(header: readonly string[], rows: Rows) {
  const lists = new Set(['Departments', 'Industry', 'Keywords', 'Technologies']);
  const names: Record<string, string> = { Company: 'name', Website: 'website', '# Employees': 'employees_count' };
  return bytesOf(
    rows
      .map((cells) => {
        const person: Record<string, unknown> = {};
        const company: Record<string, unknown> = {};
        for (const [index, cell] of cells.entries()) {
          const heading = header[index]!;
          const value =
            cell === ''
              ? null
              : lists.has(heading) && !cell.includes('"')
                ? cell.split(/,\s*/)
                : /^\d{1,9}$/.test(cell)
                  ? Number(cell)
                  : cell;
          if (names[heading]) company[names[heading]!] = value;
          else person[heading] = value;
        }
        return JSON.stringify({ ...person, company });
      })
      .join('\n'),
  );
}

const escaped = (text: string) => text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');

/** What a card can say of a row. */
function asVCards(header: readonly string[], rows: Rows) {
  const card = (cells: readonly string[]) => {
    const of = (heading: string) => escaped(cells[header.indexOf(heading)] ?? '');
    return [
      'BEGIN:VCARD',
      'VERSION:3.0',
      `N:${of('Last Name')};${of('First Name')};;;`,
      `FN:${of('First Name')} ${of('Last Name')}`,
      `ORG:${of('Company')};${of('Departments')}`,
      `TITLE:${of('Title')}`,
      `EMAIL;TYPE=INTERNET,WORK:${of('Email')}`,
      `TEL;TYPE=WORK:${of('Work Direct Phone')}`,
      `TEL;TYPE=MAIN:${of('Corporate Phone')}`,
      `TEL;TYPE=OTHER:${of('Other Phone')}`,
      `URL:${of('Person Linkedin Url')}`,
      `URL;TYPE=WORK:${of('Website')}`,
      `ADR;TYPE=HOME:;;;${of('City')};${of('State')};;${of('Country')}`,
      `ADR;TYPE=WORK:;;${of('Company Address')};${of('Company City')};${of('Company State')};;${of('Company Country')}`,
      'END:VCARD',
    ];
  };
  return bytesOf(rows.flatMap(card).join('\r\n'));
}

const CARD_COLUMNS = [
  ...['First Name', 'Last Name', 'Title', 'Company', 'Departments', 'Email'],
  ...[
    'Work Direct Phone',
    'Corporate Phone',
    'Other Phone',
    'Person Linkedin Url',
    'Website',
    'City',
    'State',
    'Country',
  ],
  ...['Company Address', 'Company City', 'Company State', 'Company Country'],
];

describe('the same real rows', () => {
  const extract = readFileSync(new URL('../data/us-state-legislators-extract.csv', import.meta.url));
  let header: readonly string[];
  let rows: Rows;
  beforeAll(async () => {
    const { given, columns } = await readWhole(csvSource, fileOf(extract));
    header = columns;
    rows = given.map(({ record }) => record.cells);
    expect(rows).toHaveLength(46);
  });

  it('give the same contacts and companies as CSV, JSON Lines and Excel workbook', async () => {
    const { job, records } = await importedAs('people.csv', asCsv(header, rows));
    expect(job).toMatchObject({ total_rows: 46, success_count: 40, error_count: 6 });
    expect(job.report.read_as).toBe('CSV, UTF-8, separated by commas');
    expect(records.length).toBe(40);
    for (const [name, bytes, kind] of [
      ['people.jsonl', asJsonLines(header, rows), 'JSON Lines (.jsonl)'],
      ['people.xlsx', await asXlsx(header, rows), 'Excel workbook (.xlsx)'],
    ] as const) {
      const other = await importedAs(name, bytes);
      expect(other.job).toMatchObject({ total_rows: 46, success_count: 40, error_count: 6 });
      expect(other.job.report.read_as).toBe(kind);
      expect(other.records).toEqual(records);
    }
  });

  it('give the same contacts and companies as CSV and vCard, as far as cards go', async () => {
    const places = CARD_COLUMNS.map((heading) => header.indexOf(heading));
    const fewer = rows.map((cells) => places.map((place) => cells[place] ?? ''));
    const { records } = await importedAs('people.csv', asCsv(CARD_COLUMNS, fewer));
    expect(records.length).toBe(40);
    const cards = await importedAs('people.vcf', asVCards(CARD_COLUMNS, fewer));
    expect(cards.job).toMatchObject({ total_rows: 46, success_count: 40, error_count: 6 });
    expect(cards.records).toEqual(records);
  });
});

describe('files of other kinds', () => {
  it('are told by their bytes, whatever their name', async () => {
    const job = await importCsv(app, bytesOf('{"email":"ann@kinds.example"}\n'), { fileName: 'people.csv' });
    expect(job).toMatchObject({ status: 'completed', success_count: 1 });
    expect(job.report.read_as).toBe('JSON Lines (.jsonl)');
  });

  it('make companies too', async () => {
    const text = '{"name":"Acme","website":"https://acme.example","industries":["Steel","R&D, Labs"],"hobby":"x"}\n';
    const job = await importCsv(app, bytesOf(text), { plural: 'companies', fileName: 'companies.jsonl' });
    expect(job).toMatchObject({ status: 'completed', success_count: 1 });
    const { rows } = await app.database.query('select name, normalized_domain, industries, meta_data from companies');
    expect(rows).toEqual([
      {
        name: 'Acme',
        normalized_domain: 'acme.example',
        industries: ['Steel', 'R&D, Labs'],
        meta_data: { hobby: 'x' },
      },
    ]);
  });

  it('have their rejected rows in a CSV that can be corrected and imported as it is', async () => {
    const lines = [
      '{"email":"nobody","company":{"name":"Acme"},"tags":["a","b, c"]}',
      'not JSON',
      '{"email":"ok@kinds.example","late":"key"}',
    ];
    const job = await importCsv(app, bytesOf(lines.join('\n')), { fileName: 'people.jsonl' });
    expect(job).toMatchObject({ status: 'completed', success_count: 1, error_count: 2 });
    expect(job.errors).toMatchObject([
      { row_number: 1, error_code: 'invalid_email', row_data: { email: 'nobody', 'company.name': 'Acme' } },
      { row_number: 2, error_code: 'unreadable', error_message: expect.stringContaining('not valid JSON') },
    ]);
    const file = readFileSync(`${app.home}/${job.error_file_path}`, 'utf8');
    expect(file.split('\r\n')[0]).toBe('email,company.name,tags,late,row_number,error_code,error_column,error_message');
    const corrected = file.replace('nobody', 'some@kinds.example').replace(/^,.*unreadable.*\r\n/m, '');
    expect(await importCsv(app, bytesOf(corrected))).toMatchObject({
      status: 'completed',
      success_count: 1,
      error_count: 0,
    });
    expect((await stored()).map(({ contact, company }) => [contact.email, company?.name, company?.keywords])).toEqual([
      ['ok@kinds.example', undefined, undefined],
      ['some@kinds.example', 'Acme', ['a', 'b, c']],
    ]);
  });

  it('that no source reads fail with what can be imported', async () => {
    const picture = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3]);
    expect(await importCsv(app, picture, { fileName: 'people.csv' })).toMatchObject({
      status: 'failed',
      message:
        'The file is a picture. What can be imported: CSV, JSON Lines (.jsonl), vCard (.vcf), Excel workbook (.xlsx).',
    });
  });
});
