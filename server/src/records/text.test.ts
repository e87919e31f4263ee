import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { FOLD_SURROUNDINGS, type FoldSurroundings, foldFunctions } from './fold-sql.ts';
import {
  foldAccents,
  foldedList,
  foldedText,
  lowerCase,
  nearestName,
  normalizeText,
  WORD_BREAKS,
  wordsOf,
} from './text.ts';

fc.configureGlobal({ numRuns: Number(process.env.FC_RUNS ?? 100) });

test.each([
  ['  José  ', 'José'],
  ['Jose\u0301', 'José'],
  ['a\u0001b\u001ec\u001fd', 'a b c d'],
  ['\u001fa\u0001', 'a'],
  ['\ufeffa\u00a0', 'a'],
  ['\u212b', 'Å'],
  ['a\tb\nc', 'a\tb\nc'],
  [' \n', ''],
])('%j is stored as %j', (text, stored) => {
  expect(normalizeText(text)).toBe(stored);
});

test('text that is stored stays as it is when it is stored again', () => {
  const unit = fc.constantFrom<fc.StringConstraints['unit']>('grapheme', 'binary');
  fc.assert(
    fc.property(
      unit.chain((each) => fc.string({ unit: each! })),
      (text) => {
        expect(normalizeText(normalizeText(text))).toBe(normalizeText(text));
      },
    ),
  );
});

test.each([
  // text, lower case, without accents, folded form
  ['Acme', 'acme', 'acme', 'acme'],
  ['JOSÉ', 'josé', 'jose', 'josé\u0001jose'],
  ['Straße', 'straße', 'strasse', 'straße\u0001strasse'],
  ['ÆRØ', 'ærø', 'aero', 'ærø\u0001aero'],
  ['ŁÓDŹ', 'łódź', 'lodz', 'łódź\u0001lodz'],
  ['Þór', 'þór', 'thor', 'þór\u0001thor'],
  ['Œuvre', 'œuvre', 'oeuvre', 'œuvre\u0001oeuvre'],
  ['ĐđĦħŦŧ', 'đđħħŧŧ', 'ddhhtt', 'đđħħŧŧ\u0001ddhhtt'],
  ['İIıi', 'iiıi', 'iiii', 'iiıi\u0001iiii'],
  // The form of a letter does not depend on its place in the word.
  ['ΟΔΟΣ', 'οδοσ', 'οδοσ', 'οδοσ'],
  ['ẞ', 'ß', 'ss', 'ß\u0001ss'],
  ['Й', 'й', 'и', 'й\u0001и'],
  ['日本', '日本', '日本', '日本'],
  ['ガ', 'ガ', 'ガ', 'ガ'],
  ['𐐀', '𐐨', '𐐨', '𐐨'],
  ['q\u0303', 'q\u0303', 'q', 'q\u0303\u0001q'],
  ['K', 'k', 'k', 'k'],
  ['', '', '', ''],
])('%j is compared as %j, found as %j and held as %j', (text, lowered, plain, folded) => {
  expect(lowerCase(text)).toBe(lowered);
  expect(foldAccents(text)).toBe(plain);
  expect(foldedText(text)).toBe(folded);
});

test.each([
  [['Acme'], '\u001facme\u001f'],
  [['A', 'b c'], '\u001fa\u001fb c\u001f'],
  [['A', 'É'], '\u001fa\u001fé\u001f\u0001\u001ea\u001ee\u001e'],
])('the list %j is held as %j', (elements, folded) => {
  expect(foldedList(elements)).toBe(folded);
});

test.each([
  ['Sr. Vice-Président', ['sr', 'vice', 'president']],
  ['john@acme.com', ['john', 'acme', 'com']],
  ["O'Neil & Söhne (GmbH)", ['o', 'neil', 'sohne', 'gmbh']],
  ['C++, C#', ['c', 'c']],
  ['日本、東京', ['日本', '東京']],
  ['a—b…c\u00a0d\u2009e', ['a', 'b', 'c', 'd', 'e']],
  ['1,234.5', ['1', '234', '5']],
  ['snake_case', ['snake', 'case']],
  ['-- /', []],
  ['', []],
])('the words of %j are %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test('a word has no break in it, and is its own only word', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const word of wordsOf(text)) {
        expect(word).not.toMatch(new RegExp(`[${WORD_BREAKS}]`));
        expect(wordsOf(word)).toEqual([word]);
      }
    }),
  );
});

test.each([
  ['frist_name', 'first_name'],
  ['First_Name', 'first_name'],
  ['fist_name', 'first_name'],
  ['titel', 'title'],
  ['contians', 'contains'],
  ['x', undefined],
  ['birthday', undefined],
  ['', undefined],
  ['first_name'.repeat(1000), undefined],
])('the name nearest to %j is %j', (name, nearest) => {
  expect(nearestName(name, ['title', 'first_name', 'last_name', 'contains'])).toBe(nearest);
});

async function createFoldFunctions(client: Client): Promise<void> {
  const { rows } = await client.query<FoldSurroundings>(FOLD_SURROUNDINGS);
  for (const sql of foldFunctions(rows[0]!)) await client.query(sql);
}

