import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Client, type Export, type ImportJob, request } from '@contact360/sdk';
import { defineCommand, wholeNumber } from '../command.ts';
import { connect, serverOf } from '../connection.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { interruption } from '../interruption.ts';
import { type Row, tablePrinter } from '../table.ts';
import { counted, paint, print, progress, tell } from '../terminal.ts';
import { follow } from './imports.ts';

const RECORDS = ['contact', 'company'] as const;
const UNDO_MS = 1000;

export const jobs = defineCommand({
  summary: 'List imports and exports, newest first, or show one.',
  arguments: ['[ID]'],
  options: {
    watch: { type: 'boolean', short: 'w', help: 'stay until the import has ended, and fail when it does' },
    limit: { type: 'string', short: 'n', value: 'N', help: 'at most so many (25 when absent, 100 at most)' },
  },
  run: async (flags, [id]) => {
    const connection = await connect(await serverOf(flags.url));
    const { client } = connection;
    if (id !== undefined) {
      const { kind, job } = await findJob(client, id);
      if (flags.watch && kind === 'import')
        return follow(connection, job.uuid, job.record as 'contact' | 'company', flags.json);
      if (flags.json) await print(`${JSON.stringify(withoutToken(job))}\n`);
      else await tablePrinter(COLUMNS)([kind === 'import' ? shownImport(job) : shownExport(job)]);
      return undefined;
    }
    if (flags.watch) throw usage('Name the import to watch: contact360 jobs ID --watch.');
    const limit = Math.min(wholeNumber('limit', flags.limit, 1) ?? 25, 100);
    const [exports, ...imports] = await Promise.all([
      client.exports.list({ limit }),
      // Whoever may not import sees their exports.
      ...RECORDS.map((record) => client.imports.list({ record, limit }).catch(unlessForbidden)),
    ]);
    const all = [...exports.exports, ...imports.flat()]
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
      .slice(0, limit);
    if (flags.json) await print(all.map((job) => `${JSON.stringify(withoutToken(job))}\n`).join(''));
    else if (all.length === 0) tell('There are none.');
    else await tablePrinter(COLUMNS)(all.map((job) => ('uuid' in job ? shownImport(job) : shownExport(job))));
    return undefined;
  },
});

/** Opens the file for whoever has it: it does not belong into logs of scripts. */
const withoutToken = (job: object): object => {
  const { token: _, ...rest } = job as { token?: unknown };
  return rest;
};

function unlessForbidden(error: { status?: number }): [] {
  if (error.status === 403) return [];
  throw error;
}

const COLUMNS = ['id', 'job', 'of', 'state', 'rows', 'rejected', 'file', 'created'];
const time = (text: string) => text.slice(0, 16).replace('T', ' ');
const shownImport = (
  job: Pick<ImportJob, 'uuid' | 'record' | 'state' | 'totalRows' | 'errorCount' | 'fileName' | 'createdAt' | 'dryRun'>,
): Row => ({
  id: job.uuid,
  job: job.dryRun ? 'dry run' : 'import',
  of: job.record,
  state: job.state,
  rows: job.totalRows,
  rejected: job.errorCount,
  file: job.fileName,
  created: time(job.createdAt),
});
const shownExport = (job: Export): Row => ({
  id: job.id,
  job: 'export',
  of: job.record,
  state: job.state,
  rows: job.done,
  file: job.fileName,
  created: time(job.createdAt),
});

type Found = { readonly kind: 'import'; readonly job: ImportJob } | { readonly kind: 'export'; readonly job: Export };

/** An import by its uuid or number, of whatever record, or an export. */
async function findJob(client: Client, id: string): Promise<Found> {
  const job = /^\d+$/.test(id) ? Number(id) : id;
  const tries: Promise<Found>[] = [
    ...RECORDS.map(async (record) => ({ kind: 'import' as const, job: await client.imports.get({ record, job }) })),
    client.exports.get({ id }).then((found) => ({ kind: 'export' as const, job: found })),
  ];
  const outcomes = await Promise.allSettled(tries);
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') return outcome.value;
  for (const outcome of outcomes)
    if (outcome.status === 'rejected' && ![403, 404].includes(outcome.reason.status)) throw outcome.reason;
  throw new Failure(`There is no import or export ${id}.`, EXIT.failed, 'no_job');
}

async function findImport(client: Client, id: string): Promise<ImportJob> {
  const { kind, job } = await findJob(client, id);
  if (kind === 'export') throw usage(`${id} is an export.`);
  return job;
}

export const cancel = defineCommand({
  summary: 'Cancel an import or an export.',
  arguments: ['ID'],
  options: {},
  details: 'What an import has written so far stays; "contact360 undo" takes it back.',
  run: async (flags, [id = '']) => {
    const { client } = await connect(await serverOf(flags.url));
    const { kind, job } = await findJob(client, id);
    const ended =
      kind === 'import'
        ? await client.imports.cancel({ record: job.record, job: job.uuid })
        : await client.exports.cancel({ id: job.id });
    if (flags.json) await print(`${JSON.stringify(withoutToken(ended))}\n`);
    else tell(`${paint.err('green', '✓')} The ${kind} is cancelled.`);
    return undefined;
  },
});

export const undo = defineCommand({
  summary: 'Undo an import: what it made goes, what it changed returns unless it was changed since.',
  arguments: ['ID'],
  options: {},
  run: async (flags, [id = '']) => {
    const { client } = await connect(await serverOf(flags.url));
    const { record, uuid } = await findImport(client, id);
    const bar = progress();
    const done = interruption(`The undoing goes on. Watch it again: contact360 undo ${id}`);
    let undone = await client.imports.undo({ record, job: uuid });
    try {
      while (undone.state === 'running') {
        bar.show(`${counted(undone.removed + undone.restored, 'record', 'records')} so far`);
        await new Promise((resolve) => setTimeout(resolve, UNDO_MS));
        undone = await client.imports.undo({ record, job: uuid });
      }
    } finally {
      bar.clear();
      done();
    }
    if (flags.json) await print(`${JSON.stringify(undone)}\n`);
    else {
      tell(`${paint.err('green', '✓')} ${undoneText(record === 'contact' ? 'contact' : 'company', undone)}`);
      if (undone.companies) tell(`  ${undoneText('company', undone.companies)}`);
    }
    return undefined;
  },
});

const PLURALS = { contact: 'contacts', company: 'companies' } as const;

function undoneText(
  one: keyof typeof PLURALS,
  { removed, restored, kept }: { removed: number; restored: number; kept: number },
): string {
  const many = PLURALS[one];
  return `${counted(removed, one, many)} removed, ${counted(restored, one, many)} restored, ${counted(kept, one, many)} kept as changed or used since`;
}

export const errors = defineCommand({
  summary: 'Print the rejected rows of an import as a CSV file, to be mended and imported.',
  arguments: ['ID'],
  options: { out: { type: 'string', value: 'FILE', help: 'write it there' } },
  run: async (flags, [id = '']) => {
    const { client, options } = await connect(await serverOf(flags.url));
    const job = await findImport(client, id);
    if (job.errorCount === 0) {
      tell('No row was rejected.');
      return undefined;
    }
    const plural = PLURALS[job.record as keyof typeof PLURALS];
    const reply = await request(options, `/api/${plural}/import/${job.id}/errors/`, { code: 'imports.refused' });
    const bytes = Readable.fromWeb(reply.body as never);
    if (flags.out) await pipeline(bytes, createWriteStream(flags.out));
    else for await (const part of bytes) await print(part);
    return undefined;
  },
});
