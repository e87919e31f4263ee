import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ImportFileOptions, type ImportJob, importFile, watchImport } from '@contact360/sdk';
import { defineCommand } from '../command.ts';
import { type Connection, connect, serverOf } from '../connection.ts';
import { EXIT, usage } from '../failure.ts';
import { interruption } from '../interruption.ts';
import { FILTER_OPTIONS } from '../question.ts';
import { tablePrinter } from '../table.ts';
import { counted, number, paint, print, progress, size, tell } from '../terminal.ts';

export const importCommand = defineCommand({
  summary: 'Import a file of contacts, or companies.',
  arguments: ['FILE'],
  options: {
    companies: FILTER_OPTIONS.companies,
    watch: { type: 'boolean', short: 'w', help: 'stay until it has ended, and fail when it does' },
    'dry-run': { type: 'boolean', help: 'write nothing, and show what the import would do' },
    mapping: { type: 'string', value: 'JSON', help: 'what headings mean, as {"Job":"title","Notes":null}; or @FILE' },
  },
  details: `The file goes to the server, which imports it in the background: "contact360 jobs" shows how far it is. A mapping names
headings only that the server would take for something else; null leaves a column out.`,
  run: async (flags, [file = '']) => {
    const { size: bytes } = await stat(file).then((found) => {
      if (found.isDirectory()) throw usage(`${file} is a folder.`);
      return found;
    });
    const mapping = await readMapping(flags.mapping);
    const connection = await connect(await serverOf(flags.url));
    const record = flags.companies ? 'company' : 'contact';
    const blob = await openAsBlob(file);
    const dryRun = flags['dry-run'] ?? false;
    const fileName = path.basename(file);
    const job = await upload(connection, blob, { record, dryRun, fileName, ...(mapping && { mapping }) });
    if (flags.watch || dryRun) return follow(connection, job, record, flags.json, await rowsIn(blob, bytes));
    const state = await connection.client.imports.get({ record, job });
    if (flags.json) await print(`${JSON.stringify(state)}\n`);
    else {
      tell(`${paint.err('green', '✓')} ${fileName} is uploaded. Its import: contact360 jobs ${job} --watch`);
      tellOfEarlier(state);
    }
    return undefined;
  },
});

async function readMapping(text: string | undefined): Promise<ImportFileOptions['mapping']> {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text.startsWith('@') ? await readFile(text.slice(1), 'utf8') : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw usage(`The mapping is not valid JSON: ${error.message}.`, 'mapping');
  }
}

async function upload({ options }: Connection, blob: Blob, given: ImportFileOptions): Promise<string> {
  const bar = progress();
  const stop = new AbortController();
  const done = interruption('The upload was given up: nothing is imported.', () => stop.abort());
  try {
    return await importFile(options, blob, {
      ...given,
      signal: stop.signal,
      // A little more than the file travels, and the server answers when it has stored it.
      onProgress: (sent) =>
        bar.show(`${size(Math.min(sent, blob.size))} of ${size(blob.size)} sent`, Math.min(1, sent / blob.size)),
    });
  } finally {
    bar.clear();
    done();
  }
}

const SAMPLE = 1 << 20;

/** About how many rows a text file has, by the lines at its beginning; nothing is known of a workbook. */
async function rowsIn(blob: Blob, bytes: number): Promise<number | undefined> {
  const lines = (await blob.slice(0, SAMPLE).text()).match(/\n|\r(?!\n)/g)?.length ?? 0;
  const isWorkbook = (await blob.slice(0, 2).text()) === 'PK';
  return isWorkbook || lines === 0 ? undefined : (lines * bytes) / Math.min(bytes, SAMPLE);
}

/** Shows how far an import is until it has ended, then what came of it. `rows` is about how many there are. */
export async function follow(
  { client }: Connection,
  job: string,
  record: 'contact' | 'company',
  json: boolean | undefined,
  rows?: number,
): Promise<number | undefined> {
  const bar = progress();
  const done = interruption(`The import goes on. Watch it again: contact360 jobs ${job} --watch`);
  let last: ImportJob | undefined;
  try {
    for await (const state of watchImport(client, job, { record })) {
      last = state;
      // The estimate may be low: the bar is full when the job has ended.
      const share = rows && Math.min(0.99, state.totalRows / rows);
      bar.show(state.state === 'pending' ? 'Waiting for its turn' : progressOf(state), share);
    }
  } finally {
    bar.clear();
    done();
  }
  if (json) await print(`${JSON.stringify(last)}\n`);
  else await tellResult(client, last!);
  return last!.state === 'completed' ? undefined : EXIT.failed;
}

const progressOf = ({ totalRows, errorCount }: ImportJob) =>
  `${counted(totalRows, 'row', 'rows')} read${errorCount > 0 ? `, ${number(errorCount)} rejected` : ''}`;

const SHOWN_ERRORS = 5;

async function tellResult(client: Connection['client'], job: ImportJob): Promise<void> {
  const { uuid, state, totalRows, errorCount, message, dryRun, report } = job;
  const failed = state !== 'completed';
  const [created, updated, unchanged] = [report.created, report.updated, report.unchanged].map(number);
  tell(
    `${failed ? paint.err('red', '✗') : paint.err('green', '✓')} ${counted(totalRows, 'row', 'rows')} read: ` +
      `${dryRun ? 'would create' : 'created'} ${created}, ${dryRun ? 'update' : 'updated'} ${updated}, ` +
      `${dryRun ? 'leave' : 'left'} ${unchanged} as they are; ${number(errorCount)} rejected`,
  );
  if (failed && message) tell(`  ${message}`);
  tellOfEarlier(job);
  if (dryRun) await printPlan(report);
  if (errorCount === 0) return;
  const errors = await client.imports.errors({ record: job.record, job: uuid, limit: SHOWN_ERRORS });
  for (const { rowNumber, message: reason } of errors) tell(paint.err('dim', `  row ${rowNumber}: ${reason}`));
  tell(`  All rejected rows, to be mended and imported: contact360 errors ${uuid} > rejected.csv`);
}

function tellOfEarlier({ duplicateOf }: Pick<ImportJob, 'duplicateOf'>): void {
  if (duplicateOf) tell(`  The same file was sent before: contact360 jobs ${duplicateOf}`);
}

/** What a dry run found: how the columns are read, and what would change. */
async function printPlan({ mapping, differences }: ImportJob['report']): Promise<void> {
  const columns = Object.entries(mapping ?? {}).map(([heading, field]) => ({ heading, field: field ?? '(left out)' }));
  if (columns.length > 0) await tablePrinter(['heading', 'field'])(columns);
  if (differences.length === 0) return;
  await print('\n');
  await tablePrinter(['row', 'field', 'stored', 'file'])(
    differences.map((each) => ({
      row: each.rowNumber,
      field: `${each.record}.${each.field}`,
      stored: each.old,
      file: each.new,
    })),
  );
}
