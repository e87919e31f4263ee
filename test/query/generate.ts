/** Rows for the property tests of queries, the queries that are asked about them, and how rows come into a database. */
import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import type { Filter, Order, RecordType } from '@contact360/server';
import { copiedColumn, copyColumns } from '@contact360/server/testing';
import fc, { type Arbitrary } from 'fast-check';
import type { Pool } from 'pg';
import { kindsOf, lower, type NaiveRow, plain, stored, valueAt } from './naive.ts';

export interface Rows {
  /** All rows, those that are deleted included. */
  readonly companies: readonly NaiveRow[];
  readonly contacts: readonly NaiveRow[];
}

/** Upper-case letters of Unicode 17, which JavaScript lowers and PostgreSQL 18 does not know yet. */
const UNKNOWN_LETTERS = /[\ua7ce\ua7d2\ua7d4\u{16ea0}-\u{16eb8}]/u;

const WORDS = [
  ...['cto', 'CTO', 'Vice', 'vice', 'President', 'Président', 'président', 'vp', 'Sales', 'SALES', 'a', 'b', 'ab', 'c'],
  ...['José', 'jose', 'JOSE\u0301', 'Straße', 'STRASSE', 'Ærøskøbing', 'Łódź', 'ıspanak', 'İstanbul', 'Þór', 'q\u0303'],
  ...[
    'ΣΑΣ',
    'σας',
    'ς',
    '日本',
    '東京',
    'ガ',
    'й',
    'и',
    '100%',
    'a_b',
    '%',
    '_',
    'back\\slash',
    '\\',
    "O'Neil",
    '"said"',
  ],
  ...[
    'C++',
    '.net',
    '(x)',
    '[y]',
    '^z$',
    'a|b',
    'a.b',
    'x*',
    'node.js',
    '1,234',
    'acme',
    'Acme',
    '2x',
    '$5',
    '😀',
    'x≠y',
  ],
];
const GAPS = [' ', ' ', ' ', ', ', '-', '/', '  ', ' & ', '\t', '\n', '、', ' — ', '_', '', '\u00a0'];

const word = fc.constantFrom(...WORDS);
const words = fc
  .array(fc.tuple(word, fc.constantFrom(...GAPS)), { minLength: 1, maxLength: 7 })
  .map((parts) => parts.flat().join(''));
const anything = fc
  .oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 5 }))
  .filter((text) => !text.includes('\0') && !UNKNOWN_LETTERS.test(text));
const text = fc.oneof(
  { weight: 5, arbitrary: word },
  { weight: 6, arbitrary: words },
  { weight: 2, arbitrary: anything },
);

