import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Secrets that are made once and kept in the home folder, readable by the owner alone. */
export interface Secrets {
  /** The secret of this name, made at first use. */
  readonly get: (name: string) => Promise<string>;
}

export function homeSecrets(home: string): Secrets {
  const folder = path.join(home, 'secrets');
  return {
    get: async (name) => {
      const file = path.join(folder, name);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // `wx` lets only one of two processes that start together make the secret; the other reads it.
      await writeFile(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        },
      );
      return await readFile(file, 'utf8');
    },
  };
}
