import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A server in a process of its own. */
export interface MeasuredServer {
  readonly url: string;
  /** Seconds of CPU time that the process has taken, in all its threads. */
  readonly cpu: () => Promise<number>;
  /** Bytes of memory that the process has held at most. */
  readonly peakMemory: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface ServerCommand {
  /** File that is run. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where what it prints goes. */
  readonly logFile: string;
  /** Further options of Node.js. */
  readonly nodeOptions?: readonly string[];
}

/** Starts a server that listens on `PORT`, and waits until it answers. */
export async function startMeasured({
  file,
  environment,
  logFile,
  nodeOptions = [],
}: ServerCommand): Promise<MeasuredServer> {
  const port = await freePort();
  const output = openSync(logFile, 'w');
  const child = fork(file, {
    execArgv: [...nodeOptions, '--import', new URL('./cpu-reporter.ts', import.meta.url).href],
    env: { ...process.env, ...environment, PORT: String(port) },
    stdio: ['ignore', output, output, 'ipc'],
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(child, url, logFile);
  return {
    url,
    cpu: async () => {
      child.send('cpu');
      const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return (user + system) / 1e6;
    },
    peakMemory: async () => {
      child.send('memory');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(child: ChildProcess, url: string, logFile: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${child.spawnargs.at(-1)} ended before it answered:\n${readFileSync(logFile, 'utf8')}`);
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await delay(50);
    }
  }
}
