import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { App } from '@contact360/server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeErrorFile } from '../../plugins/imports/error-file.ts';
import { housekeeping } from '../../plugins/imports/tidy.ts';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv, upload } from './imports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());

const errorFile = (job: { error_file_path: string }) => readFileSync(`${app.home}/${job.error_file_path}`, 'utf8');

describe('the file of rejected rows', () => {
  const header = 'Email,Title,# Employees,Note';
  const file = csvOf(
    header,
    'good@r.example,CTO,1,',
    'no address,CTO,1,',
    'many@r.example,CTO,many,',
    'wide@r.example,"VP, Sales",1,said,too,much',
    'nul@r.example,C\0O,1,',
    ',CTO,1,"quoted ""cell""\nof two lines"',
    ' =cmd@r,\'=1+1,1,"  spaces kept "',
  );

  it('has the original columns and what is wrong; what is not corrected is rejected again for the same', async () => {
    const job = await importCsv(app, file);
    expect(job).toMatchObject({ success_count: 1, error_count: 6 });
    const text = errorFile(job);
    expect(text.split('\r\n')[0]).toBe(`${header},row_number,error_code,error_column,error_message`);
    expect(text).toContain('"quoted ""cell""\nof two lines",7,missing_identity,,Missing required field: email\r\n');
    expect(text).toContain(
      `wide@r.example,"VP, Sales",1,said,5,too_many_cells,,"Row has 6 cells, header has 4",too,much\r\n`,
    );
    expect(text).toContain('nul@r.example,C\0O,1,,6,invalid_character');
    expect(text).toContain(` =cmd@r,'=1+1,1,  spaces kept ,8,invalid_email`);
    const codes = (of: typeof job) => of.errors.map(({ error_code }: { error_code: string }) => error_code);
    const again = await importCsv(app, text);
    expect(again).toMatchObject({ success_count: 0, error_count: 6 });
    expect(codes(again)).toEqual(codes(job));
    const numbered = /,\d+,(?=[a-z_]+,[^,]*,(Invalid|Missing|"Row))/g;
    const same = (each: string) =>
      each.replaceAll(numbered, ',N,').replace('6 cells, header has 4', '10 cells, header has 8');
    expect(same(errorFile(again))).toBe(same(text));
  });

  it('can be corrected and imported as it is', async () => {
    const job = await importCsv(app, file);
    const corrected = errorFile(job)
      .replace('no address', 'address@r.example')
      .replace('many,', '1000,')
      .replace(',too,much', '')
      .replace('C\0O', 'COO')
      .replace('\r\n,CTO', '\r\nquoted@r.example,CTO')
      .replace(' =cmd@r', 'cmd@r.example');
    const done = await importCsv(app, corrected);
    expect(done).toMatchObject({ status: 'completed', success_count: 6, error_count: 0 });
    expect(done.report.mapping).toMatchObject({
      row_number: null,
      error_code: null,
      error_column: null,
      error_message: null,
    });
    const { rows } = await app.database.query(
      "select email, title, meta_data ->> 'Note' as note from contacts where email like '%@r.example' and title is not null order by id desc limit 6",
    );
    expect(rows.reverse()).toEqual([
      { email: 'address@r.example', title: 'CTO', note: null },
      { email: 'many@r.example', title: 'CTO', note: null },
      { email: 'wide@r.example', title: 'VP, Sales', note: 'said' },
      { email: 'nul@r.example', title: 'COO', note: null },
      { email: 'quoted@r.example', title: 'CTO', note: 'quoted "cell"\nof two lines' },
      { email: 'cmd@r.example', title: '=1+1', note: 'spaces kept' },
    ]);
  });

  it('is the one that the link of the first dialect leads to', async () => {
    const job = await importCsv(app, file);
    const { rows } = await app.database.query('select id from import_jobs where uuid = $1', [job.job_id]);
    const legacy = await app.request('GET', `/api/contacts/import/${rows[0].id}/`, { token: app.adminToken });
    const reply = await app.request('GET', new URL(legacy.json.errors_url).pathname, { token: app.adminToken });
    expect(reply.text).toBe(errorFile(job));
    expect(reply.headers.get('content-disposition')).toMatch(/filename="job_.*_errors\.csv"/);
  });

  it('shows a NUL as U+FFFD in JSON', async () => {
    const job = await importCsv(app, csvOf('Email,Title', 'x@r.example,a\0b'));
    expect(job.errors).toMatchObject([{ row_data: { Email: 'x@r.example', Title: 'a\ufffdb' } }]);
  });

  it('is whole however many write it at once', async () => {
    const job = await importCsv(app, csvOf('Email', ...Array.from({ length: 3000 }, (_, row) => `broken${row}`)));
    const file = `${app.home}/${job.error_file_path}`;
    const written = readFileSync(file, 'utf8');
    const { rows } = await app.database.query('select id::int, uuid from import_jobs where uuid = $1', [job.job_id]);
    await Promise.all(Array.from({ length: 8 }, () => writeErrorFile(app.app, rows[0])));
    expect(readFileSync(file, 'utf8')).toBe(written);
    expect(existsSync(`${file}.partial`)).toBe(false);
  });
});

describe('a full disk', () => {
  const files = () =>
    readdirSync(app.home, { recursive: true, encoding: 'utf8' }).filter((name) => /csv|partial/.test(name));
  const original = () => app.app.files;
  let real: App['files'];
  beforeAll(() => {
    real = original();
  });
  afterEach(() => {
    (app.app as { files: App['files'] }).files = real;
  });

  /** Lets the storage take so many bytes of each file whose key begins so, and no more. */
  function fill(keys: string, room: number): void {
    const limited = async function* (bytes: AsyncIterable<Uint8Array>) {
      let left = room;
      for await (const part of bytes) {
        yield part.subarray(0, left);
        left -= part.length;
        if (left < 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      }
    };
    (app.app as { files: App['files'] }).files = {
      ...real,
      write: (key, bytes) => real.write(key, key.startsWith(keys) ? limited(bytes) : bytes),
    };
  }

  it('refuses an upload and keeps nothing of it', async () => {
    const before = files();
    fill('uploads/', 1000);
    expect(
      await upload(app, csvOf('Email', ...Array.from({ length: 1000 }, (_, row) => `full${row}@x.example`))),
    ).toMatchObject({
      status: 507,
      json: { detail: 'The server has no room left for the file. Nothing was kept; try again later.' },
    });
    expect(files()).toEqual(before);
    expect((await app.database.query('select from import_uploads')).rowCount).toBe(0);
  });

  it('fails a job whose report has no room; the report comes when there is', async () => {
    fill('errors/', 40);
    const job = await importCsv(app, csvOf('Email', 'fine@x.example', 'broken'));
    expect(job).toMatchObject({
      status: 'failed',
      message:
        'The server has no room left on its disk. What was imported so far stays; make room and import the file again.',
      success_count: 1,
      error_count: 1,
      error_file_path: null,
    });
    expect(job.errors).toMatchObject([{ row_number: 3 }]);
    // Tidying up tries the report once more, right after the end.
    await vi.waitFor(() => expect(files().filter((name) => name.includes(job.job_id))).toEqual([]));
    (app.app as { files: App['files'] }).files = real;
    await housekeeping.run({}, { app: app.app, signal: new AbortController().signal });
    const { json } = await app.request('GET', `/api/v1/contacts/import/${job.job_id}/`, { token: app.adminToken });
    expect(json).toMatchObject({ status: 'failed', error_file_path: `errors/job_${job.job_id}_errors.csv` });
    expect(existsSync(`${app.home}/${json.error_file_path}`)).toBe(true);
  });

  it('of the database fails the job, and the batch is not half-written', async () => {
    await app.database.query(
      `create function full_disk() returns trigger language plpgsql as $$ begin
         if new.email = 'last@full.example' then raise exception 'could not extend file' using errcode = '53100'; end if; return new; end $$`,
    );
    await app.database.query(
      'create trigger full_disk before insert on contacts for each row execute function full_disk()',
    );
    const job = await importCsv(app, csvOf('Email', 'first@full.example', 'broken', 'last@full.example'));
    await app.database.query('drop function full_disk cascade');
    expect(job).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no room left'),
      total_rows: 0,
      errors: [],
    });
    const { rows } = await app.database.query(
      "select count(*)::int as n from contacts where email like '%full.example'",
    );
    expect(rows[0].n).toBe(0);
  });
});
