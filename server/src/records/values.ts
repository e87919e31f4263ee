import type { Compiler, Statement } from '../query/postgres.ts';
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

/** Compiles a list of values: row number and value, by value in any case, then by row number. Empty values are left out. */
export function valuesStatement(compiler: Compiler, condition: string, query: ValuesQuery): Statement {
  const { field, search, distinct = false, separated = false, limit, offset } = query;
  const { parameters } = compiler;
  const isList = field.kind === 'list';
  const raw = compiler.value(field);
  const element = isList && separated;
  const value = element ? 'element' : isList ? `array_to_string(${raw}, ', ')` : `${raw}::text`;
  // A single text has its folded form stored; a joined list is compared as it is shown.
  const key = isList || !isFoldable(field) ? `fold_text(${value})` : compiler.key(field);
  const from = `${compiler.from}${element ? ` cross join lateral unnest(${raw}) as element` : ''}`;
  const matching = search ? ` and ${key} like ${parameters.add(compiler.containing(search))}` : '';
  const rows = `select t.id, ${value} as value, (${key}) collate "C" as key from ${from} where ${condition} and ${raw} is not null${matching}`;
  const folded = distinct ? `select distinct on (key) id, value, key from (${rows}) each order by key, id` : rows;
  const cut =
    (limit === undefined ? '' : ` limit ${parameters.add(limit)}`) +
    (offset ? ` offset ${parameters.add(offset)}` : '');
  return compiler.statement(`select id, value from (${folded}) found order by key, id${cut}`);
}
