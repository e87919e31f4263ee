import { enqueueImport, keepFile } from '@contact360/imports';
import { type App, transaction } from '@contact360/server';
import { apolloAccountsCsv, apolloCsv } from './generate.ts';

/** What a new database is filled with. */
export const DEMO = { contacts: 3000, companies: 300, seed: 360 };

/** Processes that start together on one database fill it once. */
const LOCK = 360_362;

/** Queues the import of the demo data, unless anything was ever imported or a contact exists. */
export async function loadDemo(app: App): Promise<void> {
  await transaction(app.pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const { rows } = await client.query<{ used: boolean }>(
      'select exists (select from import_jobs) or exists (select from contacts) as used',
    );
    if (rows[0]!.used) return;
    // A process killed before its file is queued leaves it behind: the next start writes over it.
    const queue = async (record: string, fileName: string, bytes: AsyncIterable<Uint8Array>) => {
      const uploadKey = `uploads/${fileName}`;
      await keepFile(app, uploadKey, bytes);
      await enqueueImport(app, { record, uploadKey, fileName, createdBy: null });
    };
    await queue('contact', 'demo-contacts.csv', apolloCsv(DEMO));
    await queue('company', 'demo-companies.csv', apolloAccountsCsv(DEMO));
    app.log.info(DEMO, 'Demo data is being imported; DEMO_DATA=false keeps a new database empty');
  });
}
