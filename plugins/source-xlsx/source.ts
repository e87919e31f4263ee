import { defineSource, inBatches, SourceError, type SourceFile } from '@contact360/server';
import { Archive } from './archive.ts';
import { SharedStrings } from './shared-strings.ts';
import { readSheet, type SheetRow } from './sheet.ts';
import { openWorkbook } from './workbook.ts';

/** Which sheet is read: the first of those shown that has rows, and its number among them. */
interface WorkbookFormat {
  readonly sheet: string;
  readonly index: number;
  readonly sheets: number;
}

/** Rows are skipped up to here: a packed file has no places to go on from. */
interface WorkbookPlace {
  readonly index: number;
  readonly row: number;
}

const GIB = 1024 ** 3;
const MAX_SHEET_BYTES = 16 * GIB;
const MAX_STRINGS_BYTES = 4 * GIB;
/** Rows of a sheet; those of the next are counted on from here. */
const SHEET_ROWS = 2 ** 20;
const NAME = /\.xls[xm]$/i;
const MEDIA_TYPE = /spreadsheetml|ms-excel\.sheet\.macro/i;
/** Names that a workbook's first part has. */
const FIRST_PART = /^(?:\[Content_Types\]\.xml|_rels\/|xl\/|docProps\/|customXml\/)/i;

/**
 * Excel workbooks: the first sheet with rows, its first row being the header, and the sheets behind it with the same
 * header, into which exports of more than 1,048,576 rows go on. Row numbers are the sheet's; of each further sheet they
 * begin 1,048,576 higher.
 */
export const xlsxSource = defineSource<WorkbookFormat, WorkbookPlace>({
  id: 'xlsx',
  label: 'Excel workbook (.xlsx)',

  recognises({ head, name, mediaType = '' }) {
    if (head.toString('latin1', 0, 4) !== 'PK\x03\x04' || head.length < 30) return 'no';
    const firstPart = head.toString('latin1', 30, 30 + head.readUInt16LE(26));
    return FIRST_PART.test(firstPart) || NAME.test(name) || MEDIA_TYPE.test(mediaType) ? 'sure' : 'no';
  },

  async inspect(file) {
    const archive = await Archive.open(file);
    const { sheets, dateStyles, from1904 } = await openWorkbook(archive);
    for (const [index, { name, part }] of sheets.entries()) {
      const meaning = { strings: { get: () => 'some text' }, dateStyles, from1904 };
      for await (const _ of readSheet(archive.read(part, MAX_SHEET_BYTES), meaning, 0))
        return { sheet: name, index, sheets: sheets.length };
    }
    throw new SourceError('empty', 'The workbook has no rows. Upload one with a header and at least one row.');
  },

  read(file, { format, from, ...limits }) {
    const state = { columns: from?.columns };
    return inBatches(recordsOf(file, format, state, from?.checkpoint), () => state.columns!, limits);
  },

  describe: ({ sheet, sheets }) => (sheets > 1 ? `sheet "${sheet}"` : undefined),
});

async function* recordsOf(
  file: SourceFile,
  format: WorkbookFormat,
  state: { columns: readonly string[] | undefined },
  from: WorkbookPlace | undefined,
) {
  const archive = await Archive.open(file);
  const workbook = await openWorkbook(archive);
  const { sharedStrings } = workbook;
  const strings =
    sharedStrings === undefined ? undefined : await SharedStrings.read(archive.read(sharedStrings, MAX_STRINGS_BYTES));
  try {
    for (const [index, { part }] of workbook.sheets.entries()) {
      if (index < (from?.index ?? format.index)) continue;
      const after = from?.index === index ? from.row : 0;
      let isHeader = after === 0;
      for await (const { number, cells } of readSheet(
        archive.read(part, MAX_SHEET_BYTES),
        { ...workbook, strings },
        after,
      )) {
        const checkpoint = { index, row: number };
        if (!isHeader) {
          const rowNumber = (index - format.index) * SHEET_ROWS + number;
          yield { record: { rowNumber, cells }, checkpoint };
        } else if (state.columns === undefined) {
          state.columns = cells;
          yield { checkpoint };
        } else if (!isSame(cells, state.columns)) break;
        isHeader = false;
      }
    }
  } finally {
    strings?.close();
  }
}

const isSame = (cells: SheetRow['cells'], columns: readonly string[]) =>
  cells.length === columns.length && cells.every((cell, index) => cell === columns[index]);
