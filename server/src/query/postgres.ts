import { copyColumn, foldedColumn, hasFoldedColumn, isFoldable, SEARCH_COLUMN, valueSql } from '../records/columns.ts';
import type { FieldRef, RecordType } from '../records/record.ts';
import { foldAccents, normalizeText } from '../records/text.ts';
import { SEARCH_FIELD } from './algebra.ts';
import type { CheckedFilter, CheckedOrder } from './check.ts';
import { containing, leafSql, Parameters, wordSql } from './conditions.ts';

/** SQL with its bound parameters. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

const ROOT = 't';

/** Conditions of a filter, each with the folded values of its field that fulfil it, where they are known already. */
export type KnownValues = ReadonlyMap<CheckedFilter, readonly string[]>;

/**
 * Compiles one query on one record type. The root table is `t`; a related table is joined under the relation's name,
 * and only when an expression needs its columns.
 */
export class Compiler {
  readonly parameters = new Parameters();
  readonly #record: RecordType;
  readonly #joins = new Set<string>();
  readonly #known: KnownValues;

  constructor(record: RecordType, known: KnownValues = new Map()) {
    this.#record = record;
    this.#known = known;
  }

  /** The `from` clause with the joins that the expressions compiled so far need. */
  get from(): string {
    const joins = [...this.#joins].map((name) => this.joinSql(name));
    return [`${this.#record.table} ${ROOT}`, ...joins].join(' ');
  }

  /** The same with only the first living row of each related record. */
  fromOnePer(relation: string): string {
    const { table, relations } = this.#record;
    const { rowKey } = relations[relation]!;
    const first = `(select ${rowKey}, min(id) as id from ${table} where deleted_at is null and ${rowKey} is not null group by ${rowKey}) ${ROOT}`;
    return this.from.replace(`${table} ${ROOT}`, first);
  }

  joinSql(relation: string): string {
    const { record, rowKey } = this.#record.relations[relation]!;
    return `left join ${record.table} ${relation} on ${relation}.id = ${ROOT}.${rowKey}`;
  }

  /** The condition that picks living rows that match. */
  where(filter: CheckedFilter | undefined): string {
    const living = `${ROOT}.deleted_at is null`;
    const condition = filter && this.condition(filter);
    return condition === undefined || condition === 'true' ? living : `${living} and ${condition}`;
  }

  condition(filter: CheckedFilter): string {
    switch (filter.type) {
      case 'and':
      case 'or':
        return this.#group(filter.type, filter.parts);
      case 'not':
        // A condition on a missing value is NULL in SQL; `is not true` makes its negation hold (two-valued logic).
        return `(${this.condition(filter.part)}) is not true`;
      case 'words':
        if (filter.field === SEARCH_FIELD) return this.#search(filter);
        break;
    }
    const field = filter.field as FieldRef;
    const known = this.#known.get(filter);
    if (known?.length === 0) return 'false';
    if (known) return `${this.#keySql(field)} = any(${this.parameters.add(known, 'text[]')})`;
    if (field.relation && !this.#isCopied(field, filter)) {
      return this.#inRelated(field.relation, [filter]);
    }
    return leafSql(filter, this.#keySql(field), this.parameters);
  }

  /** Members about the same related record are asked in one sub-select: a contact has at most one company. */
  #group(type: 'and' | 'or', parts: readonly CheckedFilter[]): string {
    if (parts.length === 0) return 'true';
    const related = new Map<string, CheckedFilter[]>();
    const own: string[] = [];
    for (const part of parts) {
      const relation =
        'field' in part && typeof part.field === 'object' && !this.#isCopied(part.field, part)
          ? part.field.relation
          : undefined;
      if (relation) related.set(relation, [...(related.get(relation) ?? []), part]);
      else own.push(this.condition(part));
    }
    const grouped = [...related].map(([relation, leaves]) => this.#inRelated(relation, leaves, type));
    const all = [...own, ...grouped];
    return all.length === 1 ? all[0]! : `(${all.join(` ${type} `)})`;
  }

  #inRelated(relation: string, leaves: readonly CheckedFilter[], type: 'and' | 'or' = 'and'): string {
    const { record, rowKey } = this.#record.relations[relation]!;
    const conditions = leaves.map((leaf) =>
      leafSql(
        leaf,
        keySql((leaf as { field: FieldRef }).field, () => relation),
        this.parameters,
      ),
    );
    return `${ROOT}.${rowKey} in (select ${relation}.id from ${record.table} ${relation} where ${relation}.deleted_at is null and (${conditions.join(` ${type} `)}))`;
  }

  #search({ words, match, unit }: Extract<CheckedFilter, { type: 'words' }>): string {
    const each = words.map((word) => wordSql(`${ROOT}.${SEARCH_COLUMN}`, word, unit, this.parameters));
    return `(${each.join(match === 'all' ? ' and ' : ' or ')})`;
  }

  /** Whether rows can be read in the order of the field by an index. */
  isOrdered(field: FieldRef): boolean {
    if (field.relation) return this.#isCopied(field);
    return !field.computed && field.record.fields[field.name]!.sort === true;
  }

  /** Whether some condition of the filter is answered by another table. */
  looksElsewhere(filter: CheckedFilter): boolean {
    switch (filter.type) {
      case 'and':
      case 'or':
        return filter.parts.some((part) => this.looksElsewhere(part));
      case 'not':
        return this.looksElsewhere(filter.part);
      default:
        return (
          typeof filter.field === 'object' &&
          filter.field.relation !== undefined &&
          !this.#isCopied(filter.field, filter)
        );
    }
  }

  /** Whether the field's comparable value stands beside the row, so that no look at the related table is needed. */
  #isCopied(field: FieldRef, filter?: CheckedFilter): boolean {
    if (!field.relation || !this.#record.relations[field.relation]!.copies.includes(field.name)) return false;
    // Substrings are better looked for in the smaller related table, which has the trigram index.
    return filter === undefined || !['contains', 'words', 'phrase'].includes(filter.type);
  }

  /** What a field is compared and ordered by: the folded form of texts and lists, else the value. */
  #keySql(field: FieldRef): string {
    if (field.relation && this.#isCopied(field)) return `${ROOT}.${copyColumn(field.relation, field)}`;
    return keySql(field, (relation) => this.#alias(relation));
  }

  #alias(relation: string | undefined): string {
    if (relation) this.#joins.add(relation);
    return relation ?? ROOT;
  }

  /** The expression that rows are ordered by. */
  orderKey({ field }: CheckedOrder): string {
    return this.#keySql(field);
  }

  /** What a field is compared by. */
  key(field: FieldRef): string {
    return this.#keySql(field);
  }

  /** A LIKE pattern for texts whose folded form contains the given one. */
  containing(text: string): string {
    return containing(foldAccents(normalizeText(text)));
  }

  /** The SQL of a value to be shown. */
  value(field: FieldRef): string {
    return valueSql(field, (relation) => this.#alias(relation));
  }

  statement(text: string): Statement {
    return { text, values: this.parameters.values };
  }
}

/** Texts compare byte by byte as stored columns do, so that code points decide, whatever the database's collation (decision 20). */
function keySql(field: FieldRef, aliasOf: (relation: string | undefined) => string): string {
  if (hasFoldedColumn(field)) return `${aliasOf(field.relation)}.${foldedColumn(field.name)}`;
  const value = valueSql(field, aliasOf);
  if (!isFoldable(field)) return value;
  return `${field.kind === 'list' ? 'fold_list' : 'fold_text'}(${value}) collate "C"`;
}
