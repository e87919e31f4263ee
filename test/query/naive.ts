/**
 * What a query means, said a second time as plainly as can be: on row objects in memory, one value at a time. It shares
 * the declarations of fields with the product and nothing else, so that the two can be held against each other.
 */
import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import type { Condition, Filter, Order, RecordType } from '@contact360/server';

/** A row as readers get it, its related company beside it; computed fields are worked out here. */
export interface NaiveRow {
  readonly [field: string]: unknown;
  readonly company?: NaiveRow | null;
}

type Value = string | number | readonly string[] | object | null;
type Kind = 'text' | 'list' | 'number' | 'instant' | 'uuid' | 'json';

const KINDS: Record<string, Kind> = {
  text: 'text',
  email: 'text',
  url: 'text',
  phone: 'text',
  list: 'list',
  integer: 'number',
  money: 'number',
  timestamp: 'instant',
  uuid: 'uuid',
  json: 'json',
};

/** Every path that may be asked for, with its kind. */
export function kindsOf(record: RecordType): Record<string, Kind> {
  const own = ({ fields, computed }: RecordType): [string, Kind][] => [
    ...Object.entries(fields).map(([name, { kind }]): [string, Kind] => [name, KINDS[kind]!]),
    ...Object.keys(computed).map((name): [string, Kind] => [name, 'text']),
  ];
  const related = Object.entries(record.relations).flatMap(([name, relation]) =>
    own(relation.record).map(([path, kind]): [string, Kind] => [`${name}.${path}`, kind]),
  );
  return Object.fromEntries([...own(record), ...related]);
}

const ALL_KINDS = { contact: kindsOf(contact), company: kindsOf(company) };
const isContact = (row: NaiveRow) => 'first_name' in row;
const kindOf = (row: NaiveRow, path: string) => ALL_KINDS[isContact(row) ? 'contact' : 'company'][path]!;

/** The value at a path; `null` where it is missing. */
export function valueAt(row: NaiveRow, path: string): Value {
  if (path.startsWith('company.')) return row.company ? valueAt(row.company, path.slice('company.'.length)) : null;
  if (path === 'location') {
    const parts = isContact(row) ? ['city', 'state', 'country'] : ['address', 'city', 'state', 'country'];
    return (row.text_search as string | null) ?? (present(parts.map((part) => row[part])).join(', ') || null);
  }
  if (path === 'office_phone')
    return (row.corporate_phone as string | null) ?? (row.company?.phone_number as string | undefined) ?? null;
  return (row[path] ?? null) as Value;
}

const present = (values: readonly unknown[]) => values.filter((value) => value !== null) as string[];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
const RESERVED = /[\u0001\u001e\u001f]/g;

/** Text as it is stored: composed, no control characters that the store needs for itself, trimmed. */
export const stored = (text: string) => text.normalize('NFC').replace(RESERVED, ' ').trim();

/** Every row's text is looked at again by each condition of each run. */
function remembered<Result>(work: (text: string) => Result): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    if (!results.has(text)) results.set(text, work(text));
    return results.get(text)!;
  };
}

/** Lower case, each code point for itself. */
export const lower = remembered((text) =>
  Array.from(text.replaceAll('İ', 'i'), (character) => character.toLowerCase()).join(''),
);

const WITHOUT_ACCENT: Record<string, string> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
  ...{ ø: 'o', ł: 'l', đ: 'd', ħ: 'h', ı: 'i', ŧ: 't' },
};

/** Lower case without accents. */
export const plain = remembered((text) => {
  const letters = Array.from(lower(text).normalize('NFD')).filter((character) => !/^[\u0300-\u036f]$/.test(character));
  return Array.from(letters.join('').normalize('NFC'), (letter) => WITHOUT_ACCENT[letter] ?? letter).join('');
});

/** The words of a plain text: what stands between blanks and punctuation. */
const wordsOf = remembered((text) =>
  Array.from(text, (character) => (isPartOfWord(character.codePointAt(0)!) ? character : ' '))
    .join('')
    .split(' ')
    .filter(Boolean),
);

