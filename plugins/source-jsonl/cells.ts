import { listCell, literalCell } from '@contact360/server';

/** Objects further down are kept as JSON text. */
const MAX_DEPTH = 5;
const MAX_NAME_LENGTH = 1000;
/** Kept whole, as JSON, which an import reads to the letter: that of the record, and `company_meta_data`. */
const META_DATA = /(^|[._])meta_data$/;
/** A whole number that JavaScript's numbers cannot hold exactly. */
const LONG_DIGITS = /\d{16}/;

/** An object that cannot become a row, as a sentence. */
export class Unusable extends Error {}

/**
 * What a line holds, by column. `{"company": {"name": "Acme"}}` is `Acme` under `company.name`; a list of texts or numbers
 * is a list cell, any other list its JSON. Throws {@link Unusable}.
 */
export function valuesOf(line: string): Map<string, string> {
  const values = new Map<string, string>();
  flatten('', parseObject(line), 0, values);
  return values;
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
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);

/** What ECMAScript has for numbers beyond its own, which TypeScript does not know yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON: (text: string) => object;
  isRawJSON: (value: unknown) => boolean;
};

/** Keeps the digits of numbers that would lose some: identifiers and phone numbers are written so. */
function exactNumbers(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
    ? rawJSON(source)
    : value;
}

function flatten(prefix: string, object: object, depth: number, values: Map<string, string>): void {
  for (const [key, value] of Object.entries(object)) {
    const name = (prefix + key).toWellFormed().replaceAll('\0', '\ufffd');
    if (name.length > MAX_NAME_LENGTH)
      throw new Unusable(
        `A key is longer than ${MAX_NAME_LENGTH.toLocaleString('en')} characters: ${name.slice(0, 60)}…`,
      );
    if (isObject(value) && depth < MAX_DEPTH && !META_DATA.test(name)) {
      flatten(`${name}.`, value, depth + 1, values);
    } else {
      const text = literalCell(textOf(value).toWellFormed());
      // Of two keys that mean one column (`a.b` and a `b` in `a`) the first that says something counts, as of columns.
      if (!values.get(name)) values.set(name, text);
    }
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (!Array.isArray(value)) return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const isFlat = value.every((element) => typeof element !== 'object' || element === null || isRawJSON(element));
  return isFlat ? listCell(value.map(textOf)) : JSON.stringify(value);
}
