import {
  type CsvCheckpoint,
  CsvError,
  type CsvFormat,
  type CsvRecord,
  type OpenBytes,
  type ReadCsvOptions,
  readCsv,
} from './csv.ts';

const windows1252Bytes = new Map(
  Array.from(new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte)), (c, byte) => [
    c,
    byte,
  ]),
);

export function encode(text: string, { encoding, bomBytes }: Pick<CsvFormat, 'encoding' | 'bomBytes'>): Buffer {
  const marked = bomBytes === 0 ? text : `\uFEFF${text}`;
  if (encoding === 'utf-8') return Buffer.from(marked, 'utf8');
  if (encoding === 'utf-16le') return Buffer.from(marked, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(marked, 'utf16le').swap16();
  return Buffer.from(Array.from(text, (character) => windows1252Bytes.get(character)!));
}

/** The bytes in chunks of these sizes, taken in turn; a size of 0 is an empty chunk. */
export function opener(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): OpenBytes {
  return async function* (offset) {
    for (let turn = 0, start = offset; start < bytes.length; turn++) {
      const size = sizes[turn % sizes.length]!;
      yield bytes.subarray(start, start + size);
      start += size;
    }
  };
}

export interface Reading {
  records: CsvRecord[];
  checkpoints: CsvCheckpoint[];
  error: CsvError | undefined;
}

export async function readAll(
  open: OpenBytes,
  format: CsvFormat,
  options: Partial<ReadCsvOptions> = {},
): Promise<Reading> {
  const reading: Reading = { records: [], checkpoints: [], error: undefined };
  try {
    for await (const { records, checkpoint } of readCsv(open, format, { batchRows: 100, ...options })) {
      reading.records.push(...records);
      reading.checkpoints.push(checkpoint);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    reading.error = error;
  }
  return reading;
}
