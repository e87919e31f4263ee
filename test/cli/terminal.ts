import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const home = fileURLToPath(new URL('../../sdk/cli/', import.meta.url));

/** The program as the repository starts it. */
export const source = path.join(home, 'bin/contact360.mjs');

/** Builds the one file of JavaScript that is published, into a folder. */
export async function buildProgram(folder: string): Promise<string> {
  const file = path.join(folder, 'contact360.mjs');
  const args = ['src/main.ts', '--platform', 'node', '--format', 'esm', '--file', file];
  await promisify(execFile)(path.join(home, 'node_modules/.bin/rolldown'), args, { cwd: home });
  return file;
}

export interface Outcome {
  readonly status: number | string;
  readonly out: string;
  readonly err: string;
}

/** Starts the command line as a process whose configuration stands in a folder of its own. */
export function startCommand(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess & { readonly ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A test that stops reading has what it wanted.
  const [out, err] = [text(child.stdout).catch(() => ''), text(child.stderr)];
  const ended = once(child, 'close').then(async ([code, signal]) => ({
    status: code ?? signal,
    out: await out,
    err: await err,
  }));
  return Object.assign(child, { ended });
}

/** Runs a command to its end, with something to read on its standard input. */
export function runCommand(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<Outcome> {
  const child = startCommand(file, args, environment);
  child.stdin!.end(input);
  return child.ended;
}
