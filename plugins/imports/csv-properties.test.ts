import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvDelimiter, CsvError, type CsvFormat, detectCsvFormat } from './csv.ts';
import { encode, opener, readAll } from './csv-test-files.ts';

/** The same rules as a plain machine over characters. */
function readPlainly(text: string, delimiter: CsvDelimiter): { records: string[][]; unclosedAt: number | undefined } {
  const records: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  for (let index = 0; index <= text.length; index++) {
    const character = text[index];
    if (state === 'quoted') {
      if (character === undefined) return { records, unclosedAt: records.length + 1 };
      if (character !== '"') cell += character;
      else if (text[index + 1] === '"') cell += text[++index];
      else {
        state = 'closed';
        quoted = cell;
      }
    } else if (character === delimiter || character === '\n' || character === '\r' || character === undefined) {
      const after = cell.slice(quoted.length).trim();
      if (state === 'closed' && /[\r\n]/.test(quoted) && after !== '') {
        return { records, unclosedAt: records.length + 1 };
      }
      const isBlank = character !== delimiter && cells.length === 0 && state === 'start';
      if (!isBlank) cells.push(cell);
      if (character !== delimiter && !isBlank) {
        records.push(cells);
        cells = [];
      }
      cell = '';
      quoted = '';
      state = 'start';
    } else if (state === 'start' && character === '"') {
      state = 'quoted';
    } else {
      cell += character;
      if (state === 'start') state = 'plain';
    }
  }
  return { records, unclosedAt: undefined };
}

const delimiters = fc.constantFrom<CsvDelimiter>(',', ';', '\t');
const chunkSizes = fc
  .array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 200 })), { minLength: 1, maxLength: 6, size: 'max' })
  .filter((sizes) => sizes.some((size) => size > 0));
const readOptions = fc.record({
  batchRows: fc.integer({ min: 1, max: 5 }),
  batchBytes: fc.integer({ min: 1, max: 200 }),
  blockBytes: fc.integer({ min: 16, max: 64 }),
});
const encodings = fc.constantFrom<Pick<CsvFormat, 'encoding' | 'bomBytes'>>(
  { encoding: 'utf-8', bomBytes: 0 },
  { encoding: 'utf-8', bomBytes: 3 },
  { encoding: 'utf-16le', bomBytes: 2 },
  { encoding: 'utf-16be', bomBytes: 2 },
  { encoding: 'windows-1252', bomBytes: 0 },
);
const structure = ['"', '"', ',', ';', '\t', '\n', '\r', '\r\n', ' '];
const text = (letters: string[]) =>
  fc.string({ unit: fc.constantFrom(...structure, ...letters), maxLength: 12, size: 'max' });

/** A file and its records: every cell in quotes or not where both are right, line ends and blank lines of any kind. */
const files = fc
  .tuple(encodings, delimiters)
  .chain(([encoding, delimiter]) => {
    const letters = encoding.encoding === 'windows-1252' ? ['a', 'é', 'ü'] : ['a', 'é', '€', '日', '😀', '\uFEFF'];
    const cell = fc.tuple(text(letters), fc.boolean());
    const record = fc.tuple(
      fc.array(cell, { minLength: 1, maxLength: 5, size: 'max' }),
      fc.stringMatching(/^(\r\n|\n|\r){1,2}$/),
    );
    const records = fc.array(record, { maxLength: 12, size: 'max' });
    return fc.record({ format: fc.constant({ ...encoding, delimiter }), records, endsWithLine: fc.boolean() });
  })
  .map(({ format, records, endsWithLine }) => {
    const header: (typeof records)[number] = [
      [
        ['h1', false],
        ['h2', true],
      ],
      '\n',
    ];
    const needsQuotes = new RegExp(`^"|[\r\n${format.delimiter}]`);
    const lines = [header, ...records].map(([cells, lineEnd]) => {
      const isEmpty = cells.length === 1 && cells[0]![0] === '';
      const written = cells.map(([value, quote]) =>
        quote || isEmpty || needsQuotes.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
      );
      return written.join(format.delimiter) + lineEnd;
    });
    const whole = lines.join('');
    const bytes = encode(endsWithLine ? whole : whole.replace(/[\r\n]+$/, ''), format);
    return { format, bytes, cells: [header, ...records].map(([cells]) => cells.map(([value]) => value)) };
  });

