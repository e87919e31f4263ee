import { CsvError } from './csv-encoding.ts';

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Six times what a spreadsheet can hold; bounds the memory that a row of nothing but delimiters takes. */
const MAX_CELLS = 100_000;

/** Position of the first character at or after `start` that is not a line end. */
export function skipLineEnds(text: string, start: number): number {
  let position = start;
  while (isLineEnd(text.charCodeAt(position))) position++;
  return position;
}

/**
 * Reads the record that starts at `start` (not a line end) into `cells`, in place of what they held: filling one array
 * again and again is faster than growing a new one. Returns the position after its line end, or -1 when the text ends
 * before the record does; `atEnd` says that the file ends with the text, and so the record too. A CR ends a record, and
 * the LF of a CRLF is left to be skipped as a blank line.
 *
 * A quote counts only as the first character of a cell; elsewhere it is text (`5" pipe`), and so is what follows a
 * closing quote (`"a"b` is `ab`), as Python's csv module reads it. One case is refused: a quoted cell of several lines
 * with text after its closing quote, because that is what a forgotten closing quote looks like, and reading on would
 * lose the rows between. Throws {@link CsvError} `unclosed_quote`, or `record_too_large` for more than 100,000 cells, with
 * `rowNumber`.
 */
export function readRecord(
  text: string,
  start: number,
  delimiter: number,
  atEnd: boolean,
  rowNumber: number,
  cells: string[],
): number {
  const { length } = text;
  let position = start;
  let count = 0;
  for (;;) {
    if (text.charCodeAt(position) === QUOTE) {
      let close = text.indexOf('"', position + 1);
      let doubled = false;
      while (close !== -1 && text.charCodeAt(close + 1) === QUOTE) {
        doubled = true;
        close = text.indexOf('"', close + 2);
      }
      if (close === -1 && atEnd) throw unclosedQuote(rowNumber, count + 1, 'is never closed.');
      if (close === -1) return -1;
      let cell = text.slice(position + 1, close);
      if (doubled) cell = cell.replaceAll('""', '"');
      position = cellEnd(text, close + 1, delimiter);
      if (position > close + 1) {
        const rest = text.slice(close + 1, position);
        if (/[\r\n]/.test(cell) && rest.trim() !== '') {
          const problem = 'is not closed on its line, and text follows the next quote, some lines further on.';
          throw unclosedQuote(rowNumber, count + 1, problem);
        }
        cell += rest;
      }
      cells[count++] = cell;
    } else {
      const end = cellEnd(text, position, delimiter);
      cells[count++] = text.slice(position, end);
      position = end;
    }
    if (position === length && !atEnd) return -1;
    if (position === length || text.charCodeAt(position) !== delimiter) {
      cells.length = count;
      return Math.min(position + 1, length);
    }
    position++;
    if (count === MAX_CELLS) {
      const message = `it has more than ${MAX_CELLS.toLocaleString('en')} cells. Remove what is not data from the file.`;
      throw new CsvError('record_too_large', message, rowNumber);
    }
  }
}

/** Position of the delimiter or line end that ends the unquoted text at `start`. */
function cellEnd(text: string, start: number, delimiter: number): number {
  const { length } = text;
  let position = start;
  for (; position < length; position++) {
    const code = text.charCodeAt(position);
    if (code === delimiter || isLineEnd(code)) break;
  }
  return position;
}

function isLineEnd(code: number): boolean {
  return code === LF || code === CR;
}

function unclosedQuote(rowNumber: number, cell: number, problem: string): CsvError {
  const advice = 'Close it, or write each quote that belongs to the text twice ("").';
  return new CsvError('unclosed_quote', `the quote that opens cell ${cell} ${problem} ${advice}`, rowNumber);
}
