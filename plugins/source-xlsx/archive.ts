import { once } from 'node:events';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { SourceError, type SourceFile } from '@contact360/server';
import yauzl from 'yauzl';

const MIB = 1024 * 1024;
const MAX_ENTRIES = 10_000;
/** Bytes read at a time for the directory, which is asked for in pieces of some bytes. */
const WINDOW_BYTES = 128 * 1024;
/**
 * What unpacks to more than this many times its size is refused as a bomb, above a size that does no harm. XML of sheets
 * packs to a tenth or a thirtieth.
 */
const MAX_RATIO = 250;
const HARMLESS_BYTES = 64 * MIB;

const damaged = () =>
  new SourceError('damaged_archive', 'The workbook is damaged or incomplete. Open it, save it again and upload that.');

/** The parts of a workbook: files in a ZIP archive, read from wherever they lie in it. */
export class Archive {
  readonly #reader: RangeReader;
  readonly #zip: yauzl.ZipFile;
  readonly #entries: ReadonlyMap<string, yauzl.Entry>;

  private constructor(reader: RangeReader, zip: yauzl.ZipFile, entries: ReadonlyMap<string, yauzl.Entry>) {
    this.#reader = reader;
    this.#zip = zip;
    this.#entries = entries;
  }

  /** Throws {@link SourceError} for what is no archive, or a damaged one. */
  static async open(file: SourceFile): Promise<Archive> {
    const reader = new RangeReader(file);
    return reader.inWords(async () => {
      const zip = await yauzl.fromRandomAccessReaderPromise(reader, file.size, { autoClose: false });
      if (zip.entryCount > MAX_ENTRIES)
        throw new SourceError('damaged_archive', `The workbook has more than ${MAX_ENTRIES} parts: it is none.`);
      const entries = new Map<string, yauzl.Entry>();
      for await (const entry of zip.eachEntry()) entries.set(entry.fileName.toLowerCase(), entry);
      return new Archive(reader, zip, entries);
    });
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** The bytes of a part, checked by its checksum at its end. Leaving the loop over them closes the file. */
  async *read(name: string, maxBytes: number): AsyncGenerator<Buffer, void, void> {
    const entry = this.#entries.get(name.toLowerCase());
    if (!entry) throw damaged();
    if (entry.isEncrypted())
      throw new SourceError('encrypted', 'The workbook is protected by a password. Save it without and upload that.');
    const { uncompressedSize, compressedSize } = entry;
    if (uncompressedSize > maxBytes || uncompressedSize > Math.max(HARMLESS_BYTES, compressedSize * MAX_RATIO))
      throw new SourceError(
        'too_large',
        `The workbook unpacks to ${uncompressedSize.toLocaleString('en')} bytes in one part, which is refused as harmful. Save its rows as CSV and upload that.`,
      );
    let sum = 0;
    const stream = await this.#reader.inWords(() => this.#zip.openReadStreamPromise(entry));
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const { done, value } = await this.#reader.inWords(() => chunks.next());
        if (done) break;
        sum = crc32(value, sum);
        yield value;
      }
    } finally {
      stream.destroy();
      await this.#reader.closed();
    }
    if (sum !== entry.crc32) throw damaged();
  }
}

/** Reads ranges of a file for the library, and tells the storage's failures from the archive's. */
class RangeReader extends yauzl.RandomAccessReader {
  readonly #file: SourceFile;
  readonly #open = new Set<Readable>();
  #window = { start: 0, bytes: Buffer.alloc(0) };
  #failure: { readonly error: unknown } | undefined;

  constructor(file: SourceFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const stream = Readable.from(this.#range(start, end), { objectMode: false });
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    return stream;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#readWindow(position, length).then(
      (bytes) => {
        if (bytes.length < length) return callback(new Error('unexpected end of the file'));
        bytes.copy(buffer, offset, 0, length);
        callback(null);
      },
      (error: Error) => callback(error),
    );
  }

  /** Resolves when no stream of the file is open. */
  async closed(): Promise<void> {
    await Promise.all([...this.#open].map((stream) => stream.closed || once(stream.destroy(), 'close')));
  }

  /** Does what the library does; its complaints become one sentence, the storage's failures stay what they are. */
  async inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.closed();
      if (this.#failure) throw this.#failure.error;
      throw error instanceof SourceError ? error : damaged();
    }
  }

  async #readWindow(position: number, length: number): Promise<Buffer> {
    const { start, bytes } = this.#window;
    if (position >= start && position + length <= start + bytes.length)
      return bytes.subarray(position - start, position - start + length);
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#range(position, position + Math.max(length, WINDOW_BYTES))) chunks.push(chunk);
    this.#window = { start: position, bytes: Buffer.concat(chunks) };
    return this.#window.bytes.subarray(0, length);
  }

  async *#range(start: number, end: number): AsyncGenerator<Uint8Array, void, void> {
    let left = Math.max(0, Math.min(end, this.#file.size) - start);
    if (left === 0) return;
    try {
      for await (const chunk of this.#file.read(start)) {
        if (chunk.length >= left) {
          yield chunk.subarray(0, left);
          return;
        }
        left -= chunk.length;
        if (chunk.length > 0) yield chunk;
      }
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}
