import { copyColumn, foldedColumn, hasFoldedColumn, isFoldable, SEARCH_COLUMN, valueSql } from '../records/columns.ts';
import type { FieldRef, RecordType } from '../records/record.ts';
import {
  ELEMENT_SEPARATOR,
  foldAccents,
  foldedText,
  lowerCase,
  normalizeText,
  TEXT_BREAKS,
  WORD_BREAKS,
  WORD_GAPS,
} from '../records/text.ts';
import { SEARCH_FIELD } from './algebra.ts';
import type { CheckedFilter, CheckedOrder } from './check.ts';

/** SQL with its bound parameters. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Collects the parameters of one statement. Every value that comes from outside goes through `add`. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type?: string): string {
    this.values.push(value);
    return `$${this.values.length}${type ? `::${type}` : ''}`;
  }
}

const ROOT = 't';
const MAX_BIGINT = 2n ** 63n - 1n;

/**
 * Compiles one query on one record type. The root table is `t`; a related table is joined under the relation's name,
 * and only when an expression needs its columns.
 */
export class Compiler {
  readonly parameters = new Parameters();
  readonly #record: RecordType;
  readonly #joins = new Set<string>();

  constructor(record: RecordType) {
    this.#record = record;
  }

  /** The `from` clause with the joins that the expressions compiled so far need. */
  get from(): string {
    const joins = [...this.#joins].map((name) => this.joinSql(name));
    return [`${this.#record.table} ${ROOT}`, ...joins].join(' ');
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
    const perWord = words.map((word) => {
      const found = (alias: string) => wordSql(`${alias}.${SEARCH_COLUMN}`, word, unit, this.parameters);
      const related = (this.#record.search.relations ?? []).map((relation) => {
        const { record, rowKey } = this.#record.relations[relation]!;
        return `${ROOT}.${rowKey} in (select ${relation}.id from ${record.table} ${relation} where ${relation}.deleted_at is null and ${found(relation)})`;
      });
      return [found(ROOT), ...related].join(' or ');
    });
    return `(${perWord.map((sql) => `(${sql})`).join(match === 'all' ? ' and ' : ' or ')})`;
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

function leafSql(filter: CheckedFilter, key: string, parameters: Parameters): string {
  switch (filter.type) {
    case 'compare':
      return compareSql(filter, key, parameters);
    case 'in':
      return inSql(filter.field, filter.values, key, parameters);
    case 'contains':
      return `${key} like ${parameters.add(containing(foldAccents(filter.text)))}`;
    case 'words': {
      const each = filter.words.map((word) => wordSql(key, word, filter.unit, parameters));
      return `(${each.join(filter.match === 'all' ? ' and ' : ' or ')})`;
    }
    case 'phrase':
      return phraseSql(filter, key, parameters);
    case 'exists':
      return `${key} is not null`;
    default:
      throw new Error(`'${filter.type}' is no condition on a field`);
  }
}

/** The condition that a word occurs in a field. */
function wordSql(key: string, word: string, unit: 'part' | 'whole' | 'fuzzy', parameters: Parameters): string {
  if (unit === 'part') return `${key} like ${parameters.add(containing(word))}`;
  const letters = Array.from(word).length;
  const edits = unit === 'whole' || letters < 3 ? 0 : letters < 6 ? 1 : 2;
  if (edits === 0) return `${key} ~ ${parameters.add(wordPattern([word]))}`;
  return `fuzzy_word(${key}, ${parameters.add(word)}, ${edits})`;
}

function phraseSql(
  { words, slop }: Extract<CheckedFilter, { type: 'phrase' }>,
  key: string,
  parameters: Parameters,
): string {
  // A regular expression bounds each gap; only with one gap is that the sum.
  if (slop === 0 || words.length <= 2) return `${key} ~ ${parameters.add(wordPattern(words, adjacent(slop)))}`;
  // Here it only says that the words follow each other, so that the trigram index helps.
  const pattern = `${key} ~ ${parameters.add(wordPattern(words, ANY_WORDS))}`;
  return `(${pattern} and phrase_within(${key}, ${parameters.add(words, 'text[]')}, ${parameters.add(slop, 'int')}))`;
}

function compareSql(
  { field, comparator, value }: Extract<CheckedFilter, { type: 'compare' }>,
  key: string,
  parameters: Parameters,
): string {
  switch (field.spec.comparison) {
    case 'text':
      return `${key} ${comparator} ${parameters.add(foldedText(value as string))}`;
    case 'list':
      return `${key} like ${parameters.add(elementPattern(value as string))}`;
    case 'number':
      return numberSql(key, comparator, value as number, parameters);
    default:
      return `${key} ${comparator} ${parameters.add(value, field.spec.columnType)}`;
  }
}

/** Columns hold whole numbers within 64 bits; a filter may name any number. */
function numberSql(key: string, comparator: string, value: number, parameters: Parameters): string {
  const floor = Math.floor(value);
  if (BigInt(floor) > MAX_BIGINT || BigInt(floor) < -MAX_BIGINT) {
    return value > 0 === comparator.startsWith('<') && comparator !== '=' ? `${key} is not null` : 'false';
  }
  if (floor === value) return `${key} ${comparator} ${parameters.add(String(BigInt(value)), 'bigint')}`;
  if (comparator === '=') return 'false';
  return `${key} ${comparator.startsWith('>') ? '>' : '<='} ${parameters.add(String(BigInt(floor)), 'bigint')}`;
}

function inSql(field: FieldRef, values: readonly (string | number)[], key: string, parameters: Parameters): string {
  switch (field.spec.comparison) {
    case 'text':
      return `${key} = any(${parameters.add(
        values.map((value) => foldedText(value as string)),
        'text[]',
      )})`;
    case 'list':
      return `${key} like any(${parameters.add(
        values.map((value) => elementPattern(value as string)),
        'text[]',
      )})`;
    case 'number': {
      const whole = (values as number[]).filter(
        (value) => Number.isInteger(value) && BigInt(value) <= MAX_BIGINT && BigInt(value) >= -MAX_BIGINT,
      );
      return `${key} = any(${parameters.add(
        whole.map((value) => String(BigInt(value))),
        'bigint[]',
      )})`;
    }
    default:
      return `${key} = any(${parameters.add(values, `${field.spec.columnType}[]`)})`;
  }
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');
const containing = (text: string) => `%${escapeLike(text)}%`;
const elementPattern = (element: string) => containing(ELEMENT_SEPARATOR + lowerCase(element) + ELEMENT_SEPARATOR);
const escapeRegex = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What may stand between two words: at most `slop` others, or any number. */
const adjacent = (slop: number) =>
  slop === 0 ? `[${WORD_GAPS}]+` : `[${WORD_GAPS}]+(?:[^${WORD_BREAKS}]+[${WORD_GAPS}]+){0,${slop}}`;
const ANY_WORDS = `[${WORD_GAPS}](?:[^${TEXT_BREAKS}]*[${WORD_GAPS}])?`;

/** A regular expression for whole words in order. */
function wordPattern(words: readonly string[], gap = ''): string {
  return `(?:^|[${WORD_BREAKS}])${words.map(escapeRegex).join(gap)}(?:$|[${WORD_BREAKS}])`;
}
