import type { RecordType } from '../records/record.ts';
import type { CheckedFilter } from './check.ts';
import { expectedRows } from './plan.ts';
import { Compiler, type Statement } from './postgres.ts';
import { halves, unservedConditions, valuesOf } from './stored.ts';

/*
 * What is found out before a query is compiled, where the planner could not know it: which values fulfil a condition
 * that no index serves, and whether an `or` across tables finds few rows or many.
 */

/** Runs a statement and gives its rows. */
export type Ask = (statement: Statement) => Promise<unknown[][]>;

/** Values that are worth being listed in a statement: the planner looks at each of them. */
const MAX_KNOWN_VALUES = 300;
/** Conditions whose values are looked for, one after the other, before a query. */
const MAX_CONDITIONS = 10;
/** With fewer matching rows than this, looking for the first ones in order takes long; with more they are soon found. */
const FEW_ROWS = 5000;

/** A compiler that knows which values fulfil the conditions that no index serves, where those are few. */
export async function compilerFor(record: RecordType, filter: CheckedFilter | undefined, ask: Ask): Promise<Compiler> {
  const known = new Map<CheckedFilter, string[]>();
  for (const condition of filter ? unservedConditions(filter).slice(0, MAX_CONDITIONS) : []) {
    if (!(await isRare(record, condition, ask))) continue;
    const rows = await ask(valuesOf(record, condition, MAX_KNOWN_VALUES + 1));
    if (rows.length > MAX_KNOWN_VALUES) continue;
    known.set(
      condition,
      rows.map(([value]) => value as string),
    );
  }
  return new Compiler(record, known);
}

/** The filter, or its {@link halves} where the planner expects few rows of each: of many, the first in order are soon found. */
export async function partsToRead(
  record: RecordType,
  filter: CheckedFilter | undefined,
  ask: Ask,
): Promise<readonly (CheckedFilter | undefined)[]> {
  const parts = halves(new Compiler(record), filter);
  if (parts.length < 2) return [filter];
  for (const part of parts) if (!(await isRare(record, part, ask))) return [filter];
  return parts;
}

/** Whether the planner expects few rows of a filter; deleted ones count too, as without them it looks at each index in vain. */
async function isRare(record: RecordType, filter: CheckedFilter, ask: Ask): Promise<boolean> {
  const compiler = new Compiler(record);
  const condition = compiler.condition(filter);
  const rows = await ask(compiler.statement(`explain (format json) select from ${compiler.from} where ${condition}`));
  return expectedRows(rows[0]![0]) < FEW_ROWS;
}

/** Living rows at the last `analyze`. */
export async function plannersCount({ table }: RecordType, ask: Ask): Promise<number> {
  const rows = await ask({
    text: 'select reltuples::bigint from pg_class where oid = to_regclass($1)',
    values: [`${table}_created_at_key`],
  });
  return (rows[0]?.[0] as number | undefined) ?? 0;
}
