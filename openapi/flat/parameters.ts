import { coreErrors, parseBoolean, parseTimestamp, type WireRequest } from '@contact360/server';
import { z } from 'zod';

type Query = WireRequest['query'];

/** The last value of a parameter; an empty one counts as absent. */
export function single(query: Query, name: string): string | undefined {
  const value = query[name];
  const last = typeof value === 'string' || value === undefined ? value : value.at(-1);
  return last?.trim() ? last : undefined;
}

/**
 * The values of a parameter that may be repeated or separated by commas, mixed freely (decision 8). A value in double
 * quotes is taken whole, commas included (decision 24).
 */
export function many(query: Query, name: string): string[] {
  const value = query[name];
  const given = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return given.flatMap(splitAtCommas);
}

const QUOTED_OR_PLAIN = /\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,]+)/g;

function splitAtCommas(text: string): string[] {
  const parts = [...text.matchAll(QUOTED_OR_PLAIN)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
  return parts.map((part) => part.trim()).filter(Boolean);
}

const invalid = (name: string, reason: string) => coreErrors.invalid_parameter({ name, reason }, { path: [name] });

/** A whole number of at least `minimum`. */
export function wholeNumber(query: Query, name: string, minimum = 0): number | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  if (!/^[+-]?\d{1,300}$/.test(text.trim())) throw invalid(name, 'must be a whole number');
  const value = Number(text);
  if (value < minimum) throw invalid(name, `must be at least ${minimum}`);
  return value;
}

/** As {@link wholeNumber}, for numbers of rows: what is beyond any table is the largest number that is exact. */
export function rowNumber(query: Query, name: string, minimum = 0): number | undefined {
  const value = wholeNumber(query, name, minimum);
  return value === undefined ? undefined : Math.min(value, Number.MAX_SAFE_INTEGER);
}

/** A truth value (decision 9). */
export function flag(query: Query, name: string): boolean | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  const value = parseBoolean(text);
  if (value === undefined) throw invalid(name, 'must be true or false');
  return value;
}

/** An ISO 8601 date or time. A `+` that the query string turned into a space is read as meant. */
export function timestamp(query: Query, name: string): string | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  const value = parseTimestamp(text.replace(/(T[\d:.]+) (\d{2}:?\d{2})$/, '$1+$2'));
  if (value === undefined) throw invalid(name, 'must be an ISO 8601 time such as 2024-01-01T00:00:00Z');
  return value;
}

/** UUIDs; anything else is refused. */
export function uuids(query: Query, name: string, parse: (text: string) => string | undefined): string[] {
  return many(query, name).map((text) => {
    const uuid = parse(text);
    if (uuid === undefined) throw invalid(name, `'${text.slice(0, 64)}' is not a UUID`);
    return uuid;
  });
}

/** Parameters of many routes for the API document, which writes each of them once, under the family's name. */
export const sharedParameters = <S extends Readonly<Record<string, z.ZodType>>>(family: string, shape: S) =>
  z.object(
    Object.fromEntries(
      Object.entries(shape).map(([name, schema]) => [
        name,
        schema.meta({ ...schema.meta(), param: { id: `${family}_${name}` } }),
      ]),
    ) as S,
  );
