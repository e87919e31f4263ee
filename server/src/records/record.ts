import type { Kind, KindSpec, KindValues } from './kinds.ts';
import { KINDS } from './kinds.ts';
import { foldedText } from './text.ts';

/** How a field stands in the registry of filters (schemas 12 and 13.4). */
export interface FilterOptions {
  /** Number of the filter, known to clients of the gateway. */
  readonly id: number;
  /** How it is asked: words of a text, whole values, or a range of numbers. */
  readonly type: 'text' | 'keyword' | 'range';
  /** Its values and how many living rows bear each are kept in `filters_data`; otherwise they are read from the records. */
  readonly stored?: boolean;
}

/** What a field is, beside its kind. The one place where a fact about a field is written. */
export interface FieldOptions {
  /** Text is searched often: a trigram index serves `contains`, `words` and `phrase`. */
  readonly search?: boolean;
  /** Lists are ordered by it or it is looked up by equality: a B-tree index serves both. */
  readonly sort?: boolean;
  /** A short value by which many rows are counted at once: one index holds all such fields, see `indexesOf`. */
  readonly counted?: boolean;
  /** No two living rows may bear the same value (text: in any case). */
  readonly unique?: boolean;
  /** CSV headings that mean this field, the first being the one exports write. Compared without case and punctuation. */
  readonly headings?: readonly string[];
  /** Offered as a filter in the registry of filters. */
  readonly filter?: FilterOptions;
  /** Its name for people; made from the field's name when absent. */
  readonly label?: string;
}

export interface Field<K extends Kind = Kind> extends FieldOptions {
  readonly kind: K;
  readonly description: string;
}

/** Declares a stored field. `description` goes into the API documents. */
export const field = <const K extends Kind>(kind: K, description: string, options: FieldOptions = {}): Field<K> => ({
  kind,
  description,
  ...options,
});

/** A text that is worked out from other fields: the first of its parts that is set; a nested list is joined by `, `. */
export interface ComputedField {
  readonly from: readonly (string | readonly string[])[];
  readonly description: string;
  /** As in {@link FieldOptions}; only where every part is the record's own field. */
  readonly search?: boolean;
  readonly label?: string;
}

/** A reference to one record of another type, held as its uuid in `key` and as its row number in `rowKey`. */
export interface Relation {
  readonly record: RecordType;
  readonly key: string;
  readonly rowKey: string;
  /**
   * Fields of the related record whose comparable values are kept beside the row, so that ordering by them and
   * comparing them need no join. The store refreshes them in the transaction that changes the related record.
   */
  readonly copies: readonly string[];
  readonly description: string;
}

/** Fields that every record has. `deleted_at` is not among them: a deleted row is never seen. */
export const SYSTEM_FIELDS = {
  id: field('integer', 'Row number, unique within the record type and never used again', { label: 'ID' }),
  uuid: field('uuid', 'Identity across systems', { headings: ['UUID'], label: 'UUID' }),
  created_at: field('timestamp', 'When the record was created, UTC', { sort: true }),
  updated_at: field('timestamp', 'When the record was last changed, UTC', { sort: true }),
} as const;

export type SystemFields = typeof SYSTEM_FIELDS;
type Fields = Readonly<Record<string, Field>>;
type ComputedFields = Readonly<Record<string, ComputedField>>;
type Relations = Readonly<Record<string, Relation>>;

export interface RecordType<
  Name extends string = string,
  F extends Fields = Fields,
  C extends ComputedFields = ComputedFields,
  R extends Relations = Relations,
