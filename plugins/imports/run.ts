import { randomUUID } from 'node:crypto';
import { contact } from '@contact360/contacts';
import {
  type App,
  type JobContext,
  type PoolClient,
  type RecordType,
  refreshCopies,
  transaction,
  writeRows,
} from '@contact360/server';
import { type CsvCheckpoint, CsvError, type CsvFormat, type CsvRecord, detectCsvFormat, readCsv } from './csv.ts';
import { csvLine } from './error-file.ts';
import { type Column, headingsOf, readHeader } from './header.ts';
import { resolveCompanies, resolveContacts } from './identities.ts';
import { isRowError, type ParsedRow, type RowError, RowReader } from './rows.ts';

/** Name of the queue that import jobs wait in. */
export const IMPORT_QUEUE = 'imports.run';
/** Rows of one transaction: the counts advance, and a killed worker goes on, by this many. */
const BATCH_ROWS = 5000;
/** Batches of all imports take turns, so that two of them never make the same record twice. */
const IMPORT_LOCK = 360_390;
/** Writers outside imports may take a key between a batch's look and its write; the batch is then done again. */
const ATTEMPTS = 5;
/** What an import writes to, whichever record it is of. */
const TABLES = ['contacts', 'companies'];
const RETRIED = new Set(['23505', '40P01', '40001']);
const LISTED_HEADINGS = 20;

interface Job {
  readonly id: number;
  readonly uuid: string;
  readonly record: string;
  readonly file_name: string;
  readonly upload_key: string;
  readonly format: CsvFormat | null;
  readonly header: string[] | null;
  readonly checkpoint: CsvCheckpoint | null;
  readonly error_count: number;
}

/** What can never succeed: the job fails with this message. */
class ImportFailure extends Error {}

/** The record types that files are imported into, by name. */
export type Importable = ReadonlyMap<string, RecordType>;

/**
 * Runs an import from where it stands to its end. Each batch and the checkpoint behind it are one transaction, so that
 * a worker killed at any moment loses no row, applies none twice and counts none twice (decision 42).
 */
export async function runImport(importable: Importable, jobUuid: string, { app, signal }: JobContext): Promise<void> {
  const run = randomUUID();
  const job = await claim(app, jobUuid, run);
  if (!job) return;
  try {
    await readAll(app, importable.get(job.record)!, job, run, signal);
    await finish(app, job, run);
  } catch (error) {
    if (!(error instanceof ImportFailure || error instanceof CsvError)) throw error;
    await settle(app, job, run, 'failed', error.message);
  }
}

/** Makes this run the owner of the job, unless the job has ended. A run that owned it before can commit nothing more. */
async function claim(app: App, uuid: string, run: string): Promise<Job | undefined> {
  const { rows } = await app.pool.query<Job>(
    `update import_jobs set state = 'running', run = $2, message = 'Running', started_at = coalesce(started_at, now()), updated_at = now()
     where uuid = $1 and state in ('pending', 'running') returning id, uuid, record, file_name, upload_key, format, header, checkpoint, error_count`,
    [uuid, run],
  );
  return rows[0];
}

async function readAll(app: App, record: RecordType, job: Job, run: string, signal: AbortSignal): Promise<void> {
  const open = (offset: number) => app.files.read(job.upload_key, offset);
  const format = job.format ?? (await detectCsvFormat(open));
  let columns = job.header && columnsOf(job.header, record);
  for await (const { records, checkpoint } of readCsv(open, format, {
    batchRows: BATCH_ROWS,
    ...(job.checkpoint && { from: job.checkpoint }),
  })) {
    const header = columns ? undefined : records.shift()!.cells;
    columns ??= columnsOf(header!, record);
    await writeBatch(app, record, job, run, { records, columns, checkpoint, start: header && { format, header } });
    signal.throwIfAborted();
  }
}

function columnsOf(header: readonly string[], record: RecordType): Column[] {
  const { columns, known } = readHeader(header, record);
  if (known) return columns;
  const found = header.slice(0, LISTED_HEADINGS).map((heading) => `'${heading.trim().slice(0, 60)}'`);
  const expected = [...headingsOf(record).values()].filter(({ to }) => to === 'field').slice(0, 8);
  throw new ImportFailure(
    `The file has no known column. Found: ${found.join(', ')}${header.length > LISTED_HEADINGS ? ', …' : ''}. Expected columns such as ${expected.map(({ heading }) => heading).join(', ')}.`,
  );
}

interface Batch {
  readonly records: readonly CsvRecord[];
  readonly columns: readonly Column[];
  readonly checkpoint: CsvCheckpoint;
  /** What the first batch found out about the file. */
  readonly start: { readonly format: CsvFormat; readonly header: readonly string[] } | undefined;
}

