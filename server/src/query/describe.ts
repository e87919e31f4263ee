import { labelOf } from '../records/record.ts';
import { SEARCH_FIELD } from './algebra.ts';
import type { CheckedFilter, CheckedOrder } from './check.ts';

const COMPARATORS = {
  '=': 'is',
  '>': 'is greater than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
} as const;
const quoted = (value: string | number) => (typeof value === 'number' ? String(value) : `“${value}”`);
const anyOf = (values: readonly (string | number)[]) =>
  values
    .map(quoted)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');

/** What a filter means, in words: `Title contains “cto” and (Country is “US” or Employees Count is at least 50)`. */
export function describeFilter(filter: CheckedFilter, nested = false): string {
  switch (filter.type) {
    case 'and':
    case 'or': {
      if (filter.parts.length === 0) return 'everything';
      const text = filter.parts.map((part) => describeFilter(part, true)).join(` ${filter.type} `);
      return nested && filter.parts.length > 1 ? `(${text})` : text;
    }
    case 'not':
      return `not (${describeFilter(filter.part)})`;
    case 'compare':
      return `${nameOf(filter.field)} ${COMPARATORS[filter.comparator]} ${quoted(filter.value)}`;
    case 'in':
      return filter.values.length === 0 ? 'nothing' : `${nameOf(filter.field)} is ${anyOf(filter.values)}`;
    case 'contains':
      return `${nameOf(filter.field)} contains ${quoted(filter.text)}`;
    case 'words': {
      const how = { part: 'contains', whole: 'has', fuzzy: 'has, typos allowed,' }[filter.unit];
      const which =
        filter.words.length === 1 ? 'the word' : filter.match === 'all' ? 'all of the words' : 'one of the words';
      return `${filter.field === SEARCH_FIELD ? 'some searched field' : nameOf(filter.field)} ${how} ${which} ${filter.words.map(quoted).join(', ')}`;
    }
    case 'phrase':
      return `${nameOf(filter.field)} has the phrase ${quoted(filter.words.join(' '))}${filter.slop ? ` with at most ${filter.slop} other words between` : ''}`;
    case 'exists':
      return `${nameOf(filter.field)} is known`;
  }
}

/** How rows are ordered, in words. */
export function describeOrder(order: readonly CheckedOrder[]): string {
  return order
    .map(({ field, direction }) => `${nameOf(field)} ${direction === 'asc' ? 'ascending' : 'descending'}`)
    .join(', then ');
}

const nameOf = (field: Parameters<typeof labelOf>[0]) =>
  field.relation ? `${field.relation[0]!.toUpperCase()}${field.relation.slice(1)} ${labelOf(field)}` : labelOf(field);
