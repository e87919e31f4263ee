import {
  type FieldRef,
  lengthFault,
  normalizeText,
  type RecordType,
  resolveField,
  type SourceRecord,
  unguarded,
} from '@contact360/server';
import type { Column } from './header.ts';
import type { RowKeys } from './row-keys.ts';

/** Why a row is rejected (decision 41). */
export interface RowError {
  readonly code:
    | 'invalid_email'
    | 'invalid_number'
    | 'invalid_value'
    | 'too_long'
    | 'too_many_cells'
    | 'missing_identity'
    | 'invalid_character'
    | 'taken'
    | 'unknown_company'
    /** The data source found it damaged. */
    | 'unreadable';
  readonly column: string | null;
  readonly message: string;
}

/** Values by field; undefined where nothing is said. */
export type Values = Record<string, unknown>;

/** What a row says: the record's own values, those of related records by relation, and what no field holds. */
export interface ParsedRow {
  readonly source: SourceRecord;
  readonly own: Values;
  readonly related: Readonly<Record<string, Values>>;
  readonly extra: Readonly<Record<string, string>>;
  /** What `keysOf` has worked out. */
  keys: RowKeys | undefined;
}

/** A row that is being read. */
interface Draft extends ParsedRow {
  readonly related: Record<string, Values>;
  readonly extra: Record<string, string>;
}

/** What a company is found by; without one of them what a row says of a company belongs to nobody known. */
const COMPANY_KEYS = ['uuid', 'name', 'website', 'normalized_domain'];

/** Turns the records of a file into rows of a record type. Cells that are empty say nothing: they never erase. */
export class RowReader {
  readonly #columns: readonly Column[];
  readonly #record: RecordType;
  /** Rows that say nothing yet. With all fields in one order from the start they are cheap to fill, copy and look into. */
  readonly #blank: Values;
  readonly #blankRelated: ReadonlyMap<string, Values>;
  /** Fields that a value can be too long for. */
  readonly #limited: readonly FieldRef[];

  constructor(columns: readonly Column[], record: RecordType) {
    this.#columns = columns;
    this.#record = record;
    const fields = columns.flatMap((column) => (column.to === 'field' ? [column.field] : []));
    const whole = columns.some(({ to }) => to === 'fullName') ? ['first_name', 'last_name'] : [];
    const relations = Object.entries(record.relations);
    const blank = (relation: string | undefined, others: readonly string[]) => {
      const names = fields.filter((each) => each.relation === relation).map(({ name }) => name);
      return Object.fromEntries([...names, ...others].map((name) => [name, undefined]));
    };
    this.#blank = blank(undefined, [...whole, ...relations.map(([, { key }]) => key), 'meta_data']);
    this.#blankRelated = new Map(relations.map(([name]) => [name, blank(name, COMPANY_KEYS)]));
    const all = new Set([...fields, ...whole.map((name) => resolveField(record, name))]);
    this.#limited = [...all].filter(({ maxBytes }) => maxBytes !== undefined);
  }

