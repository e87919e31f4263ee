import { type App, type PoolClient, type SourceRecord, transaction } from '@contact360/server';
import { type Column, ERROR_COLUMNS, plain } from './header.ts';
import type { Job } from './job.ts';
import type { RowError } from './rows.ts';

/** A record of the file that is rejected. */
export interface Rejected {
  readonly record: SourceRecord;
  readonly error: RowError;
}

/** PostgreSQL's JSON cannot hold a NUL: this stands for it, which no text may have. */
const STORED_NUL = '\uffff';

/** A cell of a rejected row as it is shown: U+FFFD stands for a NUL. */
export const shownCell = (stored: string): string => stored.replaceAll(STORED_NUL, '\ufffd');

/** Keeps the rejected rows of a batch, in its transaction. */
export async function writeErrors(
  client: PoolClient,
  job: Job,
  rejected: readonly Rejected[],
  columns: readonly Column[],
): Promise<void> {
  if (rejected.length === 0) return;
  const cellsOf = ({ cells }: SourceRecord) =>
    JSON.stringify(cells.slice(0, Math.max(columns.length, 1) + 100)).replaceAll('\\u0000', STORED_NUL);
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

/** With a job's number: who writes its file. A run that has lost the job may still be at it while the next one ends. */
const FILE_LOCK = 360_391;

/**
 * Writes the rejected rows as a CSV that can be corrected and imported as it is: the original columns, then what is
 * wrong. What is not corrected is rejected again for the same.
 */
export async function writeErrorFile(app: App, job: Pick<Job, 'id' | 'uuid'>): Promise<string | null> {
  const { rows } = await app.pool.query<{ header: string[] | null; errors: number }>(
    'select header, error_count as errors from import_jobs where id = $1',
    [job.id],
  );
  const { header, errors } = rows[0]!;
  if (!header || errors === 0) return null;
  const key = `errors/job_${job.uuid}_errors.csv`;
  await transaction(app.pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1::int, $2::int)', [FILE_LOCK, job.id]);
    await app.files.write(key, errorLines(client, job, header));
  });
  return key;
}

const ERROR_BATCH = 2000;

async function* errorLines(
  client: PoolClient,
  job: Pick<Job, 'id'>,
  header: readonly string[],
): AsyncGenerator<Uint8Array> {
  const width = widthOf(header);
  yield csvLine([...header.slice(0, width), ...ERROR_COLUMNS]);
  for (let after = 0; ; ) {
    const { rows } = await client.query<{
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
      const original = cells.map((cell) => cell.replaceAll(STORED_NUL, '\0'));
      const own = Array.from({ length: width }, (_, index) => original[index] ?? '');
      // Cells beyond the header have no column; behind everything they are not lost, and still too many.
      yield csvLine([...own, String(row_number), code, column ?? '', message, ...original.slice(header.length)]);
    }
    if (rows.length < ERROR_BATCH) return;
    after = rows.at(-1)!.row_number;
  }
}

/** How many columns are the file's own: an error file that is imported ends with those of the errors before. */
function widthOf(header: readonly string[]): number {
  const own = header.length - ERROR_COLUMNS.length;
  return ERROR_COLUMNS.every((name, at) => plain(header[own + at] ?? '') === plain(name)) ? own : header.length;
}

/** A line of a CSV file (RFC 4180). */
function csvLine(cells: readonly string[]): Uint8Array {
  return Buffer.from(
    `${cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`,
  );
}
