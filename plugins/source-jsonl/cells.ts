import { listCell } from '@contact360/server';

/** Objects further down are kept as JSON text. */
const MAX_DEPTH = 5;
const MAX_COLUMNS = 10_000;
const MAX_NAME_LENGTH = 1000;
/** Keys below this one are named by themselves: what an import keeps as meta data comes back under its heading. */
const META_DATA = 'meta_data';
/** A whole number that JavaScript's numbers cannot hold exactly. */
const LONG_DIGITS = /\d{16}/;

/** An object that cannot become a row, as a sentence. */
export class Unusable extends Error {}

/** The columns of a file, which are named as they are met, and objects as cells under them. */
export class Columns {
  readonly names: string[];
  readonly #places: Map<string, number>;

  constructor(names: readonly string[]) {
    this.names = [...names];
    this.#places = new Map(this.names.map((name, place) => [name, place]));
  }

  /**
   * The cells of a line. `{"company": {"name": "Acme"}}` is a cell under `company.name`; a list of texts or numbers is a
   * list cell, any other list its JSON. Throws {@link Unusable}; the columns then stay as they were.
   */
  cellsOf(line: string): string[] {
    const values = new Map<string, string>();
    flatten('', parseObject(line), 0, values);
    const added = [...values.keys()].filter((name) => !this.#places.has(name));
    if (this.names.length + added.length > MAX_COLUMNS)
      throw new Unusable(
        `The file has more than ${MAX_COLUMNS.toLocaleString('en')} different keys. Use lists in place of objects whose keys are data.`,
      );
    for (const name of added) {
      this.#places.set(name, this.names.length);
      this.names.push(name);
    }
    const cells: string[] = [];
    for (const [name, value] of values) {
      const place = this.#places.get(name)!;
      while (cells.length <= place) cells.push('');
      cells[place] = value;
    }
    return cells;
  }
}

function parseObject(line: string): object {
  let value: unknown;
  try {
    value = LONG_DIGITS.test(line) ? JSON.parse(line, exactNumbers) : JSON.parse(line);
  } catch (error) {
    const reason = (error as Error).message.replace(/ \(line 1 column \d+\)$/, '').slice(0, 200);
    throw new Unusable(`The line is not valid JSON: ${reason.toWellFormed()}.`);
  }
  if (isObject(value)) return value;
  const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  throw new Unusable(`The line holds ${kind}, not an object like {"email": "ann@example.com"}.`);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keeps the digits of numbers that would lose some: identifiers and phone numbers are written so. */
function exactNumbers(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
    ? source
    : value;
}

function flatten(prefix: string, object: object, depth: number, values: Map<string, string>): void {
  for (const [key, value] of Object.entries(object)) {
    const name = (prefix + key).toWellFormed().replaceAll('\0', '\ufffd');
    if (name.length > MAX_NAME_LENGTH)
      throw new Unusable(
        `A key is longer than ${MAX_NAME_LENGTH.toLocaleString('en')} characters: ${name.slice(0, 60)}…`,
      );
    if (isObject(value) && depth < MAX_DEPTH) {
      flatten(name === META_DATA ? '' : `${name}.`, value, depth + 1, values);
    } else {
      const text = textOf(value).toWellFormed();
      // Of two keys that mean one column (`a.b` and a `b` in `a`) the first that says something counts, as of columns.
      if (!values.get(name)) values.set(name, text);
    }
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isFlat = value.every((element) => typeof element !== 'object' || element === null);
  return isFlat ? listCell(value.map(textOf)) : JSON.stringify(value);
}
