import type { Pool } from 'pg';
import { Compiler } from '../query/postgres.ts';
import { isFoldable } from './columns.ts';
import { findField, type RecordType, resolveField } from './record.ts';
import { foldAccents, normalizeText } from './text.ts';

/**
 * The values of the filters that are stored: for each record type and field, every value with the number of living rows
 * that bear it (decision 38). Triggers append what each statement changes to `filters_deltas`, in its own transaction;
 * a job folds those into `filters_data`; whoever reads adds what is pending, so that an answer is never behind.
 * Counters changed in place would make writers queue on frequent values.
 */
export const FILTER_TABLES = [
  `create table filters_data (record text not null, field text not null, value text not null, folded text collate "C" generated always as (fold_text(value)) stored, n bigint not null, primary key (record, field, value))`,
  `create index filters_data_frequent on filters_data (record, field, n desc, value)`,
  `create index filters_data_trigram on filters_data using gin (folded gin_trgm_ops)`,
  `create table filters_deltas (id bigint generated always as identity primary key, record text not null, field text not null, value text not null, n bigint not null)`,
  `create index filters_deltas_field on filters_deltas (record, field)`,
  // Arguments: the record's name, and a query of (field, value) for the row `r`.
  `create function append_filter_deltas() returns trigger language plpgsql as $$
    declare
      bears text := format('select f.field, f.value, %%s as n from %%I r cross join lateral (%s) f (field, value) where r.deleted_at is null and f.value is not null', TG_ARGV[1]);
      changes text := concat_ws(' union all ', case when TG_OP <> 'DELETE' then format(bears, '1', 'new_rows') end, case when TG_OP <> 'INSERT' then format(bears, '-1', 'old_rows') end);
    begin
      execute format('insert into filters_deltas (record, field, value, n) select %L, field, value, sum(n) from (%s) changes group by field, value having sum(n) <> 0', TG_ARGV[0], changes);
      return null;
    end $$`,
] as const;

/** The fields of a record whose filter values are stored. */
export function storedFilters(record: RecordType): string[] {
  return Object.entries(record.fields).flatMap(([name, { filter }]) => (filter?.stored ? [name] : []));
}

/** The triggers that append a record's changes, one for each kind of statement. */
export function filterTriggers(record: RecordType) {
  const fields = storedFilters(record);
  if (fields.length === 0) return [];
  const lists = fields.filter((name) => findField(record, name)!.kind === 'list');
  const texts = fields.filter((name) => !lists.includes(name));
  const parts = [
    ...(texts.length > 0 ? [`values ${texts.map((name) => `('${name}', r.${name})`).join(', ')}`] : []),
    ...lists.map((name) => `select '${name}', unnest(r.${name})`),
  ];
  const query = parts.join(' union all ').replaceAll("'", "''");
  const rows = {
    insert: 'new table as new_rows',
    update: 'old table as old_rows new table as new_rows',
    delete: 'old table as old_rows',
  };
  return (['insert', 'update', 'delete'] as const).map((event) => {
    const name = `${record.table}_filters_${event}`;
    const expression = `create trigger ${name} after ${event} on ${record.table} referencing ${rows[event]} for each statement execute function append_filter_deltas('${record.name}', '${query}')`;
    return { name, timing: 'after' as const, events: [event], forEach: 'statement' as const, expression };
  });
}

export interface FilterValue {
  readonly value: string;
  /** Living rows that bear it. */
  readonly count: number;
}

export interface FilterValuesQuery {
  /** A part of the value, in any case and without regard to accents. */
  readonly search?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** The values of a filter: those most rows bear first, then by value. Stored ones from their table, others from the records. */
export function filterValues(
  pool: Pool,
  record: RecordType,
  field: string,
  query: FilterValuesQuery,
): Promise<FilterValue[]> {
  const stored = record.fields[field as keyof typeof record.fields]?.filter?.stored;
  return stored ? storedValues(pool, record, field, query) : recordValues(pool, record, field, query);
}

async function recordValues(
  pool: Pool,
  record: RecordType,
  name: string,
  { search, limit, offset }: FilterValuesQuery,
): Promise<FilterValue[]> {
  const field = resolveField(record, name);
  const compiler = new Compiler(record);
  const value = `${compiler.value(field)}::text`;
  const matching = search
    ? ` and ${isFoldable(field) ? compiler.key(field) : value} like ${compiler.parameters.add(compiler.containing(search))}`
    : '';
  const bearing = `from ${compiler.from} where ${compiler.where(undefined)} and ${value} is not null${matching}`;
  // Nobody else bears a unique value: its index gives the order, and nothing is counted.
  const unique = record.fields[name as keyof typeof record.fields]?.unique === true;
  const rows = unique
    ? `select ${value} as value, 1 as n ${bearing} order by ${compiler.key(field)}`
    : `select ${value} as value, count(*) as n ${bearing} group by 1 order by 2 desc, ${value} collate "C"`;
  const statement = compiler.statement(
    `${rows} limit ${compiler.parameters.add(limit)} offset ${compiler.parameters.add(offset)}`,
  );
  const found = await pool.query<{ value: string; n: string }>(statement);
  return found.rows.map(({ value, n }) => ({ value, count: Number(n) }));
}

async function storedValues(
  pool: Pool,
  record: RecordType,
  field: string,
  { search, limit, offset }: FilterValuesQuery,
): Promise<FilterValue[]> {
  const pattern = search ? `%${foldAccents(normalizeText(search)).replace(/[\\%_]/g, '\\$&')}%` : null;
  const { rows } = await pool.query<{ value: string; n: string }>(
    `select value, sum(n) as n from (
       select value, n from filters_data where record = $1 and field = $2 and ($3::text is null or folded like $3)
       union all select value, n from filters_deltas where record = $1 and field = $2 and ($3::text is null or fold_text(value) like $3)
     ) each group by value having sum(n) > 0 order by sum(n) desc, value collate "C" limit $4 offset $5`,
    [record.name, field, pattern, limit, offset],
  );
  return rows.map(({ value, n }) => ({ value, count: Number(n) }));
}

/** Folds pending changes into the stored counts, and forgets values that no row bears. */
export async function foldFilterDeltas(pool: Pool): Promise<void> {
  await pool.query(
    `with taken as (delete from filters_deltas where id <= (select max(id) from filters_deltas) returning record, field, value, n),
     changes as (select record, field, value, sum(n) as n from taken group by record, field, value order by record, field, value)
     insert into filters_data as d (record, field, value, n) select record, field, value, n from changes
     on conflict (record, field, value) do update set n = d.n + excluded.n`,
  );
  await pool.query('delete from filters_data where n = 0');
}
