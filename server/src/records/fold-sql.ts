import { PLAIN_LETTERS, WORD_BREAKS } from './text.ts';

const singles = Object.entries(PLAIN_LETTERS).filter(([, plain]) => plain.length === 1);
const doubles = Object.entries(PLAIN_LETTERS).filter(([, plain]) => plain.length > 1);
const withSingles = `translate(normalize(regexp_replace(normalize(value, NFD), '[\\u0300-\\u036f]', '', 'g'), NFC), '${singles.map(([letter]) => letter).join('')}', '${singles.map(([, plain]) => plain).join('')}')`;
const withoutAccents = doubles.reduce(
  (sql, [letter, plain]) => `replace(${sql}, '${letter}', '${plain}')`,
  withSingles,
);

/**
 * The rules of `text.ts` as SQL functions, for generated columns. They are part of the stored data: a change here
 * needs a migration that rebuilds every folded column.
 */
export const FOLD_FUNCTIONS = [
  `create function fold_accents(value text) returns text language sql immutable parallel safe as $$ select ${withoutAccents} $$`,
  `create function fold_unicode(lowered text, plain text) returns text language sql immutable parallel safe as $$
    select case when lowered = plain collate "C" then lowered else lowered || E'\\x01' || plain end $$`,
  // Not STRICT: PostgreSQL inlines the function only without it, and NULL passes through all the same.
  `create function fold_text(value text) returns text language sql immutable parallel safe as $$
    select case when octet_length(value) = char_length(value) then lower(value collate "C") else fold_unicode(lower(value), fold_accents(lower(value))) end $$`,
  `create function fold_list(value text[]) returns text language sql immutable parallel safe as $$
    select case when value is null then null else fold_unicode(folded, case when octet_length(folded) = char_length(folded) or fold_accents(folded) = folded collate "C" then folded else translate(fold_accents(folded), E'\\x1f', E'\\x1e') end) end
    from (select lower(E'\\x1f' || array_to_string(value, E'\\x1f') || E'\\x1f') as folded) as lowered $$`,
  `create function join_text(variadic parts text[]) returns text language sql immutable parallel safe as $$
    select nullif(array_to_string(parts, ', '), '') $$`,
  // Whether the words occur in this order, in one text of the folded form, with at most `slop` others between them in
  // all. From each first word the earliest followers leave the fewest between, so a greedy walk decides.
  `create function phrase_within(folded text, words text[], slop int) returns boolean language plpgsql immutable strict parallel safe as $$
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
] as const;
