import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { createClient, downloadExport, watchExport } from '@contact360/sdk';
import { readXlsx } from 'hucre/xlsx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';
import { download, ended, exported, pathOf } from './exports.ts';

const MANY = 1500;
const NOBODY = '6f1a2b3c-0000-4000-8000-000000000000';
const BASE = '/api/v2/exports';

let app: TestApp;
let uuids: string[];
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'First Name,Last Name,Email,Departments,Company,# Employees,Mobile Phone,Notes',
      'Ada,Lovelace,ada@example.com,"Engineering, ""R&D, Labs""",Engine Ltd,1200,+44 (20) 1234-5,first',
      "Bob,=cmd|'x'!A1,bob@example.com,Sales,Engine Ltd,1200,@home,",
    ),
  );
  uuids = (await app.request('GET', '/api/v1/contacts/count/uuids/')).json.uuids.toReversed();
  await importCsv(
    app,
    csvOf('Email,Title', ...Array.from({ length: MANY }, (_, row) => `many${row}@example.com,"Many, ""${row}"""`)),
  );
});
afterAll(() => app.stop());

const create = (body: unknown, options: object = {}, plural = 'contacts') =>
  app.request('POST', `${BASE}/${plural}/export`, { body, ...options });
const many = { field: 'title', operator: 'contains', value: 'many' };

