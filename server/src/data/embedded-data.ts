import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, chown, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, EmbeddedPostgresError, exists, makeFolder, type Place, run, writePointer } from './embedded-place.ts';
import { machine, serverSettings } from './embedded-settings.ts';

/** An embedded server, as the parts of starting it need it. */
export interface Server {
  home: string;
  place: Place;
  /** Of the superuser `postgres`. */
  password: string;
  durable: boolean;
  log: (message: string) => void;
}

/** The file of the superuser's password. */
export const passwordFile = (home: string) => path.join(home, 'postgres-password');

/** The superuser's password, made up when the home has none and no database yet. */
export async function readPassword(home: string, place: Place): Promise<string> {
  const file = passwordFile(home);
  if (!(await exists(file))) {
    if (await exists(place.dataDir)) {
      throw new EmbeddedPostgresError(
        `${file} is missing, without which the database in ${place.dataDir} cannot be opened. Put it back, or move that folder away to begin with an empty database.`,
      );
    }
    const draft = `${file}.${randomUUID()}`;
    await writeFile(draft, randomBytes(24).toString('base64url'), { mode: 0o600 });
    // Another process may have been faster: the first password stays.
    await link(draft, file).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await rm(draft);
  }
  return (await readFile(file, 'utf8')).trim();
}

/** Creates the data folder when it is missing, and refuses one that the executables cannot read. */
export async function ensureData(server: Server): Promise<void> {
  const { home, place, log } = server;
  const { dataDir, major } = place;
  if (!(await exists(dataDir))) {
    if (path.dirname(dataDir) !== home) {
      log(`The user PostgreSQL runs as may not enter ${home}: the database goes to ${dataDir}`);
    }
    log('Creating the database');
    await initialise(server);
    await writePointer(home, dataDir);
  }
  const found = (await readFile(path.join(dataDir, 'PG_VERSION'), 'utf8')).trim();
  if (found !== major) {
    throw new EmbeddedPostgresError(
      `The database in ${dataDir} was made by PostgreSQL ${found}, and this release brings PostgreSQL ${major}. Dump it with the release that made it and restore the dump into a new home, or serve it with a PostgreSQL ${found} of your own and set DATABASE_URL.`,
    );
  }
}

/** Makes the data folder beside its place and moves it there when complete, so that a killed start leaves no half one. */
async function initialise({ place, password, durable }: Server): Promise<void> {
  const { account, bin, dataDir } = place;
  const draft = await makeDraft(dataDir, account);
  try {
    const secret = path.join(draft, 'password');
    const data = path.join(draft, 'data');
    await writeFile(secret, password, { mode: 0o600 });
    if (account) await chown(secret, account.uid, account.gid);
    await run(
      path.join(bin, 'initdb'),
      [
        ...['-D', data, '-U', 'postgres', '--pwfile', secret, '--auth=scram-sha-256', '--no-instructions'],
        ...(durable ? [] : ['--no-sync']),
        // The builtin C.UTF-8 sorts and folds the same on every system, but pg_trgm asks the C library what a letter
        // is: with ctype C it finds none in non-Latin text.
        ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
        ...['--locale=C', `--lc-ctype=${await characterType()}`],
      ],
      account,
    );
    await appendFile(path.join(data, 'postgresql.conf'), `\ninclude_if_exists '${settingsFile}'\n`);
    await rename(data, dataDir);
  } catch (error) {
    // Another process may have been faster.
    if (!(await exists(dataDir))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A folder beside the data folder's place, for what is to stand there when it is complete. */
export async function makeDraft(dataDir: string, account: Place['account']): Promise<string> {
  await makeFolder(path.dirname(dataDir));
  await removeAbandoned(path.dirname(dataDir), /\.new-(\d+)-/);
  const draft = `${dataDir}.new-${process.pid}-${randomUUID()}`;
  await mkdir(draft, { mode: 0o700 });
  if (account) await chown(draft, account.uid, account.gid);
  return draft;
}

/** Removes what processes that are gone left in a folder: the names that fit, whose group is a process's number. */
export async function removeAbandoned(folder: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = pattern.exec(name) ?? [];
    if (!pid) continue;
    try {
      process.kill(Number(pid), 0);
    } catch (error) {
      if (codeOf(error) === 'ESRCH') await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

/** A UTF-8 locale of the C library. */
async function characterType(): Promise<string> {
  const known = await run('locale', ['-a']).catch((error) => {
    if (codeOf(error) === 'ENOENT') return 'C.UTF-8';
    throw error;
  });
  const names = known.split('\n').filter((name) => /\.utf-?8$/i.test(name));
  return (
    names.find((name) => name.startsWith('C.')) ?? names.find((name) => name.startsWith('en_US.')) ?? names[0] ?? 'C'
  );
}

const settingsFile = 'contact360.conf';

/** Writes the server's settings, scaled to the machine as it is now. */
export async function writeSettings({ place, durable }: Server): Promise<void> {
  const settings = Object.entries(serverSettings(await machine(), durable)).map(
    ([name, value]) => `${name} = '${value}'`,
  );
  const file = path.join(place.dataDir, settingsFile);
  const draft = `${file}.${randomUUID()}`;
  await writeFile(
    draft,
    ['# Written at every start. ALTER SYSTEM SET overrides what stands here.', ...settings, ''].join('\n'),
    { mode: 0o600 },
  );
  if (place.account) await chown(draft, place.account.uid, place.account.gid);
  await rename(draft, file);
}
