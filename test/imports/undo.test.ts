import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { createClient } from '@contact360/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { housekeeping } from '../../plugins/imports/tidy.ts';
import { runUndo } from '../../plugins/imports/undo.ts';
import { startTestApp, type TestApp, WRITE_KEYS } from '../app.ts';
import { csvOf, ended, importCsv, upload } from './imports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.database.query('truncate contacts, companies');
});

const admin = (method: string, path: string) => app.request(method, path, { token: app.adminToken });
const undo = (job: string, plural = 'contacts') => admin('POST', `/api/v1/${plural}/import/${job}/undo/`);
const edit = async (email: string, values: object) => {
  const { rows } = await app.database.query('select uuid from contacts where email = $1 and deleted_at is null', [
    email,
  ]);
  const client = createClient({ url: app.url, token: app.adminToken });
  await client.contacts.update({ uuid: rows[0].uuid, values });
};

/** What readers see of the records, but for the times of change and the row numbers. */
async function living() {
  const { rows } = await app.database.query(
    `select (select jsonb_agg(to_jsonb(t) - 'updated_at' order by t.id) from contacts t where deleted_at is null) as contacts,
      (select jsonb_agg(to_jsonb(t) - 'updated_at' order by t.id) from companies t where deleted_at is null) as companies`,
  );
  return rows[0] as { contacts: Record<string, unknown>[] | null; companies: Record<string, unknown>[] | null };
}

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const row = fc
  .tuple(
    some('a@one.example', 'b@one.example', 'c@two.example', 'd@gmail.com', ''),
    some('', 'Ann', 'Bob'),
    some('', 'Lee', 'Ray'),
    some('', '', 'in/ann', 'in/bob'),
    some('', 'One', 'Two'),
    some('', 'one.example', 'two.example'),
    some('', '10', '20'),
    some('', 'Sales', 'Legal'),
    some('', '42', '43'),
  )
  .map((cells) => cells.join(','));
const HEADER = 'Email,First Name,Last Name,Person Linkedin Url,Company,Website,# Employees,Departments,Shoe';

