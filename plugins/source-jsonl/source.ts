import { isUtf8 } from 'node:buffer';
import {
  defineSource,
  GrowingColumns,
  inBatches,
  type LinePlace,
  readLines,
  SourceError,
  type SourceFile,
  TOO_MANY_COLUMNS,
} from '@contact360/server';
import { Unusable, valuesOf } from './cells.ts';

/** How a line with an object begins, and a list of objects. */
const OBJECT = /^\s*\{\s*["}]/;
const OBJECT_ON_A_LINE = /^[ \t]*\{[ \t]*"/m;
const LIST = /^\s*\[\s*(?:\{|$)/;
const NAME = /\.(?:jsonl|ndjson|jsonlines)$/i;
const MEDIA_TYPE = /\b(?:x-)?(?:jsonl|ndjson|json-?lines)\b/i;
const MARK = '\ufeff';
const UTF16 = /^(?:\xff\xfe|\xfe\xff)/;
/** Lines of which at least one must be an object. */
const FIRST_LINES = 20;

/** Lines are UTF-8; a byte-order mark is passed over, as is a file marked as UTF-16, so that it can be told why. */
function textOfHead(head: Buffer): string {
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  if (mark === 0xfffe) return head.toString('utf16le').slice(1);
  if (mark === 0xfeff)
    return Buffer.from(head.subarray(0, head.length & ~1))
      .swap16()
      .toString('utf16le')
      .slice(1);
  const text = head.toString('utf8');
  return text.startsWith(MARK) ? text.slice(1) : text;
}

/** Which columns a file has: the keys of all of its objects. */
interface LinesFormat {
  readonly columns: readonly string[];
}

/** JSON Lines: an object per line, its keys being the columns. */
export const jsonLinesSource = defineSource<LinesFormat, LinePlace>({
  id: 'jsonl',
  label: 'JSON Lines (.jsonl)',

  recognises({ head, name, mediaType = '' }) {
    const text = textOfHead(head);
    if (OBJECT.test(text) || LIST.test(text)) return 'sure';
    return (NAME.test(name) || MEDIA_TYPE.test(mediaType)) && OBJECT_ON_A_LINE.test(text) ? 'sure' : 'no';
  },

  async inspect(file) {
    const columns = new GrowingColumns();
    let isUsable = false;
    let fault: string | undefined;
    let looked = 0;
    for await (const { text, fault: found } of linesOf(file, columns)) {
      if (looked === 0 && UTF16.test(text))
        throw new SourceError('invalid_encoding', 'The file is UTF-16, but JSON Lines are UTF-8. Save it as UTF-8.');
      if (looked === 0 && LIST.test(text)) throw new SourceError('not_json_lines', oneValue('a JSON list', '.[]'));
      looked++;
      isUsable ||= found === undefined;
      fault ??= found;
      if (!isUsable && looked === FIRST_LINES) break;
    }
    if (isUsable) return { columns: columns.names };
    if (fault === undefined)
      throw new SourceError('empty', 'The file has no rows. Upload a file with one JSON object per line.');
    throw new SourceError('not_json_lines', `${oneValue('JSON over several lines, or damaged', '.')} ${fault}`);
  },

  read(file: SourceFile, { format, from, ...limits }) {
    return inBatches(recordsOf(file, format, from?.checkpoint), () => format.columns, limits);
  },
});

const oneValue = (what: string, filter: string) =>
  `The file is ${what}. Write one object on each line (JSON Lines), as \`jq -c '${filter}' file.json\` does.`;

async function* recordsOf(file: SourceFile, format: LinesFormat, from: LinePlace | undefined) {
  for await (const { text: _, end, ...read } of linesOf(file, new GrowingColumns(format.columns), from))
    yield { record: { rowNumber: end.line, ...read }, checkpoint: end };
}

/** The lines that are not blank, as cells. */
async function* linesOf(file: SourceFile, columns: GrowingColumns, from?: LinePlace) {
  for await (const { bytes, end } of readLines(file, from)) {
    const text = textOf(bytes);
    if (!isUtf8(bytes)) yield { text: bytes.toString('latin1', 0, 4), end, cells: [], fault: NOT_UTF8 };
    else if (text.trim() !== '') yield { text, end, ...read(columns, text) };
  }
}

const NOT_UTF8 = 'The line is not UTF-8. Save the file as UTF-8 once more.';

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith(MARK) ? text.slice(1) : text;
}

function read(columns: GrowingColumns, text: string): { cells: string[]; fault?: string } {
  try {
    const cells = columns.cellsOf(valuesOf(text));
    return cells ? { cells } : { cells: [], fault: TOO_MANY_COLUMNS };
  } catch (error) {
    if (error instanceof Unusable) return { cells: [], fault: error.message };
    throw error;
  }
}
