import { fileOfParts, testDataSource } from '../../test/data-source.ts';
import { otherFiles } from '../../test/source-files.ts';
import { csvSource } from './csv-source.ts';

const people = (end: string) =>
  `Name,City${end}Zoë,Köln${end}"O'Neil, ""Sue""","New${end}York"${end}${end},Paris${end}`;
const records = (end: string) =>
  [
    [2, { Name: 'Zoë', City: 'Köln' }],
    [3, { Name: 'O\'Neil, "Sue"', City: `New${end}York` }],
    [4, { City: 'Paris' }],
  ] as const;

testDataSource(csvSource, {
  samples: [
    ...['\n', '\r\n', '\r'].map((end) => ({
      about: `UTF-8, lines ended by ${JSON.stringify(end)}`,
      name: 'people.csv',
      bytes: Buffer.from(people(end)),
      records: records(end),
    })),
    {
      about: 'UTF-16',
      name: 'people.txt',
      bytes: Buffer.from(`\ufeff${people('\n')}`, 'utf16le'),
      records: records('\n'),
    },
    {
      about: 'Windows-1252 and semicolons',
      name: 'people.csv',
      bytes: Buffer.from('Name;City\nZoë;Köln\n', 'latin1'),
      records: [[2, { Name: 'Zoë', City: 'Köln' }]],
    },
    { about: 'a header alone', name: 'people.csv', bytes: Buffer.from('Name,City\n'), records: [] },
    {
      about: 'cells beyond the header',
      name: 'people.csv',
      bytes: Buffer.from('Name\nAnn,x\nBob\n'),
      records: [
        [2, { Name: 'Ann', 'beyond 1': 'x' }],
        [3, { Name: 'Bob' }],
      ],
    },
  ],
  damaged: [
    {
      about: 'a quote that is never closed',
      bytes: Buffer.from('Name,City\nZoë,Köln\n"Ann,Paris\n'),
      code: 'unclosed_quote',
      message: /the quote that opens cell 1/,
      rowNumber: 3,
      before: 1,
    },
    { about: 'line ends alone', bytes: Buffer.from('\n\n'), code: 'empty', message: /no rows/ },
  ],
  others: otherFiles('csv'),
  large: {
    records: 120_000,
    file: fileOfParts(function* () {
      yield Buffer.from('Email,Company\n');
      for (let part = 0; part < 120; part++)
        yield Buffer.from(
          Array.from({ length: 1000 }, (_, row) => `p${part}.${row}@example.com,${'x'.repeat(60)}\n`).join(''),
        );
    }),
  },
});
