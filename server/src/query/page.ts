import { SYSTEM_FIELDS } from '../records/record.ts';
import type { Order } from './algebra.ts';
import { type CheckedFilter, type CheckedOrder, queryErrors } from './check.ts';
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

/**
 * The `order by` clause: nulls last in both directions, reversed wholly for a page before a cursor. `placeNulls` is
 * false where no two rows differ in having a value, so that an index can be read in either direction.
 */
export function orderSql(
  order: readonly CheckedOrder[],
  keyOf: (each: CheckedOrder, index: number) => string,
  reversed = false,
  placeNulls = true,
): string {
  return order
    .map((each, index) => {
      const descending = (each.direction === 'desc') !== reversed;
      // PostgreSQL's own place for nulls is last when ascending; saying nothing lets an index be read either way.
      const usual = !placeNulls || isRequired(each.field.path) || descending === reversed;
      const nulls = usual ? '' : reversed ? ' nulls first' : ' nulls last';
      return `${keyOf(each, index)}${descending ? ' desc' : ''}${nulls}`;
    })
    .join(', ');
}

/** The condition that picks the rows after the cursor's place, or before it. */
function keysetSql(compiler: Compiler, order: readonly CheckedOrder[], { keys, before }: Cursor): string {
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

/** What a page is cut to. */
export interface Cut {
  /** `Infinity` for all rows. */
  readonly limit: number;
  readonly offset?: number | undefined;
  readonly cursor?: Cursor | undefined;
}

/**
 * Picks the rows of a page: `id`, and what it is ordered by as `k0`, `k1`, …. The filters' rows are taken together;
 * each is read in order by itself, and no further than the page needs.
 */
export function pageSql(
  compiler: Compiler,
  filters: readonly (CheckedFilter | undefined)[],
  order: readonly CheckedOrder[],
  { limit, offset = 0, cursor }: Cut,
): string {
  const { parameters } = compiler;
  const keys = order.map((each, index) => `${compiler.orderKey(each)} as k${index}`);
  const apart = Number.isFinite(limit) ? nullsApart(compiler, order) : [''];
  const conditions = filters.flatMap((filter) => {
    const condition = compiler.where(filter) + (cursor ? ` and ${keysetSql(compiler, order, cursor)}` : '');
    return apart.map((each) => condition + each);
  });
  const inOrder = orderSql(order, (each) => compiler.orderKey(each), cursor?.before, apart.length === 1);
  const selects = conditions.map(
    (condition) => `select t.id, ${keys.join(', ')} from ${compiler.from} where ${condition} order by ${inOrder}`,
  );
  const cut = (rows: number) => (Number.isFinite(limit) ? ` limit ${parameters.add(rows)}` : '');
  const skip = offset ? ` offset ${parameters.add(offset)}` : '';
  if (selects.length === 1) return selects[0]! + cut(limit) + skip;
  const enough = cut(limit + offset);
  const taken = selects.map((select) => `(${select}${enough})`).join(filters.length === 1 ? ' union all ' : ' union ');
  return `select * from (${taken}) taken order by ${orderSql(order, (_, index) => `k${index}`, cursor?.before)}${cut(limit)}${skip}`;
}

/**
 * Missing values come last in both directions, which an index read backwards does not give: rows with a value and rows
 * without one are then read one after the other. Numbers have an index for it.
 */
function nullsApart(compiler: Compiler, order: readonly CheckedOrder[]): string[] {
  const [first, ...others] = order;
  const { field, direction } = first!;
  const key = compiler.orderKey(first!);
  const turned =
    direction === 'desc' && others.length < 2 && field.spec.comparison === 'text' && compiler.isOrdered(field);
  return turned ? [` and ${key} is not null`, ` and ${key} is null`] : [''];
}
