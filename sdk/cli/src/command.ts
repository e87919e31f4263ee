import { parseArgs } from 'node:util';
import { usage } from './failure.ts';

/** An option of a command. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for its value in the help: `FILE`. */
  readonly value?: string;
  readonly help: string;
}

type Options = Readonly<Record<string, Option>>;

/** What was given of the options. */
export type Flags<O extends Options> = {
  readonly [K in keyof O]?: (O[K] extends { type: 'boolean' } ? boolean : string) | undefined;
};

/** A command as it is typed: `contact360 import FILE --watch`. */
export interface Command<O extends Options = Options> {
  readonly summary: string;
  /** Arguments, as the help shows them; those in brackets may be left out. */
  readonly arguments?: readonly string[];
  readonly options: O;
  /** What the help says below the options. */
  readonly details?: string;
  /** Gives the exit status when it is not 0. */
  readonly run: (flags: Flags<O & typeof COMMON>, args: readonly string[]) => Promise<number | undefined>;
}

export const defineCommand = <const O extends Options>(command: Command<O>): Command => command as unknown as Command;

/** Options that every command takes. */
export const COMMON = {
  url: { type: 'string', value: 'URL', help: 'the server (CONTACT360_URL; else that of the last login)' },
  json: { type: 'boolean', help: 'JSON on standard output, and nothing else there' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
} as const satisfies Options;

/** Reads what stands behind the name of a command. Throws a usage failure that says what is wrong. */
export function readArguments(command: Command, argv: readonly string[]): { flags: Flags<Options>; args: string[] } {
  const options: Options = { ...command.options, ...COMMON };
  try {
    const { values, positionals } = parseArgs({
      args: joined(argv, options),
      options: Object.fromEntries(
        Object.entries(options).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
      ),
      allowPositionals: true,
    });
    const wanted = command.arguments ?? [];
    const missing = wanted.find((name, index) => !name.startsWith('[') && positionals[index] === undefined);
    if (missing && !values.help) throw usage(`${missing} is missing.`);
    if (positionals.length > wanted.length)
      throw usage(`'${positionals[wanted.length]}' is more than this command takes; put what has blanks into quotes.`);
    return { flags: values as Flags<Options>, args: positionals };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    const unknown = /Unknown option '(-+[^']*)'/.exec(message)?.[1];
    throw usage(unknown ? `There is no option ${unknown}.` : `${message.split('. ')[0]}.`);
  }
}

/** `--order -created_at`: a value that begins with one dash is joined to its option, or it would be taken for another. */
function joined(argv: readonly string[], options: Options): string[] {
  const args: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const [arg, next] = [argv[at]!, argv[at + 1]];
    if (arg === '--') return [...args, ...argv.slice(at)];
    const takesNext = arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
    if (takesNext && next !== undefined && /^-[^-]/.test(next)) args.push(`${arg}=${argv[++at]}`);
    else args.push(arg);
  }
  return args;
}

/** The help of one command. */
export function helpOf(name: string, { summary, arguments: args = [], options, details }: Command): string {
  const all = Object.entries({ ...options, ...COMMON } as Options).map(([option, { short, value, help }]) => [
    `${short ? `-${short}, ` : ''}--${option}${value ? ` ${value}` : ''}`,
    help,
  ]);
  return [
    `${summary}\n`,
    `  contact360 ${[name, ...args].join(' ')} [options]\n`,
    aligned(all),
    ...(details ? [`\n${details}`] : []),
  ].join('\n');
}

/** Lines of two columns. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const width = Math.max(...lines.map(([left]) => left!.length));
  return lines.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`).join('\n');
}

/** A whole number that an option gives. */
export function wholeNumber(name: string, text: string | undefined, minimum: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll(/[_,]/g, ''));
  if (!Number.isSafeInteger(value) || value < minimum)
    throw usage(`--${name} takes a whole number from ${minimum}, not '${text}'.`);
  return value;
}
