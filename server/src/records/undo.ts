import type { PoolClient } from 'pg';
import { refreshCopies, writeRows } from './bulk.ts';
import { uniqueKeys } from './columns.ts';
import { hashSql, type Journal } from './journal.ts';
import type { RecordType } from './record.ts';
import { writable } from './staged-rows.ts';
import type { Dependent } from './writer.ts';

/** What of a journal is undone in one go. */
export interface UndoPart {
  /** The records that were made, or those that were changed. */
  readonly of: 'made' | 'changed';
  /** Row number after which to go on; 0 at the beginning. */
  readonly after: number;
  readonly limit: number;
  /** Whether values that only one living record may bear return, too. Another writer may be about to take one. */
  readonly unique: boolean;
}

export interface UndonePart {
  /** Records that were made and are gone now. */
  readonly removed: number;
  /** Records of which at least one value returned. */
  readonly restored: number;
  /** Records that stay in part or in whole, as they were changed, deleted or referred to since. */
  readonly kept: number;
  /** Row number of the last; undefined when there was none left. */
  readonly last: number | undefined;
}

/**
 * Undoes a part of what a journal says of one record type, in the client's transaction, and takes it out of the journal:
 * what was made is deleted, unless records that stay refer to it; of what was changed those values return that are as
 * they were written.
 */
export async function undoPart(
  client: PoolClient,
  record: RecordType,
  dependents: readonly Dependent[],
  journal: Journal,
  part: UndoPart,
): Promise<UndonePart> {
  const { rows } = await client.query<{ id: string }>(
    `select id from ${journal.table} where journal = $1 and record = $2 and changes is ${part.of === 'made' ? '' : 'not '}null and id > $3 order by id limit $4`,
    [journal.id, record.name, part.after, part.limit],
  );
  const ids = rows.map(({ id }) => Number(id));
  if (ids.length === 0) return { removed: 0, restored: 0, kept: 0, last: undefined };
  // Locked first, so that the statements behind it see what other writers have committed.
  await client.query(`select from ${record.table} where id = any($1::bigint[]) order by id for update`, [ids]);
  const undone =
    part.of === 'made'
      ? await removeMade(client, record, dependents, ids)
      : await restoreChanged(client, record, dependents, journal, ids, part.unique);
  await client.query(`delete from ${journal.table} where journal = $1 and record = $2 and id = any($3::bigint[])`, [
    journal.id,
    record.name,
    ids,
  ]);
  return { removed: 0, restored: 0, ...undone, last: ids.at(-1) };
}

async function removeMade(
  client: PoolClient,
  { table }: RecordType,
  dependents: readonly Dependent[],
  ids: readonly number[],
) {
  const unused = dependents.map(
    ({ record, relation }) =>
      ` and not exists (select from ${record.table} d where d.${record.relations[relation]!.rowKey} = t.id and d.deleted_at is null)`,
  );
  const { rowCount: removed } = await client.query(
    `update ${table} t set deleted_at = now(), updated_at = now() where id = any($1::bigint[]) and deleted_at is null${unused.join('')}`,
    [ids],
  );
  const { rows } = await client.query<{ kept: number }>(
    `select count(*)::int as kept from ${table} where id = any($1::bigint[]) and deleted_at is null`,
    [ids],
  );
  return { removed: removed!, kept: rows[0]!.kept };
}

async function restoreChanged(
  client: PoolClient,
  record: RecordType,
  dependents: readonly Dependent[],
  journal: Journal,
  ids: readonly number[],
  unique: boolean,
) {
  const { table } = record;
  const columns = writable(record).map(({ name }) => name);
  await client.query(
    'create temp table if not exists undo_entries (id bigint primary key, back jsonb, changes jsonb) on commit delete rows',
  );
  await client.query('delete from undo_entries');
  await client.query(
    `insert into undo_entries select t.id, (select jsonb_object_agg(key, ${beforeSql(record)}) from jsonb_each(j.changes) where ${unchangedSql(record, journal, columns, unique)}), j.changes
     from ${journal.table} j join ${table} t on t.id = j.id where j.journal = $1 and j.record = $2 and j.id = any($3::bigint[]) and t.deleted_at is null`,
    [journal.id, record.name, ids],
  );
  // Unique values that went from one record to another go back: each gives up its own before it takes one over.
  for (const { name } of uniqueKeys(record))
    await client.query(
      `update ${table} t set ${name} = null from undo_entries e where t.id = e.id and e.back ? '${name}'`,
    );
  const { rows } = await client.query<{ id: string; uuid: string; whole: boolean }>(
    `update ${table} t set (${columns.join(', ')}) = (select ${columns.map((name) => `r.${name}`).join(', ')} from jsonb_populate_record(t, entry.back) r), updated_at = now()
     from undo_entries entry where t.id = entry.id and entry.back is not null
     returning t.id, t.uuid, (select count(*) from jsonb_object_keys(entry.back)) = (select count(*) from jsonb_object_keys(entry.changes)) as whole`,
  );
  const back = rows.map(({ id, uuid }) => ({ id: Number(id), uuid, changes: {} }));
  // A row written without a change takes over what it copies of the records that it refers to now.
  if (Object.keys(record.relations).length > 0) await writeRows(client, record, back);
  for (const { record: dependent, relation } of dependents)
    await refreshCopies(
      client,
      dependent,
      relation,
      back.map(({ id }) => id),
    );
  return { restored: rows.length, kept: ids.length - rows.filter(({ whole }) => whole).length };
}

/** Whether the entry `key`, `value` is still as it was written in `t`, and may be as it was before. */
function unchangedSql(record: RecordType, journal: Journal, columns: readonly string[], unique: boolean): string {
  const hashes = columns.map((name) => `when '${name}' then ${hashSql(`t.${name}`)}`);
  const taken = uniqueKeys(record).map(({ name, column, keyOf }) => {
    const old = keyOf('value ->> 1');
    // Of the records that are undone now, those give up the value that bear it as it was written.
    const givenUp = `select from ${journal.table} g where g.journal = $1 and g.record = $2 and g.id = o.id and g.id = any($3) and (g.changes -> '${name}' ->> 0)::bigint = ${hashSql(`o.${name}`)}`;
    const other = `exists (select from ${record.table} o where o.deleted_at is null and o.id <> t.id and o.${column} = ${old} and not exists (${givenUp}))`;
    return ` and not (key = '${name}' and ${unique ? other : 'true'})`;
  });
  return `(value ->> 0)::bigint = case key ${hashes.join(' ')} end${taken.join('')}`;
}

/** The value before of the entry `key`, `value`; a record that is gone since is referred to no more. */
function beforeSql(record: RecordType): string {
  const gone = Object.values(record.relations).map(
    ({ key, record: { table } }) =>
      `when key = '${key}' and not exists (select from ${table} r where r.uuid = (value ->> 1)::uuid and r.deleted_at is null) then 'null'::jsonb`,
  );
  return gone.length > 0 ? `case ${gone.join(' ')} else value -> 1 end` : 'value -> 1';
}
