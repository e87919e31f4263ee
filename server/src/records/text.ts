/**
 * Text as it is stored and compared.
 *
 * Every searchable text column has a companion *folded* column that PostgreSQL generates with `fold_text`
 * (see `fold-sql.ts`). It holds the lower-cased text and, only when the text bears accents, a second copy without
 * them: `josé` → `josé␁jose`. One column thereby serves three uses: equality and ordering by lower-cased code points
 * (decisions 20, 24, 32), and accent-insensitive substring search by one trigram index. The functions here are the
 * same rules in JavaScript, for the values of a query.
 */

/** Separates the lower-cased text from its accent-free copy. Below every printable character, so order is kept. */
const COPY_SEPARATOR = '\u0001';
/** Encloses the elements of a folded list. */
export const ELEMENT_SEPARATOR = '\u001f';
/** Encloses the elements in the accent-free copy of a folded list, so that equality never meets that copy. */
const PLAIN_ELEMENT_SEPARATOR = '\u001e';

/** Letters that bear no combining mark and still have a plain spelling. */
export const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ħ: 'h',
  ı: 'i',
  ŧ: 't',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the separators of the folded form are control characters
const SEPARATORS = /[\u0001\u001e\u001f]/g;
const COMBINING_MARKS = /[\u0300-\u036f]/g;
const PLAIN_LETTER = new RegExp(`[${Object.keys(PLAIN_LETTERS).join('')}]`, 'g');
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is the fast path
const ASCII_ONLY = /^[\u0000-\u007f]*$/;

/** Most text by far; it is stored as it is but for spaces around it. */
const PRINTABLE = /^[ -~]*$/;

/** Text as it is stored: Unicode NFC, trimmed (decision 10); separators of the folded form become spaces. */
export function normalizeText(text: string): string {
  return (PRINTABLE.test(text) ? text : text.normalize('NFC').replace(SEPARATORS, ' ')).trim();
}

/**
 * Lower case by code point, as PostgreSQL does (no context, no growth: `Σ` → `σ`, `İ` → `i`; see `fold-sql.ts`). They
 * differ only in letters newer than the Unicode version of either.
 */
export function lowerCase(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toLowerCase();
  let lowered = '';
  for (const character of text) {
    lowered += character === 'İ' ? 'i' : character.toLowerCase();
  }
  return lowered;
}

/** Lower case without accents: what `contains`, `words` and `phrase` compare. */
export function foldAccents(text: string): string {
  const lowered = lowerCase(text);
  if (ASCII_ONLY.test(lowered)) return lowered;
  return lowered
    .normalize('NFD')
    .replace(COMBINING_MARKS, '')
    .normalize('NFC')
    .replace(PLAIN_LETTER, (letter) => PLAIN_LETTERS[letter]!);
}

/** The folded form of a value, as stored: what equality and ordering compare. */
export function foldedText(text: string): string {
  const lowered = lowerCase(text);
  if (ASCII_ONLY.test(lowered)) return lowered;
  const plain = foldAccents(text);
  return plain === lowered ? lowered : lowered + COPY_SEPARATOR + plain;
}

/** The folded form of a list, as stored. */
export function foldedList(elements: readonly string[]): string {
  const enclose = (texts: string[], separator: string) => separator + texts.join(separator) + separator;
  const lowered = elements.map(lowerCase);
  const plain = elements.map(foldAccents);
  const main = enclose(lowered, ELEMENT_SEPARATOR);
  return plain.every((text, index) => text === lowered[index])
    ? main
    : main + COPY_SEPARATOR + enclose(plain, PLAIN_ELEMENT_SEPARATOR);
}

/** Separators of the folded form: words on their two sides do not belong together. */
export const TEXT_BREAKS = '\\u0001\\u001e\\u001f';
/**
 * Characters between the words of one text, as the inside of a bracket expression valid in JavaScript and in
 * PostgreSQL: everything in ASCII that is no letter or digit, Latin-1 and general punctuation, CJK and full-width
 * punctuation.
 */
export const WORD_GAPS =
  '\\u0002-\\u001d\\u0020-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf\\u00d7\\u00f7\\u2000-\\u206f\\u3000-\\u303f\\uff00-\\uff0f\\uff1a-\\uff20';
/** Characters that end a word in the folded form. */
export const WORD_BREAKS = TEXT_BREAKS + WORD_GAPS;
const WORD_BREAK_RUN = new RegExp(`[${WORD_BREAKS}]+`);

/** The folded words of a text, in order: `"Sr. Vice-Président"` → `sr`, `vice`, `president`. */
export function wordsOf(text: string): string[] {
  return foldAccents(normalizeText(text)).split(WORD_BREAK_RUN).filter(Boolean);
}

/** The distance between two texts in edits (insert, delete, replace, swap of neighbours). */
export function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = best;
    }
  }
  return rows[a.length]![b.length]!;
}

/** The candidate nearest to a mistyped name, or none when nothing is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase().slice(0, 64);
  let nearest: string | undefined;
  let best = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < best) [best, nearest] = [distance, candidate];
  }
  return nearest;
}
