import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { writeXlsxStream } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { fileOf, plainly, readWhole, testDataSource } from '../../test/data-source.ts';
import { otherFiles } from '../../test/source-files.ts';
import { xlsxSource } from './source.ts';
import { sharedTexts, textRow, workbookOf, zipOf } from './test-workbooks.ts';

const cell = (reference: string, value: string | number, type = 'n', style = 0) =>
  `<c r="${reference}" s="${style}" t="${type}"><v>${value}</v></c>`;

/** A workbook of unlike texts, written by another library, as exports are. */
const LARGE_ROWS = 80_000;
const large = await buffer(
  writeXlsxStream(
    (function* () {
      for (let row = 0; row < LARGE_ROWS; row++) {
        const digits = createHash('sha256').update(String(row)).digest('base64url');
        yield [`p${row}@example.com`, digits, digits.slice(20), row];
      }
    })(),
    {
      name: 'People',
      columns: ['Email', 'Company', 'Title', '# Employees'].map((header) => ({ header })),
      zip64: true,
    },
  ),
);

testDataSource(xlsxSource, {
  samples: [
    {
      about: 'values of every type',
      name: 'people.xlsx',
      bytes: workbookOf({
        strings: `${sharedTexts('Name', 'City', 'Köln 😀 _x000D_ &<>')}<si><r><t>Zo</t></r><r><t>ë</t></r><rPh sb="0" eb="1"><t>not this</t></rPh></si>`,
        styles:
          '<numFmts><numFmt numFmtId="164" formatCode="[$-409]d\\-mmm\\-yy;@"/><numFmt numFmtId="165" formatCode="&quot;days: &quot;0"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="21"/></cellXfs>',
        sheets: {
          People: `<row r="3">${cell('B3', 0, 's')}${cell('C3', 1, 's')}<c r="D3" t="inlineStr"><is><t>Value</t></is></c></row>
<row r="5">${cell('B5', 3, 's')}${cell('C5', 2, 's')}${cell('D5', '0.30000000000000004')}</row>
<row r="6">${cell('D6', '1.5551234567E10')}</row>
<row r="7">${cell('D7', 45_000, 'n', 1)}</row>
<row r="8">${cell('D8', 45_000.75, 'n', 2)}</row>
<row r="9">${cell('D9', 59, 'n', 3)}</row>
<row r="10">${cell('D10', 7, 'n', 4)}</row>
<row r="11">${cell('D11', 1.5, 'n', 5)}</row>
<row r="12">${cell('D12', 0.5, 'n', 6)}</row>
<row r="13">${cell('D13', 1, 'b')}</row>
<row r="14">${cell('D14', '#N/A', 'e')}</row>
<row r="15"><c r="D15" t="str"><f>A1&amp;B1</f><v>formula</v></c></row>
<row r="16">${cell('D16', '2024-02-29T00:00:00', 'd')}</row>
<row r="17"><c r="A17"/><c r="B17" s="1"/></row>
<row r="18">${cell('F18', -12.5)}</row>`,
        },
      }),
      records: [
        [5, { Name: 'Zoë', City: 'Köln 😀 _x000D_ &<>', Value: '0.3' }],
        [6, { Value: '15551234567' }],
        [7, { Value: '2023-03-15' }],
        [8, { Value: '2023-03-15T18:00:00' }],
        [9, { Value: '1900-02-28' }],
        [10, { Value: '7' }],
        [11, { Value: '1.5' }],
        [12, { Value: '12:00:00' }],
        [13, { Value: 'true' }],
        [15, { Value: 'formula' }],
        [16, { Value: '2024-02-29T00:00:00' }],
        [18, { 'beyond 5': '-12.5' }],
      ],
    },
    {
      about: 'empty and hidden sheets before the rows, a continuation, and another table',
      name: 'people.xlsm',
      bytes: workbookOf({
        sheets: {
          Notes: '<row r="1"><c r="A1"/></row>',
          Secret: textRow(1, 'Name') + textRow(2, 'hidden'),
          People: textRow(1, 'Name', 'City') + textRow(2, 'Ann', 'Rome'),
          'People 2': textRow(1, 'Name', 'City') + textRow(2, 'Bob', 'Oslo') + textRow(3, 'Cid'),
          Prices: textRow(1, 'Item', 'Price') + textRow(2, 'Pen', '1'),
        },
        hidden: ['Secret'],
      }),
      records: [
        [2, { Name: 'Ann', City: 'Rome' }],
        [2 ** 20 + 2, { Name: 'Bob', City: 'Oslo' }],
        [2 ** 20 + 3, { Name: 'Cid' }],
      ],
    },
    {
      about: 'days from 1904, no numbers of rows and cells, prefixed names, no relations',
      name: 'people.xlsx',
      bytes: zipOf({
        'xl/workbook.xml':
          '<x:workbook xmlns:x="m" xmlns:r="r"><x:workbookPr date1904="true"/><x:sheets><x:sheet name="A" r:id="1"/></x:sheets></x:workbook>',
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/a.xml"/><Relationship Id="2" Type="r/styles" Target="y.xml"/></Relationships>',
        'xl/y.xml': '<x:styleSheet xmlns:x="m"><x:cellXfs><x:xf numFmtId="14"/></x:cellXfs></x:styleSheet>',
        'xl/a.xml':
          '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c t="str"><x:v>Day</x:v></x:c></x:row><x:row><x:c s="0"><x:v>0.0</x:v></x:c></x:row><x:row><x:c s="0"><x:v>43538</x:v></x:c></x:row></x:sheetData></x:worksheet>',
      }),
      records: [
        [2, { Day: '00:00:00' }],
        [3, { Day: '2023-03-15' }],
      ],
    },
    {
      about: 'a header alone',
      name: 'people.xlsx',
      bytes: workbookOf({ sheets: { A: textRow(1, 'Name') } }),
      records: [],
    },
    {
      about: 'a cell of a million characters',
      name: 'people.xlsx',
      bytes: workbookOf({ sheets: { A: textRow(1, 'Name') + textRow(2, 'é'.repeat(1_000_000)) + textRow(3, 'x') } }),
      records: [
        [2, { Name: 'é'.repeat(1_000_000) }],
        [3, { Name: 'x' }],
      ],
    },
  ],
  damaged: [
    { about: 'no sheet with rows', bytes: workbookOf({ sheets: { A: '' } }), code: 'empty', message: /no rows/ },
    {
      about: 'a document of another kind',
      bytes: zipOf({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<d/>' }),
      code: 'not_xlsx',
      message: /no Excel workbook/,
    },
    {
      about: 'a binary workbook',
      bytes: zipOf({
        '_rels/.rels':
          '<Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        'xl/workbook.bin': '',
      }),
      code: 'not_xlsx',
      message: /xlsb/,
    },
    {
      about: 'half a workbook',
      bytes: workbookOf({ sheets: { A: textRow(1, 'Name') } }).subarray(0, 600),
      code: 'damaged_archive',
      message: /damaged or incomplete/,
    },
    {
      about: 'a bomb',
      bytes: workbookOf({ sheets: { A: textRow(1, 'Name') + textRow(2, ' '.repeat(80 * 1024 * 1024)) } }),
      code: 'too_large',
      message: /refused as harmful/,
    },
    {
      about: 'a text that is not there',
      bytes: workbookOf({
        strings: sharedTexts('Name'),
        sheets: { A: `<row r="1">${cell('A1', 0, 's')}</row><row r="2">${cell('A2', 1, 's')}</row>` },
      }),
      code: 'damaged_workbook',
      message: /the sheet is damaged here/,
      rowNumber: 2,
    },
    {
      about: 'rows out of order',
      bytes: workbookOf({ sheets: { A: textRow(1, 'Name') + textRow(5, 'x') + textRow(4, 'y') } }),
      code: 'damaged_workbook',
      message: /the sheet is damaged here/,
      rowNumber: 6,
    },
    {
      about: 'a number that is none',
      bytes: workbookOf({
        sheets: { A: textRow(1, 'Name') + textRow(2, 'x') + `<row r="3">${cell('A3', 'abc')}</row>` },
      }),
      code: 'damaged_workbook',
      message: /the sheet is damaged here/,
      rowNumber: 3,
    },
    {
      about: 'declarations of entities',
      bytes: zipOf({
        'xl/workbook.xml': '<!DOCTYPE w [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>',
      }),
      code: 'damaged_workbook',
      message: /damaged/,
    },
  ],
  others: otherFiles('xlsx'),
  large: { records: LARGE_ROWS, file: fileOf(large) },
});

describe('Excel workbooks', () => {
  it('any texts and numbers that a library writes are read as they were written', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((each) => each.trim() !== '');
    const value = fc.oneof(text, fc.integer(), fc.constant(null));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value, value), { maxLength: 20 }), async (rows) => {
        const bytes = await buffer(
          writeXlsxStream(rows, { name: 'A', columns: ['a', 'b', 'c'].map((header) => ({ header })) }),
        );
        const { given, error } = await readWhole(xlsxSource, fileOf(bytes));
        expect(error).toBeUndefined();
        const written = rows.flatMap((row, index) => {
          const cells = row.flatMap((each, column) => (each === null ? [] : [['abc'[column]!, String(each)]]));
          return cells.length === 0 ? [] : [[index + 2, Object.fromEntries(cells)]];
        });
        expect(given.map(plainly)).toEqual(written);
      }),
      { numRuns: 100 },
    );
  });

  it('any shared texts are found, also when most of them lie in a file', async () => {
    const many = Array.from({ length: 30_000 }, (_, index) => `${index} ${'é'.repeat(800)}`);
    const order = [0, 29_999, 15_000, 31, 32, 33, 29_984, 7];
    const bytes = workbookOf({
      strings: `<si><t>Name</t></si>${many.map((text) => `<si><t>${text}</t></si>`).join('')}`,
      sheets: {
        A: `<row r="1">${cell('A1', 0, 's')}</row>${order.map((index, row) => `<row r="${row + 2}">${cell(`A${row + 2}`, index + 1, 's')}</row>`).join('')}`,
      },
    });
    const { given, error } = await readWhole(xlsxSource, fileOf(bytes));
    expect(error).toBeUndefined();
    expect(given.map(({ record }) => record.cells[0])).toEqual(order.map((index) => many[index]));
  });
});
