import { condition, type Filter, not, or, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { many, timestamp, wholeNumber } from './parameters.ts';

/** The filters of a list: each parameter with the field it looks at (decision 24). */
export interface FilterTable<Path extends string> {
  /** Part of the value; any of the alternatives. */
  readonly parts: Readonly<Record<string, Path>>;
  /** The whole value in any case; any of the alternatives. */
  readonly values: Readonly<Record<string, Path>>;
  readonly numbers: Readonly<Record<string, readonly [path: Path, operator: 'eq' | 'gte' | 'lte']>>;
  readonly times: Readonly<Record<string, readonly [path: Path, operator: 'gte' | 'lte']>>;
  /** Exclusions by part and by whole value. Rows without a value stay. */
  readonly excludedParts: Readonly<Record<string, Path>>;
  readonly excludedValues: Readonly<Record<string, Path>>;
}

/** Every list is filtered by its times alike, both ends included. */
export const TIMES = {
  created_at_after: ['created_at', 'gte'],
  created_at_before: ['created_at', 'lte'],
  updated_at_after: ['updated_at', 'gte'],
  updated_at_before: ['updated_at', 'lte'],
} as const;

/** Any of the texts in any of the fields. */
export const containsAny = (paths: readonly string[], texts: readonly string[]): Filter =>
  or(...paths.flatMap((path) => texts.map((text) => condition(path, 'contains', text))));

/** The conditions that a query string sets by the parameters of the table. */
export function decodeFilterTable<Path extends string>(
  { parts, values, numbers, times, excludedParts, excludedValues }: FilterTable<Path>,
  query: WireRequest['query'],
): Filter[] {
  const asked = (names: object) => Object.keys(names).filter((name) => name in query);
  const given = <T>(names: Readonly<Record<string, T>>, filterOf: (texts: string[], field: T) => Filter) =>
    asked(names).flatMap((name) => {
      const texts = many(query, name);
      return texts.length > 0 ? [filterOf(texts, names[name]!)] : [];
    });
  const bounds = <Value>(
    names: Readonly<Record<string, readonly [path: Path, operator: 'eq' | 'gte' | 'lte']>>,
    parse: (query: WireRequest['query'], name: string) => Value | undefined,
  ) =>
    asked(names).flatMap((name) => {
      const value = parse(query, name);
      const [path, operator] = names[name]!;
      return value === undefined ? [] : [condition(path, operator, value)];
    });
  return [
    ...given(parts, (texts, path) => containsAny([path], texts)),
    ...given(values, (texts, path) => condition(path, 'in', texts)),
    ...bounds(numbers, wholeNumber),
    ...bounds(times, timestamp),
    ...given(excludedValues, (texts, path) => condition(path, 'nin', texts)),
    ...given(excludedParts, (texts, path) => not(containsAny([path], texts))),
  ];
}

const entries = (names: Readonly<Record<string, unknown>>, schema: z.ZodType) =>
  Object.fromEntries(Object.keys(names).map((name) => [name, schema]));

/** A text parameter for the API document. */
export const textParameter = (description: string) => z.string().optional().describe(description);
export const excludedParameter = z
  .array(z.string())
  .optional()
  .describe('Repeated or separated by commas; rows without a value stay');

/** The parameters of the table for the API document. */
export function filterParametersOf(table: FilterTable<string>) {
  return {
    ...entries(
      table.parts,
      textParameter('Part of the value, in any case and without regard to accents; a comma separates alternatives'),
    ),
    ...entries(table.values, textParameter('The whole value, in any case; a comma separates alternatives')),
    ...entries(table.numbers, z.int().min(0).optional()),
    ...entries(table.times, z.iso.datetime().optional()),
    ...entries({ ...table.excludedValues, ...table.excludedParts }, excludedParameter),
  };
}
