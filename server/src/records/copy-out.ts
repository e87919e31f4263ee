import type { Readable } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Filter } from '../query/algebra.ts';
import { checkFilter } from '../query/check.ts';
import { Compiler } from '../query/postgres.ts';
import { type FieldRef, labelOf, type RecordType, resolveField, SYSTEM_FIELDS, titleCase } from './record.ts';
import { arrayText } from './staged-rows.ts';

/** Which rows are copied: those that match, in no order; or the living ones of these uuids, in theirs. */
export type Picked = { readonly where: Filter | undefined } | { readonly uuids: readonly string[] };

/** A column of copied rows. */
export interface CopiedColumn {
  /** Its heading in tables for people: the first that the field declares. */
  readonly heading: string;
  /** Its name for programs. Imports take it for the same field, as they do the heading. */
  readonly name: string;
  readonly field: FieldRef;
}

/**
 * - `csv`: lines of RFC 4180, each cell guarded against being run as a formula (decision 46).
 * - `json`: one JSON object a line, values in their own types and unguarded.
 * - `cells`: as `csv`, in the text format of COPY: see {@link readCells}.
 * - `unguarded`: as `csv`, without the guard; for comparison.
 */
export type CopyLayout = 'csv' | 'json' | 'cells' | 'unguarded';

/** Closes each line of CSV until it is written out: no stored text holds it (`normalizeText`), and PostgreSQL quotes no cell for it. */
const LINE_END = 0x1e;
const CR = 0x0d;

const known = new WeakMap<RecordType, readonly CopiedColumn[]>();

/** The columns that rows of a record type are copied with: all it stores but row numbers, then all of its related records. */
export function copiedColumns(record: RecordType): readonly CopiedColumn[] {
  const columns = known.get(record) ?? makeColumns(record);
  known.set(record, columns);
  return columns;
}

function makeColumns(record: RecordType): CopiedColumn[] {
  const related = Object.entries(record.relations);
  const claimed = new Set(
    related.flatMap(([, { record: of }]) =>
      ordinaryFields(of).flatMap((name) => (of.fields[name]!.headings ?? []).map(snakeCase)),
    ),
  );
  const own = (name: string): CopiedColumn => {
    const field = resolveField(record, name);
    const heading = record.fields[name]!.headings?.[0] ?? labelOf(field);
    // Where a related record's heading means its own field, the bare name does too: `website` is the company's.
    return { heading, field, name: claimed.has(name) ? `${record.name}_${name}` : name };
  };
  const others = related.flatMap(([relation, { record: of }]) =>
    ordinaryFields(of).map((name): CopiedColumn => {
      const field = resolveField(record, `${relation}.${name}`);
      const prefixed = name.startsWith(`${relation}_`) ? name : `${relation}_${name}`;
      return { heading: of.fields[name]!.headings?.[0] ?? titleCase(prefixed), field, name: prefixed };
    }),
  );
  // A time is never quoted: the last column must not be, see LINE_END.
  return [...ordinaryFields(record).map(own), ...others, ...['uuid', 'created_at', 'updated_at'].map(own)];
}

const ordinaryFields = ({ fields }: RecordType) => Object.keys(fields).filter((name) => !(name in SYSTEM_FIELDS));
const snakeCase = (heading: string) => heading.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

/** A copy that is under way, on a client that does nothing else until its stream has ended. */
export interface Copy {
  /** Names it to {@link copyProgress}. */
  readonly pid: number;
  readonly bytes: Readable;
  /** Resolves when the client takes the next query, shortly after the stream has ended. */
  readonly idle: Promise<void>;
  /** How many rows were copied; known when the stream has ended. */
  readonly rows: () => number;
}

/**
 * Copies rows straight out of PostgreSQL, related records joined. COPY takes no parameters: PostgreSQL itself quotes
 * the values of the query first. In a transaction that is `repeatable read`, {@link countPicked} counts the same rows.
 */
export async function copyOut(
  client: PoolClient,
  record: RecordType,
  picked: Picked,
  layout: CopyLayout,
): Promise<Copy> {
  const compiler = new Compiler(record);
  const columns = copiedColumns(record).map((column) => ({ ...column, sql: compiler.value(column.field) }));
  const { from, where, order } = pickSql(compiler, record, picked);
  const lists = layout === 'json' ? [] : columns.filter(({ field }) => field.kind === 'list');
  const shown =
    layout === 'json'
      ? columns.map(({ field, name, sql }) => `${field.kind === 'timestamp' ? timeSql(sql) : sql} as "${name}"`)
      : columns.map((column) => cellSql(column, layout !== 'unguarded'));
  if (layout === 'csv' || layout === 'unguarded') shown.push(`${shown.pop()} || E'\\x1e'`);
  const rows = `select ${shown.join(', ')} from ${from}${joinedLists(lists)} where ${where}${order}`;
  const query = await inlined(client, layout === 'json' ? `select row_to_json(r) from (${rows}) r` : rows, compiler);
  const stream = client.query(copyTo(`copy (${query}) to stdout (${OPTIONS[layout]})`));
  const idle = new Promise<void>((resolve) => {
    client.once('drain', resolve);
  });
  return {
    idle,
    pid: (client as PoolClient & { processID: number }).processID,
    bytes: stream,
    rows: () => stream.rowCount,
  };
}

/** JSON as PostgreSQL writes it holds no control characters: with these for quote and delimiter it goes out as it is. */
const OPTIONS: Readonly<Record<CopyLayout, string>> = {
  csv: 'format csv',
  unguarded: 'format csv',
  json: "format csv, quote E'\\x01', delimiter E'\\x02'",
  cells: 'format text',
};