describe('an export', () => {
  it('of two contacts by uuid is completed at once and downloaded by its link', async () => {
    const { status, json } = await create({ contact_uuids: [...uuids, 'no uuid', NOBODY, uuids[0]] });
    expect(status).toBe(201);
    expect(json).toEqual({
      export_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      download_url: expect.stringContaining(`${app.url}${BASE}/${json.export_id}/download?token=`),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      contact_count: 2,
      status: 'completed',
    });
    expect(Date.parse(json.expires_at) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
    const reply = await app.request('GET', pathOf(json.download_url), { token: null });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="export_${json.export_id}.csv"`);
    const [header, ada, bob, rest] = reply.text.split('\r\n');
    expect(header).toMatch(/^First Name,Last Name,Title,Email,.*,UUID,Created At,Updated At$/);
    expect(ada).toContain('Ada,Lovelace,,ada@example.com,,,,"Engineering, ""R&D, Labs""",,,+44 (20) 1234-5,');
    expect(bob).toContain("Bob,'=cmd|'x'!A1,,bob@example.com,,,,Sales,,,'@home,");
    expect(rest).toBe('');
  });

  it('keeps the order of the uuids', async () => {
    const { download_url } = await exported(app, 'contacts', { contact_uuids: uuids.toReversed() });
    expect(String(await download(app, download_url)).split('\r\n')[1]).toMatch(/^Bob/);
  });

  it('of companies', async () => {
    const { json } = await create({ filters: { field: 'name', operator: 'eq', value: 'engine ltd' } }, {}, 'companies');
    expect(json).toMatchObject({ status: 'completed', company_count: 1 });
    const [header, row] = String(await download(app, json.download_url)).split('\r\n');
    expect(header).toMatch(/^Company,Company Name for Emails,# Employees,/);
    expect(row).toMatch(/^Engine Ltd,,1200,/);
  });

  it('of nothing known is a file with its header', async () => {
    const { json } = await create({ contact_uuids: [NOBODY] });
    expect(json).toMatchObject({ status: 'completed', contact_count: 0 });
    expect(String(await download(app, json.download_url)).split('\r\n')).toHaveLength(2);
  });

  it('leaves deleted contacts out', async () => {
    const { json: made } = await app.request('POST', '/api/v1/contacts/', {
      token: app.adminToken,
      headers: { 'x-contacts-write-key': 'contacts-write-key' },
      body: { first_name: 'Gone', email: 'gone@example.com' },
    });
    await app.database.query('update contacts set deleted_at = now() where uuid = $1', [made.uuid]);
    expect((await create({ contact_uuids: [made.uuid] })).json).toMatchObject({ contact_count: 0 });
  });

  it('of more than 1,000 is made by a job, and tells how far it is', async () => {
    const { status, json } = await create({ filters: many });
    expect(status).toBe(201);
    // A worker may have begun before the reply is made.
    expect(json).toMatchObject({ status: expect.stringMatching(/^(pending|processing)$/), download_url: '' });
    const made = await ended(app, json.export_id);
    expect(made).toMatchObject({
      export_id: json.export_id,
      export_type: 'contacts',
      format: 'csv',
      file_name: `export_${json.export_id}.csv`,
      status: 'completed',
      contact_count: MANY,
      company_count: 0,
      contact_uuids: null,
      progress_percentage: 100,
      error_message: null,
    });
    const text = String(await download(app, made.download_url));
    expect(text.split('\r\n')).toHaveLength(MANY + 2);
    expect(text).toContain('"Many, ""7"""');
  });

  it('is compressed for who accepts that', async () => {
    const made = await exported(app, 'contacts', { filters: many });
    const raw = await new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
      get(made.download_url, { headers: { 'accept-encoding': 'br, gzip;q=0.5' } }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk) => chunks.push(chunk));
        reply.on('end', () => resolve({ encoding: reply.headers['content-encoding'], bytes: Buffer.concat(chunks) }));
      }).on('error', reject);
    });
    expect(raw.encoding).toBe('gzip');
    const plain = await download(app, made.download_url);
    expect(gunzipSync(raw.bytes).equals(plain)).toBe(true);
    expect(raw.bytes.length).toBeLessThan(plain.length / 3);
  });

  it('as JSON Lines holds values as they are', async () => {
    const made = await exported(app, 'contacts', { contact_uuids: uuids, format: 'jsonl' });
    const [ada, bob] = String(await download(app, made.download_url))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(ada).toMatchObject({
      uuid: uuids[0],
      first_name: 'Ada',
      title: null,
      departments: ['Engineering', 'R&D, Labs'],
      meta_data: { Notes: 'first' },
      company_name: 'Engine Ltd',
      company_employees_count: 1200,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    });
    expect(bob.last_name).toBe("=cmd|'x'!A1");
  });

  it('as XLSX is a workbook with numbers as numbers', async () => {
    const made = await exported(app, 'contacts', { contact_uuids: uuids, format: 'xlsx' });
    const { sheets } = await readXlsx(new Uint8Array(await download(app, made.download_url)));
    const [header, ada] = sheets[0]!.rows;
    expect(sheets[0]!.name).toBe('contacts');
    expect(ada![header!.indexOf('# Employees')]).toBe(1200);
    expect(ada![header!.indexOf('Departments')]).toBe('Engineering, "R&D, Labs"');
  });

  it('is made, watched and downloaded by the typed client', async () => {
    const url = app.url;
    const client = createClient({ url, token: app.userToken });
    const asked = await client.exports.create({
      record: 'contact',
      where: { field: 'email', operator: 'in', value: ['ada@example.com'] },
    });
    expect(asked).toMatchObject({ state: 'completed', total: 1, done: 1 });
    for await (const state of watchExport(client, asked.id)) expect(state.state).toBe('completed');
    expect(await new Response(await downloadExport({ url }, asked)).text()).toContain('Ada,Lovelace');
    expect((await client.exports.list({ limit: 1 })).exports).toEqual([asked]);
  });
});

describe('what is asked for', () => {
  const refused: [name: string, body: unknown, status: number, detail: unknown][] = [
    ['no uuids', {}, 422, [{ loc: ['body', 'contact_uuids'], msg: 'field required', type: 'value_error.missing' }]],
    [
      'an empty list',
      { contact_uuids: [] },
      422,
      [expect.objectContaining({ loc: ['body', 'contact_uuids'], msg: 'At least one contact UUID is required' })],
    ],
    [
      'more than 250,000 uuids',
      { contact_uuids: Array.from({ length: 250_001 }, () => 'x') },
      422,
      [expect.objectContaining({ msg: 'more than 250000 uuids; use filters for more' })],
    ],
    [
      'an unknown format',
      { contact_uuids: [NOBODY], format: 'pdf' },
      422,
      [expect.objectContaining({ loc: ['body', 'format'] })],
    ],
    ['uuids and filters', { contact_uuids: [NOBODY], filters: {} }, 422, [expect.objectContaining({ loc: ['body'] })]],
    [
      'an unknown field',
      { filters: { field: 'titel', operator: 'eq', value: 'x' } },
      400,
      "Invalid VQL query: filters.field: unknown field 'titel', did you mean 'title'?",
    ],
    ['no object', '"x"', 422, [expect.objectContaining({ loc: ['body'] })]],
  ];
  it.each(refused)('%s is refused', async (_, body, status, detail) => {
    const reply = await create(body);
    expect(reply.status).toBe(status);
    expect(reply.json).toEqual({ detail });
  });
});

describe('a download', () => {
  let link: string;
  let id: string;
  beforeAll(async () => {
    const { json } = await create({ contact_uuids: uuids });
    id = json.export_id;
    link = pathOf(json.download_url);
  });
  const ask = (path: string, options: object = {}) => app.request('GET', path, { token: null, ...options });

  it('needs a token', async () => {
    expect(await ask(`${BASE}/${id}/download`)).toMatchObject({
      status: 422,
      json: { detail: 'token: field required' },
    });
  });
  it.each(['nonsense', 'AAAA', '%F0%9F%98%80'])('by the token %s is refused', async (token) => {
    expect(await ask(`${BASE}/${id}/download?token=${token}`)).toMatchObject({
      status: 401,
      json: { detail: 'Invalid or expired download token' },
    });
  });
  it('by a token that was changed in any place is refused', async () => {
    const [path, token] = link.split('token=') as [string, string];
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at += 9) {
      const forged = Buffer.from(bytes);
      forged[at]! ^= 1;
      expect((await ask(`${path}token=${forged.toString('base64url')}`)).status).toBe(401);
    }
  });
  it('by the token of another export is refused', async () => {
    const { json } = await create({ contact_uuids: uuids });
    expect(await ask(pathOf(json.download_url).replace(json.export_id, id))).toMatchObject({
      status: 403,
      json: { detail: 'Token does not match export or user' },
    });
  });
  it('with a sign-in is for the owner alone', async () => {
    expect((await ask(link, { token: app.userToken })).status).toBe(200);
    expect((await ask(link, { token: app.adminToken })).status).toBe(403);
    expect((await ask(link, { token: 'nonsense' })).status).toBe(401);
    expect((await ask(link, { headers: { authorization: 'Basic eDp5' } })).status).toBe(401);
  });
  it('before the export is completed is 409', async () => {
    await app.database.query("update exports set state = 'processing' where id = $1", [id]);
    expect(await ask(link)).toMatchObject({
      status: 409,
      json: { detail: 'Export is not ready (status: processing)' },
    });
    await app.database.query("update exports set state = 'completed' where id = $1", [id]);
  });
  it('of a file that is gone is 404', async () => {
    const { json } = await create({ contact_uuids: uuids });
    await app.app.files.remove((await app.request('GET', `${BASE}/${json.export_id}/`)).json.file_path);
    expect(await ask(pathOf(json.download_url))).toMatchObject({
      status: 404,
      json: { detail: 'Export file not found' },
    });
  });
  it('after it has expired is 410, and the file is removed', async () => {
    const { json } = await create({ contact_uuids: uuids });
    const { file_path } = (await app.request('GET', `${BASE}/${json.export_id}/`)).json;
    await app.database.query("update exports set expires_at = now() - interval '1 second' where id = $1", [
      json.export_id,
    ]);
    const { json: expired } = await app.request('GET', `${BASE}/${json.export_id}/`);
    expect(expired).toMatchObject({ status: 'completed', download_url: null, file_path: null });
    expect((await ask(pathOf(json.download_url))).status).toBe(410);
    await app.app.jobs.send('exports.clean-up', {});
    while ((await app.app.files.size(file_path)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe('an export of someone', () => {
  it('is shown to its owner and to admins', async () => {
    const { json } = await create({ contact_uuids: uuids }, { token: app.adminToken });
    expect((await app.request('GET', `${BASE}/${json.export_id}/`, { token: app.adminToken })).status).toBe(200);
    for (const path of ['/', '/status'])
      expect(await app.request('GET', `${BASE}/${json.export_id}${path}`)).toMatchObject({
        status: 404,
        json: { detail: 'Not found.' },
      });
    expect((await app.request('DELETE', `${BASE}/${json.export_id}/cancel`)).status).toBe(404);
    expect((await app.request('GET', `${BASE}/x/`)).status).toBe(404);
  });

  it('is listed, newest first', async () => {
    const { json: last } = await create({ contact_uuids: uuids });
    const { json } = await app.request('GET', `${BASE}/?limit=2`);
    expect(json.exports).toHaveLength(2);
    expect(json.total).toBeGreaterThan(2);
    expect(json.exports[0]).toMatchObject({ export_id: last.export_id, contact_uuids: uuids, linkedin_urls: null });
    expect((await app.request('GET', `${BASE}/?limit=x`)).json.detail).toBe('limit: must be a whole number from 1');
  });

  it('tells its status', async () => {
    const { json: made } = await create({ contact_uuids: uuids });
    expect((await app.request('GET', `${BASE}/${made.export_id}/status`)).json).toEqual({
      export_id: made.export_id,
      status: 'completed',
      progress_percentage: 100,
      estimated_time: null,
      error_message: null,
      download_url: made.download_url,
      expires_at: made.expires_at,
    });
  });

  it('is cancelled while it is not finished', async () => {
    const { json: done } = await create({ contact_uuids: uuids });
    expect(await app.request('DELETE', `${BASE}/${done.export_id}/cancel`)).toMatchObject({
      status: 400,
      json: { detail: 'Cannot cancel a completed export' },
    });
    const { json: waiting } = await create({ filters: many });
    await ended(app, waiting.export_id);
    await app.database.query("update exports set state = 'pending' where id = $1", [waiting.export_id]);
    for (const message of ['Export cancelled successfully', 'Export is already cancelled'])
      expect(await app.request('DELETE', `${BASE}/${waiting.export_id}/cancel`)).toMatchObject({
        status: 200,
        json: { message, export_id: waiting.export_id, status: 'cancelled' },
      });
  });
});

describe('deleting all files', () => {
  it('is an admin’s, and leaves no file of an export', async () => {
    const { json: made } = await create({ contact_uuids: uuids });
    expect((await app.request('DELETE', `${BASE}/files`)).status).toBe(403);
    const { status, json } = await app.request('DELETE', `${BASE}/files`, { token: app.adminToken });
    expect(status).toBe(200);
    expect(json).toEqual({ message: 'CSV files deleted successfully', deleted_count: expect.any(Number) });
    expect(json.deleted_count).toBeGreaterThan(3);
    expect((await app.request('GET', pathOf(made.download_url), { token: null })).status).toBe(404);
    for await (const { key } of app.app.files.list('exports/')) expect(key).toBe('none');
  });
});