const NUMBERS = [0, 1, 2, 5, 10, 11, 50, 51, 100, 5000, -1, -7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const INSTANTS = [
  ...['1970-01-01T00:00:00.000000Z', '2024-01-01T00:00:00.000000Z', '2024-01-01T00:00:00.000001Z'],
  ...['2024-01-01T00:00:00.500000Z', '2024-02-29T23:59:59.999999Z', '2025-06-30T12:30:00.123456Z'],
];

/** Missing one time in three. */
const maybe = <T>(value: Arbitrary<T>) => fc.option(value, { freq: 2 });

/** A value as the store would hold it, or `null`. */
function storedValue(record: RecordType, name: string): Arbitrary<unknown> {
  switch (kindsOf(record)[name]!) {
    case 'text':
      return maybe(text.map((each) => stored(each) || null));
    case 'list':
      return maybe(
        fc.array(text, { minLength: 1, maxLength: 4 }).map((elements) => {
          const seen = new Map(elements.map((each) => [stored(each).toLowerCase(), stored(each)]));
          seen.delete('');
          return seen.size > 0 ? [...seen.values()] : null;
        }),
      );
    case 'number':
      return maybe(fc.oneof(fc.constantFrom(...NUMBERS), fc.nat(20)));
    case 'instant':
      return fc.constantFrom(...INSTANTS);
    case 'uuid':
      return fc.uuid();
    case 'json':
      return maybe(fc.constantFrom({}, { note: 'a' }, { list: [1, null] }));
  }
}

const rowOf = (record: RecordType) =>
  fc.record(Object.fromEntries(Object.keys(record.fields).map((name) => [name, storedValue(record, name)])));

/** Makes rows: a tenth of them deleted, a third of the contacts without a company, unique values made unique. */
export function generateRows(seed: number, { companies = 30, contacts = 300 } = {}): Rows {
  const drawn = <T>(arbitrary: Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { seed, numRuns });
  // Row numbers in no relation to any other order.
  const numbers = (count: number) =>
    drawn(
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, i) => i + 1),
        { minLength: count },
      ),
      1,
    )[0]!;
  const companyNumbers = numbers(companies);
  const companyRows: NaiveRow[] = drawn(rowOf(company), companies).map((row, index) => ({
    ...row,
    id: companyNumbers[index],
    normalized_domain: row.normalized_domain === null ? null : `${row.normalized_domain}.${index}`,
    deleted_at: index % 10 === 9 ? INSTANTS[1] : null,
  }));
  const living = companyRows.filter(({ deleted_at }) => deleted_at === null);
  const contactNumbers = numbers(contacts);
  const contactRows = drawn(fc.tuple(rowOf(contact), maybe(fc.constantFrom(...living))), contacts).map(
    ([row, employer], index): NaiveRow => ({
      ...row,
      id: contactNumbers[index],
      email: row.email === null ? null : `${row.email}.${index}`,
      company_id: employer?.uuid ?? null,
      company: employer,
      deleted_at: index % 10 === 9 ? INSTANTS[1] : null,
    }),
  );
  return { companies: companyRows, contacts: contactRows };
}

/** Writes rows as they are, and beside each contact what the store would copy from its company. */
export async function insertRows(pool: Pool, { companies, contacts }: Rows): Promise<void> {
  await insert(pool, company, companies);
  await insert(pool, contact, contacts);
}

