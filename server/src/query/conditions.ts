import type { FieldRef } from '../records/record.ts';
import {
  ELEMENT_SEPARATOR,
  foldAccents,
  foldedText,
  lowerCase,
  TEXT_BREAKS,
  WORD_BREAKS,
  WORD_GAPS,
} from '../records/text.ts';
import type { CheckedFilter } from './check.ts';

/** Collects the parameters of one statement. Every value that comes from outside goes through `add`. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type?: string): string {
    this.values.push(value);
    return `$${this.values.length}${type ? `::${type}` : ''}`;
  }
}

const MAX_BIGINT = 2n ** 63n - 1n;

/** A condition on one field as SQL; `key` is what the field is compared by. */
export function leafSql(filter: CheckedFilter, key: string, parameters: Parameters): string {
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
export function wordSql(key: string, word: string, unit: 'part' | 'whole' | 'fuzzy', parameters: Parameters): string {
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
/** A LIKE pattern for folded texts that contain the given one, which is folded. */
export const containing = (text: string) => `%${escapeLike(text)}%`;
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
