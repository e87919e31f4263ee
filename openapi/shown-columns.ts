import { type RecordType, recordSchemas } from '@contact360/server';
import { z } from 'zod';
import type { FieldNames } from './field-names.ts';
import type { BodyPath } from './strict-body.ts';

type AnyRow = Readonly<Record<string, unknown>>;

/** A column of an item: its name on the wire, and how its value is read from a row. */
export interface Column {
  readonly name: string;
  readonly read: (row: AnyRow) => unknown;
}

const asStored = (time: string) => time;

/** The column of a name that a caller gave; refuses an unknown one by its place. `timeOf` writes times. */
export function columnOf(names: FieldNames, name: string, at: BodyPath, timeOf = asStored): Column {
  const ref = names.find(name, at, 'column');
  const isTime = ref.spec.comparison === 'timestamp';
  // What an import left over is an object, be it empty (decision 14).
  const none = ref.kind === 'json' ? {} : null;
  return {
    name,
    read: (row) => {
      const holder = ref.relation ? (row[ref.relation] as AnyRow | null | undefined) : row;
      const value = holder?.[ref.name] ?? none;
      return isTime && value !== null ? timeOf(value as string) : value;
    },
  };
}

/** A row as an item with the given columns. Columns of one name are shown once. */
export const itemOf = (columns: readonly Column[], row: unknown): Record<string, unknown> =>
  Object.fromEntries(columns.map(({ name, read }) => [name, read(row as AnyRow)]));

/** The schema of items with the given fields, for the API document: each is absent unless it was chosen. */
export function itemSchema(record: RecordType, fields: readonly string[], more: z.ZodRawShape = {}): z.ZodObject {
  const { shape } = recordSchemas(record).plainRow as unknown as z.ZodObject;
  return z.object({ ...Object.fromEntries(fields.map((name) => [name, shape[name]!])), ...more }).partial();
}

/** `contact` → `Contact`. */
export const titleOf = ({ name }: RecordType): string => name[0]!.toUpperCase() + name.slice(1);
