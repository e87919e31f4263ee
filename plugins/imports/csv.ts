import { isUtf8 } from 'node:buffer';
import {
  type CsvEncoding,
  CsvError,
  decode,
  encodedLength,
  type OpenBytes,
  surveyFile,
  wholeCharacters,
} from './csv-encoding.ts';
import { readRecord, skipLineEnds } from './csv-records.ts';

export { CsvError, type OpenBytes } from './csv-encoding.ts';

export type CsvDelimiter = ',' | ';' | '\t';

/** What is found out about a file before its first row is used. Kept with the job, so that a resumed run reads alike. */
export interface CsvFormat {
  encoding: CsvEncoding;
  delimiter: CsvDelimiter;
  /** Bytes of the byte-order mark. */
  bomBytes: 0 | 2 | 3;
}

export interface CsvRecord {
  /**
   * The record's number in the file, the header being 1 (decision 41). Blank lines are not records and are not
   * counted, nor are the lines inside a quoted cell: it is a line number only in files that have neither.
   */
  rowNumber: number;
  /**
   * The cells as they stand in the file, quotes removed, nothing trimmed; as many as the record has. A cell is a view
   * of the block that it was read from: one that is kept beyond its batch keeps about 64 KiB in memory.
   */
  cells: string[];
}

/** A place between two records. Opaque to callers; plain JSON, so that it can be kept with the job. */
export interface CsvCheckpoint {
  /** Bytes before it. */
  offset: number;
  /** Records before it. */
  rowNumber: number;
}

export interface CsvBatch {
  records: CsvRecord[];
  /** Where the reading goes on after these records. */
  checkpoint: CsvCheckpoint;
}

export interface ReadCsvOptions {
  /** Go on after this checkpoint; without it, the reading starts with the header. */
  from?: CsvCheckpoint;
  /** Most records in a batch. */
  batchRows: number;
  /** A batch ends with the record that brings its text to this many characters (default 8 Mi). */
  batchBytes?: number;
  /** Most bytes of one record, its line end included (default 16 MiB). */
  maxRecordBytes?: number;
  /** Bytes decoded at a time (default 64 KiB, at least 16; larger blocks are slower). */
  blockBytes?: number;
}

const MIB = 1024 * 1024;
const MIN_BLOCK_BYTES = 16;
const DELIMITERS: readonly CsvDelimiter[] = [',', ';', '\t'];
/** The first line by which Excel is told the delimiter; not a record. */
const DELIMITER_LINE = /^sep=([,;\t])(?:\r\n?|\n|$)/i;

/**
 * Finds the encoding of a file, from all of it (decision 40), and its delimiter, from its header: the one of comma,
 * semicolon and tab that gives most cells, quotes respected, and the comma on a tie. A first line `sep=;`, as Excel has
 * it, decides instead. Reads the file once, and its beginning once more for each delimiter.
 * Throws {@link CsvError} for a file without records, or whose encoding is damaged or unknown.
 */
export async function detectCsvFormat(open: OpenBytes): Promise<CsvFormat> {
  const { encoding, bomBytes, head, invalidAt } = await surveyFile(open);
  const stated = DELIMITER_LINE.exec(decode(head.subarray(bomBytes), encoding))?.[1] as CsvDelimiter | undefined;
  // Which bytes are quotes, delimiters and line ends does not depend on whether the rest is valid UTF-8.
  const readable = { encoding: invalidAt === undefined ? encoding : 'windows-1252', bomBytes } as const;
  const { delimiter, header } = await findDelimiter(open, readable, stated === undefined ? DELIMITERS : [stated]);
  if (invalidAt !== undefined) {
    const message = 'text that is not UTF-8, in a file marked as UTF-8. Save the file as CSV in UTF-8 once more.';
    throw new CsvError('invalid_encoding', message, await rowAt(open, { ...readable, delimiter }, invalidAt));
  }
  if (header.some((cell) => cell.includes('\0'))) {
    const message = 'NUL characters in the header: the encoding is not one that can be read (UTF-8, UTF-16 with a';
    throw new CsvError('invalid_encoding', `${message} byte-order mark, Windows-1252). Save the file as UTF-8.`, 1);
  }
  return { encoding, delimiter, bomBytes };
}

