import { defineErrors, nearestName } from '@contact360/server';
import { z } from 'zod';

/** A place in a body: `['filters', 'and', 0, 'field']`. */
export type BodyPath = readonly (string | number)[];

/** Something is wrong with a body. `fields` tells each fault by its place; dialects put it into their own words. */
export const bodyErrors = defineErrors('body', { invalid: { status: 400, text: '{reason}' } });

export interface Fault {
  readonly path: BodyPath;
  readonly reason: string;
}

/** A place as people write it: `filters.and[0].field`. */
export const placeOf = (path: BodyPath): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );

/** The error that tells faults, each as `place: reason`. */
export function faulty(...faults: readonly Fault[]) {
  const reason = faults.map((fault) => [placeOf(fault.path), fault.reason].filter(Boolean).join(': ')).join('; ');
  const fields = Object.fromEntries(faults.map((fault) => [placeOf(fault.path) || 'body', [fault.reason]]));
  return bodyErrors.invalid({ reason }, { fields });
}

/** More names than these are not listed in a sentence. */
const MAX_LISTED = 30;

/** An unknown name with the valid one that is nearest to it, else with all of them when they are few. */
export function unknownName(what: string, name: string, known: Iterable<string>): string {
  const names = [...known];
  const nearest = nearestName(name, names);
  const help = nearest
    ? `, did you mean '${nearest}'?`
    : names.length <= MAX_LISTED
      ? `; use one of ${names.join(', ')}`
      : '';
  return `unknown ${what} '${name.slice(0, 64)}'${help}`;
}

/** An object that takes these keys and no other. */
export const strictObject = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownName('key', issue.keys[0]!, Object.keys(shape)) : undefined,
  });

/** Reads a body by its schema; none at all counts as an empty object. Throws {@link bodyErrors} with every fault. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {}, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, MAX_FAULTS);
  throw faulty(...issues.map((issue) => ({ path: issue.path as BodyPath, reason: reasonOf(issue) })));
}

/** Faults told at once; a list of a million wrong elements is answered in few words. */
const MAX_FAULTS = 20;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.path.length > 0) return `${String(issue.path.at(-1))} is required`;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const nearest = typeof issue.input === 'string' ? nearestName(issue.input, issue.values.map(String)) : undefined;
      return `must be one of ${issue.values.join(', ')}${nearest ? `, did you mean '${nearest}'?` : ''}`;
    }
    case 'too_small':
      return `must ${sizeOf(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin, 'at most', issue.maximum)}`;
    default:
      return issue.message;
  }
}

const sizeOf = (origin: string, bound: string, size: number | bigint) =>
  origin === 'array' ? `contain ${bound} ${size} ${size === 1 ? 'item' : 'items'}` : `be ${bound} ${size}`;
