import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileOf, fileOfParts, plainly, readWhole, testDataSource } from '../../test/data-source.ts';
import { otherFiles } from '../../test/source-files.ts';
import { jsonLinesSource } from './source.ts';

const lines = (...each: unknown[]) => Buffer.from(each.map((one) => `${JSON.stringify(one)}\n`).join(''));
const text = (value: string) => Buffer.from(value);

testDataSource(jsonLinesSource, {
  samples: [
    {
      about: 'objects with further keys as they come',
      name: 'people.jsonl',
      bytes: lines(
        { email: 'ann@example.com', first_name: 'Ann' },
        { email: 'bob@example.com', company: { name: 'Acme', industries: ['Steel', 'R&D, Labs'] } },
        { city: 'Köln', first_name: 'Zoë 😀', employees_count: 1234 },
        {},
      ),
      records: [
        [1, { email: 'ann@example.com', first_name: 'Ann' }],
        [2, { email: 'bob@example.com', 'company.name': 'Acme', 'company.industries': 'Steel, "R&D, Labs"' }],
        [3, { city: 'Köln', first_name: 'Zoë 😀', employees_count: '1234' }],
        [4, {}],
      ],
    },
    {
      about: 'values of every type',
      name: 'values.ndjson',
      bytes: text(
        '{"q":"\'=1","n":1.50,"big":12345678901234567890,"t":true,"f":false,"z":null,"s":"","o":{},"l":[],"m":[1,null,"a"],"d":[{"a":1}],"meta_data":{"Hobby":"Go"}}\n',
      ),
      records: [
        [
          1,
          {
            q: "''=1",
            n: '1.5',
            big: '12345678901234567890',
            t: 'true',
            f: 'false',
            m: '1, , a',
            d: '[{"a":1}]',
            meta_data: '{"Hobby":"Go"}',
          },
        ],
      ],
    },
    {
      about: 'a mark, blank lines, ends of lines of every kind, none at the end',
      name: 'people.json',
      bytes: text('\ufeff\r\n{"a":"1"}\r\n\n  \n{"a":"2"}\r{"a":"3\\n\\u2028"}\n\n{"b":"4"}'),
      records: [
        [2, { a: '1' }],
        [5, { a: '2' }],
        [6, { a: '3\n\u2028' }],
        [8, { b: '4' }],
      ],
    },
    {
      about: 'damaged lines between good ones',
      name: 'people.jsonl',
      bytes: Buffer.concat([
        text('{"a":"1"}\n{"a":\n["x"]\n"y"\n'),
        Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
        text(`{"${'k'.repeat(1001)}":1}\n{"a":"7"}\n`),
      ]),
      records: [
        [1, { a: '1' }],
        [2, 'The line is not valid JSON'],
        [3, 'The line holds a list, not an object'],
        [4, 'The line holds a string, not an object'],
        [5, 'not UTF-8'],
        [6, 'A key is longer than 1,000 characters'],
        [7, { a: '7' }],
      ],
    },
    {
      about: 'texts that PostgreSQL cannot hold, and names of the language',
      name: 'people.jsonl',
      bytes: text('{"a":"\\ud800x","k\\u0000":"\\u0000","__proto__":"p","constructor":{"name":"c"}}\n'),
      records: [[1, { a: '\ufffdx', 'k\ufffd': '\0', ['__proto__']: 'p', 'constructor.name': 'c' }]],
    },
    {
      about: 'a cell of a million characters',
      name: 'people.jsonl',
      bytes: lines({ a: 'é'.repeat(1_000_000) }, { a: '2' }),
      records: [
        [1, { a: 'é'.repeat(1_000_000) }],
        [2, { a: '2' }],
      ],
    },
  ],
  damaged: [
    {
      about: 'a list',
      bytes: text('[{"a":1},\n{"a":2}]'),
      code: 'not_json_lines',
      message: /is a JSON list.*jq -c '\.\[\]'/,
    },
    {
      about: 'an object over lines',
      bytes: text('{\n "a": 1\n}\n'),
      code: 'not_json_lines',
      message: /over several lines/,
    },
    { about: 'UTF-16', bytes: Buffer.from('\ufeff{"a":1}\n', 'utf16le'), code: 'invalid_encoding', message: /UTF-16/ },
    {
      about: 'a line without end',
      bytes: text(`{"a":1}\n{"a":"${'x'.repeat(17 * 1024 * 1024)}`),
      code: 'record_too_large',
      message: /16,777,216 bytes/,
      rowNumber: 2,
    },
  ],
  others: otherFiles('jsonl'),
  large: {
    records: 60_000,
    file: fileOfParts(function* () {
      for (let part = 0; part < 60; part++)
        yield Buffer.from(
          Array.from(
            { length: 1000 },
            (_, index) =>
              `${JSON.stringify({ email: `p${part}.${index}@example.com`, company: { name: 'x'.repeat(200) } })}\n`,
          ).join(''),
        );
    }),
  },
});

describe('JSON Lines', () => {
  it('any objects are read as they were written', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const key = fc.string({ minLength: 1, maxLength: 5 }).filter((name) => name !== 'meta_data' && !name.includes('.'));
    const objects = fc.array(fc.array(fc.tuple(key, value), { maxLength: 6 }), { minLength: 1, maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(objects, fc.constantFrom('\n', '\r\n', '\r'), sizes, async (written, end, cut) => {
        const whole = written.map((entries) => JSON.stringify(Object.fromEntries(entries))).join(end);
        const { given, error } = await readWhole(jsonLinesSource, fileOf(Buffer.from(whole), { sizes: cut }));
        expect(error).toBeUndefined();
        expect(given.map(plainly)).toEqual(
          written.map((entries, index) => [
            index + 1,
            Object.fromEntries(
              Object.entries(Object.fromEntries(entries))
                .map(([name, each]) => [name, each === null ? '' : String(each).toWellFormed()])
                .filter(([, each]) => each !== ''),
            ),
          ]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('more keys than columns are a fault of their rows', async () => {
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`k${from + index}`, 1]));
    const { given } = await readWhole(jsonLinesSource, fileOf(lines(many(0), many(6000), { k1: 2 })));
    expect(given.map(({ record }) => record.fault?.slice(0, 30))).toEqual([
      undefined,
      'The file has more than 10,000 ',
      undefined,
    ]);
  });
});
