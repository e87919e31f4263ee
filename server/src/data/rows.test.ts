import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { recordTypes } from './rows.ts';

let client: Client;
beforeAll(async () => {
  client = new Client({ connectionString: inject('databaseUrl') });
  await client.connect();
});
afterAll(() => client.end());

const read = async (array: string, values: unknown[] = []) => {
  const { rows } = await client.query({ text: `select ${array} as list`, values, types: recordTypes });
  return rows[0].list;
};

it.each<[array: string, elements: unknown]>([
  ["'{}'::text[]", []],
  ["array['']", ['']],
  ["array['plain', 'two words', 'a,b', '{x}']", ['plain', 'two words', 'a,b', '{x}']],
  ["array['NULL', 'null', null]", ['NULL', 'null', null]],
  ["array['null']", ['null']],
  [`array['say "hi"', 'back\\slash', E'line\nend']`, ['say "hi"', 'back\\slash', 'line\nend']],
  [
    "array[array['a', 'b'], array['c', 'd']]",
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ["'[2:3]={a,b}'::text[]", ['a', 'b']],
  ['null::text[]', null],
])('reads %s', async (array, elements) => {
  expect(await read(array)).toEqual(elements);
});

it('reads every list as it was written', async () => {
  const element = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    fc.constantFrom('NULL', '', ' ', '{', '}', ',', '"', '\\', 'a, b', 'R&D "lab"'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(element, { maxLength: 8 }), async (list) => {
      expect(await read('$1::text[]', [list])).toEqual(list);
    }),
    { numRuns: 100 },
  );
});