describe('PostgreSQL folds as JavaScript does', () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client({ connectionString: inject('databaseUrl') });
    await client.connect();
    // The functions are seen by this transaction alone and are gone with it.
    await client.query('begin');
    await createFoldFunctions(client);
  });
  afterAll(() => client.end());

  /** Folds texts in one round trip; letters that are newer than the database's Unicode are left out. */
  async function folded(texts: readonly string[]) {
    const { rows } = await client.query<Record<'value' | 'text' | 'list', string>>(
      `select value, fold_text(value) as text, fold_list(array[value, 'x', value]) as list
       from unnest($1::text[]) as value where unicode_assigned(value)`,
      [texts],
    );
    return rows;
  }

  const expected = (texts: readonly string[]) =>
    texts.map((value) => ({ value, text: foldedText(value), list: foldedList([value, 'x', value]) }));

  test('every character', async () => {
    // Planes 2 and 3 hold only ideographs; what follows is unassigned or private.
    const characters = Array.from({ length: 0x20000 }, (_, code) => code)
      .filter((code) => code > 0 && !(code >= 0xd800 && code <= 0xdfff))
      .map((code) => String.fromCodePoint(code));
    const rows = await folded(characters);
    expect(rows.length).toBeGreaterThan(90_000);
    const differing = expected(rows.map(({ value }) => value)).filter((each, index) => {
      const { text, list } = rows[index]!;
      return text !== each.text || list !== each.list;
    });
    expect(differing).toEqual([]);
  });

  test('random texts', async () => {
    const marks = fc.constantFrom('\u0301', '\u0327', '\u0338', '\u0345', '\u3099', '\u1161', '\u11a8');
    const letters = fc.constantFrom('Σ', 'İ', 'ß', 'É', 'か', 'ᄀ', 'Ǆ', 'ﬁ', 'A', '=', 'Ω', 'ᾳ', 'Å');
    const unit = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), marks, letters);
    const text = fc.oneof(fc.string({ unit }), fc.string({ unit: 'grapheme' }), fc.string());
    const texts = fc
      .sample(text, { numRuns: 20_000, seed: Number(process.env.FC_SEED ?? 360) })
      .filter((each) => !each.includes('\0'));
    const rows = await folded(texts);
    expect(rows.length).toBeGreaterThan(5000);
    expect(rows).toEqual(expected(rows.map(({ value }) => value)));
  });

  test.each(['en-US', 'tr-TR'])('in a database of the locale %s', async (locale) => {
    const name = `fold_${locale.replace('-', '_').toLowerCase()}`;
    const url = Object.assign(new URL(inject('databaseUrl')), { pathname: `/${name}` }).href;
    const other = new Client({ connectionString: url });
    const admin = new Client({ connectionString: inject('databaseUrl') });
    await admin.connect();
    await admin.query(
      `create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale '${locale}' lc_collate 'C' lc_ctype 'C'`,
    );
    await other.connect();
    await createFoldFunctions(other);
    // Latin, Greek, Cyrillic, at the beginning, inside and at the end of a word.
    const letters = Array.from({ length: 0x52f }, (_, index) => String.fromCodePoint(index + 1));
    const texts = letters.flatMap((letter) => [letter, `${letter}IΑ`, `I${letter}Α`, `ΑI${letter}`]);
    const { rows } = await other.query<{ text: string; list: string }>(
      'select fold_text(value) as text, fold_list(array[value]) as list from unnest($1::text[]) as value',
      [texts],
    );
    expect(rows).toEqual(texts.map((text) => ({ text: foldedText(text), list: foldedList([text]) })));
    await other.end();
    await admin.query(`drop database ${name}`);
    await admin.end();
  });

  test('where nothing is on the search path, as while pg_restore fills tables', async () => {
    const { rows: paths } = await client.query<{ schema: string; path: string }>(
      `select quote_ident(current_schema()) as schema, current_setting('search_path') as path`,
    );
    const [{ schema, path }] = paths as [{ schema: string; path: string }];
    await client.query(`set local search_path = ''`);
    const { rows } = await client.query(
      `select ${schema}.fold_text('Éa') as text, ${schema}.fold_list('{Éa,B}') as list, ${schema}.join_text('a', 'É') as joined`,
    );
    await client.query(`select set_config('search_path', $1, true)`, [path]);
    expect(rows).toEqual([{ text: foldedText('Éa'), list: foldedList(['Éa', 'B']), joined: 'a, É' }]);
  });

  test('the words between which a phrase is looked for', async () => {
    const { rows } = await client.query<{ found: boolean | null }>(
      `select phrase_within(folded, words, slop) as found from jsonb_to_recordset($1) as t(folded text, words text[], slop int)`,
      [
        JSON.stringify([
          { folded: 'a b c', words: ['a', 'b', 'c'], slop: 0 },
          { folded: 'a x b y c', words: ['a', 'b', 'c'], slop: 1 },
          { folded: 'a x b y c', words: ['a', 'b', 'c'], slop: 2 },
          // The nearer beginning counts.
          { folded: 'a x x a b x c', words: ['a', 'b', 'c'], slop: 1 },
          { folded: 'a b', words: ['a', 'b', 'c'], slop: 9 },
          { folded: '\u001fa b\u001fc\u001f', words: ['a', 'b', 'c'], slop: 9 },
          { folded: 'á b\u0001a b', words: ['a', 'b'], slop: 0 },
          { folded: null, words: ['a'], slop: 0 },
        ]),
      ],
    );
    expect(rows.map(({ found }) => found)).toEqual([true, false, true, true, false, false, true, null]);
  });
});