  read(source: SourceRecord): ParsedRow | RowError {
    const { cells, fault } = source;
    if (fault !== undefined) return { code: 'unreadable', column: null, message: fault };
    const width = this.#columns.length;
    if (cells.length > width)
      return { code: 'too_many_cells', column: null, message: `Row has ${cells.length} cells, header has ${width}` };
    const row: Draft = { source, own: { ...this.#blank }, related: {}, extra: {}, keys: undefined };
    for (let index = 0; index < cells.length; index++) {
      const cell = cells[index]!;
      if (cell === '') continue;
      const column = this.#columns[index]!;
      const text = isJson(column) ? cell.trim() : cleanCell(cell);
      if (text === '') continue;
      const fault = text.includes('\0') ? invalidCharacter(column) : this.#put(row, column, text);
      if (fault) return fault;
    }
    this.#keepUnowned(row, cells);
    return missingIdentity(row, this.#record) ?? this.#tooLong(row) ?? row;
  }

  #put(row: Draft, column: Column, text: string): RowError | undefined {
    switch (column.to) {
      case 'nothing':
        return undefined;
      case 'metaData':
        row.extra[column.heading] = text;
        return undefined;
      case 'fullName': {
        const space = text.lastIndexOf(' ');
        const [first, last] = space < 0 ? [text, ''] : [text.slice(0, space).trim(), text.slice(space + 1)];
        row.own.first_name ??= first;
        if (last) row.own.last_name ??= last;
        return undefined;
      }
      case 'field': {
        const value = column.field.spec.parseCell(text);
        if (value === undefined && isJson(column)) {
          row.extra[column.heading] = text;
          return undefined;
        }
        if (value === undefined) return invalidValue(column.field, column.heading);
        // A list of nothing but commas says as little as an empty cell.
        if (Array.isArray(value) && value.length === 0) return undefined;
        const { relation } = column.field;
        if (relation) row.related[relation] ??= { ...this.#blankRelated.get(relation)! };
        const target = relation ? row.related[relation]! : row.own;
        // Of several columns that mean one field the first that says something counts.
        target[column.field.name] ??= value;
        return undefined;
      }
    }
  }

  /** Keeps what a row says of a company that it does not name with the record itself, under the headings. */
  #keepUnowned({ own, related, extra }: Draft, cells: readonly string[]): void {
    const { company } = related;
    if (!company || own.company_id !== undefined || COMPANY_KEYS.some((key) => company[key] !== undefined)) return;
    delete related.company;
    for (const [index, column] of this.#columns.entries()) {
      const text = cleanCell(cells[index] ?? '');
      if (text !== '' && column.to === 'field' && column.field.relation) extra[column.heading] ??= text;
    }
  }

  #tooLong({ own, related }: Draft): RowError | undefined {
    for (const field of this.#limited) {
      const values = field.relation ? related[field.relation] : own;
      const fault = lengthFault(field, values?.[field.name]);
      if (fault)
        return { code: 'too_long', column: headingOf(field, this.#columns), message: `${snakeName(field)} ${fault}` };
    }
    return undefined;
  }
}

export const isRowError = (row: ParsedRow | RowError): row is RowError => 'code' in row;

const headingOf = (field: FieldRef, columns: readonly Column[]) =>
  columns.find((column) => column.to === 'field' && column.field === field)?.heading ?? null;

/** A cell's text: trimmed, the placeholder `_` empty, one guarding apostrophe dropped (decisions 39 and 46). */
function cleanCell(cell: string): string {
  const text = normalizeText(cell);
  return text === '_' ? '' : unguarded(text);
}

/** JSON objects, which exports write, are taken to the letter; whatever else stands in their column is one of no known meaning. */
const isJson = (column: Column) => column.to === 'field' && column.field.kind === 'json';

const invalidCharacter = ({ heading }: Column): RowError => ({
  code: 'invalid_character',
  column: heading,
  message: `Invalid character: ${heading} holds a NUL character`,
});

function invalidValue(field: FieldRef, heading: string): RowError {
  if (field.kind === 'email') return { code: 'invalid_email', column: heading, message: 'Invalid email format' };
  if (field.spec.comparison === 'number')
    return { code: 'invalid_number', column: heading, message: `Invalid number: ${snakeName(field)}` };
  return {
    code: 'invalid_value',
    column: heading,
    message: `Invalid value: ${snakeName(field)} takes ${field.spec.takes}`,
  };
}

/** The documents' name of a column: `# Employees` → `employees`. */
function snakeName(field: FieldRef): string {
  const heading = field.record.fields[field.name as keyof typeof field.record.fields]?.headings?.[0] ?? field.name;
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

function missingIdentity({ own }: { own: Values }, record: RecordType): RowError | undefined {
  if (record.fields.email) {
    const named = own.first_name !== undefined && own.last_name !== undefined;
    if (own.uuid !== undefined || own.email !== undefined || own.linkedin_url !== undefined || named) return undefined;
    return { code: 'missing_identity', column: null, message: 'Missing required field: email' };
  }
  if (COMPANY_KEYS.some((key) => own[key] !== undefined)) return undefined;
  return { code: 'missing_identity', column: null, message: 'Missing required field: name' };
}
