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

/** JSON Lines: an object per line, its keys being the columns. */
export const jsonLinesSource = defineSource<null, LinePlace>({
  id: 'jsonl',
  label: 'JSON Lines (.jsonl)',

  recognises({ head, name, mediaType = '' }) {
    const text = textOfHead(head);
    if (OBJECT.test(text) || LIST.test(text)) return 'sure';
    return (NAME.test(name) || MEDIA_TYPE.test(mediaType)) && OBJECT_ON_A_LINE.test(text) ? 'sure' : 'no';
  },

  async inspect(file) {
    let fault: string | undefined;
    let looked = 0;
    for await (const { bytes } of readLines(file)) {
      if (looked === 0 && bytes.length >= 2 && [0xfffe, 0xfeff].includes(bytes.readUInt16BE(0)))
        throw new SourceError('invalid_encoding', 'The file is UTF-16, but JSON Lines are UTF-8. Save it as UTF-8.');
      const text = textOf(bytes);
      if (text.trim() === '') continue;
      if (looked === 0 && LIST.test(text)) throw new SourceError('not_json_lines', oneValue('a JSON list', '.[]'));
      try {
        valuesOf(text);
        return null;
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        fault ??= error.message;
      }
      if (++looked === FIRST_LINES) break;
    }
    if (fault === undefined)
      throw new SourceError('empty', 'The file has no rows. Upload a file with one JSON object per line.');
    throw new SourceError('not_json_lines', `${oneValue('JSON over several lines, or damaged', '.')} ${fault}`);
  },

  read(file: SourceFile, { from, ...limits }) {
    const columns = new GrowingColumns(from?.columns);
    return inBatches(recordsOf(file, columns, from?.checkpoint), () => columns.names, limits);
  },
});

const oneValue = (what: string, filter: string) =>
  `The file is ${what}. Write one object on each line (JSON Lines), as \`jq -c '${filter}' file.json\` does.`;

async function* recordsOf(file: SourceFile, columns: GrowingColumns, from: LinePlace | undefined) {
  for await (const { bytes, end } of readLines(file, from)) {
    const text = textOf(bytes);
    const rowNumber = end.line;
    if (!isUtf8(bytes)) {
      const fault = 'The line is not UTF-8. Save the file as UTF-8 once more.';
      yield { record: { rowNumber, cells: [], fault }, checkpoint: end };
    } else if (text.trim() !== '') {
      yield { record: { rowNumber, ...read(columns, text) }, checkpoint: end };
    }
  }
}

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
