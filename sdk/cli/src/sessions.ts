import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TokenStore, Tokens } from '@contact360/sdk';
import { EXIT, Failure } from './failure.ts';

/** A sign-in that is kept. */
export interface Session extends Tokens {
  readonly email: string;
}

interface Kept {
  /** The server of the last sign-in: asked when none is named. */
  readonly current?: string | undefined;
  readonly servers: Readonly<Record<string, Session>>;
}

/** Where programs keep what belongs to a user (XDG base directories; `AppData` on Windows). */
const folder = () =>
  path.join(
    process.env.XDG_CONFIG_HOME ||
      (process.platform === 'win32' && process.env.APPDATA) ||
      path.join(os.homedir(), '.config'),
    'contact360',
  );
const fileName = () => path.join(folder(), 'sessions.json');

/** All sign-ins that are kept. The file is readable by its owner alone. */
export async function readSessions(): Promise<Kept> {
  let text: string;
  try {
    text = await readFile(fileName(), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { servers: {} };
    throw error;
  }
  try {
    return JSON.parse(text) as Kept;
  } catch (error) {
    const message = `${fileName()} is damaged. Delete it and sign in again: contact360 login`;
    throw new Failure(message, EXIT.notSignedIn, 'sessions_damaged', error);
  }
}

/** Keeps a sign-in, or forgets it. */
export function keepSession(server: string, session: Session | undefined): Promise<void> {
  return inTurn(() => write(server, session));
}

async function write(server: string, session: Session | undefined): Promise<void> {
  const { current, servers } = await readSessions();
  const { [server]: _, ...others } = servers;
  const kept: Kept = session
    ? { current: server, servers: { ...others, [server]: session } }
    : { current: current === server ? Object.keys(others)[0] : current, servers: others };
  // Never half written: a refresh token that is lost is a sign-in that is lost.
  const draft = `${fileName()}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, fileName());
}

/** The kept tokens of a server, shared by all commands that run at the same time. */
export function sessionStore(server: string): TokenStore {
  const read = async () => (await readSessions()).servers[server];
  return {
    read,
    write: async (tokens) => {
      const session = await read();
      // Signed out meanwhile: nothing is to be kept.
      if (session) await write(server, { ...session, ...tokens });
    },
    exclusively: inTurn,
  };
}

let changing: Promise<unknown> = Promise.resolve();

/** Ends this program, but not within a change: a renewed token that is not kept is a sign-in that is lost. */
export async function leave(status: number): Promise<never> {
  await changing.catch(() => undefined);
  process.exit(status);
}

/** Runs one change of the file at a time, over all processes of this user. */
function inTurn<T>(change: () => Promise<T>): Promise<T> {
  const changed = locked(change);
  changing = changed;
  return changed;
}

const STALE_MS = 60_000;

async function locked<T>(change: () => Promise<T>): Promise<T> {
  await mkdir(folder(), { recursive: true, mode: 0o700 });
  const lock = `${fileName()}.lock`;
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isAbandoned(lock)) await rm(lock, { force: true });
      else await delay(20);
    }
  }
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Whether the process that holds the lock was killed. A change takes one request, so that age tells too. */
async function isAbandoned(lock: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(lock, 'utf8'), stat(lock)]);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    if (text === '') return false;
    process.kill(Number(text), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
