import { setTimeout as delay } from 'node:timers/promises';
import { apolloAccountsCsv, apolloCsv, type DemoFile } from '@contact360/demo';
import { enqueueImport, keepFile } from '@contact360/imports';
import type { App } from '@contact360/server';

const SEED = 360;

/**
 * Brings the table to `rows` contacts at a tenth as many companies through the importer, and its statistics up to date.
 * What an earlier run loaded is kept; one that was interrupted is completed, as imports of the same rows add nothing.
 */
export async function fill(app: App, rows: number, say: (line: string) => void): Promise<void> {
  const companies = Math.max(1, Math.floor(rows / 10));
  const wanted = { contacts: rows, companies };
  if (sameCounts(await counts(app), wanted)) say(`The database holds ${rows} contacts already; --fresh builds it anew`);
  else await importAll(app, { ...wanted, seed: SEED }, say);
  await app.pool.query('vacuum (analyze) contacts, companies');
  const found = await counts(app);
  if (!sameCounts(found, wanted))
    throw new Error(`There are ${found.contacts} contacts and ${found.companies} companies; --fresh begins anew`);
}

async function importAll(app: App, file: DemoFile, say: (line: string) => void): Promise<void> {
  const started = Date.now();
  await load(app, 'company', apolloAccountsCsv(file), () => undefined);
  let told = 0;
  await load(app, 'contact', apolloCsv(file), (done) => {
    if (done < told + file.contacts / 10) return;
    told = done;
    say(`${done} of ${file.contacts} contacts`);
  });
  const seconds = ((Date.now() - started) / 1000).toFixed();
  say(`Imported ${file.contacts} contacts and ${file.companies} companies in ${seconds} s`);
}

interface Counts {
  readonly contacts: number;
  readonly companies: number;
}

const sameCounts = (one: Counts, other: Counts) => one.contacts === other.contacts && one.companies === other.companies;

async function counts(app: App): Promise<Counts> {
  const { rows } = await app.pool.query<Counts>(
    'select (select count(*) from contacts)::int as contacts, (select count(*) from companies)::int as companies',
  );
  return rows[0]!;
}

/** Imports a file as an upload would be, and waits for the end. */
async function load(
  app: App,
  record: string,
  bytes: AsyncIterable<Uint8Array>,
  progress: (rows: number) => void,
): Promise<void> {
  const uploadKey = `uploads/bench-${record}.csv`;
  await keepFile(app, uploadKey, bytes);
  const { uuid: job } = await enqueueImport(app, {
    record,
    uploadKey,
    fileName: `bench-${record}.csv`,
    createdBy: null,
  });
  for (;;) {
    const { rows } = await app.pool.query<{ state: string; message: string; total_rows: number; error_count: number }>(
      'select state, message, total_rows, error_count from import_jobs where uuid = $1',
      [job],
    );
    const { state, message, total_rows, error_count } = rows[0]!;
    progress(total_rows);
    if (state === 'completed' && error_count === 0) break;
    if (state === 'completed' || state === 'failed')
      throw new Error(`The import of ${record} records ended with ${error_count} rejected rows: ${message}`);
    await delay(200);
  }
}
