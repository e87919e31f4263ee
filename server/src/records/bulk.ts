import type { PoolClient } from 'pg';
import { type Column, copiedColumn, copyColumns, uniqueKeys } from './columns.ts';
import { type Changed, changesSql, type Journal, keptInsertSql, keptUpdateSql, noteUnchanged } from './journal.ts';
import type { RecordType } from './record.ts';
import { encodeRows, type RowChange, type Stage, stageRows } from './staged-rows.ts';

export interface Written {
  readonly created: number;
  /** Row numbers of stored records that differ now, be it in what they copy of others. */
  readonly updated: readonly number[];
  /** With a journal: stored records of which a field of their own differs now, by row number. */
  readonly changed: ReadonlyMap<number, Changed>;
}

/**
 * Writes rows in the client's transaction, each record at most once: stored records are updated where something differs
 * and new ones inserted. Copies that other records keep are the caller's business: {@link refreshCopies}. With a
 * journal, what the write replaces is kept in it.
 */
export async function writeRows(
  client: PoolClient,
  record: RecordType,
  rows: Iterable<RowChange>,
  journal?: Journal,
): Promise<Written> {
  const encoded = encodeRows(record, rows);
  if (encoded.count === 0) return { created: 0, updated: [], changed: new Map() };
  return writeStaged(client, record, await stageRows(client, record, encoded), journal);
}

/** The same, of rows that are in the database already. */
export async function writeStaged(
  client: PoolClient,
  record: RecordType,
  stage: Stage,
  journal?: Journal,
): Promise<Written> {
  let changed: Updated = { updated: [], changed: new Map() };
  if (stage.stored > 0) {
    const given = await giveUp(client, record, stage, journal);
    changed = await updateStored(client, record, stage, given, journal);
    if (journal) await noteUnchanged(client, journal, record.name, stage.table);
  }
  const created = stage.count === stage.stored ? 0 : await insertNew(client, record, stage, journal);
  return { created, ...changed };
}

/** The value of a column after the write: what is staged over what is stored. */
function merged(name: string, stored: string, clears: boolean): string {
  const value =
    name === 'meta_data'
      ? `case when s.meta_data is null then ${stored}.meta_data else coalesce(${stored}.meta_data, '{}') || s.meta_data end`
      : `coalesce(s.${name}, ${stored}.${name})`;
  return clears ? `case when '${name}' = any(s.cleared) then null else ${value} end` : value;
}

/** Joins each related record of the row as it will be, and names the columns that copy it. */
function relationSql(record: RecordType, keyOf: (key: string) => string) {
  const relations = Object.entries(record.relations);
  const joins = relations.map(
    ([name, relation]) =>
      `left join ${relation.record.table} ${name} on ${name}.uuid = ${keyOf(relation.key)} and ${name}.deleted_at is null`,
  );
  const copies = relations.flatMap(([name, relation]) => [
    { column: relation.rowKey, value: `${name}.id` },
    ...copyColumns(record, name).map((copy) => ({ column: copy, value: `${name}.${copiedColumn(name, copy)}` })),
  ]);
  return { joins: joins.join(' '), copies };
}

type Updated = Pick<Written, 'updated' | 'changed'>;

/**
 * Takes a unique value from the stored record that gives it up in this write, where another stored one takes it over:
 * within one statement the index would find both.
 */
async function giveUp(
  client: PoolClient,
  record: RecordType,
  { table, columns }: Stage,
  journal: Journal | undefined,
): Promise<Updated> {
  const updated: number[] = [];
  const changed = new Map<number, Changed>();
  for (const { name, column, keyOf } of uniqueKeys(record)) {
    const given = await runUpdate(
      client,
      record,
      `update ${record.table} t set ${name} = null from (
         select distinct o.id as target, null::int as note, o.${name} as old_${name} from ${table} s
         join ${record.table} o on o.${column} = ${keyOf(`s.${name}`)} and o.deleted_at is null and o.id <> s.target
         join ${table} h on h.target = o.id and (${keyOf(`h.${name}`)} <> o.${column} or '${name}' = any(h.cleared))
       ) s where t.id = s.target returning t.id`,
      columns.filter((each) => each.name === name),
      journal,
    );
    updated.push(...given.updated);
    for (const [id, { old, first }] of given.changed)
      changed.set(id, { old: { ...changed.get(id)?.old, ...old }, first: changed.get(id)?.first ?? first });
  }
  return { updated, changed };
}

