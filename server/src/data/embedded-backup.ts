import { type FileHandle, link, mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import pg from 'pg';
import { VERSION } from '../version.ts';
import { type BackupEntry, BackupError, writeBackup } from './backup-file.ts';
import { startEmbedded } from './embedded.ts';
import { passwordFile, removeAbandoned } from './embedded-data.ts';
import { codeOf, dataDirOf, exists, findPlace } from './embedded-place.ts';

export interface BackupOptions {
  readonly home: string;
  /** The backup to write. */
  readonly file: string;
  /** Whether a file that stands there is replaced. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  readonly log: (message: string) => void;
}

/**
 * Backs up the embedded database of a home while it is in use, with the files and secrets beside it: as they are at the
 * end of the run. Memory stays flat whatever the size. See {@link writeBackup} for what is left by a failure: nothing.
 */
export async function backUp({ home: folder, file, force = false, signal, log }: BackupOptions) {
  const home = await realpath(folder).catch(() => folder);
  const dataDir = await dataDirOf(home);
  if (!(await exists(dataDir))) throw new BackupError(`There is no database in ${home} to back up.`);
  if (!(await exists(path.dirname(file)))) throw new BackupError(`There is no folder ${path.dirname(file)}.`);
  if (!force && (await exists(file))) throw new BackupError(`${file} exists; --force replaces it.`);
  const tablespaces = await readdir(path.join(dataDir, 'pg_tblspc'));
  if (tablespaces.length > 0) throw new BackupError('Databases with tablespaces of their own cannot be backed up.');

  // The running server is joined; one that is not running is started for the time of the backup.
  const postgres = await startEmbedded({ home, log });
  const client = new pg.Client({ connectionString: postgres.url, application_name: 'contact360 backup' });
  // A lost connection fails the next statement.
  client.on('error', () => undefined);
  const held = await holdFiles(home);
  try {
    await client.connect();
    const { major } = await findPlace(home);
    const manifest = {
      format: 1,
      contact360: VERSION,
      postgresql: major,
      createdAt: new Date().toISOString(),
    } as const;
    return await writeBackup(file, manifest, entriesOf(client, dataDir, home, held), signal);
  } finally {
    await client.end();
    await held.release();
    await postgres.stop();
  }
}

async function* entriesOf(
  client: pg.Client,
  dataDir: string,
  home: string,
  held: HeldFiles,
): AsyncGenerator<BackupEntry> {
  // What the server logs from here on is kept until it is copied; the slot goes with the session.
  await client.query(
    `select pg_create_physical_replication_slot('contact360_backup_' || pg_backend_pid(), true, true)`,
  );
  await client.query(`select pg_backup_start('contact360', fast => true)`);
  yield* dataEntries(dataDir);
  const { rows } = await client.query<{ label: string; last: string }>(
    'select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(wait_for_archive => false)',
  );
  const { label, last } = rows[0]!;
  await held.renew();
  yield textEntry('postgres/backup_label', label);
  const first = /START WAL LOCATION: .* \(file ([0-9A-F]{24})\)/.exec(label)![1]!;
  for (const name of (await readdir(path.join(dataDir, 'pg_wal'))).sort()) {
    const needed = /^[0-9A-F]{24}$/.test(name) ? name >= first && name <= last : name.endsWith('.history');
    if (needed) yield* fileEntry(path.join(dataDir, 'pg_wal', name), `postgres/pg_wal/${name}`);
  }
  yield* fileEntry(passwordFile(home), 'home/postgres-password');
  for (const [name, source] of held.files) yield* fileEntry(source, `home/${name}`);
}

/** Folders whose content a server makes anew, or that is copied apart (PostgreSQL's manual, “Making a Base Backup”). */
const EMPTIED = new Set(
  ['dynshmem', 'notify', 'replslot', 'serial', 'snapshots', 'stat_tmp', 'subtrans', 'wal'].map((name) => `pg_${name}`),
);
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|pg_internal\.init.*|pgsql_tmp.*)$/;
/** Last: it tells how far the files before it are. */
const CONTROL_FILE = 'global/pg_control';

async function* dataEntries(dataDir: string): AsyncGenerator<BackupEntry> {
  async function* walk(folder: string): AsyncGenerator<BackupEntry> {
    for (const entry of await readdir(path.join(dataDir, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (LEFT_OUT.test(entry.name) || name === CONTROL_FILE) continue;
      if (entry.isDirectory()) {
        yield { name: `postgres/${name}/`, size: 0, bytes: Readable.from([]) };
        if (!EMPTIED.has(name)) yield* walk(name);
      } else if (entry.isFile()) yield* fileEntry(path.join(dataDir, name), `postgres/${name}`);
    }
  }
  yield* walk('');
  yield* fileEntry(path.join(dataDir, CONTROL_FILE), `postgres/${CONTROL_FILE}`);
}

const textEntry = (name: string, text: string): BackupEntry => {
  const bytes = Buffer.from(text);
  return { name, size: bytes.byteLength, bytes: Readable.from([bytes]) };
};

/** A file as it is now; none when it went meanwhile. What it loses or gains while it is read, recovery puts right. */
async function* fileEntry(file: string, name: string): AsyncGenerator<BackupEntry> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    yield { name, size, bytes: exactly(handle, size) };
  } finally {
    await handle.close();
  }
}

const CHUNK = 1 << 20;

async function* exactly(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const { bytesRead, buffer } = await handle.read(
      Buffer.allocUnsafe(Math.min(CHUNK, left)),
      0,
      Math.min(CHUNK, left),
    );
    if (bytesRead === 0) {
      // Cut off while it was read: the server's log says so too.
      for (; left > 0; left -= CHUNK) yield Buffer.alloc(Math.min(CHUNK, left));
      return;
    }
    yield buffer.subarray(0, bytesRead);
    left -= bytesRead;
  }
}

