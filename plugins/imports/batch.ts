import { contact } from '@contact360/contacts';
import {
  encodeRows,
  inTurns,
  type PoolClient,
  type RecordType,
  RowEncoder,
  refreshCopies,
  type SourceRecord,
  stageRows,
  writeRows,
  writeStaged,
} from '@contact360/server';
import type { Destination } from './destination.ts';
import { type Rejected, writeErrors } from './error-file.ts';
import type { Column } from './header.ts';
import { type Employed, resolveCompanies, resolveContacts, resolveEmployers } from './identities.ts';
import { advance, type Findings, type Job, type Progress } from './job.ts';
import { compareNames, findMerges, writeMerges } from './merges.ts';
import { outcomeOf } from './outcome.ts';
import { keysOf } from './row-keys.ts';
import { isRowError, type ParsedRow, type RowError, RowReader } from './rows.ts';
import type { SaidBefore } from './said-before.ts';

/** Writers outside imports may take a key between a batch's look and its write; the batch is then done again. */
const ATTEMPTS = 5;
const RETRIED = new Set(['23505', '40P01', '40001']);

/** Consecutive records of a file that are written in one transaction. */
export interface Batch {
  readonly records: readonly SourceRecord[];
  readonly columns: readonly Column[];
  readonly checkpoint: Progress['checkpoint'];
  readonly facts: Progress['facts'];
}

/** A batch with what its records say, and those that cannot be read. */
export interface ReadBatch extends Batch {
  readonly rows: readonly ParsedRow[];
  readonly unreadable: readonly Rejected[];
}

/** Reads the records of a batch. */
export async function readBatch(record: RecordType, batch: Batch): Promise<ReadBatch> {
  const reader = new RowReader(batch.columns, record);
  const rows: ParsedRow[] = [];
  const unreadable: Rejected[] = [];
  await inTurns(batch.records, (each) => {
    const row = reader.read(each);
    if (isRowError(row)) unreadable.push({ record: each, error: row });
    else {
      rows.push(row);
      keysOf(record, row);
    }
  });
  return { ...batch, rows, unreadable };
}

/** A run of an import: what it reads, and where it writes to. */
export interface Run {
  readonly id: string;
  readonly job: Job;
  readonly record: RecordType;
  readonly to: Destination;
  readonly said: SaidBefore;
}

/**
 * Writes a batch, its rejected rows and the checkpoint behind it, all or nothing. `readOn` is called when the database
 * has work that takes it as long as the reading of the next batch.
 */
export async function writeBatch(run: Run, batch: ReadBatch, readOn: () => void): Promise<void> {
  const { job, record, to, said } = run;
  const { rows, unreadable } = batch;
  for (let attempt = 1; ; attempt++) {
    try {
      await to.write(record, rows, async (client) => {
        const { errors, ...findings } = await writeRecords(client, run, rows, readOn);
        const rejected = [...unreadable, ...[...errors].map(([row, error]) => ({ record: row.source, error }))];
        await writeErrors(client, job, rejected, batch.columns);
        await writeMerges(client, job, findings.merges);
        await advance(client, job, run.id, {
          ...batch,
          ...findings,
          rows: batch.records.length,
          errors: rejected.length,
        });
      });
      return said.commit();
    } catch (error) {
      if (attempt === ATTEMPTS || !RETRIED.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

/** Writes the records that the rows fall on. Gives the rows that were refused, and what became of the others. */
async function writeRecords(
  client: PoolClient,
  { record, job, to: { differences }, said }: Run,
  rows: readonly ParsedRow[],
  readOn: () => void,
): Promise<Findings & { readonly errors: ReadonlyMap<ParsedRow, RowError> }> {
  const journal = { table: 'import_changes', id: job.id };
  const relation = record.relations.company;
  if (!relation) {
    const { companies, falls, errors } = await resolveCompanies(client, record, rows);
    const names = compareNames(record, falls);
    const merges = await findMerges(client, job, record, names);
    const staged = await stageRows(client, record, encodeRows(record, companies));
    readOn();
    const { updated, changed } = await writeStaged(client, record, staged, journal);
    await refreshCopies(client, contact, 'company', updated);
    const found = differences([{ record, falls, changed }]);
    return { errors, merges, outcome: outcomeOf(falls, changed), companies: undefined, differences: found };
  }
  const employed = await resolveEmployers(client, record, rows);
  // The database writes the companies while the program works out the contacts.
  const [employers, { falls, names, encoded, errors }] = await both(
    writeRows(client, relation.record, said.news(record, employed.companyFalls), journal),
    readyContacts(record, employed),
  );
  const merges = await findMerges(client, job, record, names);
  const staged = await stageRows(client, record, encoded);
  readOn();
  const { changed } = await writeStaged(client, record, staged, journal);
  await refreshCopies(client, record, 'company', employers.updated);
  return {
    errors: new Map([...employed.errors, ...errors]),
    merges,
    outcome: outcomeOf(falls, changed),
    companies: {
      created: employers.created,
      updated: [...employers.changed.values()].filter(({ first }) => first).length,
    },
    differences: differences([
      { record, falls, changed },
      { record: relation.record, falls: employed.companyFalls, changed: employers.changed },
    ]),
  };
}

/** Makes the contacts of a batch ready to be written. */
async function readyContacts(record: RecordType, employed: Employed) {
  const { contacts, falls, errors } = await resolveContacts(record, employed);
  const names = compareNames(record, falls);
  const encoder = new RowEncoder(record);
  await inTurns(contacts, (target) => encoder.add(target));
  return { falls, names, errors, encoded: encoder.end() };
}

/** What both give, when both have ended: a transaction that one of them writes in must not end before. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}
