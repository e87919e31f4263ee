#!/usr/bin/env node
import packageJson from '../package.json' with { type: 'json' };
import { aligned, type Command, helpOf, readArguments } from './command.ts';
import { apollo } from './commands/apollo.ts';
import { exportCommand } from './commands/exports.ts';
import { importCommand } from './commands/imports.ts';
import { cancel, errors, jobs, undo } from './commands/jobs.ts';
import { count, fields, get, query } from './commands/records.ts';
import { login, logout, whoami } from './commands/sign-in.ts';
import { serverOf } from './connection.ts';
import { asFailure, EXIT, Failure, usage } from './failure.ts';
import { interrupt } from './interruption.ts';
import { FILTER_HELP } from './question.ts';
import { leave } from './sessions.ts';
import { Interrupted, paint, print, tell } from './terminal.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  login,
  logout,
  whoami,
  query,
  count,
  get,
  fields,
  import: importCommand,
  export: exportCommand,
  jobs,
  errors,
  cancel,
  undo,
  apollo,
};

const EXIT_HELP = `Exit status: 0 done, 1 failed, 2 wrong usage or a filter the server refuses, 3 the server is away,
4 not signed in, 5 not allowed, 130 interrupted, 141 the reader of the output went away.`;

const help = () => `Contact360 at the command line.

  contact360 COMMAND [arguments] [options]

${aligned(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary.replace(/\.$/, '')]))}
  ${'help'.padEnd(Math.max(...Object.keys(COMMANDS).map((name) => name.length)))}  Show the help of a command, or of filters

${EXIT_HELP}
NO_COLOR switches colours off. Results go to standard output, everything else to standard error.
`;

async function run([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined) {
    tell(help());
    return EXIT.usage;
  }
  if (['help', '--help', '-h'].includes(name)) {
    const [topic] = argv;
    const text = topic === 'filters' ? FILTER_HELP : topic === undefined ? help() : helpOf(topic, commandOf(topic));
    await print(`${text.trimEnd()}\n`);
    return EXIT.done;
  }
  if (name === '--version' || name === '-v') {
    await print(`${packageJson.version}\n`);
    return EXIT.done;
  }
  const command = commandOf(name);
  const { flags, args } = readArguments(command, argv);
  if (flags.help) {
    await print(`${helpOf(name, command)}\n`);
    return EXIT.done;
  }
  try {
    return (await command.run(flags, args)) ?? EXIT.done;
  } catch (error) {
    throw asFailure(error, await serverOf(flags.url as string | undefined));
  }
}

function commandOf(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw usage(`There is no command '${name}': ${Object.keys(COMMANDS).join(', ')}.`);
  return command;
}

/** Tells of a failure; a fault of this program is shown whole. */
function report(error: unknown, json: boolean): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (!(error instanceof Failure)) {
    tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT.failed;
  }
  const { message, code, exitCode } = error;
  if (json) tell(JSON.stringify({ error: { code, message: message.split('\n\n')[0] } }));
  else tell(`${paint.err('red', 'Error:')} ${message}`);
  if (exitCode === EXIT.usage && code === 'usage' && !json) tell(paint.err('dim', 'See contact360 help.'));
  return exitCode;
}

process.once('SIGINT', () => void interrupt());
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `contact360 query --all | head`: whoever read has seen enough.
    if (error.code !== 'EPIPE') throw error;
    void leave(EXIT.readerGone);
  });
}

const argv = process.argv.slice(2);
try {
  process.exitCode = await run(argv);
} catch (error) {
  process.exitCode = report(error, argv.includes('--json'));
}
