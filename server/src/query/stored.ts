import type { FieldRef, RecordType } from '../records/record.ts';
import type { CheckedFilter } from './check.ts';
import { leafSql, type Parameters } from './conditions.ts';
import { Compiler, type Statement } from './postgres.ts';

/*
 * Some questions are answered from the values of a field instead of the rows: `filters_data` keeps each value of a
 * stored filter with the number of living rows that bear it (see `filter-values.ts`), and there are far fewer of them.
 */

/** Whether the values of a field are stored; of lists only the elements are. */
export const isStored = (field: FieldRef): boolean =>
  !field.relation &&
  !field.computed &&
  field.kind === 'text' &&
  field.record.fields[field.name]!.filter?.stored === true;

/** The folded values `v.folded` of a stored field, each with `v.n`, what it adds to the rows that bear it; pending changes included. */
const storedValues = ({ record, name }: FieldRef): string =>
  `(select folded, n from filters_data where record = '${record.name}' and field = '${name}' union all select fold_text(value), n from filters_deltas where record = '${record.name}' and field = '${name}') v`;

/** Each folded value of a stored field once, as `key`, in order; `condition` is asked of the value. */
export const storedKeys = ({ record, name }: FieldRef, condition: (value: string) => string): string =>
  `select folded as key from filters_data where record = '${record.name}' and field = '${name}' and ${condition('folded')}
    union select fold_text(value) from filters_deltas where record = '${record.name}' and field = '${name}' and ${condition('fold_text(value)')} order by 1`;

/** The stored field that all conditions of a filter are about; `undefined` when there are others, or negations. */
export function storedField(filter: CheckedFilter): FieldRef | undefined {
  switch (filter.type) {
    case 'not':
      return undefined;
    case 'and':
    case 'or': {
      const [first, ...others] = filter.parts.map(storedField);
      return others.every((each) => each === first) ? first : undefined;
    }
    default:
      return typeof filter.field === 'object' && isStored(filter.field) ? filter.field : undefined;
  }
}

/** A filter on a stored field as a condition on its values. */
function valueCondition(filter: CheckedFilter, parameters: Parameters): string {
  if (filter.type === 'and' || filter.type === 'or')
    return `(${filter.parts.map((part) => valueCondition(part, parameters)).join(` ${filter.type} `)})`;
  return leafSql(filter, 'v.folded', parameters);
}

/** Counts the living rows that match, where possible without looking at each. */
export function countSql(compiler: Compiler, filter: CheckedFilter | undefined): string {
  return `select ${countExpression(compiler, filter)} as count`;
}

function countExpression(compiler: Compiler, filter: CheckedFilter | undefined): string {
  const stored = filter && storedField(filter);
  if (stored)
    return `(select coalesce(sum(v.n), 0)::bigint from ${storedValues(stored)} where ${valueCondition(filter, compiler.parameters)})`;
  const split = filter && splitByTable(compiler, filter);
  // Each half has an index of its own; the whole would look at every row.
  if (split) {
    const { own, related } = split;
    return `${countExpression(compiler, own)} + ${countExpression(compiler, { type: 'and', parts: [related, { type: 'not', part: own }] })}`;
  }
  const condition = compiler.where(filter);
  return `(select count(*) from ${compiler.from} where ${condition})`;
}

/** Parts an `or` into what is asked of the record itself and what is asked of related ones, where there are both. */
function splitByTable(
  compiler: Compiler,
  filter: CheckedFilter,
): { own: CheckedFilter; related: CheckedFilter } | undefined {
  if (filter.type !== 'or') return undefined;
  const related = filter.parts.filter((part) => compiler.looksElsewhere(part));
  if (related.length === 0 || related.length === filter.parts.length) return undefined;
  const own = filter.parts.filter((part) => !related.includes(part));
  const joined = (parts: CheckedFilter[]): CheckedFilter => (parts.length === 1 ? parts[0]! : { type: 'or', parts });
  return { own: joined(own), related: joined(related) };
}

/**
 * Filters whose rows together are those of the given one: an `or` across tables, and what is and-ed to it, in two.
 * Where rows are few, each half finds its own by an index; the whole would look at every row in order.
 */
export function halves(compiler: Compiler, filter: CheckedFilter | undefined): readonly CheckedFilter[] {
  const parts = filter?.type === 'and' ? filter.parts : filter ? [filter] : [];
  const split = parts.map((part) => splitByTable(compiler, part));
  const at = split.findIndex(Boolean);
  // With two such groups there would be four parts, and so on: those are left to the whole.
  if (at < 0 || split.filter(Boolean).length > 1) return filter ? [filter] : [];
  const others = parts.filter((_, index) => index !== at);
  return Object.values(split[at]!).map((half) => ({ type: 'and', parts: [...others, half] }));
}

/** Conditions on a stored field that no index serves: short parts of words, and words with typos. */
export function unservedConditions(filter: CheckedFilter): CheckedFilter[] {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.flatMap(unservedConditions);
    case 'not':
      return unservedConditions(filter.part);
    default:
      return typeof filter.field === 'object' && isStored(filter.field) && !isServed(filter) ? [filter] : [];
  }
}

/** A trigram index needs three letters. */
const TRIGRAM = 3;
const isShort = (text: string) => Array.from(text).length < TRIGRAM;

function isServed(filter: CheckedFilter): boolean {
  if (filter.type === 'contains') return !isShort(filter.text);
  if (filter.type !== 'words') return true;
  return filter.unit !== 'fuzzy' && !(filter.unit === 'part' && filter.words.some(isShort));
}

/** The folded values that fulfil a condition on a stored field, at most `limit`; some come more than once. */
export function valuesOf(record: RecordType, filter: CheckedFilter, limit: number): Statement {
  const compiler = new Compiler(record);
  const condition = valueCondition(filter, compiler.parameters);
  return compiler.statement(
    `select v.folded from ${storedValues(storedField(filter)!)} where ${condition} limit ${compiler.parameters.add(limit)}`,
  );
}
