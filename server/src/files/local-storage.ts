import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileStorage } from './storage.ts';

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
      // Open before anything can fail: a stream that opens its file itself may do so after the clearing up below.
      const handle = await open(partial, 'w', 0o600);
      try {
        await pipeline(bytes, handle.createWriteStream({ flush: true }));
        await rename(partial, file);
        return (await stat(file)).size;
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    read: (key, offset = 0) => createReadStream(fileOf(key), { start: offset, highWaterMark: 1 << 20 }),
    size: async (key) => (await stat(fileOf(key)).catch(absent))?.size,
    remove: async (key) => {
      await rm(fileOf(key), { force: true });
      await rm(`${fileOf(key)}.partial`, { force: true });
    },
    list: async function* (prefix) {
      const entries = await readdir(fileOf(prefix), { withFileTypes: true, recursive: true }).catch(absent);
      for (const entry of entries ?? []) {
        if (!entry.isFile()) continue;
        const file = path.join(entry.parentPath, entry.name);
        const found = await stat(file).catch(absent);
        const key = path.relative(folder, file).split(path.sep).join('/');
        if (found) yield { key, changedAt: found.mtime };
      }
    },
  };
}

/** What is not there is no failure. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
