import { columns, displayWidth, fit, harmless, paint, print } from './terminal.ts';

/** A row as the server gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** The value at `company.name`. */
export function valueAt(row: Row, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Row | null | undefined)?.[key], row);
}

/** A value as it stands in a cell. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cellOf).join(', ');
  return harmless(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

const GAP = '  ';
const LEAST = 4;

/**
 * Prints rows in columns fitted to the terminal. Where there is none, whole cells separated by tabs under one line of
 * names, as `cut` and `awk` read them. Columns keep the widths that the first rows need.
 */
export function tablePrinter(paths: readonly string[]): (rows: readonly Row[]) => Promise<void> {
  let widths: number[] | undefined;
  let numeric: boolean[] = [];
  return async (rows) => {
    const cells = rows.map((row) => paths.map((path) => cellOf(valueAt(row, path))));
    const room = columns();
    let text = '';
    if (room === undefined) {
      if (!widths) text = `${paths.join('\t')}\n`;
      widths = [];
      await print(text + cells.map((line) => `${line.join('\t')}\n`).join(''));
      return;
    }
    if (!widths) {
      const needed = paths.map((path, at) =>
        Math.max(displayWidth(path), ...cells.map((line) => displayWidth(line[at]!))),
      );
      widths = fitted(needed, room - GAP.length * (paths.length - 1));
      numeric = paths.map((path) => rows.some((row) => typeof valueAt(row, path) === 'number'));
      text = `${lineOf(paths, widths, numeric, (cell) => paint.out('bold', cell))}\n`;
    }
    for (const line of cells) text += `${lineOf(line, widths, numeric)}\n`;
    await print(text);
  };
}

function lineOf(
  cells: readonly string[],
  widths: readonly number[],
  numeric: readonly boolean[],
  style = (cell: string) => cell,
): string {
  return cells
    .map((cell, at) => style(fit(cell, widths[at]!, numeric[at] ? 'right' : 'left')))
    .join(GAP)
    .trimEnd();
}

/** Widths that together take the room there is: the widest columns give way first. */
function fitted(needed: readonly number[], room: number): number[] {
  const widths = [...needed];
  let left = widths.reduce((sum, width) => sum + width, 0) - room;
  while (left > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.indexOf(widest)] = widest - 1;
    left--;
  }
  return widths;
}

/** Prints one row as lines of name and value. */
export async function printRow(row: Row, paths: readonly string[]): Promise<void> {
  const width = Math.max(...paths.map(displayWidth));
  for (const path of paths) {
    const cell = cellOf(valueAt(row, path));
    if (cell) await print(`${paint.out('dim', fit(path, width))}${GAP}${cell}\n`);
  }
}
