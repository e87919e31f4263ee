import { realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ensureData, passwordFile, readPassword, type Server, writeSettings } from './embedded-data.ts';
import { codeOf, dataDirOf, EmbeddedPostgresError, exists, findPlace, makeFolder } from './embedded-place.ts';
import { freePort, launchPostmaster, livePostmaster, stopPostmaster } from './embedded-postmaster.ts';

export { EmbeddedPostgresError } from './embedded-place.ts';

/** Stands in a home while a restored database takes the place of what was there. */
export const unfinishedRestore = (home: string) => path.join(home, 'restore-unfinished');

export interface EmbeddedOptions {
  /** Folder of the database, its password and its log; made when missing. */
  home: string;
  /** Database to connect to; made when missing. Default `contact360`. */
  database?: string;
  /** Port to ask for, 0 for any; when it is taken, a free one is used. Default 54360. */
  port?: number;
  /** `false` trades safety against power loss for speed: for databases that live as long as a test run. */
  durable?: boolean;
  /** Takes one line for people per event. */
  log: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** Connection URL of the database, as its superuser, password included. */
  url: string;
  /** `false` when a server of this home was running already and is used. */
  started: boolean;
  /** Where the data stands: in the home folder, or where its user can reach it; see `findPlace`. */
  dataDir: string;
  /**
   * Lets go of the server and, when no other process uses it, shuts it down, whoever started it: one left over from a
   * killed process is stopped by the process that took it over.
   */
  stop(): Promise<void>;
}

/**
 * Every process that uses a server holds this session lock, shared, as long as it lives. PostgreSQL itself then knows
 * who is left, also after a `kill -9`.
 */
const usersLock = 360;

/**
 * Starts the PostgreSQL that comes with this package, or joins the one of this home that is running, and makes its
 * database. Should the server die while in use, it is started again on the same port.
 *
 * @throws EmbeddedPostgresError saying what is wrong and how to mend it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  try {
    return await start(options);
  } catch (error) {
    throw explained(error, options.home);
  }
}

async function start({ home: folder, database = 'contact360', port = 54360, durable = true, log }: EmbeddedOptions) {
  await makeFolder(folder);
  const home = await realpath(folder);
  if (await exists(unfinishedRestore(home))) {
    throw new EmbeddedPostgresError(
      `A restore into ${home} was cut short, and what stands there belongs to two databases. Run it again: npm run restore -- FILE --force`,
    );
  }
  const place = await findPlace(home);
  const password = await readPassword(home, place);
  await ensureData({ home, place, password, durable, log });

  const use = (wanted: number, elsewhere: boolean) => join({ home, place, password, durable, log }, wanted, elsewhere);
  const first = await use(port, true);
  log(
    first.started
      ? `PostgreSQL started on 127.0.0.1:${first.port}`
      : `Using the PostgreSQL that runs on 127.0.0.1:${first.port}`,
  );

  let stopping: Promise<void> | undefined;
  let current: Promise<User | undefined> = Promise.resolve(first);
  const keep = (user: User) => {
    user.client.once('end', () => {
      if (stopping) return;
      log('The connection to the embedded PostgreSQL was lost: starting it again');
      // The port is part of the URL that was handed out.
      current = use(first.port, false).then(keep, (error: unknown) => {
        log(`PostgreSQL cannot be started again: ${explained(error, home).message}\nRestart this process.`);
        return undefined;
      });
    });
    return user;
  };
  keep(first);
  const stop = () => {
    stopping ??= current.then((user) => user && leave(user, place.dataDir, log));
    return stopping;
  };
  try {
    await ensureDatabase(first.client, database);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    url: `postgres://postgres:${password}@127.0.0.1:${first.port}/${encodeURIComponent(database)}`,
    started: first.started,
    dataDir: place.dataDir,
    stop,
  } satisfies EmbeddedPostgres;
}

/**
 * Stops the server of `home`, whoever uses it, and deletes the folder with all data. For databases made for a test.
 */
