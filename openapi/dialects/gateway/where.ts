import {
  and,
  type FieldRef,
  type Filter,
  KINDS,
  LIMITS,
  not,
  type Operator,
  operatorsOf,
  or,
  parseUuid,
} from '@contact360/server';
import { z } from 'zod';
import { conditionOf, type FieldNames } from '../../field-names.ts';
import { type BodyPath, faulty, strictObject } from '../../strict-body.ts';

const textMatch = strictObject({
  text_value: z.string().describe('Words to look for, in any case and without regard to accents'),
  filter_key: z.string(),
  search_type: z
    .enum(['exact', 'shuffle', 'substring'])
    .describe('The words in this order, whole words in any order, or parts of words (decision 36)'),
  slop: z.int().min(0).max(100).nullish().describe('With `exact`: other words that may stand between them in all'),
  fuzzy: z.boolean().nullish().describe('With `shuffle`: one edit in words from 3 letters, two from 6'),
  operator: z.enum(['and', 'or']).nullish().describe('With `shuffle` and `substring`: all words (the default), or any'),
});
const textMatches = z.array(textMatch).nullish();
const keywords = z.record(z.string(), z.unknown()).nullish();
const bound = z.unknown().optional();
const range = strictObject({ gt: bound, gte: bound, lt: bound, lte: bound });
const ranges = z.record(z.string(), range).nullish();

/** `where` of a gateway query. */
export const whereSchema = strictObject({
  text_matches: strictObject({ must: textMatches, must_not: textMatches }).nullish(),
  keyword_match: strictObject({ must: keywords, must_not: keywords }).nullish(),
  range_query: strictObject({ must: ranges, must_not: ranges }).nullish(),
});

type Where = z.output<typeof whereSchema>;
type TextMatch = z.output<typeof textMatch>;

/**
 * `where` in the query algebra (decision 36, schemas 13.1): of several text matches that must hold those on one key are
 * alternatives; each that must not hold excludes. `undefined` when it asks for nothing.
 */
export function decodeWhere(names: FieldNames, where: Where | null | undefined): Filter | undefined {
  const { text_matches, keyword_match, range_query } = where ?? {};
  const texts = (list: 'must' | 'must_not') =>
    (text_matches?.[list] ?? []).flatMap((match, index) => {
      const made = textCondition(names, match, ['where', 'text_matches', list, index]);
      return made ? [{ key: match.filter_key, made }] : [];
    });
  const keyed = (list: 'must' | 'must_not') =>
    keywordConditions(names, keyword_match?.[list], ['where', 'keyword_match', list]);
  const ranged = (list: 'must' | 'must_not') =>
    rangeConditions(names, range_query?.[list], ['where', 'range_query', list]);
  const alternatives = Map.groupBy(texts('must'), ({ key }) => key).values();
  const parts = [
    ...[...alternatives].map((group) => or(...group.map(({ made }) => made))),
    ...texts('must_not').map(({ made }) => not(made)),
    ...keyed('must'),
    ...keyed('must_not').map(not),
    ...ranged('must').map((group) => and(...group)),
    ...ranged('must_not').map((group) => not(and(...group))),
  ];
  if (parts.length > LIMITS.conditions)
    throw faulty({ path: ['where'], reason: `more than ${LIMITS.conditions} conditions` });
  return parts.length > 0 ? and(...parts) : undefined;
}

/** The field of a key, which must be asked in this way. */
function fieldFor(names: FieldNames, key: string, at: BodyPath, operator: Operator, part: string): FieldRef {
  const ref = names.find(key, at, 'filter_key');
  if (!operatorsOf(ref).includes(operator)) throw faulty({ path: at, reason: `'${key}' cannot be asked by ${part}` });
  return ref;
}

function textCondition(names: FieldNames, match: TextMatch, at: BodyPath) {
  const { text_value: text, filter_key: key, search_type, slop, fuzzy, operator } = match;
  const exact = search_type === 'exact';
  const ref = fieldFor(names, key, [...at, 'filter_key'], 'words', 'text_matches');
  const words = {
    text,
    match: operator === 'or' ? 'any' : 'all',
    unit: search_type === 'shuffle' ? 'whole' : 'part',
    ...(search_type === 'shuffle' && fuzzy && { fuzzy }),
  };
  return conditionOf(ref, exact ? 'phrase' : 'words', exact ? { text, slop: slop ?? 0 } : words, {
    record: names.record,
    name: key,
    valueAt: () => [...at, 'text_value'],
  });
}

function keywordConditions(
  names: FieldNames,
  match: Readonly<Record<string, unknown>> | null | undefined,
  at: BodyPath,
) {
  return Object.entries(match ?? {}).map(([key, value]) => {
    const path = [...at, key];
    const ref = fieldFor(names, key, path, 'in', 'keyword_match');
    const values = Array.isArray(value) ? value : [value];
    // A key that is no uuid is nobody's: it matches nothing and is no fault.
    const isPossible = (each: unknown) => typeof each !== 'string' || parseUuid(each) !== undefined;
    const possible = ref.spec === KINDS.uuid ? values.filter(isPossible) : values;
    return conditionOf(ref, 'in', possible, {
      record: names.record,
      name: key,
      valueAt: (within) => (Array.isArray(value) ? [...path, ...within] : path),
    })!;
  });
}

function rangeConditions(names: FieldNames, match: z.output<typeof ranges>, at: BodyPath) {
  return Object.entries(match ?? {}).map(([key, bounds]) => {
    const path = [...at, key];
    const ref = fieldFor(names, key, path, 'gte', 'range_query');
    return (['gt', 'gte', 'lt', 'lte'] as const).flatMap((operator) => {
      const value = bounds[operator];
      if (value === undefined || value === null) return [];
      return [
        conditionOf(ref, operator, value, { record: names.record, name: key, valueAt: () => [...path, operator] })!,
      ];
    });
  });
}
