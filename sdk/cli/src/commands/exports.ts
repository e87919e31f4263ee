import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { downloadExport, type Export, watchExport } from '@contact360/sdk';
import { defineCommand } from '../command.ts';
import { type Connection, connect, serverOf } from '../connection.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { interruption } from '../interruption.ts';
import { FILTER_OPTIONS, readQuestion } from '../question.ts';
import { counted, number, paint, print, progress, size, tell } from '../terminal.ts';

const FORMATS = ['csv', 'jsonl', 'xlsx'] as const;
type Format = (typeof FORMATS)[number];

export const exportCommand = defineCommand({
  summary: 'Export contacts, or companies, to a file.',
  arguments: ['[FILTER]'],
  options: {
    ...FILTER_OPTIONS,
    out: { type: 'string', value: 'FILE', help: 'where to; - is standard output' },
    format: { type: 'string', value: 'FORMAT', help: `${FORMATS.join(', ')}; that of the file’s name when absent` },
  },
  details: `Without a filter, all. What is exported can be imported again and changes nothing. Examples:

  contact360 export 'title~cto, country=germany' --out ctos.csv
  contact360 export --companies --out companies.xlsx`,
  run: async (flags, [argument]) => {
    const out = flags.out ?? (process.stdout.isTTY ? undefined : '-');
    if (out === undefined) throw usage('Name the file: --out FILE.');
    if (out === '-' && flags.json) throw usage('--json tells of the export on standard output: name a file by --out.');
    const format = formatOf(flags.format ?? path.extname(out).slice(1).toLowerCase());
    const connection = await connect(await serverOf(flags.url));
    const { where, asking } = await readQuestion(connection, flags, argument);
    const record = flags.companies ? 'company' : 'contact';
    const { id } = await asking(() =>
      connection.client.exports.create({ record, format, ...(where && { where }) } as Parameters<
        typeof connection.client.exports.create
      >[0]),
    );
    const made = await finished(connection, id);
    await save(connection, made, out);
    const { token: _, ...shown } = made;
    if (flags.json) await print(`${JSON.stringify({ ...shown, file: path.resolve(out) })}\n`);
    else if (out !== '-') {
      const what =
        record === 'contact' ? counted(made.done, 'contact', 'contacts') : counted(made.done, 'company', 'companies');
      tell(`${paint.err('green', '✓')} ${what} exported to ${out}`);
    }
    return undefined;
  },
});

function formatOf(text: string): Format {
  const format = FORMATS.find((each) => each === (text || 'csv'));
  if (!format) throw usage(`There is no format '${text}': --format ${FORMATS.join(', ')}.`);
  return format;
}

/** Shows how far an export is until it has its file. */
async function finished({ client }: Connection, id: string): Promise<Export> {
  const bar = progress();
  const done = interruption('The export is cancelled.', () => client.exports.cancel({ id }).catch(() => undefined));
  let last: Export | undefined;
  try {
    for await (const state of watchExport(client, id)) {
      last = state;
      const { total, done: written, secondsLeft } = state;
      const left = secondsLeft ? `, ${number(secondsLeft)} s left` : '';
      bar.show(`${number(written)}${total ? ` of ${number(total)}` : ''} written${left}`, total ? written / total : 0);
    }
  } finally {
    bar.clear();
    done();
  }
  if (last!.state === 'completed') return last!;
  const reason = last!.message ? `: ${last!.message}` : '';
  throw new Failure(`The export ended without a file (${last!.state}${reason}).`, EXIT.failed, 'exports.ended');
}

/** Downloads the file beside its place and moves it there when it is whole. */
async function save({ options }: Connection, made: Export, out: string): Promise<void> {
  const bytes = Readable.fromWeb((await downloadExport(options, made)) as never);
  if (out === '-') {
    for await (const part of bytes) await print(part);
    return;
  }
  const bar = progress();
  const partial = `${out}.${randomUUID()}.partial`;
  const remove = () => rm(partial, { force: true });
  const done = interruption('The download was given up.', remove);
  let received = 0;
  bytes.on('data', (part: Uint8Array) => {
    received += part.byteLength;
    bar.show(`${size(received)} received`);
  });
  try {
    await pipeline(bytes, createWriteStream(partial));
    await rename(partial, out);
  } catch (error) {
    await remove();
    throw error;
  } finally {
    bar.clear();
    done();
  }
}
