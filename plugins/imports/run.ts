import { randomUUID } from 'node:crypto';
import {
  type App,
  type JobContext,
  nearestName,
  type RecordType,
  restoreIndexes,
  SourceError,
  type SourceRecord,
} from '@contact360/server';
import { type ReadBatch, type Run, readBatch, writeBatch } from './batch.ts';
import { type Destination, realTables } from './destination.ts';
import { DISK_FULL, isDiskFull, undefinedIfDiskFull } from './disk-full.ts';
import { dryRun } from './dry-run.ts';
import { writeErrorFile } from './error-file.ts';
import { type Column, headingsOf } from './header.ts';
import { claim, hasEnded, type Job, JobLost, say, settle } from './job.ts';
import { columnsFor, type Mapping } from './mapping.ts';
import { readFile } from './reading.ts';
import { SaidBefore } from './said-before.ts';
import { tidyJob } from './tidy.ts';

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
export async function runImport(
  importable: Importable,
  jobUuid: string,
  { app, signal }: JobContext,
  batchRows = BATCH_ROWS,
): Promise<void> {
  const id = randomUUID();
  const job = await claim(app, jobUuid, id);
  if (job) {
    let to: Destination | undefined;
    try {
      to = job.dry_run ? await dryRun(app) : realTables(app);
      const run = { id, job, record: importable.get(job.record)!, to, said: new SaidBefore() };
      await readAll(app, run, signal, batchRows);
      await to.finish((message) => say(app, job, id, message));
      const errorKey = await writeErrorFile(app, job);
      await settle(app, job, id, { state: 'completed', message: 'Completed', errorKey });
    } catch (error) {
      await fail(app, job, id, error);
    } finally {
      await to?.close();
    }
    // Nothing is left to do unless the import failed or was cancelled.
    await restoreIndexes(app.pool, app.log);
  }
  await tidyJob(app, jobUuid);
}

/** Ends a job that can never succeed with its message; throws what a further run may get over. */
async function fail(app: App, job: Job, run: string, error: unknown): Promise<void> {
  if (error instanceof JobLost && (await hasEnded(app, job))) return;
  const full = isDiskFull(error);
  if (!(full || error instanceof ImportFailure || error instanceof SourceError)) throw error;
  const message = full ? DISK_FULL : (error as Error).message;
  const errorKey = full ? null : ((await writeErrorFile(app, job).catch(undefinedIfDiskFull)) ?? null);
  await settle(app, job, run, { state: 'failed', message, errorKey });
}

async function readAll(app: App, run: Run, signal: AbortSignal, batchRows: number): Promise<void> {
  const { job, record, to } = run;
  const batches = new Ahead(readBatches(app, record, job, batchRows));
  let begun = false;
  try {
    for (let batch = await batches.take(); batch; batch = await batches.take()) {
      if (!begun) await to.begin(await estimatedRows(app, job, batch.records));
      begun = true;
      await writeBatch(run, batch, () => batches.begin());
      signal.throwIfAborted();
    }
  } finally {
    await batches.close();
  }
}

async function* readBatches(app: App, record: RecordType, job: Job, batchRows: number): AsyncGenerator<ReadBatch> {
  let columns = job.header && columnsOf(job.header, record, job.mapping);
  for await (const { records, checkpoint, facts } of readFile(app, job, batchRows)) {
    if (facts) columns = columnsOf(facts.header, record, job.mapping);
    yield await readBatch(record, { records, columns: columns!, checkpoint, facts });
  }
}

/** The items of a source, the next of which can be begun before it is taken. */
class Ahead<T> {
  readonly #source: AsyncGenerator<T, void>;
  #next: Promise<IteratorResult<T, void>> | undefined;

  constructor(source: AsyncGenerator<T, void>) {
    this.#source = source;
  }

  begin(): void {
    if (this.#next) return;
    this.#next = this.#source.next();
    // Whether it fails matters when it is its turn.
    this.#next.catch(() => undefined);
  }

  /** The next item; undefined after the last. */
  async take(): Promise<T | undefined> {
    this.begin();
    const next = await this.#next!;
    this.#next = undefined;
    return next.done ? undefined : next.value;
  }

  async close(): Promise<void> {
    await this.#source.return();
  }
}

/** How many rows the file has, if the others are as long as these. */
async function estimatedRows(app: App, job: Job, records: readonly SourceRecord[]): Promise<number> {
  const size = (await app.files.size(job.upload_key)) ?? 0;
  const length = records.reduce((sum, { cells }) => cells.reduce((all, cell) => all + cell.length + 1, sum), 0);
  return length === 0 ? 0 : (size / length) * records.length;
}

/** What the columns of a file are, with what the job says of them. Throws {@link ImportFailure} when none is a field. */
function columnsOf(header: readonly string[], record: RecordType, mapping: Mapping | null): Column[] {
  const { columns, unknown } = columnsFor(header, record, mapping);
  if (unknown.length > 0) {
    const [heading] = unknown;
    const nearest = nearestName(heading!, header);
    throw new ImportFailure(
      `The mapping names '${heading!.slice(0, 60)}', which is no column of the file${nearest === undefined ? '.' : `; did you mean '${nearest}'?`}`,
    );
  }
  if (columns.some(({ to }) => to === 'field' || to === 'fullName')) return columns;
  const found = header.slice(0, LISTED_HEADINGS).map((heading) => `'${heading.trim().slice(0, 60)}'`);
  const expected = [...headingsOf(record).values()].filter(({ to }) => to === 'field').slice(0, 8);
  throw new ImportFailure(
    `The file has no known column. Found: ${found.join(', ')}${header.length > LISTED_HEADINGS ? ', …' : ''}. Expected columns such as ${expected.map(({ heading }) => heading).join(', ')}.`,
  );
}