describe('properties', () => {
  it('what was written is read, however it is quoted, encoded and cut into chunks', async () => {
    const property = fc.asyncProperty(
      files,
      chunkSizes,
      readOptions,
      async ({ format, bytes, cells }, sizes, options) => {
        const { records, error } = await readAll(opener(bytes, sizes), format, options);
        expect(error).toBeUndefined();
        expect(records).toEqual(cells.map((each, index) => ({ rowNumber: index + 1, cells: each })));
      },
    );
    await fc.assert(property, { numRuns: 1000 });
  });

  it('the format of what was written is found', async () => {
    const property = fc.asyncProperty(files, chunkSizes, async ({ format, bytes }, sizes) => {
      const isAscii = bytes.every((byte) => byte < 0x80);
      const encoding = isAscii ? 'utf-8' : format.encoding;
      expect(await detectCsvFormat(opener(bytes, sizes))).toEqual({ ...format, encoding });
    });
    await fc.assert(property, { numRuns: 1000 });
  });

  it('every checkpoint goes on with the next record', async () => {
    const property = fc.asyncProperty(files, chunkSizes, readOptions, async ({ format, bytes }, sizes, options) => {
      const whole = await readAll(opener(bytes, sizes), format, options);
      for (const from of whole.checkpoints) {
        const rest = await readAll(opener(bytes, sizes), format, { ...options, from });
        expect(rest.records).toEqual(whole.records.slice(from.rowNumber));
        expect(rest.checkpoints.at(-1) ?? from).toEqual(whole.checkpoints.at(-1));
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  const fragments = [
    '"',
    '"x',
    'y"',
    '"z",',
    '"z"\n',
    ',',
    ';',
    '\t',
    '\n',
    '\r',
    '\r\n',
    'a,b;c\td\n',
    'é',
    'ü',
    ' ',
    '\0',
  ];
  const garbage = fc.tuple(encodings, delimiters).chain(([encoding, delimiter]) => {
    const written = fc.array(fc.constantFrom(...fragments), { maxLength: 40, size: 'max' });
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 200, size: 'max' }),
      written.map((parts) => encode(parts.join(''), { ...encoding, bomBytes: 0 })),
    );
    return fc.record({ format: fc.constant<CsvFormat>({ ...encoding, delimiter }), content: content });
  });

  it('any bytes are read in full, or refused', async () => {
    const property = fc.asyncProperty(garbage, chunkSizes, readOptions, async ({ format, content }, sizes, options) => {
      const bytes = Buffer.concat([encode('', format), content]);
      const { records, error } = await readAll(opener(bytes, sizes), format, options);
      let decoded: string;
      try {
        if (format.encoding.startsWith('utf-16') && content.length % 2 === 1) throw new TypeError('half a character');
        const decoder = new TextDecoder(format.encoding, { fatal: format.encoding === 'utf-8', ignoreBOM: true });
        decoded = decoder.decode(content);
      } catch {
        expect(error?.code).toMatch(/invalid_encoding|unclosed_quote/);
        return;
      }
      const expected = readPlainly(decoded, format.delimiter);
      const cells = records.map((record) => record.cells);
      expect(cells).toEqual(expected.records);
      if (error?.code === 'empty') expect(decoded).toMatch(/^[\r\n]*$/);
      else if (error) expect([error.code, error.rowNumber]).toEqual(['unclosed_quote', expected.unclosedAt]);
      else {
        expect(expected.unclosedAt).toBeUndefined();
        const withoutMarks = (text: string) => text.replaceAll(/["\r\n]/g, '').replaceAll(format.delimiter, '');
        expect(withoutMarks(cells.flat().join(''))).toBe(withoutMarks(decoded));
      }
    });
    await fc.assert(property, { numRuns: 3000 });
  });

  it('any bytes have a format, or are refused', async () => {
    const property = fc.asyncProperty(garbage, chunkSizes, async ({ content }, sizes) => {
      const find = (chunks: number[]) =>
        detectCsvFormat(opener(content, chunks)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(CsvError);
          return error;
        });
      expect(await find(sizes)).toEqual(await find([Math.max(content.length, 1)]));
    });
    await fc.assert(property, { numRuns: 2000 });
  });
});
