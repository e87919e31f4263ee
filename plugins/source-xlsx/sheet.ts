import { SourceError } from '@contact360/server';
import { parseXml, unescapeCodes } from './xml.ts';

const MAX_COLUMNS = 16_384;
/** Characters of one row that are read at most. */
const MAX_ROW = 16 * 1024 * 1024;

export interface SheetRow {
  /** As Excel shows it, the first being 1. */
  readonly number: number;
  /** Texts by column; as many as there are up to the last that is not empty. */
  readonly cells: readonly string[];
}

/** What tells how the values of cells are meant. */
export interface CellMeaning {
  /** The texts that cells share, by number. */
  readonly strings: { readonly get: (index: number) => string | undefined } | undefined;
  readonly dateStyles: ReadonlySet<number>;
  readonly from1904: boolean;
}

/**
 * The rows of a sheet that have something in them, behind a row. Numbers are texts as they were typed, dates ISO 8601,
 * what a formula gave counts as its value, and an error (`#N/A`) as nothing.
 */
export async function* readSheet(
  chunks: AsyncIterable<Buffer>,
  meaning: CellMeaning,
  after: number,
): AsyncGenerator<SheetRow, void, void> {
  const rows: SheetRow[] = [];
  let number = 0;
  let cells: string[] = [];
  let length = 0;
  let column = -1;
  let type = 'n';
  let isDate = false;
  let text = '';
  let isValue = false;
  let isPhonetic = false;
  const handlers = {
    open: (name: string, { r, t, s }: Readonly<Record<string, string>>) => {
      if (name === 'row') {
        const next = r === undefined ? number + 1 : Number(r);
        if (!Number.isSafeInteger(next) || next <= number || next > 2 ** 20) throw damagedSheet(number + 1);
        number = next;
        cells = [];
        length = 0;
        column = -1;
      } else if (name === 'c') {
        column = r === undefined ? column + 1 : columnOf(r);
        if (!(column >= 0 && column < MAX_COLUMNS)) throw damagedSheet(number);
        type = t ?? 'n';
        isDate = s !== undefined && meaning.dateStyles.has(Number(s));
        text = '';
      } else if (name === 'rPh') isPhonetic = true;
      else if (name === 'v' || name === 't') isValue = !isPhonetic && column >= 0;
    },
    text: (part: string) => {
      if (isValue) text += part;
    },
    close: (name: string) => {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'c' && number > after) {
        const value = cellText(text, type, isDate, meaning, number);
        if (value === '') return;
        length += value.length;
        if (length > MAX_ROW)
          throw new SourceError(
            'record_too_large',
            `it has more than ${MAX_ROW.toLocaleString('en')} characters, the most a row may have. Shorten it and upload the file again.`,
            number,
          );
        while (cells.length < column) cells.push('');
        cells[column] = value;
      } else if (name === 'row' && cells.length > 0) rows.push({ number, cells });
    },
  };
  for await (const _ of parseXml(chunks, handlers)) yield* rows.splice(0);
}

const damagedSheet = (row: number) =>
  new SourceError('damaged_workbook', 'the sheet is damaged here. Open it, save it again and upload that.', row);

/** `AB12` → 27. */
function columnOf(reference: string): number {
  let column = 0;
  for (let index = 0; index < reference.length; index++) {
    const code = reference.charCodeAt(index) | 0x20;
    if (code < 0x61 || code > 0x7a) break;
    column = column * 26 + code - 0x60;
  }
  return column - 1;
}

function cellText(text: string, type: string, isDate: boolean, meaning: CellMeaning, row: number): string {
  switch (type) {
    case 's': {
      if (text === '') return '';
      const shared = meaning.strings?.get(Number(text));
      if (shared === undefined) throw damagedSheet(row);
      return shared;
    }
    case 'str':
    case 'inlineStr':
      return unescapeCodes(text);
    case 'b':
      return text.trim() === '1' ? 'true' : text.trim() === '0' ? 'false' : '';
    case 'e':
      return '';
    case 'd':
      return text.trim();
    default: {
      if (text.trim() === '') return '';
      const number = Number(text);
      if (!Number.isFinite(number)) throw damagedSheet(row);
      return isDate ? dateText(number, meaning.from1904) : numberText(number);
    }
  }
}

/** Excel counts to 15 digits, but keeps binary fractions: 0.1 + 0.2 is shown, and meant, as 0.3. */
const numberText = (number: number) => String(Number.isSafeInteger(number) ? number : Number(number.toPrecision(15)));

const DAY_MS = 86_400_000;

/** A day count as a date, a time, or both. A count before or beyond Excel's days stays a number. */
function dateText(count: number, from1904: boolean): string {
  if (count < 0 || count >= 2_958_466) return numberText(count);
  const days = Math.floor(count);
  const seconds = Math.round((count - days) * 86_400);
  const time = new Date(seconds * 1000).toISOString().slice(11, 19);
  if (count < 1 && seconds < 86_400) return time;
  // Excel has a 29 February 1900, which never was: the days before it are one off.
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const date = new Date(epoch + days * DAY_MS + Math.floor(seconds / 86_400) * DAY_MS).toISOString().slice(0, 10);
  return seconds % 86_400 === 0 ? date : `${date}T${time}`;
}
