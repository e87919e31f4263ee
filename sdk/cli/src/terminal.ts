import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const coloured = ({ isTTY }: NodeJS.WriteStream) => isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
const painter =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) =>
    coloured(stream) ? styleText(style, text, { validateStream: false }) : text;

/** Styles for what goes to each stream; plain text where it is no terminal, or with NO_COLOR set. */
export const paint = { out: painter(process.stdout), err: painter(process.stderr) };

/** Writes results. Waits while the reader is slow, so that memory stays flat. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Tells the person at the terminal something; scripts read standard output alone. */
export const tell = (text: string) => void process.stderr.write(`${text}\n`);

/** Columns of the terminal that results go to; undefined when they do not go to one. */
export const columns = () => (process.stdout.isTTY ? process.stdout.columns || 80 : undefined);

const segmenter = new Intl.Segmenter();
const widthOf = (grapheme: string) => eastAsianWidth(grapheme.codePointAt(0)!);

/** How many columns a text takes. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += widthOf(segment);
  return width;
}

/** A text of exactly so many columns: cut with an ellipsis, or filled with blanks. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  let shown = text;
  if (displayWidth(text) > width) {
    shown = '';
    let used = 0;
    for (const { segment } of segmenter.segment(text)) {
      used += widthOf(segment);
      if (used > width - 1) break;
      shown += segment;
    }
    shown += '…';
  }
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(shown)));
  return align === 'right' ? blanks + shown : shown + blanks;
}

/** Text for a terminal: what would move its cursor, colour it or command it is taken out. */
export const harmless = (text: string) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

/** Asks at the terminal for something that is not shown as it is typed. */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const input = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      input.question('', resolve);
      input.once('SIGINT', () => reject(new Interrupted()));
      input.once('close', () => reject(new Interrupted()));
    });
  } finally {
    input.close();
    process.stderr.write('\n');
  }
}

/** Asks at the terminal for a line. */
export async function ask(question: string): Promise<string> {
  const input = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      input.question(question, (answer) => resolve(answer.trim()));
      input.once('SIGINT', () => reject(new Interrupted()));
      input.once('close', () => reject(new Interrupted()));
    });
  } finally {
    input.close();
  }
}

/** Whoever was asked gave up: Ctrl-C or Ctrl-D. */
export class Interrupted extends Error {}

/** A line at the bottom of the terminal that is written anew as things go on; without a terminal there is none. */
export interface Progress {
  /** `share` from 0 to 1 draws a bar. */
  readonly show: (text: string, share?: number) => void;
  readonly clear: () => void;
}

const REDRAW_MS = 100;
const BAR = 24;

export function progress(): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = 0;
  return {
    show: (text, share) => {
      if (Date.now() - shown < REDRAW_MS && share !== 1) return;
      shown = Date.now();
      const done = Math.round((share ?? 0) * BAR);
      const bar =
        share === undefined
          ? ''
          : `${paint.err('cyan', '━'.repeat(done))}${paint.err('dim', '━'.repeat(BAR - done))} ${String(Math.floor(share * 100)).padStart(3)} %  `;
      const room = (stderr.columns || 80) - 1 - (share === undefined ? 0 : BAR + 8);
      stderr.write(`\r\x1b[2K${bar}${fit(text, Math.min(room, displayWidth(text)))}`);
    },
    clear: () => void (shown && stderr.write('\r\x1b[2K')),
  };
}

/** `1,234,567` in every locale: what is shown is the same on every machine. */
export const number = (value: number) => value.toLocaleString('en-US');

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
/** `12.3 MiB` */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${power === 0 ? bytes : (bytes / 2 ** (10 * power)).toFixed(1)} ${UNITS[power]}`;
}

/** `1 contact`, `1,234 contacts` */
export const counted = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;
