import { type CopyLayout, copiedColumns, type RecordType, readCells, withLineEnds } from '@contact360/server';
import { writeXlsxStream } from 'hucre/xlsx';

/** Formats of export files. */
export const FORMATS = ['csv', 'jsonl', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

/** What can never become a file of the format that was asked for: the export fails with this message. */
export class ExportFailure extends Error {}

const MIB = 2 ** 20;

interface FormatSpec {
  readonly mediaType: string;
  /** Whether downloads are worth compressing. */
  readonly compressible: boolean;
  /** How PostgreSQL is to put out the rows. */
  readonly layout: CopyLayout;
  /** Bytes of rows after which what was needed for them is cleared away. */
  readonly clearedEvery: number;
  /** The file, made of rows in that layout. */
  readonly file: (record: RecordType, rows: AsyncIterable<Buffer>) => AsyncIterable<Uint8Array>;
}

export const FORMAT_SPECS: Readonly<Record<Format, FormatSpec>> = {
  csv: {
    mediaType: 'text/csv; charset=utf-8',
    compressible: true,
    layout: 'csv',
    clearedEvery: 4 * MIB,
    file: csvFile,
  },
  jsonl: {
    mediaType: 'application/jsonl; charset=utf-8',
    compressible: true,
    layout: 'json',
    clearedEvery: 4 * MIB,
    file: (_, rows) => rows,
  },
  xlsx: {
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    compressible: false,
    layout: 'cells',
    // The writing of cells leaves many times their bytes.
    clearedEvery: MIB / 8,
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
    for await (const batch of readCells(rows)) for (const row of batch) yield row.map(cell);
  }
  return writeXlsxStream(cells(), {
    name: record.plural,
    columns: columns.map(({ heading }) => ({ header: heading })),
    freezePane: { rows: 1 },
    zip64: true,
  });
}
