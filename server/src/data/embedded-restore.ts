import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { type BackupEntry, BackupError, type Manifest, readBackup } from './backup-file.ts';
import { unfinishedRestore } from './embedded.ts';
import { isBesideData } from './embedded-backup.ts';
import { makeDraft, removeAbandoned, writeSettings } from './embedded-data.ts';
import { dataDirOf, exists, findPlace, makeFolder, type Place, writePointer } from './embedded-place.ts';
import { freePort, launchPostmaster, livePostmaster, stopPostmaster } from './embedded-postmaster.ts';

export interface RestoreOptions {
  readonly home: string;
  /** The backup to read. */
  readonly file: string;
  /** Whether a database that stands in the home is replaced. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly log: (message: string) => void;
}

/**
 * Restores a backup into a home: read to its end, checked, and its database opened once, beside the place, before
 * anything in the home is touched. A run that is killed before leaves the home as it was; one that is killed while the
 * parts change places leaves a home that does not start and says why.
 */
export async function restore({ home: folder, file, force = false, signal, log }: RestoreOptions): Promise<Manifest> {
  await makeFolder(folder);
  const home = await realpath(folder);
  const unfinished = await exists(unfinishedRestore(home));
  if (!force && !unfinished && (await isUsed(home))) {
    throw new BackupError(
      `${home} holds a database already. Set CONTACT360_HOME to an empty folder, or add --force to replace all that is there.`,
    );
  }
  await refuseRunning(home);
  const place = await findPlace(home);
  await removeAbandoned(home, /^\.restore-(\d+)-/);
  const files = path.join(home, `.restore-${process.pid}-${randomUUID()}`);
  const draft = await makeDraft(place.dataDir, place.account);
  try {
    await mkdir(files, { mode: 0o700 });
    const parts = { postgres: path.join(draft, 'data'), home: files };
    let manifest: Manifest | undefined;
    const begin = (found: Manifest) => {
      manifest = found;
      if (found.postgresql !== place.major)
        throw new BackupError(
          `${file} holds data of PostgreSQL ${found.postgresql}, and this release brings PostgreSQL ${place.major}. Restore it with the release that made it (Contact360 ${found.contact360}).`,
        );
    };
    const { bytes } = await readBackup(file, begin, (entry) => extract(entry, parts, file), signal);
    log(`The backup is whole (${bytes} bytes): opening its database`);
    const restored = { ...place, dataDir: parts.postgres };
    await own(restored);
    await recover(restored, home, (await readFile(path.join(files, 'postgres-password'), 'utf8')).trim(), log);
    signal?.throwIfAborted();
    await refuseRunning(home);
    await takePlace(home, place, draft, files);
    return manifest!;
  } finally {
    await rm(files, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** Whether a home holds anything that a restore would replace. */
async function isUsed(home: string): Promise<boolean> {
  if (await exists(await dataDirOf(home))) return true;
  return (await readdir(home)).some((name) => name === 'postgres-password' || !isBesideData(name));
}

async function refuseRunning(home: string): Promise<void> {
  const running = await livePostmaster(await dataDirOf(home));
  if (running) throw new BackupError(`The server of ${home} is running. Stop it, then restore.`);
}

/** Writes an entry to its place below one of the folders. */
async function extract(
  { name, size, bytes }: BackupEntry,
  parts: { readonly postgres: string; readonly home: string },
  file: string,
): Promise<void> {
  const [top, ...below] = name.split('/');
  const folder = top === 'postgres' ? parts.postgres : top === 'home' ? parts.home : undefined;
  if (!folder || below.some((part) => part === '..' || part === '.' || part.includes('\\')))
    throw new BackupError(`${file} is no backup of Contact360: it holds '${name}'.`);
  const target = path.join(folder, ...below);
  await mkdir(name.endsWith('/') ? target : path.dirname(target), { recursive: true, mode: 0o700 });
  // Sparse writes are of no use: what is empty is small in the archive.
  if (name.endsWith('/')) for await (const _ of bytes) throw new BackupError(`${file}: '${name}' has ${size} bytes.`);
  else await pipeline(bytes, createWriteStream(target, { mode: 0o600 }));
}

/** Gives all of a data folder to the account that PostgreSQL runs as. */
async function own({ dataDir, account }: Place): Promise<void> {
  await chmod(dataDir, 0o700);
  if (!account) return;
  for (const name of ['.', ...(await readdir(dataDir, { recursive: true }))])
    await chown(path.join(dataDir, name), account.uid, account.gid);
}

/** Opens a restored database once: it recovers to the end of the backup, and shows that its password fits. */
async function recover(place: Place, home: string, password: string, log: (message: string) => void): Promise<void> {
  const logFile = path.join(home, 'postgres.log');
  await writeSettings({ home, place, password, durable: true, log });
  for (;;) {
    const port = await freePort();
    if ((await launchPostmaster(place, port, logFile, log)) === 'started') {
      const { pid } = (await livePostmaster(place.dataDir))!;
      try {
        const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' });
        await client.connect();
        await client.end();
      } finally {
        await stopPostmaster(pid, place.dataDir, log);
      }
      return;
    }
  }
}

/** Puts the restored parts where the home's own were. */
async function takePlace(home: string, { dataDir }: Place, draft: string, files: string): Promise<void> {
  await writeFile(unfinishedRestore(home), '');
  if (await exists(dataDir)) await rename(dataDir, path.join(draft, 'replaced'));
  for (const name of await readdir(home))
    if (name === 'postgres-password' || !isBesideData(name)) await rm(path.join(home, name), { recursive: true });
  for (const name of await readdir(files)) await rename(path.join(files, name), path.join(home, name));
  await rename(path.join(draft, 'data'), dataDir);
  await writePointer(home, dataDir);
  await rm(unfinishedRestore(home));
}
