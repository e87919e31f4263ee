import { SYSTEM_FIELDS } from '../records/record.ts';
import type { Order } from './algebra.ts';
import { type CheckedOrder, queryErrors } from './check.ts';
import type { Compiler } from './postgres.ts';

/** A place in an ordered list: the row's sort keys as the database gave them, its id last. */
export interface Cursor {
  /** Names the ordering the cursor belongs to. */
  readonly order: string;
  readonly keys: readonly (string | null)[];
  /** Whether the page is the one before the place, not after it. */
  readonly before: boolean;
}

/** The ordering in the documents' spelling: `-created_at`, `company.name,-title`. */
export const orderName = (order: readonly CheckedOrder[]) =>
  order.map(({ field, direction }) => (direction === 'desc' ? '-' : '') + field.path).join(',');

/** Cursors are opaque to clients: base64url of a JSON array. */
export function encodeCursor({ order, keys, before }: Cursor): string {
  return Buffer.from(JSON.stringify([before ? 1 : 0, order, ...keys])).toString('base64url');
}

/** Reads a cursor of the given ordering; anything else is {@link queryErrors} `bad_cursor`. */
export function decodeCursor(text: string, order: readonly CheckedOrder[]): Cursor {
  try {
    const [before, name, ...keys] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    const name_ = orderName(order);
    const valid =
      (before === 0 || before === 1) &&
      name === name_ &&
      keys.length === order.length &&
      keys.every((key, index) => isKey(order[index]!, key));
    if (valid) return { before: before === 1, order: name_, keys: keys as (string | null)[] };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw queryErrors.bad_cursor();
}

/**
 * The cursor of the page after a row with these sort keys, for dialects whose clients give them one by one. `order` ends
 * with the row number; keys are texts as PostgreSQL writes them, and are checked when the cursor is used.
 */
export const cursorAfter = (order: readonly Order[], keys: readonly (string | null)[]): string =>
  encodeCursor({
    order: order.map(({ field, direction }) => (direction === 'desc' ? '-' : '') + field).join(','),
    keys,
    before: false,
  });

/** The sort keys in a cursor that a page gave. */
export const cursorKeys = (cursor: string): (string | null)[] =>
  (JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as (string | null)[]).slice(2);

/** Whether a key from outside can be compared with the column, so that a forged cursor is refused, never a database error. */
function isKey({ field }: CheckedOrder, key: unknown): boolean {
  if (key === null) return !isRequired(field.path);
  if (typeof key !== 'string' || key.includes('\0')) return false;
  switch (field.spec.comparison) {
    case 'number':
      return /^-?\d{1,18}$/.test(key);
    case 'timestamp':
    case 'uuid':
      return field.spec.schema.safeParse(key.replace(/\+00$/, 'Z')).success;
    default:
      return true;
  }
}

const isRequired = (path: string) => path in SYSTEM_FIELDS;

/** The `order by` clause: nulls last in both directions, reversed wholly for a page before a cursor. */
export function orderSql(
  order: readonly CheckedOrder[],
  keyOf: (each: CheckedOrder, index: number) => string,
  reversed = false,
): string {
  return order
    .map((each, index) => {
      const descending = (each.direction === 'desc') !== reversed;
      // PostgreSQL's own place for nulls is last when ascending; saying nothing lets an index be read either way.
      const usual = isRequired(each.field.path) || descending === reversed;
      const nulls = usual ? '' : reversed ? ' nulls first' : ' nulls last';
      return `${keyOf(each, index)}${descending ? ' desc' : ''}${nulls}`;
    })
    .join(', ');
}

/** The condition that picks the rows after the cursor's place, or before it. */
export function keysetSql(compiler: Compiler, order: readonly CheckedOrder[], { keys, before }: Cursor): string {
  const columns = order.map((each) => compiler.orderKey(each));
  const parameter = (index: number) => {
    const { field } = order[index]!;
    const folded = field.spec.comparison === 'text' || field.spec.comparison === 'list';
    return compiler.parameters.add(keys[index], folded ? 'text' : field.spec.columnType);
  };
  const sameDirection = order.every(({ direction }) => direction === order[0]!.direction);
  if (sameDirection && order.every(({ field }) => isRequired(field.path))) {
    const forward = (order[0]!.direction === 'asc') !== before;
    return `(${columns.join(', ')}) ${forward ? '>' : '<'} (${columns.map((_, index) => parameter(index)).join(', ')})`;
  }
  const alternatives = order.flatMap((each, index) => {
    const beyond = beyondSql(columns[index]!, each, keys[index]!, before, () => parameter(index));
    if (beyond === undefined) return [];
    const equal = columns
      .slice(0, index)
      .map((column, i) => (keys[i] === null ? `${column} is null` : `${column} = ${parameter(i)}`));
    return `(${[...equal, beyond].join(' and ')})`;
  });
  return `(${alternatives.join(' or ')})`;
}

/** The condition for lying beyond the cursor by one key; none when nothing can: after a missing value comes no other. */
function beyondSql(
  column: string,
  { field, direction }: CheckedOrder,
  key: string | null,
  before: boolean,
  parameter: () => string,
): string | undefined {
  if (key === null) return before ? `${column} is not null` : undefined;
  const compared = `${column} ${(direction === 'asc') !== before ? '>' : '<'} ${parameter()}`;
  return before || isRequired(field.path) ? compared : `(${compared} or ${column} is null)`;
}
