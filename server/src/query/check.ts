import { z } from 'zod';
import { defineErrors } from '../errors.ts';
import { type FieldRef, fieldPaths, findField, type RecordType } from '../records/record.ts';
import { foldAccents, nearestName, normalizeText, wordsOf } from '../records/text.ts';
import {
  type Condition,
  type Filter,
  type FilterGroup,
  OPERATORS,
  type Operator,
  type Order,
  SEARCH_FIELD,
} from './algebra.ts';

export const queryErrors = defineErrors('query', {
  unknown_field: { status: 400, text: "unknown field '{field}'{suggestion}" },
  unknown_operator: { status: 400, text: "unknown operator '{operator}'; use one of {operators}" },
  wrong_operator: { status: 400, text: "operator '{operator}' does not apply to '{field}', which takes {operators}" },
  wrong_value: { status: 400, text: "'{field}' takes {takes}" },
  wrong_shape: { status: 400, text: '{reason}' },
  too_deep: { status: 400, text: 'more than {limit} levels of and, or, not' },
  too_many: { status: 400, text: 'more than {limit} conditions' },
  bad_cursor: { status: 400, text: 'Invalid cursor value' },
  unordered_field: { status: 400, text: "rows cannot be ordered by '{field}'" },
});

/** How large one query may be; depth and conditions by decision 31. */
export const LIMITS = {
  depth: 10,
  conditions: 200,
  valuesPerCondition: 10_000,
  /** Words that are looked for, in all and in one condition: so many PostgreSQL plans and compiles within a second. */
  words: 2000,
  wordsPerCondition: 100,
  charactersOfWords: 10_000,
} as const;

/** A filter whose fields are resolved and whose values have the field's type: what a compiler gets. */
export type CheckedFilter =
  | { readonly type: 'and' | 'or'; readonly parts: readonly CheckedFilter[] }
  | { readonly type: 'not'; readonly part: CheckedFilter }
  | {
      readonly type: 'compare';
      readonly field: FieldRef;
      readonly comparator: '=' | '>' | '>=' | '<' | '<=';
      readonly value: string | number;
    }
  | { readonly type: 'in'; readonly field: FieldRef; readonly values: readonly (string | number)[] }
  | { readonly type: 'contains'; readonly field: FieldRef; readonly text: string }
  | {
      readonly type: 'words';
      readonly field: FieldRef | typeof SEARCH_FIELD;
      /** Folded; never empty. */
      readonly words: readonly string[];
      readonly match: 'all' | 'any';
      readonly unit: 'part' | 'whole' | 'fuzzy';
    }
  | { readonly type: 'phrase'; readonly field: FieldRef; readonly words: readonly string[]; readonly slop: number }
  | { readonly type: 'exists'; readonly field: FieldRef };

export interface CheckedOrder {
  readonly field: FieldRef;
  readonly direction: 'asc' | 'desc';
}

type Path = readonly (string | number)[];

const NEGATIONS: Partial<Record<Operator, Operator>> = {
  ne: 'eq',
  nin: 'in',
  ncontains: 'contains',
  nexists: 'exists',
};
const COMPARATORS = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const EQUALITY: readonly Operator[] = ['eq', 'ne', 'in', 'nin', 'exists', 'nexists'];
const ORDERED: readonly Operator[] = [...EQUALITY, 'gt', 'gte', 'lt', 'lte'];
const WORDED: readonly Operator[] = ['contains', 'ncontains', 'words', 'phrase'];

/** The operators that a field takes. */
export function operatorsOf(field: FieldRef): readonly Operator[] {
  switch (field.spec.comparison) {
    case 'text':
      return [...ORDERED, ...WORDED];
    case 'list':
      return [...EQUALITY, ...WORDED];
    case 'number':
    case 'timestamp':
      return ORDERED;
    case 'uuid':
      return EQUALITY;
    case 'none':
      return ['exists', 'nexists'];
  }
}

