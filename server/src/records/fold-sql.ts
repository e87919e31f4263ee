import { PLAIN_LETTERS, WORD_BREAKS } from './text.ts';

const singles = Object.entries(PLAIN_LETTERS).filter(([, plain]) => plain.length === 1);
const doubles = Object.entries(PLAIN_LETTERS).filter(([, plain]) => plain.length > 1);
const plainLetters = doubles.reduce(
  (sql, [letter, plain]) => `replace(${sql}, '${letter}', '${plain}')`,
  `translate(plain, '${singles.map(([letter]) => letter).join('')}', '${singles.map(([, plain]) => plain).join('')}')`,
);

/** Where the functions stand, as {@link FOLD_SURROUNDINGS} answers: both are quoted names. */
export interface FoldSurroundings {
  collation: string;
  schema: string;
}

/**
 * Names the schema that the functions are made in, and the collation that lowers each letter by itself. The database's
 * own may not: ICU looks at the place of `Σ` and makes two letters of `İ`, Turkish locales take the dot from `I`. It
 * serves where there is no other (PostgreSQL 15 and 16 on systems without the locale C.UTF-8).
 */
export const FOLD_SURROUNDINGS = `select quote_ident(current_schema()) as schema, coalesce((
  select quote_ident(collname) from pg_collation
  where collname in ('pg_c_utf8', 'C.utf8', 'C.UTF-8') and collencoding in (-1, pg_char_to_encoding('UTF8'))
  order by collname = 'pg_c_utf8' desc limit 1), '"default"') as collation`;

/**
 * The rules of `text.ts` as SQL functions, for generated columns. They are part of the stored data: a change of what
 * they give needs a migration that rebuilds every folded column.
 *
 * Only texts beyond ASCII can have accents; the others go the short way. PL/pgSQL works out what it names once, where a
 * function in SQL that is inlined works out an argument as often as it is mentioned.
 *
 * They name each other with their schema: `pg_restore` fills tables while nothing is on the search path.
 */
export const foldFunctions = ({ collation, schema }: FoldSurroundings): string[] => [
  `create or replace function fold_accents(value text) returns text language plpgsql immutable strict parallel safe as $$
    declare plain text := regexp_replace(normalize(value, NFD), '[\\u0300-\\u036f]', '', 'g');
    begin
      if octet_length(plain) = char_length(plain) then return plain; end if;
      plain := normalize(plain, NFC);
      return ${plainLetters};
    end $$`,
  // The collations only lower: what becomes of the result is for others to say.
  `create or replace function fold_unicode(value text) returns text language plpgsql immutable strict parallel safe as $$
    declare
      lowered text := lower(value collate ${collation}) collate "default";
      plain text := ${schema}.fold_accents(lowered);
    begin
      return case when lowered = plain collate "C" then lowered else lowered || E'\\x01' || plain end;
    end $$`,
  // Not STRICT: PostgreSQL inlines the function only without it, and NULL passes through all the same.
  `create or replace function fold_text(value text) returns text language sql immutable parallel safe as $$
    select case when octet_length(value) = char_length(value) then lower(value collate "C") collate "default" else ${schema}.fold_unicode(value) end $$`,
  `create or replace function fold_list(value text[]) returns text language plpgsql immutable strict parallel safe as $$
    declare
      joined text := E'\\x1f' || array_to_string(value, E'\\x1f') || E'\\x1f';
      lowered text; plain text;
    begin
      if octet_length(joined) = char_length(joined) then return lower(joined collate "C"); end if;
      lowered := lower(joined collate ${collation});
      plain := ${schema}.fold_accents(lowered);
      return case when lowered = plain collate "C" then lowered else lowered || E'\\x01' || translate(plain, E'\\x1f', E'\\x1e') end;
    end $$`,
  `create or replace function join_text(variadic parts text[]) returns text language sql immutable parallel safe as $$
    select nullif(array_to_string(parts, ', '), '') $$`,
  // Whether the words occur in this order, in one text of the folded form, with at most `slop` others between them in
  // all. From each first word the earliest followers leave the fewest between, so a greedy walk decides.
  `create or replace function phrase_within(folded text, words text[], slop int) returns boolean language plpgsql immutable strict parallel safe as $$
    declare
      part text; found text[]; start int; at int; next int;
    begin
      foreach part in array regexp_split_to_array(folded, '[\\u0001\\u001e\\u001f]') loop
        found := array_remove(regexp_split_to_array(part, '[${WORD_BREAKS}]+'), '');
        foreach start in array array_positions(found, words[1]) loop
          at := start;
          for next in 2 .. cardinality(words) loop
            at := array_position(found, words[next], at + 1);
            exit when at is null;
          end loop;
          if at - start + 1 - cardinality(words) <= slop then return true; end if;
        end loop;
      end loop;
      return false;
    end $$`,
];

/** Words with typos (decision 36), for the few questions that ask for them: a row is looked at word by word. */
export const FUZZY_FUNCTIONS = [
  'create extension if not exists fuzzystrmatch',
  // Optimal string alignment: inserts, deletes, replacements and swaps of neighbours cost one each.
  `create function edit_distance(a text, b text) returns int language plpgsql immutable strict parallel safe as $$
    declare
      previous int[]; before int[]; current int[]; cost int; least int;
      x text[] := string_to_array(a, null); y text[] := string_to_array(b, null);
    begin
      current := array(select generate_series(0, cardinality(y)));
      for i in 1 .. cardinality(x) loop
        before := previous; previous := current; current := array[i];
        for j in 1 .. cardinality(y) loop
          cost := case when x[i] = y[j] then 0 else 1 end;
          least := least(previous[j + 1] + 1, current[j] + 1, previous[j] + cost);
          if i > 1 and j > 1 and x[i] = y[j - 1] and x[i - 1] = y[j] then least := least(least, before[j - 1] + 1); end if;
          current := current || least;
        end loop;
      end loop;
      return current[cardinality(y) + 1];
    end $$`,
  // Plain edits cost a swap twice, so twice as many of them bound what the exact distance can accept; they are counted in C.
  `create function fuzzy_word(folded text, word text, edits int) returns boolean language sql immutable parallel safe as $$
    select coalesce((select bool_or(case
        when found = word then true
        when char_length(found) not between char_length(word) - edits and char_length(word) + edits or char_length(found) > 60 then false
        when levenshtein_less_equal(found, word, 2 * edits) > 2 * edits then false
        else edit_distance(found, word) <= edits end)
      from unnest(regexp_split_to_array(folded, '[${WORD_BREAKS}]+')) as found), false) $$`,
] as const;
