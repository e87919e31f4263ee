import type { Field, FieldRef, RecordType } from './record.ts';
import { findField, resolveField } from './record.ts';

/** The stored companion of a text or list column that holds its folded form. */
export const foldedColumn = (name: string) => `${name}_folded`;

/** The column beside a row that copies a related field's comparable value: `company.name` → `company_name_folded`. */
export const copyColumn = (relation: string, ref: FieldRef) =>
  `${relation}_${isFoldable(ref) ? foldedColumn(ref.name) : ref.name}`;

/** Whether values of the field are compared in folded form. */
export const isFoldable = (ref: Pick<FieldRef, 'spec'>) =>
  ref.spec.comparison === 'text' || ref.spec.comparison === 'list';

/** Whether the folded form is a stored column: only for fields that an index serves. */
export function hasFoldedColumn(ref: FieldRef): boolean {
  if (!isFoldable(ref)) return false;
  if (ref.computed) return ref.computed.search === true;
  const { search, sort, unique } = ref.record.fields[ref.name]!;
  return Boolean(search || sort || unique);
}

/**
 * The generated column that holds together what a free-text search looks in, as a folded list: the record's own search
 * fields and those of the related records that it names, so that one index answers for both.
 */
export const SEARCH_COLUMN = foldedColumn('search');

/** The columns that copy what is kept of a related record, each named after the column there: `company_name_folded`. */
export function copyColumns(record: RecordType, relation: string): string[] {
  const { record: of, copies } = record.relations[relation]!;
  const searched = record.search.relations?.includes(relation) ? [`${relation}_${SEARCH_COLUMN}`] : [];
  return [...copies.map((path) => copyColumn(relation, resolveField(of, path))), ...searched];
}

/** The column of the related record that a copy is of. */
export const copiedColumn = (relation: string, copy: string) => copy.slice(relation.length + 1);

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** SQL of a generated column. */
  readonly generated?: string;
  readonly default?: string;
  readonly identity?: boolean;
  /** Compared byte by byte, as orderings by code point need. */
  readonly collation?: 'C';
}

export interface Index {
  readonly name: string;
  /** The whole statement; every index covers living rows only. */
  readonly sql: string;
}

const system: Readonly<Record<string, Partial<Column>>> = {
  id: { nullable: false, identity: true },
  uuid: { nullable: false },
  created_at: { nullable: false, default: 'now()' },
  updated_at: { nullable: false, default: 'now()' },
};

/** The SQL of a field's value, on the row of the given alias. */
export function valueSql(
  ref: FieldRef,
  aliasOf: (relation: string | undefined) => string,
  relation = ref.relation,
): string {
  if (!ref.computed) return `${aliasOf(relation)}.${ref.name}`;
  const part = (path: string) => {
    const inner = resolveField(ref.record, path);
    return valueSql(inner, aliasOf, inner.relation ?? relation);
  };
  const parts = ref.computed.from.map((each) =>
    typeof each === 'string' ? part(each) : `join_text(${each.map(part).join(', ')})`,
  );
  return parts.length === 1 ? parts[0]! : `coalesce(${parts.join(', ')})`;
}

/** Every column of the record's table, in order. */
export function columnsOf(record: RecordType): Column[] {
  const own = Object.keys(record.fields).flatMap((name) => {
    const ref = findField(record, name)!;
    const column: Column = { name, type: ref.spec.columnType, nullable: true, ...system[name] };
    return [column, ...foldedCompanion(ref)];
  });
  const computed = Object.keys(record.computed).flatMap((name) => foldedCompanion(findField(record, name)!));
  const ownSearch = `fold_list(array_remove(array[${record.search.fields.join(', ')}], null))`;
  const searched = (record.search.relations ?? []).map((name): Column => {
    return { name: `${name}_${SEARCH_COLUMN}`, type: 'text', nullable: true, collation: 'C' };
  });
  const search: Column = {
    name: SEARCH_COLUMN,
    type: 'text',
    nullable: true,
    generated: searched.reduce((sql, { name }) => `(${sql} || coalesce(${name}, ''))`, ownSearch),
    collation: 'C',
  };
  const related = Object.entries(record.relations).flatMap(([name, relation]): Column[] => [
    { name: relation.rowKey, type: 'bigint', nullable: true },
    ...relation.copies.map((path): Column => {
      const ref = resolveField(relation.record, path);
      return {
        name: copyColumn(name, ref),
        type: isFoldable(ref) ? 'text' : ref.spec.columnType,
        nullable: true,
        ...(isFoldable(ref) && { collation: 'C' as const }),
      };
    }),
  ]);
  return [
    ...own,
    ...computed,
    ...searched,
    search,
    ...related,
    { name: 'deleted_at', type: 'timestamptz', nullable: true },
  ];
}

