import { existsSync, readFileSync } from 'node:fs';
import { createClient } from '@contact360/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { housekeeping } from '../../plugins/imports/tidy.ts';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, ended, importCsv, upload } from './imports.ts';

let app: TestApp;
let idle: TestApp;
beforeAll(async () => {
  [app, idle] = await Promise.all([startTestApp(), startTestApp({ WORKERS: 'false' })]);
});
afterAll(async () => {
  await Promise.all([app.stop(), idle.stop()]);
});

const path = (job: string, plural = 'contacts') => `/api/v1/${plural}/import/${job}/`;
const admin = (of: TestApp, method: string, target: string) => of.request(method, target, { token: of.adminToken });
const keepHouse = () => housekeeping.run({}, { app: app.app, signal: new AbortController().signal });
/** What every batch waits for. */
const IMPORT_LOCK = 360_390;

describe('cancelling', () => {
  it.each(['contacts', 'companies'])('ends a job that waits at once: %s', async (plural) => {
    const { json: job } = await upload(idle, csvOf('Email,Company', 'p@x.example,P'), { plural });
    expect(job).toMatchObject({ status: 'pending', dry_run: false, duplicate_of: null, merged_in_file: 0 });
    expect(existsSync(`${idle.home}/${job.upload_file_path}`)).toBe(true);
    expect(await admin(idle, 'DELETE', path(job.job_id, plural))).toMatchObject({
      status: 200,
      json: { job_id: job.job_id, status: 'failed', message: 'Cancelled', total_rows: 0 },
    });
    expect(existsSync(`${idle.home}/${job.upload_file_path}`)).toBe(false);
    expect(await admin(idle, 'DELETE', path(job.job_id, plural))).toMatchObject({
      status: 409,
      json: { detail: 'The import has ended already: cancelled. There is nothing left to cancel.' },
    });
  });

  it('stops a running job between two batches: what is written stays and is reported', async () => {
    const rows = Array.from({ length: 40_000 }, (_, row) =>
      row === 3 ? 'no address,x' : `stop${row}@x.example,${row}`,
    );
    const { json: job } = await upload(app, csvOf('Email,Title', ...rows));
    while ((await admin(app, 'GET', path(job.job_id))).json.total_rows === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await app.database.query('select pg_advisory_lock($1)', [IMPORT_LOCK]);
    const cancelled = await admin(app, 'DELETE', path(job.job_id));
    await app.database.query('select pg_advisory_unlock($1)', [IMPORT_LOCK]);
    expect(cancelled.json).toMatchObject({ status: 'failed', message: 'Cancelled' });
    const written = cancelled.json.total_rows;
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(40_000);
    await until(async () => (await admin(app, 'GET', path(job.job_id))).json.error_file_path);
    await until(() => !existsSync(`${app.home}/${job.upload_file_path}`));
    const after = (await admin(app, 'GET', `${path(job.job_id)}?include_errors=true`)).json;
    expect(after).toMatchObject({ total_rows: written, success_count: written - 1, error_count: 1, status: 'failed' });
    expect(after.errors).toMatchObject([{ row_number: 5 }]);
    expect(readFileSync(`${app.home}/${after.error_file_path}`, 'utf8')).toMatch(/no address/);
    const { json } = await app.request('GET', '/api/v1/contacts/count/?email=stop');
    expect(json.count).toBe(written - 1);
    const client = createClient({ url: app.url, token: app.adminToken });
    expect(await client.imports.get({ record: 'contact', job: job.job_id })).toMatchObject({ state: 'cancelled' });
    await expect(client.imports.cancel({ record: 'contact', job: job.job_id })).rejects.toMatchObject({
      code: 'imports.ended',
      status: 409,
    });
  });

  it('knows no other job, nor one of another record', async () => {
    const { json: job } = await upload(idle, 'Email\nq@x.example');
    expect((await admin(idle, 'DELETE', path(job.job_id, 'companies'))).status).toBe(404);
    expect((await admin(idle, 'DELETE', path('6f1a2b3c-0000-4000-8000-000000000000'))).status).toBe(404);
    expect((await idle.request('DELETE', path(job.job_id))).status).toBe(403);
  });
});

describe('the list of jobs', () => {
  it.each(['contacts', 'companies'])('has pages, newest first: %s', async (plural) => {
    const list = async (query: string) => (await admin(app, 'GET', `/api/v1/${plural}/import/jobs/${query}`)).json;
    for (const at of [1, 2, 3])
      await importCsv(app, csvOf('Email,Company', `list${at}@x.example,L ${at}`), { plural, fileName: `${at}.csv` });
    const all = await list('?limit=100');
    expect(await list('')).toEqual(all.slice(0, 25));
    expect(await list('?limit=2')).toEqual(all.slice(0, 2));
    expect(await list('?limit=2&offset=1')).toEqual(all.slice(1, 3));
    expect(await list('?limit=1000&offset=1')).toEqual(all.slice(1));
    for (const wrong of ['limit=0', 'limit=x', 'offset=-1', 'limit=1&limit=2'])
      expect(await admin(app, 'GET', `/api/v1/${plural}/import/jobs/?${wrong}`)).toMatchObject({
        status: 400,
        json: { detail: expect.stringMatching(/^(limit|offset): must be a whole number/) },
      });
  });
});

describe('the same file again', () => {
  it('names the job that had it, by content and record', async () => {
    const file = csvOf('Email,Company', 'again@x.example,Again');
    const first = await importCsv(app, file);
    expect(first.duplicate_of).toBeNull();
    const second = await upload(app, file, { fileName: 'other-name.csv' });
    expect(second.json.duplicate_of).toBe(first.job_id);
    const third = await importCsv(app, file);
    expect(third.duplicate_of).toBe(second.json.job_id);
    expect((await importCsv(app, `${file} `)).duplicate_of).toBeNull();
    expect((await importCsv(app, file, { plural: 'companies' })).duplicate_of).toBeNull();
  });
});

describe('a mapping', () => {
  const file = csvOf('Mail,Title,Note,Vorname', 'map1@x.example,Title,Noted,Mapped');
  const mapping = { Mail: 'email', Title: null, Note: 'company_name', Vorname: 'first_name' };
  it.each(['before', 'behind'])('given %s the file says what columns mean', async (place) => {
    const job = await importCsv(app, file, { [place]: { mapping: JSON.stringify(mapping) } });
    expect(job).toMatchObject({ status: 'completed', success_count: 1, report: { mapping } });
    const { json } = await app.request('GET', '/api/v1/contacts/?email=map1@');
    expect(json.results).toMatchObject([{ first_name: 'Mapped', company: 'Noted', title: '' }]);
  });

  it('leaves the other columns to their headings, and can be sent as it was reported', async () => {
    const csv = csvOf('Email,Full Name,# Employees,Shoe,id', 'map2@x.example,A B,7,42,9');
    const expected = {
      Email: 'email',
      'Full Name': 'full_name',
      '# Employees': 'company_employees_count',
      Shoe: 'meta_data',
      id: null,
    };
    const job = await importCsv(app, csv);
    expect(job.report.mapping).toEqual(expected);
    const again = await importCsv(app, csv, { before: { mapping: JSON.stringify(job.report.mapping) } });
    expect(again).toMatchObject({ status: 'completed', report: { mapping: expected } });
    expect((await importCsv(app, csv, { before: { mapping: '{"Shoe": "title"}' } })).report.mapping).toEqual({
      ...expected,
      Shoe: 'title',
    });
  });

  it.each([
    ['{"Mail": "emial"}', "'emial', given for 'Mail', is no field of a contact; did you mean 'email'?"],
    [
      '{"Mail": "company_nam"}',
      "'company_nam', given for 'Mail', is no field of a contact; did you mean 'company_name'?",
    ],
    ['{"Mail": "zzzzzzzzzz"}', "'zzzzzzzzzz', given for 'Mail', is no field of a contact."],
    ['{"Mail": 7}', 'It must be a JSON object of headings with the names of fields, or null to leave a column out.'],
    ['["email"]', 'It must be a JSON object of headings with the names of fields, or null to leave a column out.'],
    ['{"Mail"', expect.stringMatching(/^It is not valid JSON: /)],
  ])('that cannot be used is refused: %s', async (wrong, message) => {
    const before = await app.database.query('select count(*) from import_uploads');
    expect(await upload(app, file, { behind: { mapping: wrong } })).toMatchObject({
      status: 400,
      json: { mapping: [message] },
    });
    expect((await app.database.query('select count(*) from import_uploads')).rows).toEqual(before.rows);
  });

  it('of a heading that the file does not have fails the job before a row is written', async () => {
    const job = await importCsv(app, file, { before: { mapping: '{"Mial": "email"}' } });
    expect(job).toMatchObject({
      status: 'failed',
      total_rows: 0,
      message: "The mapping names 'Mial', which is no column of the file; did you mean 'Mail'?",
    });
  });
});

describe('housekeeping', () => {
  it('removes uploads once they are read, given up or lost', async () => {
    const job = await importCsv(app, 'Email\nhouse@x.example');
    await until(() => !existsSync(`${app.home}/${job.upload_file_path}`));
    const lost = 'uploads/lost.csv';
    await app.app.files.write(
      lost,
      (async function* () {
        yield Buffer.from('x');
      })(),
    );
    await app.database.query("insert into import_uploads (key, created_at) values ($1, now() - interval '3 days')", [
      lost,
    ]);
    await app.database.query('update import_jobs set tidied = false where uuid = $1', [job.job_id]);
    await keepHouse();
    expect(existsSync(`${app.home}/${lost}`)).toBe(false);
    const { rows } = await app.database.query('select tidied from import_jobs where uuid = $1', [job.job_id]);
    expect(rows).toEqual([{ tidied: true }]);
  });

  it('forgets rejected rows after 90 days, and keeps the job', async () => {
    const job = await importCsv(app, 'Email\nnone');
    expect(existsSync(`${app.home}/${job.error_file_path}`)).toBe(true);
    await app.database.query("update import_jobs set finished_at = now() - interval '89 days' where uuid = $1", [
      job.job_id,
    ]);
    await keepHouse();
    expect((await ended(app, job.job_id)).errors).toHaveLength(1);
    await app.database.query("update import_jobs set finished_at = now() - interval '91 days' where uuid = $1", [
      job.job_id,
    ]);
    await keepHouse();
    expect(await ended(app, job.job_id)).toMatchObject({ errors: [], error_count: 1, error_file_path: null });
    expect(existsSync(`${app.home}/${job.error_file_path}`)).toBe(false);
  });
});

async function until(reached: () => unknown): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 5));
}
