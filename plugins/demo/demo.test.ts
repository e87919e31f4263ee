import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import type { AnyPlugin, App, RecordType } from '@contact360/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';
import { demo } from './index.ts';
import { DEMO } from './load.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test?.stop());

const plugin = demo() as AnyPlugin;
/** What a start with these settings queues. The app of tests has a database of its own, as `npm start` has by default. */
async function jobsOfStart(settings: { DEMO_DATA: boolean; DATABASE_URL?: string }): Promise<number> {
  const { DATABASE_URL: _, ...rest } = test.app.settings;
  const stop = await plugin.start!({ ...test.app, settings: { ...rest, ...settings } as App['settings'] });
  await stop?.();
  const { rows } = await test.app.pool.query('select count(*)::int as jobs from import_jobs');
  return rows[0].jobs;
}

async function endedJobs() {
  for (;;) {
    const { rows } = await test.app.pool.query(
      'select record, state, total_rows, success_count, error_count, message from import_jobs order by record desc',
    );
    if (rows.every(({ state }) => state === 'completed' || state === 'failed')) return rows;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a start', () => {
  it('leaves a database of the operator and one that is to stay empty alone', async () => {
    expect(await jobsOfStart({ DEMO_DATA: true, DATABASE_URL: test.databaseUrl })).toBe(0);
    expect(await jobsOfStart({ DEMO_DATA: false })).toBe(0);
  });

  it('fills an empty embedded database once', async () => {
    expect(await jobsOfStart({ DEMO_DATA: true })).toBe(2);
    expect(await endedJobs()).toEqual(
      [
        ['contact', DEMO.contacts],
        ['company', DEMO.companies],
      ].map(([record, total_rows]) => ({
        record,
        state: 'completed',
        message: 'Completed',
        total_rows,
        success_count: total_rows,
        error_count: 0,
      })),
    );
    const { rows } = await test.app.pool.query(
      'select (select count(*) from contacts)::int as contacts, (select count(*) from companies)::int as companies',
    );
    expect(rows[0]).toEqual({ contacts: DEMO.contacts, companies: DEMO.companies });
    expect(await jobsOfStart({ DEMO_DATA: true })).toBe(2);
  });

  it('leaves a database with a contact alone, though nothing was imported', async () => {
    await test.app.pool.query('delete from import_jobs');
    expect(await jobsOfStart({ DEMO_DATA: true })).toBe(0);
  });
});

describe('the demo data', () => {
  it.each([contact, company] as RecordType[])(
    'has values in every field of $plural',
    async ({ table, fields, computed }) => {
      const used = [...Object.keys(fields), ...Object.keys(computed).filter((name) => name === 'location')];
      const columns = used.map((name) => (name === 'location' ? 'location_folded' : name));
      const { rows } = await test.app.pool.query(
        `select ${columns.map((column, index) => `count(${column})::int as "${used[index]}"`).join(', ')} from ${table}`,
      );
      expect(Object.entries(rows[0]).filter(([, count]) => count === 0)).toEqual([]);
    },
  );

  it('shows something in every field of the API', async () => {
    const { json, status } = await test.request('GET', '/api/v1/contacts/?ordering=id&include_meta=true');
    expect(status).toBe(200);
    const items = json.results as Record<string, unknown>[];
    expect(items).toHaveLength(DEMO.contacts);
    const isEmpty = (value: unknown) => value === '' || value === null || JSON.stringify(value) === '{}';
    const unused = Object.keys(items[0]!).filter((name) => items.every((item) => isEmpty(item[name])));
    expect(unused).toEqual([]);
    expect(items.every(({ mobile_phone }) => /^$|^\+\d/.test(mobile_phone as string))).toBe(true);
    expect(items.some(({ meta_data }) => 'Apollo Contact Id' in (meta_data as object))).toBe(true);
  });

  it('is found by what people look for', async () => {
    for (const query of [
      'title=cto',
      'title=manager&email_status=Verified',
      'country=germany',
      'first_name=francois',
      'industry=computer software',
    ]) {
      const { json } = await test.request('GET', `/api/v1/contacts/count/?${query}`);
      expect({ query, found: json.count > 0 }).toEqual({ query, found: true });
    }
  });
});
