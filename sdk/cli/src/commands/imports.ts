import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Client, type ImportJob, importFile, watchImport } from '@contact360/sdk';
import { defineCommand, wholeNumber } from '../command.ts';
import { connect, serverOf } from '../connection.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { interruption } from '../interruption.ts';
import { FILTER_OPTIONS } from '../question.ts';
import { tablePrinter } from '../table.ts';
import { counted, number, paint, print, progress, size, tell } from '../terminal.ts';

const WATCH_MS = 500;

export const importCommand = defineCommand({
  summary: 'Import a file of contacts, or companies.',
  arguments: ['FILE'],
  options: {
    companies: FILTER_OPTIONS.companies,
    watch: { type: 'boolean', short: 'w', help: 'stay until it has ended, and fail when it does' },
  },
  details: 'The file goes to the server, which imports it in the background: "contact360 jobs" shows how far it is.',
  run: async (flags, [file = '']) => {
    const { size: bytes } = await stat(file).then((found) => {
      if (found.isDirectory()) throw usage(`${file} is a folder.`);
      return found;
    });
    const { client, options } = await connect(await serverOf(flags.url));
    const record = flags.companies ? 'company' : 'contact';
    const job = await upload(options, file, bytes, record);
    if (flags.watch) return follow(client, job, record, flags.json);
    if (flags.json) await print(`${JSON.stringify(await client.imports.get({ record, job }))}\n`);
    else
      tell(`${paint.err('green', '✓')} ${path.basename(file)} is uploaded. Its import: contact360 jobs ${job} --watch`);
    return undefined;
  },
});

async function upload(
  options: Parameters<typeof importFile>[0],
  file: string,
  bytes: number,
  record: 'contact' | 'company',
): Promise<string> {
  const bar = progress();
  const given = new AbortController();
  const done = interruption('The upload was given up: nothing is imported.', () => given.abort());
  try {
    return await importFile(options, await openAsBlob(file), {
      record,
      fileName: path.basename(file),
      signal: given.signal,
      // A little more than the file travels, and the server answers when it has stored it.
      onProgress: (sent) => bar.show(`${size(Math.min(sent, bytes))} of ${size(bytes)}`, Math.min(1, sent / bytes)),
    });
  } finally {
    bar.clear();
    done();
  }
}

/** Shows how far an import is until it has ended, then what came of it. */
async function follow(
  client: Client,
  job: string,
  record: 'contact' | 'company',
  json: boolean | undefined,
): Promise<number | undefined> {
  const bar = progress();
  const done = interruption(`The import goes on. Watch it again: contact360 jobs ${job} --watch`);
  let last: ImportJob | undefined;
  try {
    for await (const state of watchImport(client, job, { record, everyMs: WATCH_MS })) {
      last = state;
      bar.show(state.state === 'pending' ? 'Waiting for its turn' : progressOf(state));
    }
  } finally {
    bar.clear();
    done();
  }
  if (json) await print(`${JSON.stringify(last)}\n`);
  else tellResult(last!);
  return last!.state === 'completed' ? undefined : EXIT.failed;
}

const progressOf = ({ totalRows, errorCount }: ImportJob) =>
  `${counted(totalRows, 'row', 'rows')} read${errorCount > 0 ? `, ${number(errorCount)} rejected` : ''}`;

function tellResult({ state, totalRows, successCount, errorCount, message }: ImportJob): void {
  const failed = state !== 'completed';
  tell(
    `${failed ? paint.err('red', '✗') : paint.err('green', '✓')} ${counted(totalRows, 'row', 'rows')} read: ${number(successCount)} imported, ${number(errorCount)} rejected`,
  );
  if (failed && message) tell(`  ${message}`);
}

export const jobs = defineCommand({
  summary: 'List imports, newest first, or show one.',
  arguments: ['[ID]'],
  options: {
    watch: { type: 'boolean', short: 'w', help: 'stay until it has ended, and fail when it does' },
    limit: { type: 'string', short: 'n', value: 'N', help: 'at most so many (25 when absent)' },
  },
  run: async (flags, [id]) => {
    const { client } = await connect(await serverOf(flags.url));
    if (id !== undefined) {
      const job = await findJob(client, id);
      if (flags.watch) return follow(client, job.uuid, job.record as 'contact' | 'company', flags.json);
      if (flags.json) await print(`${JSON.stringify(job)}\n`);
      else await tablePrinter(JOB_COLUMNS)([shown(job)]);
      return undefined;
    }
    if (flags.watch) throw usage('Name the import to watch: contact360 jobs ID --watch.');
    const limit = wholeNumber('limit', flags.limit, 1) ?? 25;
    const each = await Promise.all(
      RECORDS.map((record) => client.imports.list({ record, limit: Math.min(limit, 100) })),
    );
    const all = each
      .flat()
      .sort((a, b) => b.id - a.id)
      .slice(0, limit);
    if (flags.json) await print(all.map((job) => `${JSON.stringify(job)}\n`).join(''));
    else if (all.length === 0) tell('There are no imports.');
    else await tablePrinter(JOB_COLUMNS)(all.map(shown));
    return undefined;
  },
});

const RECORDS = ['contact', 'company'] as const;
const JOB_COLUMNS = ['uuid', 'of', 'state', 'rows', 'rejected', 'file', 'created'];
const shown = ({
  uuid,
  record,
  state,
  totalRows,
  errorCount,
  fileName,
  createdAt,
}: Omit<ImportJob, 'report' | 'undo'>) => ({
  uuid,
  of: record,
  state,
  rows: totalRows,
  rejected: errorCount,
  file: fileName,
  created: createdAt.slice(0, 16).replace('T', ' '),
});

/** An import by its uuid or number, of whatever record. */
async function findJob(client: Client, id: string): Promise<ImportJob> {
  const job = /^\d+$/.test(id) ? Number(id) : id;
  const found = await Promise.allSettled(RECORDS.map((record) => client.imports.get({ record, job })));
  const result = found.find((each) => each.status === 'fulfilled');
  if (result) return result.value;
  const [failure] = found.map((each) => (each as PromiseRejectedResult).reason as { status?: number });
  if (failure?.status !== 404) throw failure;
  throw new Failure(`There is no import ${id}.`, EXIT.failed, 'no_job');
}