/** How many rows a copy has put out so far, asked on another connection. */
export async function copyProgress(pool: Pool, { pid }: Pick<Copy, 'pid'>): Promise<number> {
  const { rows } = await pool.query<{ done: string }>(
    'select tuples_processed as done from pg_stat_progress_copy where pid = $1',
    [pid],
  );
  return Number(rows[0]?.done ?? 0);
}

/** How many rows are picked; with `limit`, no more than so many are looked for. */
export async function countPicked(
  client: PoolClient,
  record: RecordType,
  picked: Picked,
  limit?: number,
): Promise<number> {
  const compiler = new Compiler(record);
  const { from, where } = pickSql(compiler, record, picked);
  const cut = limit === undefined ? '' : ` limit ${compiler.parameters.add(limit)}`;
  const query = `select count(*)::int as count from (select from ${from} where ${where}${cut}) found`;
  const { rows } = await client.query<{ count: number }>(compiler.statement(query));
  return rows[0]!.count;
}

function pickSql(compiler: Compiler, record: RecordType, picked: Picked) {
  if ('where' in picked) {
    const where = compiler.where(picked.where && checkFilter(record, picked.where));
    return { from: compiler.from, where, order: '' };
  }
  const asked = `unnest(${compiler.parameters.add(picked.uuids, 'uuid[]')}) with ordinality as asked(uuid, n)`;
  const from = compiler.from.replace(/ t\b/, ` t join ${asked} on asked.uuid = t.uuid`);
  return { from, where: compiler.where(undefined), order: ' order by asked.n' };
}

/** The query with its parameters in place, as literals that PostgreSQL quotes. */
async function inlined(client: PoolClient, query: string, { parameters }: Compiler): Promise<string> {
  const texts = parameters.values.map((value) => (Array.isArray(value) ? arrayText(value.map(String)) : String(value)));
  const { rows } = await client.query<{ literal: string }>(
    'select quote_literal(value) as literal from unnest($1::text[]) with ordinality as given(value, n) order by n',
    [texts],
  );
  return query.replaceAll(/\$(\d+)/g, (_, number: string) => rows[Number(number) - 1]!.literal);
}

const timeSql = (value: string) => `to_char(${value}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

interface ColumnSql extends CopiedColumn {
  readonly sql: string;
}

/** Joins each list's elements once per row; `offset 0` keeps PostgreSQL from doing it wherever the result is used. */
function joinedLists(lists: readonly ColumnSql[]): string {
  if (lists.length === 0) return '';
  const joined = lists.map(({ name, sql }) => `array_to_string(${sql}, E'\\x1f') as ${name}`);
  return ` cross join lateral (select ${joined.join(', ')} offset 0) lists`;
}

/** The text of a value in a cell. */
function cellSql({ field: { kind }, name, sql }: ColumnSql, guarded: boolean): string {
  switch (kind) {
    case 'timestamp':
      return timeSql(sql);
    case 'integer':
    case 'money':
    case 'uuid':
    case 'json':
      return sql;
    case 'list': {
      const joined = `lists.${name}`;
      const cell = `case when ${joined} ~ '[,"]' then ${quotedList(sql)} else replace(${joined}, E'\\x1f', ', ') end`;
      return guarded ? guardSql(`(${cell})`, joined) : cell;
    }
    default:
      return guarded ? guardSql(sql) : sql;
  }
}

/** Elements joined by `, `; one that holds a comma or a quote stands in quotes, as `parseList` reads it. */
function quotedList(list: string): string {
  const element = `case when element ~ '[,"]' then '"' || replace(element, '"', '""') || '"' else element end`;
  return `(select string_agg(${element}, ', ' order by n) from unnest(${list}) with ordinality as each(element, n))`;
}

/** Characters that a guarded cell may begin with. */
const SUSPECT = [..."\t\r'+-=@"].map((character) => character.charCodeAt(0));
const NUMBER_OR_PHONE = '^[-+]([0-9 ().x+-]*[0-9][0-9 ().x+-]*|[0-9][0-9.,]*([eE][-+]?[0-9]+)?)$';

/** The first character behind all that a guarded cell may begin with. */
const LETTER = String.fromCharCode(Math.max(...SUSPECT) + 1);

/**
 * An apostrophe before what would run as a formula, and before apostrophes that an import would take for it (decision
 * 46). Nearly every cell shows by one comparison, of its beginning or that of the `first` thing in it, that it needs none.
 */
function guardSql(cell: string, first = cell): string {
  const begins = (text: string) => `ascii(${text}) in (${SUSPECT.join(', ')})`;
  const allowed = `not ${begins(cell)} or ${cell} ~ '${NUMBER_OR_PHONE}' or ${cell} ~ '^''' and ${cell} !~ '^''+[-=+@\\t\\r0-9]'`;
  return `case when ${first} >= '${LETTER}' collate "C" then ${cell} when ${first} is null then null when not ${begins(first)} or ${allowed} then ${cell} else '''' || ${cell} end`;
}

/** Puts the line ends of RFC 4180 into CSV as {@link copyOut} gives it, in place. */
export async function* withLineEnds(csv: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of csv) {
    for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) chunk[at] = CR;
    yield chunk;
  }
}

const UNESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The rows of a copy in `cells`, in batches as they arrive; a missing value is `null`. */
export async function* readCells(text: AsyncIterable<Buffer>): AsyncGenerator<(string | null)[][]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield lines.map((line) => line.split('\t').map(readCell));
  }
}

function readCell(cell: string): string | null {
  if (cell === '\\N') return null;
  return cell.includes('\\')
    ? cell.replaceAll(/\\(.)/g, (_, character: string) => UNESCAPED[character] ?? character)
    : cell;
}
