import { contact } from '@contact360/contacts';
import {
  type App,
  type PoolClient,
  type RecordType,
  refreshCopies,
  type SourceRecord,
  transaction,
  writeRows,
} from '@contact360/server';
import { type Rejected, writeErrors } from './error-file.ts';
import type { Column } from './header.ts';
import { resolveCompanies, resolveContacts } from './identities.ts';
import { advance, type Job, type Progress } from './job.ts';
import { isRowError, type ParsedRow, type RowError, RowReader } from './rows.ts';

/** Batches of all imports take turns, so that two of them never make the same record twice. */
const IMPORT_LOCK = 360_390;
/** Writers outside imports may take a key between a batch's look and its write; the batch is then done again. */
const ATTEMPTS = 5;
const RETRIED = new Set(['23505', '40P01', '40001']);
/** What an import writes to, whichever record it is of. */
export const TABLES = ['contacts', 'companies'];

/** Consecutive records of a file that are written in one transaction. */
export interface Batch {
  readonly records: readonly SourceRecord[];
  readonly columns: readonly Column[];
  readonly checkpoint: Progress['checkpoint'];
  readonly facts: Progress['facts'];
}

/** Writes a batch, its rejected rows and the checkpoint behind it, all or nothing. */
export async function writeBatch(app: App, record: RecordType, job: Job, run: string, batch: Batch): Promise<void> {
  const reader = new RowReader(batch.columns, record);
  const rows = new Map<ParsedRow, SourceRecord>();
  const unreadable: Rejected[] = [];
  for (const each of batch.records) {
    const row = reader.read(each);
    if (isRowError(row)) unreadable.push({ record: each, error: row });
    else rows.set(row, each);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await transaction(app.pool, async (client) => {
        await client.query('set local statement_timeout = 0');
        await client.query('select pg_advisory_xact_lock($1)', [IMPORT_LOCK]);
        const refused = await writeRecords(client, record, [...rows.keys()]);
        const rejected = [...unreadable, ...[...refused].map(([row, error]) => ({ record: rows.get(row)!, error }))];
        await writeErrors(client, job, rejected, batch.columns);
        await advance(client, job, run, { ...batch, rows: batch.records.length, errors: rejected.length });
      });
      return app.dataVersions.changed(TABLES);
    } catch (error) {
      if (attempt === ATTEMPTS || !RETRIED.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

/** Writes the records that the rows fall on. Gives the rows that were refused. */
async function writeRecords(
  client: PoolClient,
  record: RecordType,
  rows: readonly ParsedRow[],
): Promise<ReadonlyMap<ParsedRow, RowError>> {
  const relation = record.relations.company;
  if (!relation) {
    const { companies, errors } = await resolveCompanies(client, rows);
    const { updated } = await writeRows(client, record, companies);
    await refreshCopies(client, contact, 'company', updated);
    return errors;
  }
  const { contacts, companies, errors } = await resolveContacts(client, rows);
  const written = await writeRows(client, relation.record, companies);
  await writeRows(client, record, contacts);
  await refreshCopies(client, record, 'company', written.updated);
  return errors;
}