async function insert(pool: Pool, record: RecordType, rows: readonly NaiveRow[]): Promise<void> {
  const { table } = record;
  const columns = [...Object.keys(record.fields), 'deleted_at'].join(', ');
  await pool.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`,
    [JSON.stringify(rows)],
  );
  for (const [name, relation] of Object.entries(record.relations)) {
    const copies = copyColumns(record, name).map((copy) => `${copy} = related.${copiedColumn(name, copy)}`);
    await pool.query(
      `update ${table} set ${[`${relation.rowKey} = related.id`, ...copies].join(', ')}
       from ${relation.record.table} related where related.uuid = ${table}.${relation.key} and ${table}.${relation.rowKey} is null`,
    );
  }
}

/** A text as someone else would write it: in another case, with other accents or none, decomposed, with blanks around it. */
const spelled = (each: string) =>
  fc
    .constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      lower,
      plain,
      (text) => text.replaceAll('e', 'é').replaceAll('a', 'Ä'),
      (text) => text.normalize('NFD'),
      (text) => ` ${text}\t`,
    )
    .map((spell) => spell(each));

const part = (each: string) =>
  fc.tuple(fc.nat(each.length), fc.nat(8)).map(([start, length]) => {
    const characters = Array.from(each);
    const from = start % (characters.length || 1);
    return characters.slice(from, from + length).join('');
  });

/** Some words of a text in their order, the others left out. */
const someWords = (each: string) => {
  const all = each.split(/[\s,/&—_-]+/u).filter(Boolean);
  return fc
    .subarray(all, { minLength: Math.min(1, all.length), maxLength: Math.min(4, all.length) })
    .map((some) => some.join(' '));
};

/** Spellings of one instant. */
const instant = fc
  .constantFrom(...INSTANTS)
  .chain((each) =>
    fc.constantFrom(
      each,
      each.replace('Z', '+00:00'),
      each.replace('Z', ''),
      each.replace('Z', '-01:00'),
      each.slice(0, 10),
    ),
  );

const anyNumber = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.nat(20),
  fc.constantFrom(0.5, -0.5, 10.000001, 4999.999, -7.5, -0),
  fc.constantFrom(2 ** 63, -(2 ** 63), 2 ** 62, 2 ** 64, 1e300, -1e300, Number.MAX_VALUE, Number.MIN_VALUE),
);

const EQUALITY = ['eq', 'ne', 'in', 'nin', 'exists', 'nexists'] as const;
const ORDERED = [...EQUALITY, 'gt', 'gte', 'lt', 'lte'] as const;
const WORDED = ['contains', 'ncontains', 'words', 'phrase'] as const;
const OPERATORS = {
  text: [...ORDERED, ...WORDED],
  list: [...EQUALITY, ...WORDED],
  number: ORDERED,
  instant: ORDERED,
  uuid: EQUALITY,
  json: ['exists', 'nexists'],
} as const;

/** How often a kind of field is asked about. */
const WEIGHTS = { text: 6, list: 3, number: 3, instant: 1, uuid: 1, json: 1 };

/** Conditions on every path with every operator it takes; values are mostly near to what the rows bear. */
export function conditions(record: RecordType, rows: readonly NaiveRow[]): Arbitrary<Filter> {
  const kinds = kindsOf(record);
  const ofKinds = Object.entries(WEIGHTS).flatMap(([kind, weight]) => {
    const fields = Object.keys(kinds).filter((field) => kinds[field] === kind);
    const arbitrary = fc.oneof(...fields.map((field) => conditionOn(field, kinds[field]!, rows)));
    return fields.length > 0 ? [{ weight, arbitrary }] : [];
  });
  const searched = rows.flatMap((row) => record.search.fields.map((name) => row[name] as string | null));
  const search = wordsValue(fc.constantFrom(...searched.filter((value) => value !== null)));
  return fc.oneof(...ofKinds, {
    weight: 2,
    arbitrary: search.map((value): Filter => ({ field: 'search', operator: 'words', value })),
  });
}

type Kind = keyof typeof OPERATORS;
type FieldOperator = (typeof OPERATORS)[Kind][number];

function conditionOn(field: string, kind: Kind, rows: readonly NaiveRow[]): Arbitrary<Filter> {
  const borne = rows.map((row) => valueAt(row, field)).filter((value) => value !== null);
  const near = borne.length > 0 ? fc.constantFrom(...borne) : fc.constant('nobody');
  const texts = borne.map((value) => (Array.isArray(value) ? value.join(' ') : String(value)));
  const nearText = fc.constantFrom(...texts, 'nobody');
  const element = near.chain((value) =>
    Array.isArray(value) ? fc.constantFrom(...value) : fc.constant(String(value)),
  );
  const whole: Record<Kind, Arbitrary<unknown>> = {
    text: fc.oneof(element.chain(spelled), text),
    list: fc.oneof(element.chain(spelled), text),
    number: fc.oneof(
      near,
      near.map((value) => Number(value) + 0.5),
      anyNumber,
    ),
    instant,
    uuid: element.chain((uuid) => fc.constantFrom(uuid, uuid.toUpperCase(), uuid.replaceAll('-', ''))),
    json: fc.constant(undefined),
  };
  const valueFor = (operator: FieldOperator): Arbitrary<unknown> => {
    switch (operator) {
      case 'in':
      case 'nin':
        return fc.array(whole[kind], { maxLength: 4 });
      case 'exists':
      case 'nexists':
        return fc.constantFrom(undefined, null, true, false);
      case 'contains':
      case 'ncontains':
        return fc.oneof(element.chain(part).chain(spelled), text, fc.constant(''));
      case 'words':
        return fc.oneof({ weight: 2, arbitrary: wordsValue(nearText) }, { weight: 1, arbitrary: withTypos(nearText) });
      case 'phrase':
        return phraseValue(texts);
      default:
        return whole[kind];
    }
  };
  return fc
    .constantFrom<FieldOperator>(...OPERATORS[kind])
    .chain((operator) => valueFor(operator).map((value) => ({ field, operator, value })));
}

/** Phrases mostly of texts with so many words that some can be left out between others. */
function phraseValue(texts: readonly string[]): Arbitrary<unknown> {
  const long = texts.filter((each) => each.split(/\s/u).length > 3);
  const near = fc.constantFrom(...texts, ...long, ...long, ...long, 'nobody');
  const wanted = fc.oneof(
    { weight: 4, arbitrary: near.chain(someWords).chain(spelled) },
    { weight: 2, arbitrary: words },
    { weight: 1, arbitrary: fc.constant('-') },
  );
  return fc.oneof(wanted, fc.record({ text: wanted, slop: fc.nat(3) }));
}

function wordsValue(near: Arbitrary<string>): Arbitrary<unknown> {
  const wanted = fc.oneof(near.chain(someWords), near.chain(part), words, fc.constant('')).chain(spelled);
  const options = {
    text: wanted,
    match: fc.constantFrom('all' as const, 'any' as const),
    unit: fc.constantFrom('part' as const, 'whole' as const),
  };
  return fc.oneof(wanted, fc.record(options, { requiredKeys: ['text'] }));
}

const withTypos = (near: Arbitrary<string>) =>
  fc.record({
    text: near.chain(someWords).chain(mistyped).chain(mistyped).chain(spelled),
    match: fc.constantFrom('all' as const, 'any' as const),
    unit: fc.constant('whole' as const),
    fuzzy: fc.boolean(),
  });

/** A text with a letter too many, too few, wrong, or in the place of its neighbour. */
const mistyped = (each: string) =>
  fc.tuple(fc.nat(each.length), fc.constantFrom('', 'x', 'é', '😀'), fc.nat(2)).map(([nth, letter, dropped]) => {
    const letters = Array.from(each);
    const at = nth % (letters.length || 1);
    if (dropped === 2) return letters.toSpliced(at, 2, ...letters.slice(at, at + 2).reverse()).join('');
    return letters.toSpliced(at, dropped, letter).join('');
  });

/** Trees of up to four levels; a group may bear `and`, `or` and `not` at once, or nothing. */
export function filters(record: RecordType, rows: readonly NaiveRow[]): Arbitrary<Filter> {
  return fc.letrec<{ tree: Filter; group: Filter; leaf: Filter }>((tie) => ({
    leaf: conditions(record, rows),
    group: fc.record(
      {
        and: fc.array(tie('tree'), { maxLength: 3 }),
        or: fc.array(tie('tree'), { maxLength: 3 }),
        not: tie('tree'),
      },
      { requiredKeys: [] },
    ),
    tree: fc.oneof({ maxDepth: 4, depthSize: 'medium', withCrossShrink: true }, tie('leaf'), tie('group')),
  })).tree;
}

/** Up to three fields, own, computed and related, in any direction; none means the default order. */
export function orders(record: RecordType): Arbitrary<Order[]> {
  const sortable = Object.entries(kindsOf(record)).flatMap(([field, kind]) => (kind === 'json' ? [] : [field]));
  const direction = fc.constantFrom('asc' as const, 'desc' as const);
  // Fields of few values, so that ties are common and later fields decide.
  const often = ['created_at', 'company.employees_count', 'company.name', 'title'].filter((each) =>
    sortable.includes(each),
  );
  const field = fc.oneof(fc.constantFrom(...sortable), fc.constantFrom(...often));
  return fc.array(fc.record({ field, direction }), { maxLength: 3 });
}
