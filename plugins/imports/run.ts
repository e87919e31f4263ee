import { randomUUID } from 'node:crypto';
import { type App, type JobContext, type RecordType, SourceError } from '@contact360/server';
import { TABLES, writeBatch } from './batch.ts';
import { writeErrorFile } from './error-file.ts';
import { type Column, headingsOf, readHeader } from './header.ts';
import { claim, type Job, settle } from './job.ts';
import { readFile } from './reading.ts';

/** Rows of one transaction: the counts advance, and a killed worker goes on, by this many. */
const BATCH_ROWS = 5000;
const LISTED_HEADINGS = 20;

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
    if (!(error instanceof ImportFailure || error instanceof SourceError)) throw error;
    await settle(app, job, run, { state: 'failed', message: error.message, errorKey: await writeErrorFile(app, job) });
  }
}

async function readAll(app: App, record: RecordType, job: Job, run: string, signal: AbortSignal): Promise<void> {
  let columns = job.header && columnsOf(job.header, record);
  for await (const { records, checkpoint, facts } of readFile(app, job, BATCH_ROWS)) {
    if (facts) columns = columnsOf(facts.header, record);
    await writeBatch(app, record, job, run, { records, columns: columns!, checkpoint, facts });
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

/** Ends the job: statistics first, so that the next count is right (decision 27), then the report of rejected rows. */
async function finish(app: App, job: Job, run: string): Promise<void> {
  await app.pool.query(`analyze ${TABLES.join(', ')}`);
  await app.dataVersions.announce(TABLES);
  await settle(app, job, run, { state: 'completed', message: 'Completed', errorKey: await writeErrorFile(app, job) });
}
