import type { Compiler, Statement } from '../query/postgres.ts';
import { SEARCH_COLUMN } from './columns.ts';
import { storedFilters } from './filter-values.ts';
import { findField, type RecordType } from './record.ts';
import { editDistance, foldAccents, normalizeText, WORD_BREAKS } from './text.ts';

/** A hit shows at most this many characters of a field. */
const HIGHLIGHT_LENGTH = 300;
const FACET_VALUES = 10;

/** A word in which one typo is forgiven; with fewer letters too many words are that near, with more it leaves most trigrams. */
const FORGIVEN_WORD = /^[\p{L}\p{N}]{4,32}$/u;

/** The words that a search is for. */
export const searchWords = (text: string): string[] =>
  [...new Set(foldAccents(normalizeText(text)).split(/\s+/u).filter(Boolean))].slice(0, 10);

/** A word with one typo scores this much at least. */
const TYPO_SCORE = 0.6;

export interface Ranking {
  /** The SQL condition that hits fulfil besides. */
  readonly condition: string;
  /** Whether words with a typo are looked for in every row: in short ones it leaves too few trigrams for an index. */
  readonly everyRow: boolean;
  /** Columns that come along. */
  readonly shown?: readonly string[];
}

/**
 * Ranked search by trigram similarity: every word must resemble some word of the record or of what it refers to; the
 * more alike, the higher. The threshold is the session's `pg_trgm.word_similarity_threshold`.
 */
export function rankedSql(
  compiler: Compiler,
  record: RecordType,
  words: readonly string[],
  { condition, everyRow, shown = [] }: Ranking,
): string {
  const column = `t.${SEARCH_COLUMN}`;
  const conditions = words.map((word) => {
    const parameter = compiler.parameters.add(word, 'text');
    const [resembles, alike] = [`${column} %> ${parameter}`, `word_similarity(${parameter}, ${column})`];
    if (!everyRow || !FORGIVEN_WORD.test(word)) return { matches: resembles, score: alike };
    const typos = `${column} ~ ${compiler.parameters.add(oneTypoPattern(word))}`;
    return {
      matches: `(${resembles} or ${typos})`,
      score: `greatest(${alike}, case when ${typos} then ${TYPO_SCORE} end)`,
    };
  });
  const columns = ['t.id', ...shown.map((name) => `t.${name}`)].join(', ');
  return `select ${columns}, (${conditions.map(({ score }) => score).join(' + ')}) / ${words.length} as score from ${record.table} t where ${condition} and ${conditions.map(({ matches }) => matches).join(' and ')}`;
}

/** A regular expression of the words that are one insert, delete, replacement or swap of neighbours away from a word. */
function oneTypoPattern(word: string): string {
  const letters = Array.from(word);
  const any = `[^${WORD_BREAKS}]`;
  const spliced = (at: number, removed: number, ...inserted: string[]) =>
    letters.toSpliced(at, removed, ...inserted).join('');
  const near = letters.flatMap((letter, at) => [
    spliced(at, 0, any),
    spliced(at, 1, any),
    spliced(at, 1),
    ...(at > 0 ? [spliced(at - 1, 2, letter, letters[at - 1]!)] : []),
  ]);
  return `(^|[${WORD_BREAKS}])(${[...near, word + any].join('|')})([${WORD_BREAKS}]|$)`;
}

/** The frequent values of the stored filters among the hits; `ranked` shows those fields. */
export function facetsStatement(compiler: Compiler, record: RecordType, ranked: string): Statement {
  const each = storedFilters(record).map((name) =>
    findField(record, name)!.kind === 'list'
      ? `select '${name}', unnest(hits.${name})`
      : `select '${name}', hits.${name}`,
  );
  return compiler.statement(
    `select field, value, n from (
       select field, value, count(*) as n, row_number() over (partition by field order by count(*) desc, value) as place
       from (${ranked}) hits cross join lateral (${each.join(' union all ')}) f (field, value)
       where value is not null group by field, value
     ) counted where place <= ${FACET_VALUES} order by field, place`,
  );
}

/** The searched fields of a row with the words that resemble the search set in `<mark>`. HTML in the text is escaped. */
export function highlights(
  record: RecordType,
  row: Readonly<Record<string, unknown>>,
  words: readonly string[],
): Record<string, string> {
  const marked: Record<string, string> = {};
  for (const name of record.search.fields) {
    const value = row[name];
    if (typeof value !== 'string') continue;
    let found = false;
    const text = value.slice(0, HIGHLIGHT_LENGTH).replace(/[\p{L}\p{N}]+|[&<>"']/gu, (part) => {
      if (/^[&<>"']$/.test(part)) return `&#${part.charCodeAt(0)};`;
      if (!words.some((word) => resembles(foldAccents(part), word))) return part;
      found = true;
      return `<mark>${part}</mark>`;
    });
    if (found) marked[name] = text;
  }
  return marked;
}

/** Whether a shown word is why a row was found: it begins like the word searched for, holds it, has a typo, or shares most trigrams. */
function resembles(shown: string, word: string): boolean {
  if (shown.startsWith(word) || (word.length > 2 && shown.includes(word)) || (shown.length > 2 && word.includes(shown)))
    return true;
  if (FORGIVEN_WORD.test(word) && editDistance(shown, word) <= 1) return true;
  const wanted = trigrams(word);
  const common = [...trigrams(shown)].filter((trigram) => wanted.has(trigram)).length;
  return common / wanted.size >= 0.4;
}

const trigrams = (word: string) =>
  new Set(Array.from({ length: word.length + 1 }, (_, index) => `  ${word} `.slice(index, index + 3)));