function isPartOfWord(code: number): boolean {
  if (code < 0x80) return /[a-z0-9]/.test(String.fromCodePoint(code));
  const between = (first: number, last: number) => code >= first && code <= last;
  return !(
    between(0x80, 0xbf) ||
    code === 0xd7 ||
    code === 0xf7 ||
    between(0x2000, 0x206f) ||
    between(0x3000, 0x303f) ||
    between(0xff00, 0xff0f) ||
    between(0xff1a, 0xff20)
  );
}

/** Whether a row matches. Logic is two-valued: what is asked of a missing value is false, its negation true. */
function matches(row: NaiveRow, filter: Filter): boolean {
  if ('field' in filter) return holds(row, filter);
  const { and = [], or = [], not } = filter;
  return (
    and.every((part) => matches(row, part)) &&
    (or.length === 0 || or.some((part) => matches(row, part))) &&
    (not === undefined || !matches(row, not))
  );
}

function holds(row: NaiveRow, condition: Condition): boolean {
  const { field, operator, value: wanted } = condition;
  if (field === 'search') return hasWords(searched(row), wanted);
  const value = valueAt(row, field);
  const kind = kindOf(row, field);
  const texts = value === null ? [] : kind === 'list' ? (value as string[]) : [String(value)];
  switch (operator) {
    case 'ne':
      return !holds(row, { ...condition, operator: 'eq' });
    case 'nin':
      return !holds(row, { ...condition, operator: 'in' });
    case 'ncontains':
      return !holds(row, { ...condition, operator: 'contains' });
    case 'nexists':
      return !holds(row, { ...condition, operator: 'exists' });
    case 'exists':
      return (value !== null) === ((wanted as boolean | undefined) ?? true);
    case 'words':
      return hasWords(texts, wanted);
    case 'phrase':
      return hasPhrase(texts, wanted);
    case 'contains':
      return texts.some((text) => plain(text).includes(plain(stored(wanted as string))));
    case 'in':
      return (wanted as unknown[]).some((each) => holds(row, { field, operator: 'eq', value: each }));
    case 'eq':
      if (kind === 'list') return texts.some((text) => compare('text', text, wanted) === 0);
      return value !== null && compare(kind, value, wanted) === 0;
    case 'gt':
      return value !== null && compare(kind, value, wanted) > 0;
    case 'gte':
      return value !== null && compare(kind, value, wanted) >= 0;
    case 'lt':
      return value !== null && compare(kind, value, wanted) < 0;
    case 'lte':
      return value !== null && compare(kind, value, wanted) <= 0;
  }
}

/** What a free-text search looks in: the row's own search fields and those of its company (decision 25). */
function searched(row: NaiveRow): string[] {
  const own = (isContact(row) ? contact : company).search.fields.map((field) => row[field] ?? null);
  return [...present(own), ...(row.company ? searched(row.company) : [])];
}

/** Each word may be found in another text. A value without words asks for nothing and so is met. */
function hasWords(texts: readonly string[], value: unknown): boolean {
  type Words = { text: string; match?: 'all' | 'any'; unit?: 'part' | 'whole'; fuzzy?: boolean };
  const { text, match = 'all', unit = 'part', fuzzy } = (typeof value === 'string' ? { text: value } : value) as Words;
  const plainText = plain(stored(text));
  const words = unit === 'whole' ? wordsOf(plainText) : plainText.split(/\s+/u).filter(Boolean);
  const found = (word: string) =>
    texts.some((each) => {
      if (unit === 'part') return plain(each).includes(word);
      const whole = wordsOf(plain(each));
      return whole.includes(word) || (fuzzy && [...whole, ...wordsOf(lower(each))].some((near) => isTypo(word, near)));
    });
  return words.length === 0 || (match === 'all' ? words.every(found) : words.some(found));
}

/** Whether a word stands for another: one edit from 3 letters, two from 6 (decision 36), none in words beyond 60. */
function isTypo(wanted: string, found: string): boolean {
  const [a, b] = [Array.from(wanted), Array.from(found)] as const;
  const allowed = a.length < 3 ? 0 : a.length < 6 ? 1 : 2;
  return b.length <= 60 && Math.abs(a.length - b.length) <= allowed && edits(a, b, allowed) <= allowed;
}

