import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Keeps files by key, for example `uploads/<uuid>_<name>.csv`. Keys are made by the program, never by a client. */
export interface FileStorage {
  /** Writes a file whole: when it resolves the bytes are durable, when it rejects nothing is left. Gives the size. */
  readonly write: (key: string, bytes: AsyncIterable<Uint8Array>) => Promise<number>;
  /** The bytes from an offset on. */
  readonly read: (key: string, offset?: number) => AsyncIterable<Uint8Array>;
  readonly size: (key: string) => Promise<number | undefined>;
  /** Removes a file; it is no error when there is none. */
  readonly remove: (key: string) => Promise<void>;
}

/** Files in a folder of this machine. */
export function localStorage(folder: string): FileStorage {
  const fileOf = (key: string) => {
    const file = path.resolve(folder, key);
    if (!file.startsWith(path.resolve(folder) + path.sep)) throw new Error(`'${key}' is no key of a file`);
    return file;
  };
  return {
    write: async (key, bytes) => {
      const file = fileOf(key);
      const partial = `${file}.partial`;
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      try {
        await pipeline(bytes, createWriteStream(partial, { mode: 0o600 }));
        const handle = await open(partial, 'r+');
        await handle.sync().finally(() => handle.close());
        await rename(partial, file);
        return (await stat(file)).size;
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    read: (key, offset = 0) => createReadStream(fileOf(key), { start: offset, highWaterMark: 1 << 20 }),
    size: async (key) => {
      try {
        return (await stat(fileOf(key))).size;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    remove: (key) => rm(fileOf(key), { force: true }),
  };
}