interface Rejected {
  readonly record: CsvRecord;
  readonly error: RowError;
}

async function writeBatch(app: App, record: RecordType, job: Job, run: string, batch: Batch): Promise<void> {
  const reader = new RowReader(batch.columns, record);
  const rows = new Map<ParsedRow, CsvRecord>();
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
        await advance(client, job, run, batch, rejected.length);
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

async function writeErrors(
  client: PoolClient,
  job: Job,
  rejected: readonly Rejected[],
  columns: readonly Column[],
): Promise<void> {
  if (rejected.length === 0) return;
  // PostgreSQL's JSON cannot hold a NUL; in the report of a row that has one it is shown as U+FFFD.
  const cellsOf = ({ cells }: CsvRecord) =>
    JSON.stringify(cells.slice(0, Math.max(columns.length, 1) + 100)).replaceAll('\\u0000', '\\ufffd');
  await client.query(
    `insert into import_errors (job_id, row_number, code, "column", message, cells)
     select $1, * from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::jsonb[])`,
    [
      job.id,
      rejected.map(({ record }) => record.rowNumber),
      rejected.map(({ error }) => error.code),
      rejected.map(({ error }) => error.column?.replaceAll('\0', '\ufffd') ?? null),
      rejected.map(({ error }) => error.message.replaceAll('\0', '\ufffd')),
      rejected.map(({ record }) => cellsOf(record)),
    ],
  );
}

async function advance(
  client: PoolClient,
  job: Job,
  run: string,
  { records, checkpoint, start }: Batch,
  errors: number,
): Promise<void> {
  const { rowCount } = await client.query(
    `update import_jobs set total_rows = total_rows + $3, success_count = success_count + $3 - $4, error_count = error_count + $4,
       checkpoint = $5, format = coalesce($6, format), header = coalesce($7, header), updated_at = now()
     where id = $1 and run = $2 and state = 'running'`,
    [
      job.id,
      run,
      records.length,
      errors,
      JSON.stringify(checkpoint),
      start ? JSON.stringify(start.format) : null,
      start ? JSON.stringify(start.header).replaceAll('\\u0000', '\\ufffd') : null,
    ],
  );
  if (rowCount !== 1) throw new Error(`Import ${job.uuid} is owned by another run now`);
}

/** Ends the job: statistics first, so that the next count is right (decision 27), then the report of rejected rows. */
async function finish(app: App, job: Job, run: string): Promise<void> {
  await app.pool.query(`analyze ${TABLES.join(', ')}`);
  await app.dataVersions.announce(TABLES);
  await settle(app, job, run, 'completed', 'Completed');
}

async function settle(app: App, job: Job, run: string, state: 'completed' | 'failed', message: string): Promise<void> {
  const errorKey = await writeErrorFile(app, job);
  await app.pool.query(
    `update import_jobs set state = $3, message = $4, error_key = $5, finished_at = now(), updated_at = now() where id = $1 and run = $2 and state = 'running'`,
    [job.id, run, state, message, errorKey],
  );
}

/** Writes the rejected rows as a CSV that can be corrected and imported as it is. */
async function writeErrorFile(app: App, job: Job): Promise<string | null> {
  const { rows } = await app.pool.query<{ header: string[] | null; errors: number }>(
    'select header, error_count as errors from import_jobs where id = $1',
    [job.id],
  );
  const { header, errors } = rows[0]!;
  if (!header || errors === 0) return null;
  const key = `errors/job_${job.uuid}_errors.csv`;
  await app.files.write(key, errorLines(app, job, header));
  return key;
}

const ERROR_BATCH = 2000;

async function* errorLines(app: App, job: Job, header: readonly string[]): AsyncGenerator<Uint8Array> {
  yield csvLine([...header, 'row_number', 'error_code', 'error_column', 'error_message']);
  for (let after = 0; ; ) {
    const { rows } = await app.pool.query<{
      row_number: number;
      code: string;
      column: string | null;
      message: string;
      cells: string[];
    }>(
      `select row_number, code, "column", message, cells from import_errors where job_id = $1 and row_number > $2 order by row_number limit ${ERROR_BATCH}`,
      [job.id, after],
    );
    for (const { row_number, code, column, message, cells } of rows) {
      // Cells beyond the header have no column; they are left out so that the rest keeps its place.
      const own = Array.from({ length: header.length }, (_, index) => cells[index] ?? '');
      yield csvLine([...own, String(row_number), code, column ?? '', message]);
    }
    if (rows.length < ERROR_BATCH) return;
    after = rows.at(-1)!.row_number;
  }
}