/** A delimiter under which a quote in the header stays open is chosen only if no other gives several cells. */
async function findDelimiter(
  open: OpenBytes,
  format: Pick<CsvFormat, 'encoding' | 'bomBytes'>,
  candidates: readonly CsvDelimiter[],
): Promise<{ delimiter: CsvDelimiter; header: string[] }> {
  let best: { delimiter: CsvDelimiter; header: string[] } | undefined;
  let failure: unknown;
  for (const delimiter of candidates) {
    try {
      for await (const { records } of readCsv(open, { ...format, delimiter }, { batchRows: 1 })) {
        const header = records[0]!.cells;
        if (header.length > (best?.header.length ?? 0)) best = { delimiter, header };
        break;
      }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      failure ??= error;
    }
  }
  if (best === undefined || (best.header.length === 1 && failure !== undefined)) throw failure;
  return best;
}

/** Number of the record that holds the byte at `offset`. */
async function rowAt(open: OpenBytes, format: CsvFormat, offset: number): Promise<number | undefined> {
  for await (const { checkpoint } of readCsv(open, format, { batchRows: 1 })) {
    if (checkpoint.offset > offset) return checkpoint.rowNumber;
  }
  return undefined;
}

/**
 * Reads a CSV file in batches of records, the header being the first record. Lines end with LF, CRLF or CR, mixed as
 * they come; blank lines are skipped; how quotes are read: {@link readRecord}. Reading again from the checkpoint of a
 * batch goes on with the record after it. Memory is bounded by the largest record and the batch, not by the file.
 * Throws {@link CsvError} after the records before the fault have been given out.
 */
export async function* readCsv(
  open: OpenBytes,
  format: CsvFormat,
  options: ReadCsvOptions,
): AsyncGenerator<CsvBatch, void, void> {
  const reader = new BlockReader(format, options);
  try {
    for await (const chunk of await open(reader.offset)) {
      for (let taken = 0; taken < chunk.length; ) {
        taken += reader.take(chunk.subarray(taken));
        if (reader.isFull) yield* reader.readBlock(false);
      }
    }
    yield* reader.readBlock(true);
  } catch (error) {
    if (error instanceof CsvError) yield* reader.lastBatch();
    throw error;
  }
  yield* reader.lastBatch();
}

/**
 * Gathers bytes into blocks that start with a record, and reads the records that are whole in a block; the rest of the
 * block begins the next one. A block is at least twice as long as the rest it begins with, so that a record of many
 * blocks is not read over and over.
 */
class BlockReader {
  readonly #format: CsvFormat;
  readonly #blockBytes: number;
  readonly #maxRecordBytes: number;
  readonly #batchRows: number;
  readonly #batchLength: number;
  #buffer: Buffer;
  #filled = 0;
  #wanted: number;
  /** Bytes of the block that have been read as records, and where in the file they end. */
  #done = 0;
  #offset: number;
  #rowNumber: number;
  #records: CsvRecord[] = [];
  #recordsLength = 0;
  readonly #cells: string[] = [];

  constructor(format: CsvFormat, options: ReadCsvOptions) {
    this.#format = format;
    // The delimiter line must fit into the first block.
    this.#blockBytes = Math.max(options.blockBytes ?? 64 * 1024, MIN_BLOCK_BYTES);
    this.#maxRecordBytes = options.maxRecordBytes ?? 16 * MIB;
    this.#batchRows = options.batchRows;
    this.#batchLength = options.batchBytes ?? 8 * MIB;
    this.#wanted = this.#blockBytes;
    this.#buffer = Buffer.allocUnsafeSlow(this.#wanted);
    this.#offset = options.from?.offset ?? format.bomBytes;
    this.#rowNumber = options.from?.rowNumber ?? 0;
  }

  get offset(): number {
    return this.#offset;
  }

