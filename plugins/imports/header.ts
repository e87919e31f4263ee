import { type FieldRef, type RecordType, resolveField, SYSTEM_FIELDS } from '@contact360/server';

/** What a column of the file becomes. */
export type Column =
  | { readonly to: 'field'; readonly field: FieldRef; readonly heading: string }
  | { readonly to: 'fullName'; readonly heading: string }
  | { readonly to: 'metaData'; readonly heading: string }
  | { readonly to: 'nothing'; readonly heading: string };

/** The columns that an error file has behind the original ones. */
export const ERROR_COLUMNS = ['row_number', 'error_code', 'error_column', 'error_message'] as const;
/** Columns of an error file, and values that only the system sets: known, and dropped. */
const DROPPED = [
  ...ERROR_COLUMNS,
  'id',
  'created_at',
  'updated_at',
  'deleted_at',
  'contact_id',
  'contact_created_at',
  'contact_updated_at',
  'company_created_at',
  'company_updated_at',
];
const FULL_NAME = ['name', 'full_name', 'contact_name'];

/** Headings are compared without case, spaces and punctuation: `# Employees`, `employees` and `Employees` are one. */
export const plain = (heading: string) => heading.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/**
 * What each heading means when rows become records of the given type (decision 39, schemas 9). Headings declared with
 * the fields come first: `Website` is the company's. Then the record's own field names, then a related record's with
 * its name in front (`company_city`), then bare ones that nothing else is called.
 */
export function headingsOf(record: RecordType): Map<string, Column> {
  const columns = new Map<string, Column>();
  const add = (heading: string, column: Column) => {
    const key = plain(heading);
    if (!columns.has(key)) columns.set(key, column);
  };
  const field = (path: string, heading: string): Column => ({
    to: 'field',
    field: resolveField(record, path),
    heading,
  });
  const related = Object.entries(record.relations);
  const fieldsOf = (of: RecordType) => Object.entries(of.fields).filter(([name]) => !(name in SYSTEM_FIELDS));

  for (const heading of DROPPED) add(heading, { to: 'nothing', heading });
  for (const [name, { headings = [] }] of fieldsOf(record))
    for (const heading of headings) add(heading, field(name, heading));
  for (const heading of ['uuid', `${record.name}_uuid`]) add(heading, field('uuid', heading));
  for (const [relation, { record: of }] of related) {
    for (const [name, { headings = [] }] of fieldsOf(of))
      for (const heading of headings) add(heading, field(`${relation}.${name}`, heading));
  }
  if (record.fields.first_name) for (const heading of FULL_NAME) add(heading, { to: 'fullName', heading });
  for (const [name] of fieldsOf(record)) {
    add(`${record.name}_${name}`, field(name, name));
    add(name, field(name, name));
  }
  for (const [relation, { record: of }] of related)
    for (const [name] of fieldsOf(of)) add(`${relation}_${name}`, field(`${relation}.${name}`, name));
  for (const [relation, { record: of }] of related)
    for (const [name] of fieldsOf(of)) add(name, field(`${relation}.${name}`, name));
  return columns;
}

/** The columns of a file, by what their headings mean. Of several unknown ones of one name the later are numbered. */
export function readHeader(cells: readonly string[], record: RecordType): Column[] {
  const headings = headingsOf(record);
  const unknown = new Map<string, number>();
  return cells.map((cell): Column => {
    const heading = cell.trim();
    const found = headings.get(plain(heading));
    if (found) return { ...found, heading };
    if (heading === '') return { to: 'nothing', heading };
    const count = (unknown.get(heading) ?? 0) + 1;
    unknown.set(heading, count);
    return { to: 'metaData', heading: count === 1 ? heading : `${heading} (${count})` };
  });
}
