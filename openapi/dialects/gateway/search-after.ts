import {
  cursorAfter,
  cursorKeys,
  type FieldRef,
  foldedList,
  foldedText,
  normalizeText,
  type Order,
  parseTimestamp,
  parseUuid,
  type RecordType,
  resolveField,
} from '@contact360/server';
import { faulty } from '../../strict-body.ts';

type AnyRow = Readonly<Record<string, unknown>>;

/** The order with the row number that breaks its ties, as the core completes it (decision 20). */
function withRowNumber(order: readonly Order[]): readonly Order[] {
  const at = order.findIndex(({ field }) => field === 'id');
  return at < 0 ? [...order, { field: 'id', direction: order.at(-1)!.direction }] : order.slice(0, at + 1);
}

/**
 * The core's cursor for a client's `search_after`: the sort values of a row as the row shows them, its `id` last
 * (decision 35).
 */
export function cursorOf(record: RecordType, order: readonly Order[], values: readonly unknown[]): string {
  const complete = withRowNumber(order);
  if (values.length !== complete.length) {
    const names = complete.map(({ field }) => field).join(', ');
    throw faulty({ path: ['search_after'], reason: `must hold the values of ${names} of the last row` });
  }
  const keys = complete.map(({ field }, index) => {
    const ref = resolveField(record, field);
    const key = keyOf(ref, values[index]);
    if (key === undefined)
      throw faulty({ path: ['search_after', index], reason: `must be the value of ${field}, ${ref.spec.takes}` });
    return key;
  });
  return cursorAfter(complete, keys);
}

/** `search_after` for the page after the one that ends with this row. */
export function searchAfterOf(record: RecordType, order: readonly Order[], row: AnyRow, next: string): unknown[] {
  const keys = cursorKeys(next);
  return withRowNumber(order).map(({ field }, index) => {
    const ref = resolveField(record, field);
    const value = row[field];
    // Should a text fold here otherwise than in the database, its key is given instead: no row is lost or repeated.
    return isFolded(ref) && keyOf(ref, value) !== keys[index] ? keys[index] : value;
  });
}

const isFolded = ({ spec }: FieldRef) => spec.comparison === 'text' || spec.comparison === 'list';
// biome-ignore lint/suspicious/noControlCharactersInRegex: what sets folded forms apart from texts
const FOLDED_FORM = /[\u0001\u001f]/;

/** What the database compares: `undefined` when the value does not fit the field. */
function keyOf({ spec }: FieldRef, value: unknown): string | null | undefined {
  if (value === null) return null;
  switch (spec.comparison) {
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : undefined;
    case 'timestamp':
      return typeof value === 'string' ? parseTimestamp(value) : undefined;
    case 'uuid':
      return typeof value === 'string' ? parseUuid(value) : undefined;
    case 'list':
      if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return foldedList(value);
      return typeof value === 'string' && FOLDED_FORM.test(value) ? value : undefined;
    default:
      if (typeof value !== 'string') return undefined;
      return FOLDED_FORM.test(value) ? value : foldedText(normalizeText(value));
  }
}
