import {
  type CopyLayout,
  clearingUp,
  copiedColumns,
  type RecordType,
  readCells,
  withLineEnds,
} from '@contact360/server';
import { writeXlsxStream } from 'hucre/xlsx';

/** Formats of export files. */
export const FORMATS = ['csv', 'jsonl', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

/** What can never become a file of the format that was asked for: the export fails with this message. */
export class ExportFailure extends Error {}

interface FormatSpec {
  readonly mediaType: string;
  /** Whether downloads are worth compressing. */
  readonly compressible: boolean;
  /** How PostgreSQL is to put out the rows. */
  readonly layout: CopyLayout;
  /** The file, made of rows in that layout. */
  readonly file: (record: RecordType, rows: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>;
}

export const FORMAT_SPECS: Readonly<Record<Format, FormatSpec>> = {
  csv: { mediaType: 'text/csv; charset=utf-8', compressible: true, layout: 'csv', file: csvFile },
  jsonl: {
    mediaType: 'application/jsonl; charset=utf-8',
    compressible: true,
    layout: 'json',
    file: (_, rows) => rows,
  },
  xlsx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    compressible: false,
    layout: 'cells',
    file: xlsxFile,
  },
};

async function* csvFile(record: RecordType, rows: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const headings = copiedColumns(record).map(({ heading }) => heading);
  yield Buffer.from(`${headings.join(',')}\r\n`);
  yield* withLineEnds(rows);
}

/** Characters that Excel lets a cell hold; what is longer it calls a damaged file. */
const XLSX_CELL_LENGTH = 32_767;

/** Bytes of rows after which what the writing of their cells left is cleared away: many times as much. */
const XLSX_CLEARED = 128 * 1024;

/** Numbers stand as numbers, all else as text. Beyond 1,048,576 rows the workbook goes on in a further sheet. */
function xlsxFile(record: RecordType, rows: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
  const columns = copiedColumns(record);
  const numeric = columns.map(({ field }) => field.spec.comparison === 'number');
  const cell = (text: string | null, index: number) => {
    if (text !== null && text.length > XLSX_CELL_LENGTH)
      throw new ExportFailure(
        `A value of ${columns[index]!.heading} has ${text.length.toLocaleString('en')} characters, and a cell of Excel holds ${XLSX_CELL_LENGTH.toLocaleString('en')}. Export as csv or jsonl.`,
      );
    return numeric[index] && text !== null ? Number(text) : text;
  };
  async function* cells() {
    for await (const batch of readCells(clearingUp(rows, XLSX_CLEARED))) for (const row of batch) yield row.map(cell);
  }
  return writeXlsxStream(cells(), {
    name: record.plural,
    columns: columns.map(({ heading }) => ({ header: heading })),
    freezePane: { rows: 1 },
    zip64: true,
  });
}
