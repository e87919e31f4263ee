import { describe, expect, it } from 'vitest';
import { CsvError, type CsvFormat, detectCsvFormat, type OpenBytes, readCsv } from './csv.ts';
import { encode, opener, readAll } from './csv-test-files.ts';

const UTF8: CsvFormat = { encoding: 'utf-8', delimiter: ',', bomBytes: 0 };

async function cellsOf(bytes: Buffer | string): Promise<string[][]> {
  const open = opener(Buffer.from(bytes));
  const { records, error } = await readAll(open, await detectCsvFormat(open));
  if (error) throw error;
  expect(records.map((record) => record.rowNumber)).toEqual(records.map((_, index) => index + 1));
  return records.map((record) => record.cells);
}

async function errorOf(work: Promise<unknown>): Promise<CsvError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(CsvError);
  return outcome as CsvError;
}

describe('files that people have', () => {
  const people = [
    ['name', 'city'],
    ['Zoë', 'Köln'],
  ];
  const files: [name: string, bytes: Buffer | string, cells: string[][]][] = [
    ['UTF-8', 'name,city\nZoë,Köln\n', people],
    ['UTF-8 with a mark', '\uFEFFname,city\nZoë,Köln\n', people],
    ['UTF-16LE with a mark', encode('name,city\r\nZoë,Köln\r\n', { encoding: 'utf-16le', bomBytes: 2 }), people],
    ['UTF-16BE with a mark', encode('name,city\r\nZoë,Köln\r\n', { encoding: 'utf-16be', bomBytes: 2 }), people],
    ['UTF-16LE without a mark', encode('name,city\nZoë,Köln', { encoding: 'utf-16le', bomBytes: 0 }), people],
    ['UTF-16BE without a mark', encode('name,city\nZoë,Köln', { encoding: 'utf-16be', bomBytes: 0 }), people],
    ['Windows-1252', encode('name,city\nZoë,Köln\n', { encoding: 'windows-1252', bomBytes: 0 }), people],
    [
      'Windows-1252 where it differs from Latin-1',
      encode('price,who\n€ 5,O’Brien – “x”\n', { encoding: 'windows-1252', bomBytes: 0 }),
      [
        ['price', 'who'],
        ['€ 5', 'O’Brien – “x”'],
      ],
    ],
    [
      'a character of UTF-8 cut off at the end',
      Buffer.from('a,b\n1,é').subarray(0, -1),
      [
        ['a', 'b'],
        ['1', 'Ã'],
      ],
    ],
    ['semicolons', 'name;city\nZoë;Köln\n', people],
    ['tabs', 'name\tcity\nZoë\tKöln\n', people],
    [
      'commas inside a header of semicolons',
      '"a,b,c";d\n1;2\n',
      [
        ['a,b,c', 'd'],
        ['1', '2'],
      ],
    ],
    [
      'commas and semicolons alike',
      'a,b;c\n1,2;3\n',
      [
        ['a', 'b;c'],
        ['1', '2;3'],
      ],
    ],
    [
      'a quote after a semicolon in a header of commas',
      'a,b;"c,d\n1,2,3\n',
      [
        ['a', 'b;"c', 'd'],
        ['1', '2', '3'],
      ],
    ],
    ["Excel's line for the delimiter", 'sep=;\r\nname;city\r\nZoë;Köln\r\n', people],
    ['old Mac line ends', 'name,city\rZoë,Köln\r', people],
    ['mixed line ends', 'a\r\nb\nc\rd', [['a'], ['b'], ['c'], ['d']]],
    ['blank lines', '\n\r\nname,city\n\n\r\n\rZoë,Köln\n\n', people],
    ['a line of blanks, which is a record', 'a,b\n \n', [['a', 'b'], [' ']]],
    ['a quoted empty line, which is a record', 'a\n""\nb\n', [['a'], [''], ['b']]],
    ['no line end at the end', 'name,city\nZoë,Köln', people],
    [
      'a delimiter at the end',
      'a,b\n1,',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    [
      'delimiters alone',
      'a,b\n,\n,,',
      [
        ['a', 'b'],
        ['', ''],
        ['', '', ''],
      ],
    ],
    ['quotes around every cell', '"name","city"\n"Zoë","Köln"\n', people],
    [
      'delimiters and line ends in quotes',
      'a,b\n"1,2\r\n3\r4\n",5',
      [
        ['a', 'b'],
        ['1,2\r\n3\r4\n', '5'],
      ],
    ],
    ['quotes inside quotes', 'a\n"say ""hi"""\n""""\n""""""\n', [['a'], ['say "hi"'], ['"'], ['""']]],
    [
      'a stray quote',
      'a,b\n5" pipe,x\ny,6"\n',
      [
        ['a', 'b'],
        ['5" pipe', 'x'],
        ['y', '6"'],
      ],
    ],
    [
      'a quote after a blank',
      'a,b\n "x", y\n',
      [
        ['a', 'b'],
        [' "x"', ' y'],
      ],
    ],
    [
      'text after a closing quote',
      'a,b\n"x"y,"p" "q"\n',
      [
        ['a', 'b'],
        ['xy', 'p "q"'],
      ],
    ],
    [
      'blanks after the closing quote of several lines',
      'a,b\n"x\ny" ,z\n',
      [
        ['a', 'b'],
        ['x\ny ', 'z'],
      ],
    ],
    [
      'NUL characters in a cell',
      'a,b\n1\0,\0\n',
      [
        ['a', 'b'],
        ['1\0', '\0'],
      ],
    ],
    [
      'a header twice',
      'email,email\nx,y\n',
      [
        ['email', 'email'],
        ['x', 'y'],
      ],
    ],
    ['no header', 'ann@example.com,Ann\n', [['ann@example.com', 'Ann']]],
    ['a header alone', 'name,city', [['name', 'city']]],
    ['ragged rows', 'a,b\n1\n1,2,3\n', [['a', 'b'], ['1'], ['1', '2', '3']]],
    [
      'a mark that is text',
      'a,b\n\uFEFFx,\uFEFF\n',
      [
        ['a', 'b'],
        ['\uFEFFx', '\uFEFF'],
      ],
    ],
    [
      'half a surrogate pair in UTF-16',
      encode('a,b\n\uD83D,😀\n', { encoding: 'utf-16le', bomBytes: 2 }),
      [
        ['a', 'b'],
        ['\uFFFD', '😀'],
      ],
    ],
  ];
  it.each(files)('%s', async (_, bytes, cells) => {
    expect(await cellsOf(bytes)).toEqual(cells);
  });

  it('a cell of a million characters', async () => {
    const text = 'é"\n'.repeat(333_334);
    expect(await cellsOf(`a,b\n"${text.replaceAll('"', '""')}",x\n`)).toEqual([
      ['a', 'b'],
      [text, 'x'],
    ]);
  });

  it('5,000 columns', async () => {
    const names = Array.from({ length: 5000 }, (_, column) => `Column ${column}`);
    expect(await cellsOf(`${names.join(';')}\n${names.map((name) => `"${name}"`).join(';')}`)).toEqual([names, names]);
  });
});

describe('files that cannot be read', () => {
  const marked = { encoding: 'utf-8', bomBytes: 3 } as const;
  const files: [name: string, bytes: Buffer | string, code: string, row: number | undefined, message: RegExp][] = [
    ['empty', '', 'empty', undefined, /no rows/],
    ['a byte-order mark alone', '\uFEFF', 'empty', undefined, /no rows/],
    ['a mark of UTF-16 alone', Buffer.from([0xff, 0xfe]), 'empty', undefined, /no rows/],
    ['blank lines alone', '\n\r\n\r', 'empty', undefined, /no rows/],
    ['a line for the delimiter alone', 'sep=;', 'empty', undefined, /no rows/],
    [
      'bytes that are not UTF-8 in a file marked as UTF-8',
      Buffer.concat([encode('a;b\n1;é\n\n2;', marked), Buffer.from([0xe9, 0x0a]), Buffer.from('3;é\n')]),
      'invalid_encoding',
      3,
      /^Row 3: text that is not UTF-8/,
    ],
    [
      'cut off in a character, marked as UTF-8',
      encode('a;b\n1;é', marked).subarray(0, -1),
      'invalid_encoding',
      2,
      /^Row 2/,
    ],
    [
      'a row that begins with a byte that is not UTF-8, marked as UTF-8',
      Buffer.concat([encode('a;b\n1;2\n', marked), Buffer.from([0xe9])]),
      'invalid_encoding',
      3,
      /^Row 3/,
    ],
    [
      'UTF-16 of odd length',
      Buffer.from('\xff\xfea\0,\0b', 'latin1'),
      'invalid_encoding',
      undefined,
      /half a character/,
    ],
    [
      'UTF-16 without a mark that is not Latin',
      encode('имя,город\nАнна,Рим\n', { encoding: 'utf-16le', bomBytes: 0 }),
      'invalid_encoding',
      1,
      /NUL characters in the header.*Save the file as UTF-8/,
    ],
    [
      'UTF-32',
      Buffer.from('\xff\xfe\0\0a\0\0\0,\0\0\0', 'latin1'),
      'invalid_encoding',
      1,
      /NUL characters in the header/,
    ],
    ['NUL bytes alone', Buffer.alloc(100), 'invalid_encoding', 1, /NUL characters in the header/],
    [
      'a quote never closed',
      'a,b\n1,2\n\n3,"x\n4,5\n6,7\n',
      'unclosed_quote',
      3,
      /^Row 3: the quote that opens cell 2 is never/,
    ],
    ['a quote never closed in the header', 'a;"b\n1;2\n', 'unclosed_quote', 1, /^Row 1: .* cell 2/],
    [
      'a quote that the quote of a later row closes',
      'a,b\n1,"x\n2,"y"\n3,z\n',
      'unclosed_quote',
      2,
      /^Row 2: .* cell 2/,
    ],
  ];
  it.each(files)('%s', async (_, bytes, code, rowNumber, message) => {
    const error = await errorOf(cellsOf(bytes));
    expect(error).toMatchObject({ code, rowNumber });
    expect(error.message).toMatch(message);
  });

  it('gives out the records before the fault first', async () => {
    const { records, error } = await readAll(opener(Buffer.from('a\n1\n2\n"3\n4')), UTF8, { batchRows: 2 });
    expect(records.map((record) => record.cells)).toEqual([['a'], ['1'], ['2']]);
    expect(error?.rowNumber).toBe(4);
  });

  it('takes a record of the limit and refuses one byte more, in any encoding', async () => {
    for (const encoding of ['utf-8', 'utf-16le', 'windows-1252'] as const) {
      const format: CsvFormat = { encoding, delimiter: ',', bomBytes: 0 };
      const record = `"${'é'.repeat(100)}"\n`;
      const bytes = encode(`a\n${record}b\n`, format);
      const length = encode(record, format).length;
      for (const blockBytes of [16, 100, 1000]) {
        const fits = await readAll(opener(bytes), format, { maxRecordBytes: length, blockBytes });
        expect(fits.records.map((each) => each.cells)).toEqual([['a'], ['é'.repeat(100)], ['b']]);
        const { records, error } = await readAll(opener(bytes), format, { maxRecordBytes: length - 1, blockBytes });
        expect(records.map((each) => each.cells)).toEqual([['a']]);
        expect(error).toMatchObject({ code: 'record_too_large', rowNumber: 2 });
      }
    }
  });

  it('takes a row of 100,000 cells and refuses one of more', async () => {
    const fits = await readAll(opener(Buffer.from(`a\n${','.repeat(99_999)}\n`)), UTF8);
    expect(fits.records[1]?.cells).toHaveLength(100_000);
    const { error } = await readAll(opener(Buffer.from(`a\n${','.repeat(100_000)}\n`)), UTF8);
    expect(error).toMatchObject({ code: 'record_too_large', rowNumber: 2 });
    expect(error?.message).toMatch(/^Row 2: it has more than 100,000 cells/);
  });

  it.each([
    ['an open quote', 'a,b\n1,2\n3,"', 'x,\n'],
    ['a line without end', 'a,b\n1,2\n', 'x '],
  ])('stops at the limit of a record: %s', async (_, start, repeated) => {
    const endless = endlessSource(start, repeated.repeat(20_000));
    const { records, error } = await readAll(endless.open, UTF8, { maxRecordBytes: 1_000_000 });
    expect(records).toHaveLength(2);
    expect(error).toMatchObject({ code: 'record_too_large', rowNumber: 3 });
    expect(endless.pulled()).toBeLessThan(3_000_000);
    expect(endless.closed()).toBe(true);
  });
});

/** A file that never ends, and what was read of it. */
function endlessSource(start: string, repeated: string) {
  let pulled = 0;
  let closed = false;
  const open: OpenBytes = async function* () {
    try {
      for (let chunk = Buffer.from(start); ; chunk = Buffer.from(repeated)) {
        pulled += chunk.length;
        yield chunk;
      }
    } finally {
      closed = true;
    }
  };
  return { open, pulled: () => pulled, closed: () => closed };
}

describe('batches', () => {
  it('take a line for the delimiter at the beginning of the file alone', async () => {
    for (const blockBytes of [16, 64]) {
      const { records } = await readAll(opener(Buffer.from(`${'\n'.repeat(16)}sep=,\na\n`)), UTF8, { blockBytes });
      expect(records.map((record) => record.cells)).toEqual([['sep=', ''], ['a']]);
    }
  });

  it('end at their rows or their size, and read no further than they need', async () => {
    const endless = endlessSource('a,b\n', '1,2\n'.repeat(10_000));
    const sizes: number[] = [];
    for await (const { records } of readCsv(endless.open, UTF8, { batchRows: 70, batchBytes: 200 })) {
      sizes.push(records.length);
      if (sizes.length === 3) break;
    }
    expect(sizes).toEqual([50, 50, 50]);
    for await (const { records, checkpoint } of readCsv(endless.open, UTF8, { batchRows: 70 })) {
      expect(records).toHaveLength(70);
      expect(checkpoint).toEqual({ offset: 70 * 4, rowNumber: 70 });
      break;
    }
    expect(endless.pulled()).toBeLessThan(2 * (65_536 + 40_004));
    expect(endless.closed()).toBe(true);
  });

  it('the checkpoint of the last batch reads nothing more', async () => {
    const open = opener(Buffer.from('a\n1\n2\n'));
    const { checkpoints } = await readAll(open, UTF8);
    expect(checkpoints).toEqual([{ offset: 6, rowNumber: 3 }]);
    expect(await readAll(open, UTF8, { from: checkpoints[0]! })).toEqual({
      records: [],
      checkpoints: [],
      error: undefined,
    });
  });
});
