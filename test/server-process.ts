import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The product's own process, to be stopped and killed. */
export interface ServerProcess {
  readonly url: string;
  /** Sends a signal and waits for the end; gives the exit code, or the signal's name. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string>;
  /** Everything it printed so far. */
  readonly output: () => string;
}

/** Starts `serve.ts` on a free port and waits until it says that it is ready; with `jobsOnly` it has no address. */
export async function startServerProcess(
  environment: Record<string, string>,
  { jobsOnly = false } = {},
): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ['--import', `${root}server/bin/stop-with-parent.mjs`, 'server/bin/serve.ts', ...(jobsOnly ? ['--jobs-only'] : [])],
    {
      cwd: root,
      env: { PATH: process.env.PATH, PORT: '0', NODE_ENV: 'test', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stderr!.on('data', (text) => {
    output += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      output += `${line}\n`;
      const found = /API\s+(http:\/\/\S+?)\/api\/v1\//.exec(line);
      if (found || (jobsOnly && line.includes('Running background jobs'))) resolve(found?.[1] ?? '');
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${output}`)));
  });
  return { url, output: () => output, stop: (signal = 'SIGTERM') => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  return child.exitCode ?? child.signalCode!;
}
