import { nearestName, type RecordType, resolveField, SYSTEM_FIELDS } from '@contact360/server';
import { importErrors } from './errors.ts';
import { type Column, readHeader } from './header.ts';

/** What headings of a file are to mean, by the names of {@link meaningsOf}; null leaves a column out. */
export type Mapping = Readonly<Record<string, string | null>>;

type Meaning = (heading: string) => Column;

/**
 * What a column can mean, by name: a field of the record (`first_name`), of a related one (`company_city`), `full_name`
 * (split at its last space) where the record has names, or `meta_data`, which keeps it under its heading.
 */
function meaningsOf(record: RecordType): Map<string, Meaning> {
  const field =
    (path: string): Meaning =>
    (heading) => ({ to: 'field', field: resolveField(record, path), heading });
  const fieldsOf = (of: RecordType) =>
    Object.entries(of.fields).flatMap(([name, { kind }]) => (name in SYSTEM_FIELDS || kind === 'json' ? [] : [name]));
  return new Map<string, Meaning>([
    ['uuid', field('uuid')],
    ...fieldsOf(record).map((name): [string, Meaning] => [name, field(name)]),
    ...Object.entries(record.relations).flatMap(([relation, { record: of }]) =>
      fieldsOf(of).map((name): [string, Meaning] => [`${relation}_${name}`, field(`${relation}.${name}`)]),
    ),
    ...(record.fields.first_name
      ? [['full_name', (heading) => ({ to: 'fullName', heading })] as [string, Meaning]]
      : []),
    ['meta_data', (heading) => ({ to: 'metaData', heading })],
  ]);
}

/** The name of what a column means, as a {@link Mapping} has it. */
export function meaningOf(column: Column): string | null {
  switch (column.to) {
    case 'nothing':
      return null;
    case 'metaData':
      return 'meta_data';
    case 'fullName':
      return 'full_name';
    case 'field':
      return column.field.relation ? `${column.field.relation}_${column.field.name}` : column.field.name;
  }
}

/** The mapping of a form's field. Throws `invalid_mapping` when it is none, or names a field that there is not. */
export function parseMapping(record: RecordType, text: string): Mapping {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`It is not valid JSON: ${(error as Error).message}`);
  }
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (entries.length === 0 || entries.some(([, name]) => name !== null && typeof name !== 'string'))
    throw invalid('It must be a JSON object of headings with the names of fields, or null to leave a column out.');
  checkMapping(record, value as Mapping);
  return value as Mapping;
}

const invalid = (reason: string, nearest?: string) =>
  importErrors.invalid_mapping({ reason }, { path: ['mapping'], fields: { mapping: [reason] }, hint: { nearest } });

/** Throws `invalid_mapping` when a field is named that there is not. */
export function checkMapping(record: RecordType, mapping: Mapping): void {
  const meanings = meaningsOf(record);
  for (const [heading, name] of Object.entries(mapping)) {
    if (name === null || meanings.has(name)) continue;
    const nearest = nearestName(name, meanings.keys());
    throw invalid(
      `'${name.slice(0, 60)}', given for '${heading.slice(0, 60)}', is no field of a ${record.name}${nearest ? `; did you mean '${nearest}'?` : '.'}`,
      nearest,
    );
  }
}

/**
 * The columns of a file: what a mapping says of them, else what their headings mean. `unknown` names headings of the
 * mapping that the file does not have; they are compared as they are, but for space around them.
 */
export function columnsFor(
  header: readonly string[],
  record: RecordType,
  mapping: Mapping | null,
): { columns: Column[]; unknown: string[] } {
  const columns = readHeader(header, record);
  const asked = new Map(Object.entries(mapping ?? {}).map(([heading, name]) => [heading.trim(), name]));
  if (asked.size === 0) return { columns, unknown: [] };
  const meanings = meaningsOf(record);
  const headings = new Set(columns.map(({ heading }) => heading));
  return {
    columns: columns.map((column): Column => {
      const name = asked.get(column.heading);
      if (name === undefined) return column;
      return name === null ? { to: 'nothing', heading: column.heading } : meanings.get(name)!(column.heading);
    }),
    unknown: [...asked.keys()].filter((heading) => !headings.has(heading)),
  };
}
