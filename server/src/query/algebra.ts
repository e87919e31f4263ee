/**
 * The query algebra that every dialect is translated into, as plain JSON. It says *which* rows are meant; how they are
 * found is the compiler's business (`postgres.ts`). Logic is two-valued: a condition on a missing value is false, and
 * `not` of it is true, so that exclusions keep rows where the field is missing (decision 24).
 */
export type Filter = FilterGroup | Condition;

/** Every member that is present must hold; an empty group matches all. */
export interface FilterGroup {
  readonly and?: readonly Filter[];
  readonly or?: readonly Filter[];
  readonly not?: Filter;
}

/**
 * - `eq`, `in`: equal in any case, accents told apart; of a list: some element. `gt gte lt lte`: in the field's order.
 * - `contains`: a substring, case and accents folded; of a list: of some element.
 * - `words`: the words of the value occur in the field, in any order, see {@link WordsValue}.
 * - `phrase`: the words of the value in this order with at most `slop` other words between them in all
 *   (`value` is a text, or `{ text, slop }`).
 *   `words` and `phrase` of a text without words ask for nothing, as an empty group: they hold everywhere.
 * - `exists`: the field has a value. `ne nin ncontains nexists`: the negations; they hold where the value is missing.
 */
export type Operator = (typeof OPERATORS)[number];
export const OPERATORS = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'nin',
  'contains',
  'ncontains',
  'words',
  'phrase',
  'exists',
  'nexists',
] as const;

export interface Condition {
  /** `title`, `company.name`, or `search`: all the fields a free-text search looks in. */
  readonly field: string;
  readonly operator: Operator;
  readonly value?: unknown;
}

export interface WordsValue {
  readonly text: string;
  /** `all` words must occur (the default), or `any` of them. */
  readonly match?: 'all' | 'any';
  /** `part`: a word of the value may be a part of a word in the field (the default); `whole`: whole words only. */
  readonly unit?: 'part' | 'whole';
  /** Whole words only: a word with typos counts too, one in words from 3 letters, two from 6 (decision 36). */
  readonly fuzzy?: boolean;
}

export interface Order {
  readonly field: string;
  readonly direction: 'asc' | 'desc';
}

/** The field that stands for all the fields a free-text search looks in. */
export const SEARCH_FIELD = 'search';

export const and = (...parts: readonly Filter[]): Filter => (parts.length === 1 ? parts[0]! : { and: parts });
export const or = (...parts: readonly Filter[]): Filter => (parts.length === 1 ? parts[0]! : { or: parts });
export const not = (part: Filter): Filter => ({ not: part });
export const condition = (field: string, operator: Operator, value?: unknown): Condition => ({
  field,
  operator,
  value,
});