/** The home's files beside the database, by their names in it, kept from going while the backup runs. */
interface HeldFiles {
  readonly files: ReadonlyMap<string, string>;
  /** Adds what came since. */
  readonly renew: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** What is not of a home but made for it: the database, its log, its executables, drafts. */
export const isBesideData = (name: string) =>
  /^(postgres|postgres[-.].*|postgresql-.*|restore-unfinished|\..*)$/.test(name);

/**
 * Holds the files by hard links: one that the database of the backup names may be deleted by the running server before
 * its turn to be copied comes.
 */
async function holdFiles(home: string): Promise<HeldFiles> {
  await removeAbandoned(home, /^\.backup-(\d+)$/);
  const folder = path.join(home, `.backup-${process.pid}`);
  await mkdir(folder, { mode: 0o700 });
  const files = new Map<string, string>();
  const inodes = new Map<string, number>();
  let links = 0;
  const hold = async (name: string) => {
    const [source, held] = [path.join(home, name), path.join(folder, String(links++))];
    try {
      const { ino } = await stat(source);
      if (inodes.get(name) === ino) return;
      inodes.set(name, ino);
      await link(source, held);
      files.set(name, held);
    } catch (error) {
      // Another file system, or one without links: the file itself, as long as it is there.
      if (codeOf(error) === 'EXDEV' || codeOf(error) === 'EPERM') files.set(name, source);
      else if (codeOf(error) !== 'ENOENT') throw error;
    }
  };
  const renew = async () => {
    for (const top of await readdir(home, { withFileTypes: true })) {
      if (isBesideData(top.name)) continue;
      if (top.isFile()) await hold(top.name);
      if (!top.isDirectory()) continue;
      const below = await readdir(path.join(home, top.name), { withFileTypes: true, recursive: true });
      for (const entry of below) {
        const name = path.relative(home, path.join(entry.parentPath, entry.name));
        if (entry.isFile() && !entry.name.endsWith('.partial')) await hold(name);
      }
    }
  };
  await renew();
  return { files, renew, release: () => rm(folder, { recursive: true, force: true }) };
}
