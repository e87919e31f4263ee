import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { createTarDecoder, createTarPacker, type ParsedTarEntry } from 'modern-tar';
import { OperatorError } from '../errors.ts';

/** What cannot be done with a backup, in words for whoever asked for it. */
export class BackupError extends OperatorError {
  override name = 'BackupError';
}

/** What a backup is of; its first entry. */
export interface Manifest {
  readonly format: 1;
  /** Version of the product that made it. */
  readonly contact360: string;
  /** Major version of the PostgreSQL that can read the data. */
  readonly postgresql: string;
  readonly createdAt: string;
}

/** What a backup must hold to be whole; its last entry. */
interface Totals {
  readonly files: number;
  readonly bytes: number;
  /** Over the names, sizes and contents of all entries between the first and the last. */
  readonly sha256: string;
}

/** A file of a backup; a folder when its name ends with a slash. */
export interface BackupEntry {
  readonly name: string;
  /** Bytes that `bytes` gives, no more and no less. */
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const MANIFEST = 'contact360-backup.json';
const TOTALS = 'contact360-backup-end.json';

/** Counts and hashes what passes. */
class Sum {
  readonly #hash: Hash = createHash('sha256');
  files = 0;
  bytes = 0;

  async *of({ name, size, bytes }: BackupEntry): AsyncGenerator<Uint8Array> {
    this.files++;
    this.#hash.update(`${name}\0${size}\0`);
    for await (const part of bytes) {
      this.bytes += part.byteLength;
      this.#hash.update(part);
      yield part;
    }
  }

  get totals(): Totals {
    return { files: this.files, bytes: this.bytes, sha256: this.#hash.copy().digest('hex') };
  }
}

const jsonEntry = (name: string, value: unknown): BackupEntry => {
  const bytes = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return { name, size: bytes.byteLength, bytes: Readable.from([bytes]) };
};

/**
 * Writes a backup: a tar archive compressed by zstd, readable by its owner alone. It is written beside its place and
 * moved there when it is whole and durable; when this fails nothing is left.
 */
export async function writeBackup(
  file: string,
  manifest: Manifest,
  entries: AsyncIterable<BackupEntry>,
  signal?: AbortSignal,
): Promise<Totals> {
  const partial = `${file}.partial`;
  const { readable, controller } = createTarPacker();
  const sum = new Sum();
  const add = async (entry: BackupEntry, bytes = entry.bytes) => {
    const type = entry.name.endsWith('/') ? 'directory' : 'file';
    const writer = controller.add({ name: entry.name, size: entry.size, type, mode: 0o600 }).getWriter();
    for await (const part of bytes) await writer.write(part);
    await writer.close();
  };
  const pack = async () => {
    try {
      await add(jsonEntry(MANIFEST, manifest));
      for await (const entry of entries) await add(entry, sum.of(entry));
      await add(jsonEntry(TOTALS, sum.totals));
      controller.finalize();
    } catch (error) {
      controller.error(error);
      throw error;
    }
  };
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const store = async () => {
    // What another run left may belong to someone else, or be readable by others.
    await rm(partial, { force: true });
    const target = createWriteStream(partial, { mode: 0o600, flags: 'wx' });
    await pipeline(Readable.fromWeb(readable as never), compress, target, { ...(signal && { signal }) });
  };
  try {
    // The packing ends with an error of its own when the storing does; the first is the cause.
    const outcomes = await Promise.allSettled([store(), pack()]);
    const failed = outcomes.find((each) => each.status === 'rejected');
    if (failed) throw signal?.aborted ? signal.reason : failed.reason;
    const handle = await open(partial, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return sum.totals;
}

/**
 * Reads a backup from its first entry to its last. `begin` is given what it is of before anything else. Rejects with
 * {@link BackupError} when the file is none, or not whole: what was done with its entries then counts for nothing.
 */
export async function readBackup(
  file: string,
  begin: (manifest: Manifest) => void | Promise<void>,
  take: (entry: BackupEntry) => Promise<void>,
  signal?: AbortSignal,
): Promise<Totals> {
  const decompress = createZstdDecompress();
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  // Whoever reads the archive meets the error.
  const fed = pipeline(source, decompress, { ...(signal && { signal }) }).catch(() => undefined);
  const sum = new Sum();
  let manifest: Manifest | undefined;
  let totals: Totals | undefined;
  try {
    const archive = Readable.toWeb(decompress) as unknown as ReadableStream<Uint8Array>;
    for await (const entry of iterate(archive.pipeThrough(createTarDecoder({ strict: true })))) {
      const { name, size } = entry.header;
      if (!manifest) {
        if (name !== MANIFEST) throw new BackupError(`${file} is no backup of Contact360.`);
        manifest = (await jsonOf(entry)) as Manifest;
        if (manifest.format !== 1)
          throw new BackupError(`${file} was made by a later version of Contact360 (${manifest.contact360}).`);
        await begin(manifest);
      } else if (totals) throw new BackupError(`${file} goes on behind its end.`);
      else if (name === TOTALS) totals = (await jsonOf(entry)) as Totals;
      else await take({ name, size, bytes: sum.of({ name, size, bytes: iterate(entry.body) }) });
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof BackupError || (error as NodeJS.ErrnoException).syscall) throw error;
    const reason = (error as Error).message || 'it ends too early';
    throw new BackupError(
      manifest ? `${file} is damaged or not whole: ${reason}.` : `${file} is no backup of Contact360: ${reason}.`,
      { cause: error },
    );
  } finally {
    source.destroy();
    decompress.destroy();
    await fed;
  }
  if (!manifest) throw new BackupError(`${file} is no backup of Contact360.`);
  if (!totals || totals.sha256 !== sum.totals.sha256)
    throw new BackupError(`${file} is damaged or not whole: its end does not fit its content.`);
  return totals;
}

async function* iterate<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  for await (const part of stream as unknown as AsyncIterable<T>) yield part;
}

async function jsonOf({ body }: ParsedTarEntry): Promise<unknown> {
  return JSON.parse(await new Response(body as never).text());
}
