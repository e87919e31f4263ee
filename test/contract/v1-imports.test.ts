import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, ended, upload } from '../imports/imports.ts';

/** Document 000, schemas 9 and what is new beside them: `/api/v1/contacts/import/`, `/api/v1/companies/import/`. */
let app: TestApp;
let idle: TestApp;
beforeAll(async () => {
  [app, idle] = await Promise.all([startTestApp(), startTestApp({ WORKERS: 'false', IMPORT_UNDO_DAYS: '0' })]);
});
afterAll(() => Promise.all([app.stop(), idle.stop()]));

const admin = (method: string, path: string, body?: unknown) =>
  app.request(method, path, { token: app.adminToken, ...(body === undefined ? {} : { body }) });
const NOWHERE = '6f1a2b3c-0000-4000-8000-000000000000';
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const NOT_FOUND = { status: 404, json: { detail: 'Not found.' } };

const FILES = {
  contacts: csvOf(
    'First Name,Email,# Employees,Company,Shoe',
    'Ada,ada@v.example,12,Vee,42',
    'Bob,bob@v.example,many,Vee,',
    'Eve,ada@v.example,,,',
  ),
  companies: csvOf('Company,Website,# Employees,Founded', 'Wye,wye.example,12,2011', ',,1,', 'Why,wye.example,,'),
} as const;

describe.each(['contacts', 'companies'] as const)('imports of %s', (plural) => {
  const base = `/api/v1/${plural}/import/`;
  const people = plural === 'contacts';

  it('are told how to begin', async () => {
    expect(await admin('GET', base)).toMatchObject({
      status: 200,
      json: { message: `Upload a CSV file via POST to ${base} to start a background import job.` },
    });
  });

  it('begin, are watched, listed, undone', async () => {
    const begun = await upload(app, FILES[plural], { plural, fileName: 'C:\\files\\my people.csv' });
    const job = {
      job_id: UUID,
      status: expect.stringMatching(/^(pending|running|completed)$/),
      total_rows: expect.any(Number),
      success_count: expect.any(Number),
      error_count: expect.any(Number),
      upload_file_path: expect.stringMatching(/^uploads\/[0-9a-f-]{36}_my_people\.csv$/),
      error_file_path: null,
      message: expect.any(String),
      started_at: begun.json.started_at === null ? null : TIME,
      finished_at: null,
      created_at: TIME,
      updated_at: TIME,
      dry_run: false,
      duplicate_of: null,
      merged_in_file: 0,
    };
    expect({ status: begun.status, json: begun.json }).toEqual({ status: 202, json: job });
    const id = begun.json.job_id;
    const { errors, ...done } = await ended(app, id, plural);
    const whole = {
      ...job,
      status: 'completed',
      message: 'Completed',
      total_rows: 3,
      success_count: 2,
      error_count: 1,
      merged_in_file: 1,
      error_file_path: `errors/job_${id}_errors.csv`,
      started_at: TIME,
      finished_at: TIME,
    };
    expect(done).toEqual({
      ...whole,
      undo: null,
      report: {
        read_as: 'CSV, UTF-8, separated by commas',
        mapping: people
          ? {
              'First Name': 'first_name',
              Email: 'email',
              '# Employees': 'company_employees_count',
              Company: 'company_name',
              Shoe: 'meta_data',
            }
          : { Company: 'name', Website: 'website', '# Employees': 'employees_count', Founded: 'meta_data' },
        created: 1,
        updated: 1,
        unchanged: 0,
        rejected: 1,
        companies: people ? { created: 1, updated: 0 } : null,
        differences: [],
        merged_in_file: [
          {
            row_number: 4,
            earlier_row_number: 2,
            uuid: UUID,
            name: people ? 'Eve' : 'Why',
            earlier_name: people ? 'Ada' : 'Wye',
          },
        ],
      },
    });
    const rejected = people
      ? {
          row_number: 3,
          error_message: 'Invalid number: employees',
          error_code: 'invalid_number',
          error_column: '# Employees',
          row_data: { 'First Name': 'Bob', Email: 'bob@v.example', '# Employees': 'many', Company: 'Vee' },
        }
      : {
          row_number: 3,
          error_message: 'Missing required field: name',
          error_code: 'missing_identity',
          error_column: null,
          row_data: { '# Employees': '1' },
        };
    expect(errors).toEqual([rejected]);
    expect((await admin('GET', `${base}${id}/errors/`)).json).toEqual([rejected]);
    expect((await admin('GET', `${base}jobs/`)).json).toEqual([whole]);
    expect(await admin('DELETE', `${base}${id}/`)).toMatchObject({
      status: 409,
      json: { detail: 'The import has ended already: completed. There is nothing left to cancel.' },
    });
    const undone = {
      status: 'completed',
      removed: 1,
      restored: 0,
      kept: 0,
      companies: people ? { removed: 1, restored: 0, kept: 0 } : null,
      started_at: TIME,
      finished_at: TIME,
    };
    const reply = await admin('POST', `${base}${id}/undo/`, {});
    expect({ status: reply.status, json: reply.json }).toEqual({ status: 200, json: undone });
    expect((await admin('GET', `${base}${id}/`)).json.undo).toEqual(undone);
  });

  it('try out what they would do', async () => {
    const begun = await upload(app, FILES[plural], { plural, query: '?dry_run=yes' });
    expect(begun).toMatchObject({ status: 202, json: { dry_run: true } });
    expect(await ended(app, begun.json.job_id, plural)).toMatchObject({
      status: 'completed',
      duplicate_of: UUID,
      report: { created: 1, updated: 1, unchanged: 0, rejected: 1 },
    });
    expect((await app.request('GET', `/api/v1/${plural}/count/`)).json.count).toBe(0);
    expect(await upload(app, FILES[plural], { plural, query: '?dry_run=maybe' })).toMatchObject({
      status: 400,
      json: { detail: 'dry_run: must be true or false' },
    });
    expect(await admin('POST', `${base}${begun.json.job_id}/undo/`)).toMatchObject({
      status: 409,
      json: { detail: 'A dry run writes nothing: there is nothing to undo.' },
    });
  });

  it('wait, are cancelled, and not undone where that is switched off', async () => {
    const begun = await upload(idle, FILES[plural], { plural });
    const ask = (method: string, path: string) => idle.request(method, base + path, { token: idle.adminToken });
    expect(await ask('POST', `${begun.json.job_id}/undo/`)).toMatchObject({
      status: 409,
      json: { detail: 'The import has not ended: pending. Wait for its end or cancel it, then it can be undone.' },
    });
    expect((await ask('DELETE', `${begun.json.job_id}/`)).json).toEqual({
      ...begun.json,
      status: 'failed',
      message: 'Cancelled',
      finished_at: TIME,
      updated_at: TIME,
    });
    expect(await ask('POST', `${begun.json.job_id}/undo/`)).toMatchObject({
      status: 410,
      json: { detail: 'The import can no longer be undone: what it changed is kept for 0 days (IMPORT_UNDO_DAYS).' },
    });
  });

  it('know no other job', async () => {
    for (const id of [NOWHERE, 'abc', '1'])
      for (const [method, path] of [
        ['GET', `${id}/`],
        ['GET', `${id}/errors/`],
        ['DELETE', `${id}/`],
        ['POST', `${id}/undo/`],
      ] as const)
        expect(await admin(method, base + path), `${method} ${path}`).toMatchObject(NOT_FOUND);
  });
});