function foldedCompanion(ref: FieldRef): Column[] {
  if (!hasFoldedColumn(ref)) return [];
  const fold = ref.kind === 'list' ? 'fold_list' : 'fold_text';
  const value = valueSql(ref, () => '').replaceAll(/(^|[(\s,])\./g, '$1');
  return [
    { name: foldedColumn(ref.name), type: 'text', nullable: true, generated: `${fold}(${value})`, collation: 'C' },
  ];
}

/** A field of which no two living rows bear the same value. The uuid is not among them. */
export interface UniqueKey {
  readonly name: string;
  /** The column that tells values apart. */
  readonly column: string;
  /** SQL of what stands there for a value. */
  readonly keyOf: (value: string) => string;
}

export const uniqueKeys = (record: RecordType): UniqueKey[] =>
  Object.entries(record.fields).flatMap(([name, { unique }]: [string, Field]): UniqueKey[] => {
    if (!unique) return [];
    return hasFoldedColumn(resolveField(record, name))
      ? [{ name, column: foldedColumn(name), keyOf: (value) => `fold_text(${value})` }]
      : [{ name, column: name, keyOf: (value) => value }];
  });

/** Every index of the record's table. */
export function indexesOf(record: RecordType): Index[] {
  const { table } = record;
  const index = (suffix: string, columns: string, { unique = false, using = '' } = {}): Index => {
    const name = `${table}_${suffix}`;
    return {
      name,
      sql: `create ${unique ? 'unique ' : ''}index ${name} on ${table} ${using}(${columns}) where deleted_at is null`,
    };
  };
  const keyed = (suffix: string, column: string) => index(`${suffix}_key`, `${column}, id`);
  // Missing values come last in both directions, which one index cannot serve; numbers are mostly asked for from the top.
  const ordered = (suffix: string, column: string, { spec }: FieldRef) =>
    spec.comparison === 'number'
      ? [keyed(suffix, column), index(`${suffix}_top`, `${column} desc nulls last, id desc`)]
      : [keyed(suffix, column)];
  const trigram = (suffix: string, column: string) =>
    index(`${suffix}_trigram`, `${column} gin_trgm_ops`, { using: 'using gin ' });
  const own = Object.entries(record.fields).flatMap(([name, options]: [string, Field]) => {
    const column = hasFoldedColumn(findField(record, name)!) ? foldedColumn(name) : name;
    return [
      ...(options.unique ? [index(`${name}_unique`, column, { unique: true })] : []),
      ...(options.sort ? ordered(name, column, findField(record, name)!) : []),
      ...(options.search ? [trigram(name, column)] : []),
    ];
  });
  const computed = Object.entries(record.computed).flatMap(([name, { search }]) =>
    search ? [trigram(name, foldedColumn(name))] : [],
  );
  const related = Object.entries(record.relations).flatMap(([name, relation]) => [
    keyed(name, relation.rowKey),
    ...relation.copies.flatMap((path) => {
      const ref = resolveField(relation.record, path);
      const column = copyColumn(name, ref);
      return ordered(column.replace(/_folded$/, ''), column, ref);
    }),
  ]);
  const counted = countedColumns(record);
  return [
    index('uuid_unique', 'uuid', { unique: true }),
    ...own,
    ...computed,
    trigram('search', SEARCH_COLUMN),
    ...related,
    ...(counted.length > 1 ? [index('counted', counted.join(', '))] : []),
  ];
}

/**
 * Columns that broad counts ask for, together: an index of so few different entries is small, so that counting half the
 * table by any of them reads some megabytes and no row.
 */
function countedColumns(record: RecordType): string[] {
  const isCounted = (ref: FieldRef) => Boolean(!ref.computed && ref.record.fields[ref.name]!.counted);
  const own = Object.keys(record.fields).map((name) => findField(record, name)!);
  const related = Object.entries(record.relations).flatMap(([name, relation]) =>
    relation.copies
      .map((path) => resolveField(relation.record, path))
      .filter(isCounted)
      .map((ref) => copyColumn(name, ref)),
  );
  const columnOf = (ref: FieldRef) => (hasFoldedColumn(ref) ? foldedColumn(ref.name) : ref.name);
  return [...own.filter(isCounted).map(columnOf), ...related];
}
