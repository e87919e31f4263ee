import { spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, EmbeddedPostgresError, environment, type Place, run } from './embedded-place.ts';

/** A running server process of one data folder. */
export interface Postmaster {
  pid: number;
  port: number;
  /** It takes connections: neither starting, recovering nor stopping. */
  ready: boolean;
}

/**
 * The live postmaster of `dataDir`. What `kill -9` or a power cut leaves behind (a pid file whose process is gone, a
 * zombie, or by now another program) is none.
 */
export async function livePostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const lines = await readPidFile(dataDir);
  const pid = pidOf(lines);
  if (!pid) return undefined;
  if (await isPostmaster(pid, dataDir)) return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  if (isAlive(pid)) {
    // PostgreSQL takes any process of that number for itself and would refuse to start. Deleting the file would also
    // lose the key by which it finds backends that outlived the postmaster, so only the number is replaced, by one that
    // no process can have.
    await writeFile(pidFile(dataDir), [String(2 ** 31 - 1), ...lines.slice(1)].join('\n'));
  }
  return undefined;
}

const pidFile = (dataDir: string) => path.join(dataDir, 'postmaster.pid');

/** The lines of the pid file, none when it is missing: process, data folder, start time, port, …, state. */
async function readPidFile(dataDir: string): Promise<string[]> {
  try {
    return (await readFile(pidFile(dataDir), 'utf8')).split('\n');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

const pidOf = (lines: string[]) => Number.parseInt(lines[0] ?? '', 10) || undefined;

async function isPostmaster(pid: number, dataDir: string): Promise<boolean> {
  let command: string;
  try {
    command =
      process.platform === 'linux'
        ? (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
        : await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH' || codeOf(error) === 1) return false;
    throw error;
  }
  return command.includes('postgres') && command.includes(` -D ${dataDir} `);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** How a launch ended, short of an error. */
export type Launch = 'started' | 'port taken' | 'another was faster';

/**
 * Starts a postmaster and waits until it takes connections, however long recovery may take.
 *
 * @throws EmbeddedPostgresError with the server's own last words when it ends before.
 */
export async function launchPostmaster(
  place: Place,
  port: number,
  logFile: string,
  log: (message: string) => void,
): Promise<Launch> {
  const begun = Date.now();
  let told = begun;
  for (;;) {
    const output = await openLog(logFile);
    const from = (await output.stat()).size;
    // `detached` makes it a session of its own: Ctrl-C in the terminal and the end of this process do not reach it.
    const child = spawn(path.join(place.bin, 'postgres'), ['-D', place.dataDir, '-p', String(port)], {
      ...place.account,
      cwd: '/',
      env: environment,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    child.unref();
    await output.close();

    while (!failure && child.exitCode === null && child.signalCode === null) {
      const postmaster = await livePostmaster(place.dataDir);
      if (postmaster?.ready && postmaster.pid === child.pid) return 'started';
      if (Date.now() - told > 10_000) {
        told = Date.now();
        log(`PostgreSQL is still starting (${Math.round((told - begun) / 1000)} s): see ${logFile}`);
      }
      await delay(20);
    }

    const said = failure?.message ?? (await lastWords(logFile, from));
    if (/could not (bind|create any TCP\/IP sockets)/.test(said)) return 'port taken';
    if (/lock file "postmaster.pid" already exists/.test(said)) return 'another was faster';
    // After `kill -9` of a postmaster its backends end as soon as they notice, but not before their statement does.
    if (/pre-existing shared memory block/.test(said) && Date.now() - begun < 60_000) {
      await delay(250);
      continue;
    }
    // A power cut can leave a pid file without its content, which PostgreSQL refuses; a starting server fills it at once.
    if (/lock file "postmaster.pid" is empty|bogus data in lock file/.test(said)) {
      await delay(250);
      if (!pidOf(await readPidFile(place.dataDir))) await rm(pidFile(place.dataDir), { force: true });
      continue;
    }
    throw new EmbeddedPostgresError(`PostgreSQL did not start: ${said}\nThe whole log is in ${logFile}.`);
  }
}

const maxLogBytes = 16 * 2 ** 20;

async function openLog(file: string) {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > maxLogBytes) await rename(file, `${file}.old`);
  return open(file, 'a', 0o600);
}

/** The last lines the log got after byte `from`, without their times. */
async function lastWords(file: string, from: number): Promise<string> {
  const text = (await readFile(file)).subarray(from).toString().trim();
  const words = text
    .split('\n')
    .slice(-6)
    .join('\n')
    .replace(/^.*?(?=\b[A-Z]+: {2})/gm, '');
  return /No space left on device/.test(words) ? `${words}\nThe disk is full: make room and start again.` : words;
}

/** Shuts a postmaster down, ending its sessions, and returns when the process is gone. */
export async function stopPostmaster(pid: number, dataDir: string, log: (message: string) => void): Promise<void> {
  const patience = Date.now() + 60_000;
  let hurried = false;
  if (await isPostmaster(pid, dataDir)) signal(pid, 'SIGINT');
  while (await isPostmaster(pid, dataDir)) {
    if (!hurried && Date.now() > patience) {
      hurried = true;
      log('PostgreSQL takes more than 60 s to shut down: stopping it at once. It recovers at the next start.');
      signal(pid, 'SIGQUIT');
    }
    await delay(20);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** A TCP port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