  get isFull(): boolean {
    return this.#filled === this.#wanted;
  }

  /** Takes the bytes that the block has room for, and says how many those were. */
  take(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#wanted - this.#filled);
    this.#buffer.set(bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  /** Reads the records that are whole in the block and gives out the batches that they fill. */
  *readBlock(atEnd: boolean): Generator<CsvBatch, void, void> {
    const delimiter = this.#format.delimiter.charCodeAt(0);
    const text = this.#decodeBlock(atEnd);
    let done = 0;
    let position = this.#offset === this.#format.bomBytes ? (DELIMITER_LINE.exec(text)?.[0].length ?? 0) : 0;
    try {
      for (;;) {
        position = skipLineEnds(text, position);
        if (position === text.length) break;
        const end = readRecord(text, position, delimiter, atEnd, this.#rowNumber + 1, this.#cells);
        if (end === -1) break;
        this.#rejectTooLarge(text, position, end);
        this.#records.push({ rowNumber: ++this.#rowNumber, cells: this.#cells.slice() });
        this.#recordsLength += end - position;
        position = end;
        if (this.#records.length >= this.#batchRows || this.#recordsLength >= this.#batchLength) {
          this.#advance(text.slice(done, position));
          done = position;
          yield this.#takeBatch();
        }
      }
    } finally {
      this.#advance(text.slice(done, position));
    }
    if (atEnd && this.#rowNumber === 0) {
      throw new CsvError('empty', 'The file has no rows. Upload a CSV file with a header and at least one row.');
    }
    this.#startNextBlock();
  }

  /** The records that have not filled a batch. */
  *lastBatch(): Generator<CsvBatch, void, void> {
    if (this.#records.length > 0) yield this.#takeBatch();
  }

  #decodeBlock(atEnd: boolean): string {
    const { encoding } = this.#format;
    const block = this.#buffer.subarray(0, this.#filled);
    const whole = block.subarray(0, wholeCharacters(block, encoding));
    if ((atEnd && whole.length < block.length) || (encoding === 'utf-8' && !isUtf8(whole))) {
      const message = `text that is not ${encoding.toUpperCase()}, in this row or one of the next.`;
      throw new CsvError(
        'invalid_encoding',
        `${message} Save the file as CSV in UTF-8 once more.`,
        this.#rowNumber + 1,
      );
    }
    return decode(whole, encoding);
  }

  #advance(text: string): void {
    const bytes = encodedLength(text, this.#format.encoding);
    this.#done += bytes;
    this.#offset += bytes;
  }

  #takeBatch(): CsvBatch {
    const records = this.#records;
    this.#records = [];
    this.#recordsLength = 0;
    return { records, checkpoint: { offset: this.#offset, rowNumber: this.#rowNumber } };
  }

  #startNextBlock(): void {
    const rest = this.#filled - this.#done;
    if (rest > this.#maxRecordBytes) throw this.#tooLarge();
    this.#wanted = Math.max(this.#blockBytes, 2 * rest);
    const target = this.#wanted > this.#buffer.length ? Buffer.allocUnsafeSlow(this.#wanted) : this.#buffer;
    this.#buffer.copy(target, 0, this.#done, this.#filled);
    this.#buffer = target;
    this.#filled = rest;
    this.#done = 0;
  }

  #rejectTooLarge(text: string, start: number, end: number): void {
    // A UTF-16 code unit takes up at most 3 bytes in any of the encodings.
    if ((end - start) * 3 <= this.#maxRecordBytes) return;
    if (encodedLength(text.slice(start, end), this.#format.encoding) > this.#maxRecordBytes) throw this.#tooLarge();
  }

  #tooLarge(): CsvError {
    const limit = `it is longer than ${this.#maxRecordBytes.toLocaleString('en')} bytes, the most a row may have.`;
    const advice = 'Often a quote that opens in such a row is not closed: check it and upload the file again.';
    return new CsvError('record_too_large', `${limit} ${advice}`, this.#rowNumber + 1);
  }
}
