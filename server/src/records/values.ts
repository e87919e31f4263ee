import type { Compiler, Statement } from '../query/postgres.ts';
import { isStored, storedKeys } from '../query/stored.ts';
import { isFoldable } from './columns.ts';
import type { FieldRef } from './record.ts';

/** A question about the values of one field (decision 26). */
export interface ValuesQuery {
  readonly field: FieldRef;
  /** A substring of the value, case and accents folded. */
  readonly search?: string | undefined;
  /** Folds values that are equal in any case: each is shown once, with the row number of one row that bears it. */
  readonly distinct?: boolean | undefined;
  /** Of a list: one entry for each element. */
  readonly separated?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/**
 * Compiles a list of values: row number and value, by value in any case, then by row number. Empty values are left out.
 * Without a condition, all living rows are meant.
 */
export function valuesStatement(compiler: Compiler, condition: string | undefined, query: ValuesQuery): Statement {
  const { field, search, distinct = false, limit, offset } = query;
  const { parameters } = compiler;
  const pattern = search ? parameters.add(compiler.containing(search)) : undefined;
  const found =
    condition === undefined && distinct && isStored(field) && field.record.fields[field.name]!.sort
      ? distinctStored(compiler, field, pattern)
      : fromRows(compiler, condition, query, pattern);
  const cut =
    (limit === undefined ? '' : ` limit ${parameters.add(limit)}`) +
    (offset ? ` offset ${parameters.add(offset)}` : '');
  return compiler.statement(`select id, value from (${found}) found order by key${distinct ? '' : ', id'}${cut}`);
}

/** Each stored value that some row bears, with the first such row: found by the field's index, value by value in order. */
function distinctStored(compiler: Compiler, field: FieldRef, pattern: string | undefined): string {
  const keys = storedKeys(field, (key) => (pattern ? `${key} like ${pattern}` : 'true'));
  const value = compiler.value(field);
  return `select row.id, row.value, each.key from (${keys}) each
    cross join lateral (select t.id, ${value} as value from ${compiler.from} where ${compiler.where(undefined)} and ${compiler.key(field)} = each.key order by t.id limit 1) row`;
}

function fromRows(
  compiler: Compiler,
  condition: string | undefined,
  { field, distinct, separated }: ValuesQuery,
  pattern: string | undefined,
): string {
  const isList = field.kind === 'list';
  const raw = compiler.value(field);
  const element = isList && separated;
  const value = element ? 'element' : isList ? `array_to_string(${raw}, ', ')` : `${raw}::text`;
  // A single text has its folded form stored; a joined list is compared as it is shown.
  const key = `(${isList || !isFoldable(field) ? `fold_text(${value})` : compiler.key(field)}) collate "C"`;
  // Where all rows are meant, one row of each related record bears what the others bear.
  const one = distinct && condition === undefined && !compiler.isOrdered(field) ? field.relation : undefined;
  const from = `${one ? compiler.fromOnePer(one) : compiler.from}${element ? ` cross join lateral unnest(${raw}) as element` : ''}`;
  const living = one ? 'true' : (condition ?? compiler.where(undefined));
  const bearing = `from ${from} where ${living} and ${isList ? raw : key} is not null${pattern ? ` and ${key} like ${pattern}` : ''}`;
  if (!distinct) return `select t.id, ${value} as value, ${key} as key ${bearing}`;
  if (element || one)
    return `select distinct on (key) t.id, ${value} as value, ${key} as key ${bearing} order by key, t.id`;
  // Many rows, few values: those are gathered by their keys, and shown afterwards.
  return `select t.id, ${value} as value, each.key from (select min(t.id) as id, ${key} as key ${bearing} group by 2) each, ${compiler.from} where t.id = each.id`;
}
