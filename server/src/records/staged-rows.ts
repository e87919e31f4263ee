import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Column, columnsOf } from './columns.ts';
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

interface Counted {
  readonly count: number;
  /** How many of the rows are of stored records. */
  readonly stored: number;
  /** Whether some row clears a value, which costs a look at each column. */
  readonly clears: boolean;
}

/** Rows that are made ready to be staged, which takes the database no time. */
export interface EncodedRows extends Counted {
  /** Parts of the text that PostgreSQL's COPY reads. */
  readonly parts: readonly Buffer[];
}

/** Bytes of a part, unless a row is longer. */
const MAX_PART = 1 << 18;
/** Bytes that one UTF-16 code unit can take up. */
const MAX_BYTES = 3;

/** Makes rows ready for {@link stageRows}. */
export class RowEncoder {
  readonly #names: readonly string[];
  readonly #parts: Buffer[] = [];
  #part = Buffer.alloc(0);
  #filled = 0;
  #count = 0;
  #stored = 0;
  #clears = false;

  constructor(record: RecordType) {
    this.#names = writable(record).map(({ name }) => name);
  }

  add({ id, uuid, note, changes }: RowChange): void {
    const cleared = this.#names.filter((name) => changes[name] === null);
    const values = this.#names.map((name) => copyValue(changes[name]));
    const line = `${copyValue(id)}\t${uuid}\t${copyValue(note)}\t${copyValue(cleared)}\t${values.join('\t')}\n`;
    const length = line.length * MAX_BYTES;
    if (length > this.#part.length - this.#filled) this.#startPart(length);
    this.#filled += this.#part.write(line, this.#filled);
    this.#count++;
    if (id !== null) this.#stored++;
    this.#clears ||= cleared.length > 0;
  }

  /** All rows; none is added any more. */
  end(): EncodedRows {
    this.#endPart();
    return { count: this.#count, stored: this.#stored, clears: this.#clears, parts: this.#parts };
  }

  #endPart(): void {
    if (this.#filled > 0) this.#parts.push(this.#part.subarray(0, this.#filled));
    this.#filled = 0;
  }

  /** Parts grow with their number, so that a single row takes little. */
  #startPart(length: number): void {
    this.#endPart();
    this.#part = Buffer.allocUnsafeSlow(Math.max(length, Math.min(2 * this.#part.length, MAX_PART)));
  }
}

/** The rows ready for {@link stageRows}. */
export function encodeRows(record: RecordType, rows: Iterable<RowChange>): EncodedRows {
  const encoder = new RowEncoder(record);
  for (const row of rows) encoder.add(row);
  return encoder.end();
}

/** A temporary table of the session with the rows of a write, until the transaction ends. */
export interface Stage extends Counted {
  readonly table: string;
  /** Those that rows may give a value. */
  readonly columns: readonly Column[];
}

/** Under this many rows the planner needs no statistics of what is staged. */
const ANALYZE_FROM = 200;

/** Copies rows into the database, from where they are written. */
export async function stageRows(
  client: PoolClient,
  record: RecordType,
  { parts, ...counted }: EncodedRows,
): Promise<Stage> {
  const table = `stage_${record.table}`;
  const columns = writable(record);
  await client.query(
    `create temp table if not exists ${table} (target bigint, uuid uuid, note int, cleared text[], ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}) on commit delete rows`,
  );
  const names = columns.map(({ name }) => name).join(', ');
  await pipeline(parts, client.query(copyFrom(`copy ${table} (target, uuid, note, cleared, ${names}) from stdin`)));
  if (counted.count >= ANALYZE_FROM) await client.query(`analyze ${table} (target)`);
  return { table, columns, ...counted };
}
