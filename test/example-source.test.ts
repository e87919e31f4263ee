import { readFileSync } from 'node:fs';
import type { AnyPlugin } from '@contact360/server';
import { expect, it } from 'vitest';
import { fileOfParts, testDataSource } from './data-source.ts';
import { badgeFiles } from './example-source.ts';
import { otherFiles } from './source-files.ts';

it('the example stands in the guide as it is', () => {
  const guide = readFileSync(new URL('../plugins/imports/SOURCES.md', import.meta.url), 'utf8');
  expect(guide).toContain(readFileSync(new URL('./example-source.ts', import.meta.url), 'utf8'));
});

const [badges] = (badgeFiles() as AnyPlugin).sources!;

testDataSource(badges!, {
  samples: [
    {
      about: 'people and a line that is none',
      name: 'people.badges',
      bytes: Buffer.from('#badges\nAnn;Lee;ann@example.com;Sales+Legal\n\nBob;Ray\r\nZoë;Ng;zoe@example.com;'),
      records: [
        [2, { 'First Name': 'Ann', 'Last Name': 'Lee', Email: 'ann@example.com', Departments: 'Sales, Legal' }],
        [4, 'The line has 2 parts, not 4.'],
        [5, { 'First Name': 'Zoë', 'Last Name': 'Ng', Email: 'zoe@example.com' }],
      ],
    },
    { about: 'nobody', name: 'people.badges', bytes: Buffer.from('#badges'), records: [] },
  ],
  damaged: [],
  others: otherFiles('badges'),
  large: {
    records: 100_000,
    file: fileOfParts(function* () {
      yield Buffer.from('#badges\n');
      for (let part = 0; part < 1000; part++)
        yield Buffer.from('Ann;Lee;ann.of.the.longer.name@example.com;Sales\n'.repeat(100));
    }),
  },
});