export async function removeEmbedded(home: string, log: (message: string) => void): Promise<void> {
  if (!(await exists(home))) return;
  const dataDir = await dataDirOf(await realpath(home));
  const postmaster = await livePostmaster(dataDir);
  if (postmaster) await stopPostmaster(postmaster.pid, dataDir, log);
  await rm(path.dirname(dataDir), { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
}

/** This process's session on the running server; see {@link usersLock}. */
interface User {
  client: pg.Client;
  pid: number;
  port: number;
  started: boolean;
}

/** Joins the running server of the data folder, starting it when there is none. */
async function join(server: Server, port: number, elsewhere: boolean): Promise<User> {
  const { dataDir } = server.place;
  const deadline = Date.now() + 120_000;
  let started = false;
  let failure: unknown;
  for (;;) {
    const postmaster = await livePostmaster(dataDir);
    if (!postmaster) {
      await writeSettings(server);
      const logFile = path.join(server.home, 'postgres.log');
      const outcome = await launchPostmaster(server.place, port || (await freePort()), logFile, server.log);
      started = outcome === 'started';
      if (outcome === 'port taken') {
        if (!elsewhere)
          throw new EmbeddedPostgresError(`Port ${port}, which PostgreSQL had, is taken by another program.`);
        port = 0;
      }
      continue;
    }
    if (postmaster.ready) {
      try {
        return { ...postmaster, started, client: await connect(server.password, postmaster.port) };
      } catch (error) {
        if (codeOf(error) === '28P01') {
          throw new EmbeddedPostgresError(
            `The password in ${passwordFile(server.home)} is not that of the database in ${dataDir}. Put the right one back, or move both away to begin with an empty database.`,
          );
        }
        failure = error;
      }
    }
    if (Date.now() > deadline) {
      throw new EmbeddedPostgresError(
        `PostgreSQL (process ${postmaster.pid}) runs on ${dataDir} but takes no connections. Its log in ${server.home} says why; "kill -QUIT ${postmaster.pid}" stops it safely.`,
        { cause: failure },
      );
    }
    await delay(50);
  }
}

async function connect(password: string, port: number): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    application_name: 'contact360 keeper',
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection also emits 'end', which is what the callers act on; without a listener 'error' ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // Waits while the last user shuts the server down; the shutdown then ends this session with an error.
    await client.query('select pg_advisory_lock_shared($1)', [usersLock]);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

async function leave({ client, pid }: User, dataDir: string, log: (message: string) => void): Promise<void> {
  let last: boolean;
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [usersLock]);
    // Kept until the server is down: whoever joins meanwhile waits for it and then starts a server of its own.
    const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1) as last', [usersLock]);
    last = rows[0]?.last ?? true;
  } catch (error) {
    log(`PostgreSQL no longer answers (${(error as Error).message}): stopping it`);
    last = true;
  }
  if (last) await stopPostmaster(pid, dataDir, log);
  await client.end();
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount) return;
  await client.query(`create database ${client.escapeIdentifier(name)}`).catch((error) => {
    const madeMeanwhile = codeOf(error) === '42P04' || codeOf(error) === '23505';
    if (!madeMeanwhile) throw error;
  });
}

/** The error in words that say what to do, for the causes that lie outside this program. */
function explained(error: unknown, home: string): Error {
  if (error instanceof EmbeddedPostgresError) return error;
  const { message, path: file, stderr } = error as Error & { path?: string; stderr?: string };
  const text = stderr?.trim() || message;
  const mend =
    codeOf(error) === 'ENOSPC' || /No space left on device/.test(text)
      ? 'The disk is full: make room and start again.'
      : ['EACCES', 'EPERM', 'EROFS'].includes(String(codeOf(error)))
        ? `This process may not use ${file ?? home}: give its user the folder, or set CONTACT360_HOME to one it may write to.`
        : 'Mend the cause, or set DATABASE_URL to use a PostgreSQL of your own.';
  return new EmbeddedPostgresError(`The embedded PostgreSQL cannot be used: ${text}\n${mend}`, { cause: error });
}
