import { once } from 'node:events';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Column, columnsOf, copiedColumn, copyColumns, uniqueKeys } from './columns.ts';
import { type Changed, changesSql, type Journal, keptInsertSql, keptUpdateSql, noteUnchanged } from './journal.ts';
import { type RecordType, SYSTEM_FIELDS } from './record.ts';

/** What is to be written of one record. */
export interface RowChange {
  /** Row number of the stored record; `null` makes a new one. */
  readonly id: number | null;
  readonly uuid: string;
  /** Values by field; an absent one leaves what is stored, `null` clears it, `meta_data` is merged key by key. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Kept in the journal with the record, if there is one. */
  readonly note?: number | undefined;
}

export interface Written {
  readonly created: number;
  /** Row numbers of stored records that differ now, be it in what they copy of others. */
  readonly updated: readonly number[];
  /** With a journal: stored records of which a field of their own differs now, by row number. */
  readonly changed: ReadonlyMap<number, Changed>;
}

/** Text of PostgreSQL's COPY format. */
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const copyText = (text: string) =>
  /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!) : text;
/** The literal of a `text[]`. */
export const arrayText = (elements: readonly string[]) =>
  `{${elements.map((element) => `"${element.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

function copyValue(value: unknown): string {
  if (value === undefined || value === null) return '\\N';
  if (Array.isArray(value)) return value.length === 0 ? '\\N' : copyText(arrayText(value as string[]));
  return copyText(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Columns that a row's values may name. */
export const writable = (record: RecordType): Column[] =>
  columnsOf(record).filter(({ name, generated }) => !generated && name in record.fields && !(name in SYSTEM_FIELDS));

/** Under this many rows the planner needs no statistics of what is staged. */
const ANALYZE_FROM = 200;

/**
 * Writes rows in the client's transaction, each record at most once: they are copied into a temporary table, then
 * stored records are updated where something differs and new ones inserted. Copies that other records keep are the
 * caller's business: {@link refreshCopies}. With a journal, what the write replaces is kept in it.
 */
export async function writeRows(
  client: PoolClient,
  record: RecordType,
  rows: Iterable<RowChange>,
  journal?: Journal,
): Promise<Written> {
  const stage: Stage = { table: `stage_${record.table}`, columns: writable(record), clears: false };
  const columns = stage.columns.map(({ name, type }) => `${name} ${type}`);
  await client.query(
    `create temp table if not exists ${stage.table} (target bigint, uuid uuid, note int, cleared text[], ${columns.join(', ')}) on commit delete rows`,
  );
  const { count, stored, clears } = await copyRows(client, stage, rows);
  if (count >= ANALYZE_FROM) await client.query(`analyze ${stage.table} (target)`);
  let changed: Updated = { updated: [], changed: new Map() };
  if (stored > 0) {
    const given = await giveUp(client, record, stage, journal);
    changed = await updateStored(client, record, { ...stage, clears }, given, journal);
    if (journal) await noteUnchanged(client, journal, record.name, stage.table);
  }
  const created = count === stored ? 0 : await insertNew(client, record, stage, journal);
  return { created, ...changed };
}

/** The temporary table of a write. `clears`: whether some row clears a value, which costs a look at each column. */
interface Stage {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly clears: boolean;
}

async function copyRows(client: PoolClient, { table, columns }: Stage, rows: Iterable<RowChange>) {
  const names = columns.map(({ name }) => name);
  const stream = client.query(copyFrom(`copy ${table} (target, uuid, note, cleared, ${names.join(', ')}) from stdin`));
  const done = new Promise<void>((resolve, reject) => stream.once('finish', resolve).once('error', reject));
  let count = 0;
  let stored = 0;
  let clears = false;
  let text = '';
  const flush = async () => {
    const full = !stream.write(text);
    text = '';
    if (full) await Promise.race([once(stream, 'drain'), done]);
  };
  for (const { id, uuid, note, changes } of rows) {
    const cleared = names.filter((name) => changes[name] === null);
    clears ||= cleared.length > 0;
    text += `${copyValue(id)}\t${uuid}\t${copyValue(note)}\t${copyValue(cleared)}`;
    for (const name of names) text += `\t${copyValue(changes[name])}`;
    text += '\n';
    count++;
    if (id !== null) stored++;
    if (text.length > 1 << 18) await flush();
  }
  if (text) await flush();
  stream.end();
  await done;
  return { count, stored, clears };
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