> {
  readonly name: Name;
  readonly plural: string;
  readonly table: string;
  /** Every stored field, the system's included. */
  readonly fields: F & SystemFields;
  readonly computed: C;
  readonly relations: R;
  /** Where a free-text search looks: own fields and the search fields of related records, kept together in one folded column. */
  readonly search: { readonly fields: readonly string[]; readonly relations?: readonly string[] };
  /** Completes values before they are written: what follows from a value that is given. */
  readonly complete: (values: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** Declares a record type: the single source of its columns, schemas, filters, orderings and CSV headings. */
export function defineRecord<
  const Name extends string,
  const F extends Fields,
  const C extends ComputedFields = {},
  const R extends Relations = {},
>(definition: {
  name: Name;
  plural: string;
  fields: F;
  computed?: C;
  relations?: R;
  search: RecordType['search'];
  complete?: RecordType['complete'];
}): RecordType<Name, F, C, R> {
  const { name, plural, search } = definition;
  const fields = { ...SYSTEM_FIELDS, ...definition.fields };
  const record = {
    name,
    plural,
    table: plural,
    fields,
    computed: definition.computed ?? ({} as C),
    relations: definition.relations ?? ({} as R),
    search,
    complete: definition.complete ?? ((values) => values),
  };
  for (const path of [...search.fields, ...Object.values(record.computed).flatMap((computed) => computed.from.flat())])
    resolveField(record, path);
  return record;
}

/** The value of a field, by its declaration. */
export type ValueOf<F> = F extends Field<infer K> ? KindValues[K] : F extends ComputedField ? string : never;

/** A row as readers get it: system fields are always set, others may be `null`. */
export type RowOf<R extends RecordType> = { [K in keyof SystemFields]: KindValues[SystemFields[K]['kind']] } & {
  [K in Exclude<keyof R['fields'], keyof SystemFields>]: ValueOf<R['fields'][K]> | null;
} & { [K in keyof R['computed']]: string | null };

/** What a writer may give: every own field, `null` clearing it; `uuid` only when creating. */
export type ValuesOf<R extends RecordType> = {
  [K in Exclude<keyof R['fields'], Exclude<keyof SystemFields, 'uuid'>>]?: ValueOf<R['fields'][K]> | null | undefined;
};

type OwnPaths<R extends RecordType> = Extract<keyof R['fields'] | keyof R['computed'], string>;
/** Every path that a filter or an ordering may name: own fields, and `relation.field`. */
export type PathOf<R extends RecordType> =
  | OwnPaths<R>
  | { [K in Extract<keyof R['relations'], string>]: `${K}.${OwnPaths<R['relations'][K]['record']>}` }[Extract<
      keyof R['relations'],
      string
    >];

/** The value type at a path. */
export type ValueAt<R extends RecordType, P extends string> = P extends keyof R['fields']
  ? ValueOf<R['fields'][P]>
  : P extends keyof R['computed']
    ? string
    : P extends `${infer Rel}.${infer Rest}`
      ? Rel extends keyof R['relations']
        ? ValueAt<R['relations'][Rel]['record'], Rest>
        : never
      : never;

/** A path resolved against its record type. */
export interface FieldRef {
  readonly path: string;
  readonly name: string;
  /** The record that holds the field: the related one for `relation.field`. */
  readonly record: RecordType;
  readonly relation?: string;
  readonly kind: Kind;
  readonly spec: KindSpec;
  readonly computed?: ComputedField;
  /** Most bytes that the folded value (of a list: each element) may have: what an index on it can hold. */
  readonly maxBytes?: number;
}

/** PostgreSQL's B-tree takes entries of up to 2,704 bytes. */
const MAX_KEY_BYTES = 2600;
const MAX_COUNTED_BYTES = 400;

const resolved = new WeakMap<object, Map<string, FieldRef>>();

/** Resolves a path, or gives `undefined` when the record has no such field. */
export function findField(record: RecordType, path: string): FieldRef | undefined {
  const byPath =
    resolved.get(record.fields) ?? new Map(fieldPaths(record).map((each) => [each, makeRef(record, each)]));
  resolved.set(record.fields, byPath);
  return byPath.get(path);
}

/** Resolves a path that the program itself wrote. */
export function resolveField(record: RecordType, path: string): FieldRef {
  const ref = findField(record, path);
  if (!ref) throw new Error(`Record type '${record.name}' has no field '${path}'`);
  return ref;
}

/** Every path of a record, own fields first. */
export function fieldPaths(record: RecordType): string[] {
  const own = (each: RecordType) => [...Object.keys(each.fields), ...Object.keys(each.computed)];
  return [
    ...own(record),
    ...Object.entries(record.relations).flatMap(([name, relation]) =>
      own(relation.record).map((path) => `${name}.${path}`),
    ),
  ];
}

function makeRef(record: RecordType, path: string): FieldRef {
  const dot = path.indexOf('.');
  if (dot > 0) {
    const relation = path.slice(0, dot);
    return { ...makeRef(record.relations[relation]!.record, path.slice(dot + 1)), path, relation };
  }
  const computed = record.computed[path];
  const kind = computed ? 'text' : record.fields[path]!.kind;
  const maxBytes = computed ? undefined : maxBytesOf(record.fields[path]!);
  return {
    path,
    name: path,
    record,
    kind,
    spec: KINDS[kind],
    ...(computed && { computed }),
    ...(maxBytes && { maxBytes }),
  };
}

function maxBytesOf({ kind, sort, unique, counted, filter }: Field): number | undefined {
  const { comparison } = KINDS[kind];
  if (comparison === 'list') return filter?.stored ? MAX_KEY_BYTES : undefined;
  if (comparison !== 'text') return undefined;
  if (counted) return MAX_COUNTED_BYTES;
  return sort || unique || filter?.stored ? MAX_KEY_BYTES : undefined;
}

/**
 * What is wrong with the length of a value, or `undefined`: `is too long: 9,600 bytes, at most 2,600`. Letters with
 * accents count double, as they are kept with and without.
 */
export function lengthFault({ maxBytes }: Pick<FieldRef, 'maxBytes'>, value: unknown): string | undefined {
  if (maxBytes === undefined) return undefined;
  for (const text of Array.isArray(value) ? value : [value]) {
    if (typeof text !== 'string' || text.length * MAX_FOLDED_BYTES <= maxBytes) continue;
    const bytes = Buffer.byteLength(foldedText(text));
    if (bytes > maxBytes)
      return `is too long: ${bytes.toLocaleString('en')} bytes, at most ${maxBytes.toLocaleString('en')}`;
  }
  return undefined;
}
/** Bytes that one UTF-16 code unit can take up once it is folded. */
const MAX_FOLDED_BYTES = 8;

/** The name of a field for people: `email_status` → `Email Status`. */
export function labelOf(ref: FieldRef): string {
  const { label } = ref.computed ?? ref.record.fields[ref.name]!;
  return label ?? titleCase(ref.name);
}

/** `email_status` → `Email Status`. */
export const titleCase = (name: string) =>
  name.replaceAll('_', ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