/** Checks a filter against its record type. Throws {@link queryErrors} with the path of the fault. */
export function checkFilter(record: RecordType, filter: Filter, path: Path = ['where']): CheckedFilter {
  let conditions = 0;
  let groups = 0;
  let words = 0;

  const check = (node: unknown, at: Path, depth: number): CheckedFilter => {
    if (typeof node !== 'object' || node === null || Array.isArray(node))
      throw queryErrors.wrong_shape({ reason: 'must be an object' }, { path: at });
    if (depth > LIMITS.depth) throw queryErrors.too_deep({ limit: LIMITS.depth }, { path: at });
    if ('field' in node || 'operator' in node) {
      if (++conditions > LIMITS.conditions) throw queryErrors.too_many({ limit: LIMITS.conditions }, { path: at });
      const checked = checkCondition(record, node as Condition, at);
      words += countWords(checked);
      if (words > LIMITS.words)
        throw queryErrors.wrong_shape({ reason: `more than ${LIMITS.words} words in all` }, { path: at });
      return checked;
    }
    // Empty groups are no conditions, and yet cannot be let in by the million.
    if (++groups > LIMITS.conditions * LIMITS.depth)
      throw queryErrors.too_many({ limit: LIMITS.conditions }, { path: at });
    return checkGroup(node, at, depth);
  };

  const checkGroup = (group: FilterGroup, at: Path, depth: number): CheckedFilter => {
    checkKeys(group, GROUP_KEYS, [...GROUP_KEYS, ...CONDITION_KEYS], at);
    const parts: CheckedFilter[] = [];
    for (const type of ['and', 'or'] as const) {
      const members: unknown = group[type];
      if (members === undefined) continue;
      if (!Array.isArray(members))
        throw queryErrors.wrong_shape({ reason: 'must be a list of conditions' }, { path: [...at, type] });
      // An empty list of alternatives says nothing; it is not "none of them".
      if (members.length === 0) continue;
      parts.push({ type, parts: members.map((member, index) => check(member, [...at, type, index], depth + 1)) });
    }
    if (group.not !== undefined) parts.push({ type: 'not', part: check(group.not, [...at, 'not'], depth + 1) });
    return parts.length === 1 ? parts[0]! : { type: 'and', parts };
  };

  return check(filter, path, 0);
}

/** Resolves a field that a caller named, suggesting the nearest name when there is none. */
function checkField(record: RecordType, name: unknown, path: Path): FieldRef {
  if (name === undefined || name === '') throw queryErrors.wrong_shape({ reason: 'field is required' }, { path });
  if (typeof name !== 'string') throw queryErrors.wrong_shape({ reason: 'must be the name of a field' }, { path });
  const ref = findField(record, name);
  if (ref) return ref;
  const nearest = nearestName(name, fieldPaths(record));
  const suggestion = nearest ? `, did you mean '${nearest}'?` : '';
  throw queryErrors.unknown_field({ field: printable(name), suggestion }, { path, hint: { nearest } });
}

/** Checks an ordering: every field exists and has an order. */
export function checkOrder(record: RecordType, order: readonly Order[], path: Path = ['order']): CheckedOrder[] {
  return order.map(({ field, direction }, index) => {
    const ref = checkField(record, field, [...path, index, 'field']);
    if (ref.spec.comparison === 'none')
      throw queryErrors.unordered_field({ field }, { path: [...path, index, 'field'] });
    return { field: ref, direction };
  });
}

function checkCondition(record: RecordType, node: Condition, at: Path): CheckedFilter {
  checkKeys(node, CONDITION_KEYS, CONDITION_KEYS, at);
  const searching = node.field === SEARCH_FIELD && !findField(record, SEARCH_FIELD);
  const ref = searching ? undefined : checkField(record, node.field, [...at, 'field']);
  const operator = checkOperator(node, ref ? operatorsOf(ref) : ['words'], at);
  const positive = NEGATIONS[operator];
  if (positive) return { type: 'not', part: checkValue(ref, positive, node.value, [...at, 'value']) };
  return checkValue(ref, operator, node.value, [...at, 'value']);
}

const GROUP_KEYS: readonly string[] = ['and', 'or', 'not'];
const CONDITION_KEYS: readonly string[] = ['field', 'operator', 'value'];

function checkKeys(node: object, known: readonly string[], meant: readonly string[], path: Path): void {
  const unknown = Object.keys(node).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const nearest = meant.includes(unknown) ? undefined : nearestName(unknown, meant);
  throw queryErrors.wrong_shape(
    { reason: `unknown key '${printable(unknown)}'${nearest ? `, did you mean '${nearest}'?` : ''}` },
    { path, hint: { nearest } },
  );
}

function checkOperator({ field, operator }: Condition, allowed: readonly Operator[], at: Path): Operator {
  const path = [...at, 'operator'];
  if (operator === undefined) throw queryErrors.wrong_shape({ reason: 'operator is required' }, { path });
  if (typeof operator !== 'string')
    throw queryErrors.wrong_shape({ reason: 'must be the name of an operator' }, { path });
  if (!OPERATORS.includes(operator)) {
    throw queryErrors.unknown_operator(
      { operator: printable(operator), operators: OPERATORS.join(', ') },
      { path, hint: { nearest: nearestName(operator, OPERATORS) } },
    );
  }
  if (!allowed.includes(operator))
    throw queryErrors.wrong_operator({ operator, field, operators: allowed.join(', ') }, { path });
  return operator;
}