/** The fewest inserts, deletes, replacements and swaps of neighbours, tried from the left; beyond `most` it gives up. */
function edits(a: readonly string[], b: readonly string[], most: number): number {
  if (most < 0 || a.length === 0 || b.length === 0) return Math.max(a.length, b.length);
  if (a[0] === b[0]) return edits(a.slice(1), b.slice(1), most);
  const swapped = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  const tried: [number, number][] = [[1, 0], [0, 1], [1, 1], ...(swapped ? [[2, 2] as [number, number]] : [])];
  return 1 + Math.min(...tried.map(([x, y]) => edits(a.slice(x), b.slice(y), most - 1)));
}

/** Whether some text has the words in order with at most `slop` others between them in all: every choice is tried. */
function hasPhrase(texts: readonly string[], value: unknown): boolean {
  const { text, slop = 0 } = (typeof value === 'string' ? { text: value } : value) as { text: string; slop?: number };
  const [first, ...rest] = wordsOf(plain(stored(text)));
  if (first === undefined) return true;
  const follow = (words: readonly string[], at: number, wanted: readonly string[], left: number): boolean => {
    const [next, ...others] = wanted;
    if (next === undefined) return true;
    for (let skipped = 0; skipped <= left && at + skipped < words.length; skipped++) {
      if (words[at + skipped] === next && follow(words, at + skipped + 1, others, left - skipped)) return true;
    }
    return false;
  };
  return texts.some((each) => {
    const words = wordsOf(plain(each));
    return words.some((word, at) => word === first && follow(words, at + 1, rest, slop));
  });
}

function compare(kind: Kind, a: unknown, b: unknown): number {
  switch (kind) {
    case 'text':
      return compareTexts(lower(stored(a as string)), lower(stored(b as string)));
    case 'list':
      return compareTexts(asText(a as string[]), asText(b as string[]));
    case 'number':
      return (a as number) < (b as number) ? -1 : Number((a as number) > (b as number));
    case 'instant':
      return Number(microseconds(a as string) - microseconds(b as string));
    case 'uuid':
      return compareTexts(hex(a as string), hex(b as string));
    case 'json':
      throw new Error('Objects are not compared');
  }
}

function compareTexts(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => Array.from(text, (character) => character.codePointAt(0)!)) as [
    number[],
    number[],
  ];
  const at = left.findIndex((code, index) => code !== right[index]);
  return at < 0 ? left.length - right.length : left[at]! - (right[at] ?? -1);
}

/** Element by element; a unit separator, below every printable character, stands after each. */
const asText = (elements: readonly string[]) => elements.map((element) => `${lower(element)}\u001f`).join('');

const hex = (uuid: string) => uuid.replaceAll('-', '').toLowerCase();

/** Microseconds since 1970 of an ISO 8601 time, which is in UTC when it names no offset. */
function microseconds(text: string): bigint {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const whole = text.replace(`.${fraction}`, '');
  const zoned = /T.*(Z|[+-]\d\d:\d\d)$/.test(whole) || !whole.includes('T') ? whole : `${whole}Z`;
  return BigInt(Date.parse(zoned)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/**
 * The matching rows in order: newest first by default, missing values last in both directions, ties by `id` in the
 * direction of the last field (decision 20).
 */
export function select<R extends NaiveRow>(rows: readonly R[], filter: Filter = {}, order: readonly Order[] = []): R[] {
  const fields: readonly Order[] = order.length > 0 ? order : [{ field: 'created_at', direction: 'desc' }];
  const complete = [...fields, { field: 'id', direction: fields.at(-1)!.direction }];
  return rows
    .filter((row) => matches(row, filter))
    .toSorted((a, b) => {
      for (const { field, direction } of complete) {
        const [left, right] = [valueAt(a, field), valueAt(b, field)];
        if (left === null && right === null) continue;
        if (left === null || right === null) return left === null ? 1 : -1;
        const difference = compare(kindOf(a, field), left, right);
        if (difference !== 0) return direction === 'asc' ? difference : -difference;
      }
      return 0;
    });
}
