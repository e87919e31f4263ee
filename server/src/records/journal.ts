import type { PoolClient } from 'pg';
import type { Column } from './columns.ts';

/** Where a write keeps what it replaces, so that it can be undone. */
export interface Journal {
  /**
   * A table of `(journal int, record text, id bigint, note int, changes jsonb)`, unique by the first three. `changes` is
   * null for a record that was made, else `{column: [hash of the value written, value before]}`: of a column written
   * twice the last hash and the first value.
   */
  readonly table: string;
  /** Names this journal among those of the table. */
  readonly id: number;
}

/** What a journal says of a stored record that a write changed. */
export interface Changed {
  /** Values before the write, of the record's own fields that differ now. */
  readonly old: Readonly<Record<string, unknown>>;
  /** Whether the journal has it for the first time. */
  readonly first: boolean;
}

/** Hash of a value, by which it is known again; an empty one hashes as an empty text. */
export const hashSql = (value: string) => `hashtextextended(coalesce(${value}::text, ''), 0)`;

/** PostgreSQL takes at most 100 arguments in a call. */
const PAIRS = 40;

/** The changes of a row: `t` as it is now, `s.old_…` as it was. */
export function changesSql(columns: readonly Column[]): string {
  const entry = ({ name }: Column) => `jsonb_build_array(${hashSql(`t.${name}`)}, s.old_${name})`;
  const differs = ({ name }: Column) => `t.${name} is distinct from s.old_${name}`;
  // Nulls inside of a JSON value must stay.
  const [documents, plain] = [true, false].map((json) => columns.filter(({ type }) => (type === 'jsonb') === json));
  const parts = [];
  for (let at = 0; at < plain!.length; at += PAIRS) {
    const pairs = plain!
      .slice(at, at + PAIRS)
      .map((column) => `'${column.name}', case when ${differs(column)} then ${entry(column)} end`);
    parts.push(`jsonb_strip_nulls(jsonb_build_object(${pairs.join(', ')}))`);
  }
  for (const column of documents!)
    parts.push(
      `case when ${differs(column)} then jsonb_build_object('${column.name}', ${entry(column)}) else '{}' end`,
    );
  return parts.join(' || ');
}

const MERGED = `j.changes || coalesce((select jsonb_object_agg(key, case when j.changes ? key then jsonb_build_array(value -> 0, j.changes -> key -> 1) else value end)
  from jsonb_each(excluded.changes)), '{}')`;

/** Wraps an update that returns `id, note, changes`: what it changes is kept, and told for each row. */
export const keptUpdateSql = ({ table }: Journal, record: string, update: string): string =>
  `with changed as (${update}),
   kept as (
     insert into ${table} as j (journal, record, id, note, changes) select $1, '${record}', id, note, changes from changed where changes <> '{}'
     on conflict (journal, record, id) do update set note = coalesce(excluded.note, j.note), changes = case when j.changes is null then null else ${MERGED} end
     returning j.id, j.xmax = 0 as first)
   select changed.id, changed.changes, kept.first from changed left join kept using (id)`;

/** Wraps an insert of staged rows that returns `id, uuid`: the rows are kept as made. */
export const keptInsertSql = ({ table }: Journal, record: string, stage: string, insert: string): string =>
  `with made as (${insert})
   insert into ${table} (journal, record, id, note) select $1, '${record}', made.id, s.note from made join ${stage} s on s.uuid = made.uuid and s.target is null`;

/** Takes note of stored records that were written with a note and are as they were. */
export async function noteUnchanged(
  client: PoolClient,
  { table, id }: Journal,
  record: string,
  stage: string,
): Promise<void> {
  await client.query(
    `insert into ${table} as j (journal, record, id, note, changes) select $1, '${record}', s.target, s.note, '{}' from ${stage} s
     where s.note is not null and s.target is not null
       and not exists (select from ${table} n where n.journal = $1 and n.record = '${record}' and n.id = s.target and n.note = s.note)
     on conflict (journal, record, id) do update set note = excluded.note`,
    [id],
  );
}
