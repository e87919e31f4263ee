import type { Compiler, Statement } from '../query/postgres.ts';
import { SEARCH_COLUMN } from './columns.ts';
import { storedFilters } from './filter-values.ts';
import { findField, type RecordType } from './record.ts';
import { foldAccents, normalizeText } from './text.ts';

/** A hit shows at most this many characters of a field. */
const HIGHLIGHT_LENGTH = 300;
const FACET_VALUES = 10;

/** The words that a search is for. */
export const searchWords = (text: string): string[] =>
  [...new Set(foldAccents(normalizeText(text)).split(/\s+/u).filter(Boolean))].slice(0, 10);

/**
 * Ranked search by trigram similarity: every word must resemble some word of the record or of what it refers to; the
 * more alike, the higher. `shown` columns come along. The threshold is the session's `pg_trgm.word_similarity_threshold`.
 */
export function rankedSql(
  compiler: Compiler,
  record: RecordType,
  words: readonly string[],
  condition: string,
  shown: readonly string[] = [],
): string {
  const relations = record.search.relations ?? [];
  const conditions = words.map((word) => {
    const parameter = compiler.parameters.add(word, 'text');
    const related = relations.map((name) => {
      const { record: of, rowKey } = record.relations[name]!;
      return `t.${rowKey} in (select r.id from ${of.table} r where r.deleted_at is null and r.${SEARCH_COLUMN} %> ${parameter})`;
    });
    const scores = [`t.${SEARCH_COLUMN}`, ...relations.map((name) => `${name}.${SEARCH_COLUMN}`)].map(
      (column) => `word_similarity(${parameter}, ${column})`,
    );
    return {
      matches: `(${[`t.${SEARCH_COLUMN} %> ${parameter}`, ...related].join(' or ')})`,
      score: `greatest(${scores.join(', ')})`,
    };
  });
  const joins = relations.map((name) => compiler.joinSql(name)).join(' ');
  const columns = ['t.id', ...shown.map((name) => `t.${name}`)].join(', ');
  return `select ${columns}, (${conditions.map(({ score }) => score).join(' + ')}) / ${words.length} as score from ${record.table} t ${joins} where ${condition} and ${conditions.map(({ matches }) => matches).join(' and ')}`;
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

/** Whether a shown word is why a row was found: it begins like the word searched for, holds it, or shares most trigrams. */
function resembles(shown: string, word: string): boolean {
  if (shown.startsWith(word) || (word.length > 2 && shown.includes(word)) || (shown.length > 2 && word.includes(shown)))
    return true;
  const wanted = trigrams(word);
  const common = [...trigrams(shown)].filter((trigram) => wanted.has(trigram)).length;
  return common / wanted.size >= 0.4;
}

const trigrams = (word: string) =>
  new Set(Array.from({ length: word.length + 1 }, (_, index) => `  ${word} `.slice(index, index + 3)));
