import { z } from 'zod';
import { normalizeText } from './text.ts';

/** A JSON object, as `meta_data` holds it. */
export type JsonObject = { [key: string]: unknown };

/** The value that a field of each kind bears, as it stands in rows, inputs and filters. */
export interface KindValues {
  text: string;
  email: string;
  url: string;
  phone: string;
  list: string[];
  integer: number;
  money: number;
  timestamp: string;
  uuid: string;
  json: JsonObject;
}

export type Kind = keyof KindValues;

/** How values of a kind are compared: as folded text, as elements of a list, by their own order, or not at all. */
export type Comparison = 'text' | 'list' | 'number' | 'timestamp' | 'uuid' | 'none';

export interface KindSpec<K extends Kind = Kind> {
  readonly comparison: Comparison;
  readonly columnType: string;
  /** What a person reads in an error: "`employees_count` takes a whole number". */
  readonly takes: string;
  readonly schema: z.ZodType<KindValues[K]>;
  /** A CSV cell (not empty, trimmed) as a value; `undefined` when it has no valid form. */
  readonly parseCell: (cell: string) => KindValues[K] | undefined;
}

const noNul = (text: string) => !text.includes('\0');
const NUL_MESSAGE = 'must not contain a NUL character';
const text = z.string().refine(noNul, NUL_MESSAGE).overwrite(normalizeText);
const EMAIL = /^[^\s@,;:"<>()[\]\\]+@[^\s@.,;:/"<>()[\]\\]+(\.[^\s@.,;:/"<>()[\]\\]+)+$/;
const email = text.refine((value) => value === '' || isEmail(value), 'Invalid email format');
const wholeNumber = z.int();
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** Whether a text has the form of one email address. */
export function isEmail(value: string): boolean {
  return value.length <= 320 && EMAIL.test(value);
}

/** A UUID in its usual spelling, or `undefined`. */
export function parseUuid(value: string): string | undefined {
  if (!UUID.test(value)) return undefined;
  const digits = value.replaceAll('-', '').toLowerCase();
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

const NUMBER = /^([+-]?)\s*[$€£]?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*([kmb]?)$/i;
const MULTIPLES: Record<string, number> = { k: 1e3, m: 1e6, b: 1e9 };

/** Numbers as people write them in spreadsheets: `1,234`, `$10M`, `1.5K`, `12.0` (decision 41). */
export function parseNumber(cell: string): number | undefined {
  const match = NUMBER.exec(cell);
  if (!match) return undefined;
  const [, sign, whole, fraction = '', multiple] = match;
  const value = Math.round(Number(whole!.replaceAll(',', '') + fraction) * (MULTIPLES[multiple!.toLowerCase()] ?? 1));
  return Number.isSafeInteger(value) ? (sign === '-' ? 0 - value : value) : undefined;
}

/**
 * The elements of a list cell: separated by commas; an element in double quotes keeps its commas (decision 46);
 * empty elements and repetitions (in any case) are dropped.
 */
export function parseList(cell: string): string[] {
  const elements = cell.includes('"')
    ? [...cell.matchAll(/\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))(?:,|$)/g)].map(
        (m) => m[1]?.replaceAll('""', '"') ?? m[2]!,
      )
    : cell.split(',');
  return distinctElements(elements);
}

/** List elements as stored: normalised, empty ones and repetitions in any case dropped. */
export function distinctElements(elements: readonly string[]): string[] {
  const distinct = new Map<string, string>();
  for (const each of elements) {
    const element = normalizeText(each);
    const key = element.toLowerCase();
    if (key !== '' && !distinct.has(key)) distinct.set(key, element);
  }
  return [...distinct.values()];
}

const ISO_TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?:(:\d{2})(?:\.(\d{1,9}))?)?\s*(?:Z|([+-]\d{2}):?(\d{2})?)?)?$/i;

/** An ISO 8601 date or time (UTC when it names no offset) in UTC with microseconds, or `undefined`. */
export function parseTimestamp(value: string): string | undefined {
  const match = ISO_TIMESTAMP.exec(value.trim());
  if (!match) return undefined;
  const [, day, time = '00:00', seconds = ':00', fraction = '', hours = '+00', minutes = '00'] = match;
  const date = new Date(`${day}T${time}${seconds}${hours}:${minutes}`);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return undefined;
  // JavaScript takes 30 February for 1 March.
  if (new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) return undefined;
  return `${date.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/** Whether PostgreSQL takes the JSON: of the escapes that `JSON.stringify` writes it refuses NUL and lone surrogates. */
function isStorable(value: JsonObject): boolean {
  return !/\\u(?:0000|d[89a-f])/.test(JSON.stringify(value).replaceAll('\\\\', ''));
}

/** Objects in objects; PostgreSQL would take more, and run out of stack somewhere further down. */
const MAX_JSON_DEPTH = 100;

/** A JSON object in a cell, as exports write it. */
function parseObject(cell: string): JsonObject | undefined {
  if (!cell.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(cell) as JsonObject;
    return isShallow(value, MAX_JSON_DEPTH) && isStorable(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1));
}

const textual = (takes: string, schema: z.ZodType<string> = text) => ({
  comparison: 'text' as const,
  columnType: 'text',
  takes,
  schema,
  parseCell: (cell: string) => cell,
});

/** One row per kind: the only place that tells kinds apart. */
export const KINDS: { readonly [K in Kind]: KindSpec<K> } = {
  text: textual('a text'),
  email: { ...textual('an email address', email), parseCell: (cell) => (isEmail(cell) ? cell : undefined) },
  url: textual('a web address'),
  phone: textual('a phone number'),
  list: {
    comparison: 'list',
    columnType: 'text[]',
    takes: 'a list of texts',
    schema: z.array(z.string().refine(noNul, NUL_MESSAGE)).overwrite(distinctElements),
    parseCell: parseList,
  },
  integer: {
    comparison: 'number',
    columnType: 'bigint',
    takes: 'a whole number',
    schema: wholeNumber,
    parseCell: parseNumber,
  },
  money: {
    comparison: 'number',
    columnType: 'bigint',
    takes: 'a whole amount',
    schema: wholeNumber,
    parseCell: parseNumber,
  },
  timestamp: {
    comparison: 'timestamp',
    columnType: 'timestamptz',
    takes: 'an ISO 8601 time such as 2024-01-01T00:00:00Z',
    schema: z
      .string()
      .refine((value) => parseTimestamp(value) !== undefined, 'must be an ISO 8601 time')
      .overwrite((value) => parseTimestamp(value) ?? value),
    parseCell: parseTimestamp,
  },
  uuid: {
    comparison: 'uuid',
    columnType: 'uuid',
    takes: 'a UUID',
    schema: z
      .string()
      .refine((value) => parseUuid(value) !== undefined, 'must be a UUID')
      .overwrite((value) => parseUuid(value) ?? value),
    parseCell: parseUuid,
  },
  json: {
    comparison: 'none',
    columnType: 'jsonb',
    takes: 'a JSON object',
    schema: z
      .record(z.string(), z.unknown())
      .refine(isStorable, 'must not contain a NUL character or half of a surrogate pair'),
    parseCell: parseObject,
  },
};