describe('undoing', () => {
  it('follows addresses that went from one contact to the other, round and round', async () => {
    await importCsv(app, csvOf('Email,First Name', 'a@one.example,Ann', 'b@one.example,Bob'));
    const { rows } = await app.database.query('select uuid from contacts order by id');
    const [ann, bob] = rows.map(({ uuid }) => uuid as string);
    const before = await living();
    const addresses = async () =>
      (await app.database.query("select first_name || ' ' || email as text from contacts order by id")).rows.map(
        ({ text }) => text,
      );
    for (const lines of [
      [`${ann},c@one.example`, `${bob},a@one.example`],
      [`${ann},c@one.example`, `${bob},a@one.example`, `${ann},b@one.example`],
    ]) {
      const job = await importCsv(app, csvOf('UUID,Email', ...lines));
      expect(job).toMatchObject({ status: 'completed', success_count: lines.length, error_count: 0 });
      expect(await addresses()).toEqual([
        `Ann ${lines.at(-1)!.includes('b@') ? 'b' : 'c'}@one.example`,
        'Bob a@one.example',
      ]);
      expect(await undo(job.job_id)).toMatchObject({ status: 200, json: { restored: 2 } });
      expect(await living()).toEqual(before);
    }
    // The same by typed calls, which keep no journal.
    const client = createClient({ url: app.url, token: app.adminToken });
    const moved = [
      { uuid: ann, email: 'c@one.example' },
      { uuid: bob, email: 'a@one.example' },
      { uuid: ann, email: 'b@one.example' },
    ];
    expect(await client.contacts.bulk({ rows: moved })).toMatchObject({ updated: 3, errors: [] });
    expect(await addresses()).toEqual(['Ann b@one.example', 'Bob a@one.example']);
  });

  it('brings back what was, whatever was imported', { timeout: 60_000 }, async () => {
    const rows = fc.array(row, { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, rows, async (first, then) => {
        await app.database.query('truncate contacts, companies');
        await importCsv(app, csvOf(HEADER, ...first));
        const before = await living();
        const job = await importCsv(app, csvOf(HEADER, ...then));
        const made = (await living()).contacts?.length ?? 0;
        expect(await undo(job.job_id)).toMatchObject({
          status: 200,
          json: {
            status: 'completed',
            removed: job.report.created,
            kept: 0,
            companies: { removed: job.report.companies.created, restored: job.report.companies.updated, kept: 0 },
          },
        });
        expect(made - (before.contacts?.length ?? 0)).toBe(job.report.created);
        expect(await living()).toEqual(before);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('keeps what was changed since, field by field, and companies that others are at', async () => {
    await importCsv(app, csvOf('Email,First Name,Title,Shoe', 'u1@x.example,Ann,CTO,42', 'u2@x.example,Bob,CTO,'));
    const job = await importCsv(
      app,
      csvOf(
        'Email,First Name,Title,Shoe,Company,Website',
        'u1@x.example,Anna,CEO,43,New,new.example',
        'u2@x.example,Bobby,CEO,44,New,new.example',
        'u3@x.example,Made,,,Other,other.example',
      ),
    );
    expect(job.report).toMatchObject({ created: 1, updated: 2, companies: { created: 2, updated: 0 } });
    await edit('u1@x.example', { title: 'CFO' });
    await importCsv(app, csvOf('Email,Website', 'u4@x.example,new.example'));
    expect((await undo(job.job_id)).json).toMatchObject({
      removed: 1,
      restored: 2,
      kept: 1,
      companies: { removed: 1, restored: 0, kept: 1 },
    });
    const { contacts, companies } = await living();
    expect(contacts).toMatchObject([
      {
        email: 'u1@x.example',
        first_name: 'Ann',
        title: 'CFO',
        meta_data: { Shoe: '42' },
        company_id: null,
        company_row: null,
      },
      { email: 'u2@x.example', first_name: 'Bob', title: 'CTO', meta_data: null, company_name_folded: null },
      { email: 'u4@x.example' },
    ]);
    expect(companies).toMatchObject([{ name: 'New' }]);
    expect((await admin('GET', '/api/v1/contacts/?employees_min=0&include_company_name=Other')).json.results).toEqual(
      [],
    );
  });

  it('refreshes what contacts copy of companies that return', async () => {
    await importCsv(app, csvOf('Email,Company,Website,# Employees', 'c1@x.example,Old,c.example,5'));
    const job = await importCsv(app, csvOf('Company,Website,# Employees', 'New,c.example,500'), {
      plural: 'companies',
    });
    expect((await app.request('GET', '/api/v1/contacts/count/?employees_min=500')).json.count).toBe(1);
    expect((await undo(job.job_id, 'companies')).json).toEqual({
      status: 'completed',
      removed: 0,
      restored: 1,
      kept: 0,
      companies: null,
      started_at: expect.any(String),
      finished_at: expect.any(String),
    });
    expect((await app.request('GET', '/api/v1/contacts/count/?employees_min=500')).json.count).toBe(0);
    expect((await living()).contacts).toMatchObject([{ company_name_folded: 'old' }]);
  });

  it('leaves an email that somebody else bears by now, and a company that is gone', async () => {
    await importCsv(app, csvOf('Email,Person Linkedin Url,Website', 'e1@x.example,in/e1,gone.example'));
    const job = await importCsv(app, csvOf('Email,Person Linkedin Url,Website', 'e2@x.example,in/e1,kept.example'));
    await importCsv(app, csvOf('Email', 'e1@x.example'));
    const { rows } = await app.database.query("select uuid from companies where normalized_domain = 'gone.example'");
    const headers = { 'x-companies-write-key': WRITE_KEYS.companies };
    await app.request('DELETE', `/api/v1/companies/${rows[0].uuid}/`, { token: app.adminToken, headers });
    expect((await undo(job.job_id)).json).toMatchObject({
      removed: 0,
      restored: 1,
      kept: 1,
      companies: { removed: 1 },
    });
    expect((await living()).contacts).toMatchObject([
      { email: 'e2@x.example', company_id: null },
      { email: 'e1@x.example' },
    ]);
  });

  it('of several batches takes each record back to before the first', async () => {
    await importCsv(app, csvOf('Email,Title', 'b1@x.example,Before'));
    const rows = Array.from({ length: 12_000 }, (_, at) =>
      at % 4000 === 0 ? `b1@x.example,${at}` : `bulk${at}@x.example,${at}`,
    );
    const job = await importCsv(app, csvOf('Email,Title', ...rows));
    expect(job.report).toMatchObject({ created: 11_997, updated: 3 });
    expect((await undo(job.job_id)).json).toMatchObject({ removed: 11_997, restored: 1, kept: 0 });
    expect((await living()).contacts).toMatchObject([{ email: 'b1@x.example', title: 'Before' }]);
  });

  it('twice does nothing more, and tells the same', async () => {
    const job = await importCsv(app, csvOf('Email', 't1@x.example'));
    const first = await undo(job.job_id);
    await importCsv(app, csvOf('Email,Title', 't1@x.example,Again'));
    expect((await undo(job.job_id)).json).toEqual(first.json);
    expect((await living()).contacts).toMatchObject([{ title: 'Again' }]);
    expect((await admin('GET', `/api/v1/contacts/import/${job.job_id}/`)).json.undo).toEqual(first.json);
  });

  it('and importing again makes the records again, told as a duplicate', async () => {
    const file = csvOf('UUID,Email', '6f1a2b3c-0000-4000-8000-000000000001,r1@x.example');
    const job = await importCsv(app, file);
    await undo(job.job_id);
    expect(await importCsv(app, file)).toMatchObject({ duplicate_of: job.job_id, report: { created: 1 } });
    expect((await living()).contacts).toMatchObject([{ uuid: '6f1a2b3c-0000-4000-8000-000000000001' }]);
  });

  it('goes on where a killed worker left it', async () => {
    const job = await importCsv(app, csvOf('Email,Title', 'k0@x.example,A', 'k1@x.example,A'));
    const { rows } = await app.database.query('select id from import_jobs where uuid = $1', [job.job_id]);
    // As a worker leaves it that was killed between two parts.
    await app.database.query(
      `update import_jobs set undo = '{"state":"running","counts":{"contact":{"removed":1,"restored":0,"kept":0}},"startedAt":"2026-01-01T00:00:00.000Z","finishedAt":null}' where id = $1`,
      [rows[0].id],
    );
    await app.database.query("update contacts set deleted_at = now() where email = 'k0@x.example'");
    await app.database.query('delete from import_changes where id = (select id from contacts where email = $1)', [
      'k0@x.example',
    ]);
    const records = new Map([contact, company].map((record) => [record.name as string, record]));
    await runUndo(records, job.job_id, { app: app.app, signal: new AbortController().signal });
    expect((await undo(job.job_id)).json).toMatchObject({ status: 'completed', removed: 2, restored: 0, kept: 0 });
    expect((await living()).contacts).toBeNull();
  });

  it('a cancelled or failed import takes back what it had written', async () => {
    const job = await importCsv(app, 'Email\nf1@x.example\n"f2@x.example\n');
    expect(job.status).toBe('failed');
    expect((await undo(job.job_id)).json.removed).toBe(job.report.created);
    expect((await living()).contacts).toBeNull();
  });
});

describe('what cannot be undone', () => {
  it('is told why', async () => {
    const dry = await upload(app, csvOf('Email', 'n1@x.example'), { query: '?dry_run=true' });
    await ended(app, dry.json.job_id);
    expect(await undo(dry.json.job_id)).toMatchObject({
      status: 409,
      json: { detail: 'A dry run writes nothing: there is nothing to undo.' },
    });
    const job = await importCsv(app, csvOf('Email', 'n1@x.example'));
    await app.database.query("update import_jobs set state = 'running', finished_at = null where uuid = $1", [
      job.job_id,
    ]);
    expect(await undo(job.job_id)).toMatchObject({
      status: 409,
      json: { detail: 'The import has not ended: running. Wait for its end or cancel it, then it can be undone.' },
    });
    await app.database.query(
      "update import_jobs set state = 'completed', finished_at = now() - interval '31 days' where uuid = $1",
      [job.job_id],
    );
    const gone = {
      status: 410,
      json: { detail: 'The import can no longer be undone: what it changed is kept for 30 days (IMPORT_UNDO_DAYS).' },
    };
    expect(await undo(job.job_id)).toMatchObject(gone);
    await housekeeping.run({}, { app: app.app, signal: new AbortController().signal });
    const { rows } = await app.database.query(
      'select from import_changes c join import_jobs j on j.id = c.journal where j.uuid = $1',
      [job.job_id],
    );
    expect(rows).toEqual([]);
    await app.database.query('update import_jobs set finished_at = now() where uuid = $1', [job.job_id]);
    expect(await undo(job.job_id)).toMatchObject(gone);
    expect((await undo('6f1a2b3c-0000-4000-8000-000000000000')).status).toBe(404);
    expect((await undo(job.job_id, 'companies')).status).toBe(404);
  });

  it('by a client is told with its code', async () => {
    const dry = await upload(app, csvOf('Email', 'n2@x.example'), { query: '?dry_run=true' });
    await ended(app, dry.json.job_id);
    const client = createClient({ url: app.url, token: app.adminToken });
    await expect(client.imports.undo({ record: 'contact', job: dry.json.job_id })).rejects.toMatchObject({
      code: 'imports.dry_run_undone',
    });
    const job = await importCsv(app, csvOf('Email', 'n2@x.example'));
    expect(await client.imports.undo({ record: 'contact', job: job.job_id })).toMatchObject({
      state: 'completed',
      removed: 1,
      companies: { removed: 0, restored: 0, kept: 0 },
    });
  });
});