function checkValue(ref: FieldRef | undefined, operator: Operator, value: unknown, path: Path): CheckedFilter {
  const field = ref ?? SEARCH_FIELD;
  if (operator === 'words') {
    const { text, match = 'all', unit = 'part', fuzzy = false } = parse(WORDS, value, path);
    if (fuzzy && (unit !== 'whole' || !ref))
      throw queryErrors.wrong_shape({ reason: 'fuzzy needs a field and whole words' }, { path });
    // Parts are cut at blanks only: `john@acme.com` is one thing to look for. Whole words are cut at every word break.
    const all = unit === 'whole' ? wordsOf(text) : foldAccents(text).split(/\s+/u).filter(Boolean);
    const words = checkWords([...new Set(all)], path);
    return words.length === 0 ? MATCH_ALL : { type: 'words', field, words, match, unit: fuzzy ? 'fuzzy' : unit };
  }
  if (!ref) throw queryErrors.wrong_operator({ operator, field: SEARCH_FIELD, operators: 'words' }, { path });
  if (operator === 'phrase') {
    const { text, slop = 0 } = parse(PHRASE, value, path);
    const words = checkWords(wordsOf(text), path);
    return words.length === 0 ? MATCH_ALL : { type: 'phrase', field: ref, words, slop };
  }
  if (operator === 'exists') {
    const wanted = value === undefined || value === null ? true : parse(z.boolean(), value, path);
    return wanted ? { type: 'exists', field: ref } : { type: 'not', part: { type: 'exists', field: ref } };
  }
  if (operator === 'contains') return { type: 'contains', field: ref, text: parse(TEXT, value, path) };
  if (operator === 'in') {
    if (!Array.isArray(value)) return { type: 'in', field: ref, values: [scalar(ref, value, path)] };
    if (value.length > LIMITS.valuesPerCondition)
      throw queryErrors.wrong_shape({ reason: `more than ${LIMITS.valuesPerCondition} values` }, { path });
    return { type: 'in', field: ref, values: value.map((each, index) => scalar(ref, each, [...path, index])) };
  }
  if (operator === 'eq' && Array.isArray(value))
    throw queryErrors.wrong_shape({ reason: "takes one value; use 'in' for several" }, { path });
  return {
    type: 'compare',
    field: ref,
    comparator: COMPARATORS[operator as keyof typeof COMPARATORS],
    value: scalar(ref, value, path),
  };
}

const TEXT = z
  .string()
  .refine((text) => !text.includes('\0'), 'must not contain a NUL character')
  .overwrite(normalizeText);
const WORDED_TEXT = TEXT.max(LIMITS.charactersOfWords, `more than ${LIMITS.charactersOfWords} characters`);
/** A text that is looked for word by word; it may stand alone, without options. */
const worded = <S extends z.ZodRawShape>(options: S) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? { text: value } : value),
    z.strictObject({ text: WORDED_TEXT, ...options }),
  );
const WORDS = worded({
  match: z.enum(['all', 'any']).optional(),
  unit: z.enum(['part', 'whole']).optional(),
  fuzzy: z.boolean().optional(),
});
const PHRASE = worded({ slop: z.int().min(0).max(100).optional() });

/** A text without words asks for nothing, as an empty list of conditions does. */
const MATCH_ALL: CheckedFilter = { type: 'and', parts: [] };

function countWords(filter: CheckedFilter): number {
  if (filter.type === 'not') return countWords(filter.part);
  return 'words' in filter ? filter.words.length : 0;
}

function checkWords(words: string[], path: Path): string[] {
  if (words.length > LIMITS.wordsPerCondition)
    throw queryErrors.wrong_shape({ reason: `more than ${LIMITS.wordsPerCondition} words` }, { path });
  return words;
}

function scalar(field: FieldRef, value: unknown, path: Path): string | number {
  const { spec } = field;
  // Comparing with a text that is no valid email address is a question like any other; only storing it is refused.
  const schema =
    spec.comparison === 'text' || spec.comparison === 'list'
      ? TEXT
      : spec.comparison === 'number'
        ? z.number().refine(Number.isFinite)
        : spec.schema;
  const result = schema.safeParse(value);
  if (!result.success)
    throw queryErrors.wrong_value(
      { field: field.path, takes: spec.comparison === 'list' ? 'a text' : spec.takes },
      { path },
    );
  return result.data as string | number;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, path: Path): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw queryErrors.wrong_shape(
    { reason: value === undefined ? 'value is required' : issue.message },
    { path: typeof value === 'string' ? path : [...path, ...(issue.path as (string | number)[])] },
  );
}

/** A name as it may stand in a message: a caller's input is never echoed at length. */
const printable = (name: string) => name.slice(0, 64);