async function updateStored(
  client: PoolClient,
  record: RecordType,
  { table, columns, clears }: Stage,
  given: Updated,
  journal: Journal | undefined,
): Promise<Updated> {
  const { joins, copies } = relationSql(record, (key) => merged(key, 'o', clears));
  const changes = [
    ...columns.map(({ name }) => ({ column: name, value: merged(name, 't', clears) })),
    ...copies.map(({ column }) => ({ column, value: `s.new_${column}` })),
  ];
  const related = copies.map(({ column, value }) => `, ${value} as new_${column}`).join('');
  // What is stored is joined once more as `o`: an UPDATE's own table cannot be named in its joins.
  const old = journal ? columns.map(({ name }) => `, o.${name} as old_${name}`).join('') : '';
  const source = `(select s.*${related}${old} from ${table} s join ${record.table} o on o.id = s.target ${joins} where s.target is not null)`;
  const update = `update ${record.table} t set ${changes.map(({ column, value }) => `${column} = ${value}`).join(', ')}, updated_at = now()
     from ${source} s where t.id = s.target and (${changes.map(({ column }) => `t.${column}`).join(', ')}) is distinct from (${changes.map(({ value }) => value).join(', ')}) returning t.id`;
  const { updated, changed } = await runUpdate(client, record, update, columns, journal);
  const whole = new Map(changed);
  // What was given up before belongs to the same change.
  for (const [id, { old, first }] of given.changed) whole.set(id, { old: { ...changed.get(id)?.old, ...old }, first });
  return { updated: [...new Set([...updated, ...given.updated])], changed: whole };
}

/** Runs an update of `t` by `s` that returns `t.id`; what it changes of the columns goes to the journal, if there is one. */
async function runUpdate(
  client: PoolClient,
  record: RecordType,
  update: string,
  columns: readonly Column[],
  journal: Journal | undefined,
): Promise<Updated> {
  if (!journal) {
    const { rows } = await client.query<{ id: string }>(update);
    return { updated: rows.map(({ id }) => Number(id)), changed: new Map() };
  }
  const { rows } = await client.query<{
    id: string;
    changes: Record<string, [unknown, unknown]>;
    first: boolean | null;
  }>(keptUpdateSql(journal, record.name, `${update}, s.note, ${changesSql(columns)} as changes`), [journal.id]);
  const changed = rows.flatMap(({ id, changes, first }): [number, Changed][] => {
    const old = Object.fromEntries(Object.entries(changes).map(([name, [, value]]) => [name, value]));
    return first === null ? [] : [[Number(id), { old, first }]];
  });
  return { updated: rows.map(({ id }) => Number(id)), changed: new Map(changed) };
}

async function insertNew(
  client: PoolClient,
  record: RecordType,
  { table, columns: staged }: Stage,
  journal: Journal | undefined,
): Promise<number> {
  const names = staged.map(({ name }) => name);
  const { joins, copies } = relationSql(record, (key) => `s.${key}`);
  const columns = ['uuid', ...names, ...copies.map(({ column }) => column)];
  const values = ['s.uuid', ...names.map((name) => `s.${name}`), ...copies.map(({ value }) => value)];
  const insert = `insert into ${record.table} (${columns.join(', ')}) select ${values.join(', ')} from ${table} s ${joins} where s.target is null`;
  const result = journal
    ? await client.query(keptInsertSql(journal, record.name, table, `${insert} returning id, uuid`), [journal.id])
    : await client.query(insert);
  return result.rowCount ?? 0;
}

/**
 * Brings the copies that other records keep of the given ones up to date. Runs in the transaction that changed them.
 */
export async function refreshCopies(
  client: PoolClient,
  record: RecordType,
  relationName: string,
  changed: readonly number[],
): Promise<void> {
  const relation = record.relations[relationName]!;
  if (changed.length === 0) return;
  const copies = copyColumns(record, relationName);
  const values = copies.map((copy) => `r.${copiedColumn(relationName, copy)}`);
  await client.query(
    `update ${record.table} t set ${copies.map((copy, index) => `${copy} = ${values[index]}`).join(', ')} from ${relation.record.table} r
     where r.id = any($1::bigint[]) and t.${relation.rowKey} = r.id and t.deleted_at is null and (${copies.map((copy) => `t.${copy}`).join(', ')}) is distinct from (${values.join(', ')})`,
    [changed],
  );
}

/** Takes a record that is deleted out of every row that refers to it. */
export async function dropReferences(
  client: PoolClient,
  record: RecordType,
  relationName: string,
  deleted: number,
): Promise<void> {
  const relation = record.relations[relationName]!;
  const columns = [relation.key, relation.rowKey, ...copyColumns(record, relationName)];
  await client.query(
    `update ${record.table} set ${columns.map((column) => `${column} = null`).join(', ')}, updated_at = now() where ${relation.rowKey} = $1 and deleted_at is null`,
    [deleted],
  );
}
