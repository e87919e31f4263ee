import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';
import { download, exported, pathOf } from './exports.ts';

let app: TestApp;
let uuids: string[];
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf(
      'First Name,Last Name,Email,Departments,Company,# Employees,Notes',
      'Ada,Lovelace,ada@example.com,"Engineering, ""R&D, Labs""",Engine Ltd,1200,first',
      "Bob,=cmd|'x'!A1,bob@example.com,Sales,Engine Ltd,1200,",
    ),
  );
  uuids = (await app.request('GET', '/api/v1/contacts/count/uuids/')).json.uuids.toReversed();
});
afterAll(() => app.stop());

describe('an export', () => {
  it('of two contacts by uuid is completed at once and downloaded by its link', async () => {
    const { status, json } = await app.request('POST', '/api/v2/exports/contacts/export', {
      body: { contact_uuids: [...uuids, 'no uuid', '6f1a2b3c-0000-4000-8000-000000000000'] },
    });
    expect(status).toBe(201);
    expect(json).toEqual({
      export_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      download_url: expect.stringContaining(`/api/v2/exports/${json.export_id}/download?token=`),
      expires_at: expect.stringMatching(/Z$/),
      contact_count: 2,
      status: 'completed',
    });
    const reply = await app.request('GET', pathOf(json.download_url), { token: null });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [header, ada, bob] = reply.text.split('\r\n');
    expect(header).toMatch(/^First Name,Last Name,Title,Email,.*,UUID,Created At,Updated At$/);
    expect(ada).toContain('Ada,Lovelace,,ada@example.com,,,,"Engineering, ""R&D, Labs""",');
    expect(bob).toContain("Bob,'=cmd|'x'!A1,,bob@example.com,");
  });

  it.each(['jsonl', 'xlsx'])('as %s', async (format) => {
    const made = await exported(app, 'contacts', { filters: {}, format });
    expect((await download(app, made.download_url)).length).toBeGreaterThan(1000);
  });
});
