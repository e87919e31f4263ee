import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  distinctElements,
  isEmail,
  KINDS,
  type Kind,
  parseList,
  parseNumber,
  parseTimestamp,
  parseUuid,
} from './kinds.ts';

fc.configureGlobal({ numRuns: Number(process.env.FC_RUNS ?? 100) });

describe('numbers', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['007', 7],
    ['1,234', 1234],
    ['1,234,567.4', 1_234_567],
    ['12.0', 12],
    ['12.5', 13],
    ['-12.5', -13],
    ['$10M', 10_000_000],
    ['-$10M', -10_000_000],
    ['+ €1.5k', 1500],
    ['£ 2b', 2_000_000_000],
    ['1.005K', 1005],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
  ])('%j is %d', (cell, number) => {
    expect(parseNumber(cell)).toBe(number);
  });

  test.each([
    ...['', 'abc', '1,23', '1234,567', ',123', '1.', '.5', '1e3', '0x10', '١٢', '--1', '1 2', '10-20', '1-10', '10+'],
    ...['$', 'K', '1KK', '5%', 'NaN', 'Infinity', '9007199254740992', '10000000000B', '1'.repeat(400)],
  ])('%j is none', (cell) => {
    expect(parseNumber(cell)).toBeUndefined();
  });

  test('every number that can be stored is read back in each spelling', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(parseNumber(String(number))).toBe(number);
        expect(parseNumber(number.toLocaleString('en-US'))).toBe(number);
        expect(parseNumber(`${number}.0`)).toBe(number);
      }),
    );
  });

  test('whatever a cell holds, it is a number that can be stored, or none', () => {
    const cell = fc.oneof(fc.string(), fc.stringMatching(/^[-+$€ 0-9.,kmbKMB]*$/), fc.double().map(String));
    fc.assert(
      fc.property(cell, (each) => {
        const number = parseNumber(each);
        expect(number === undefined || (Number.isSafeInteger(number) && !Object.is(number, -0))).toBe(true);
      }),
    );
  });
});

describe('lists', () => {
  test.each([
    ['a, b,c', ['a', 'b', 'c']],
    ['a,,  ,b,', ['a', 'b']],
    ['Sales, sales, SALES', ['Sales']],
    ['"Acme, Inc", b', ['Acme, Inc', 'b']],
    [' "a,b" , "c" ', ['a,b', 'c']],
    ['"say ""hi"", please"', ['say "hi", please']],
    // A quote that does not enclose a whole element is a character like any other.
    ['5" pipe, 3/4" pipe', ['5" pipe', '3/4" pipe']],
    ['"quoted" thing, b', ['"quoted" thing', 'b']],
    ['"open, b', ['"open', 'b']],
    ['a "b, c" d', ['a "b', 'c" d']],
    ['""', []],
    ['', []],
    [' , ', []],
    ['Jose\u0301, José', ['José']],
    ['a\nb, c', ['a\nb', 'c']],
    ['a; b | c', ['a; b | c']],
  ])('%j holds %j', (cell, elements) => {
    expect(parseList(cell)).toEqual(elements);
  });

  test('elements that are joined, in quotes where they bear a comma or a quote, are read back', () => {
    const element = fc.oneof(fc.string(), fc.stringMatching(/^[ab", ]*$/));
    const quoted = (each: string) => (/[",]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each);
    fc.assert(
      fc.property(fc.array(element), (list) => {
        const elements = distinctElements(list);
        expect(parseList(elements.map(quoted).join(', '))).toEqual(elements);
      }),
    );
  });

  test('elements are stored once in any case, none empty, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), (list) => {
        const elements = distinctElements(list);
        expect(distinctElements(elements)).toEqual(elements);
        expect(elements).not.toContain('');
        expect(new Set(elements.map((each) => each.toLowerCase())).size).toBe(elements.length);
      }),
    );
  });
});

describe('timestamps', () => {
  test.each([
    ['2024-01-31', '2024-01-31T00:00:00.000000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000000Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
    ['2024-01-31T10:20', '2024-01-31T10:20:00.000000Z'],
    ['2024-01-31 10:20:30', '2024-01-31T10:20:30.000000Z'],
    ['2024-01-31T10:20:30Z', '2024-01-31T10:20:30.000000Z'],
    ['2024-01-31t10:20:30z', '2024-01-31T10:20:30.000000Z'],
    ['2024-01-31T10:20:30 Z', '2024-01-31T10:20:30.000000Z'],
    ['2024-01-31T10:20:30.5Z', '2024-01-31T10:20:30.500000Z'],
    ['2024-01-31T10:20:30.123456789Z', '2024-01-31T10:20:30.123456Z'],
    ['2024-01-31T10:20:30.9999999Z', '2024-01-31T10:20:30.999999Z'],
    ['2024-01-31T10:20:30+02:00', '2024-01-31T08:20:30.000000Z'],
    ['2024-01-31 10:20:30 +0530', '2024-01-31T04:50:30.000000Z'],
    ['2024-01-31T23:20-05', '2024-02-01T04:20:00.000000Z'],
    ['2024-01-31T24:00', '2024-02-01T00:00:00.000000Z'],
    [' 2024-01-31 ', '2024-01-31T00:00:00.000000Z'],
  ])('%j is %s', (text, time) => {
    expect(parseTimestamp(text)).toBe(time);
  });

  test.each([
    ...['', 'yesterday', '2024', '2024-01', '31.01.2024', '01/31/2024', '2024-1-5', '20240131', '1706659200'],
    ...['2024-02-30', '2023-02-29', '2024-13-01', '2024-00-10', '2024-01-00', '2024-01-32', '0000-05-05'],
    ...['2024-01-31T25:00Z', '2024-01-31T10:60Z', '2024-01-31T10:20:61Z', '2024-01-31T10Z', '2024-01-31T10:20:30.Z'],
    ...['2024-01-31T10:20:30+25:00', '2024-01-31T10:20:30+2', '2024-01-31Z', '2024-01-31T', '2024-01-31  10:20'],
    // Other years than those of four digits.
    ...['9999-12-31T23:59:59-01:00', '0001-01-01T00:00:00+01:00', '+012024-01-01', '-0001-01-01', '12024-01-01'],
  ])('%j is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test('every instant is read back in each spelling', () => {
    const date = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (instant, offset) => {
        const iso = instant.toISOString();
        const expected = iso.replace('Z', '000Z');
        expect(parseTimestamp(iso)).toBe(expected);
        expect(parseTimestamp(expected)).toBe(expected);
        expect(parseTimestamp(iso.replace('T', ' ').replace('Z', ''))).toBe(expected);
        const two = (number: number) => String(Math.floor(Math.abs(number))).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
        const local = new Date(instant.getTime() + offset * 60_000).toISOString();
        expect(parseTimestamp(local.replace('Z', zone))).toBe(expected);
      }),
    );
  });
});

test.each([
  ['0123abcd-0123-4567-89ab-0123456789ab', '0123abcd-0123-4567-89ab-0123456789ab'],
  ['0123ABCD-0123-4567-89AB-0123456789AB', '0123abcd-0123-4567-89ab-0123456789ab'],
  ['0123abcd0123456789ab0123456789ab', '0123abcd-0123-4567-89ab-0123456789ab'],
  ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
  ['{0123abcd-0123-4567-89ab-0123456789ab}', undefined],
  ['0123abcd-0123-4567-89ab-0123456789a', undefined],
  ['0123abcg-0123-4567-89ab-0123456789ab', undefined],
  [' 0123abcd-0123-4567-89ab-0123456789ab', undefined],
  ['0123abcd-0123-4567-89ab-0123456789ab\n', undefined],
  ['', undefined],
])('the uuid %j is %j', (text, uuid) => {
  expect(parseUuid(text)).toBe(uuid);
});

test.each([
  ...['a@b.co', 'a.b+c@sub.example.com', "o'neil@example.com", 'josé@bücher.example', 'A_B-1@x.y.z', 'a@1.2'],
])('%j is an email address', (text) => {
  expect(isEmail(text)).toBe(true);
});

test.each([
  ...['', '@', 'a', 'a@b', 'a@', '@b.co', 'a@@b.co', 'a@b@c.co', 'a b@c.co', 'a@b .co', 'a@.co', 'a@b.', 'a@b..co'],
  ...['a@b.co,c@d.co', 'a@b.co;', '<a@b.co>', 'Ann <a@b.co>', 'mailto:a@b.co', 'a@b.co/x', 'a@b.co\n', ' a@b.co'],
  `${'a'.repeat(320)}@b.co`,
])('%j is no email address', (text) => {
  expect(isEmail(text)).toBe(false);
});

describe('values of each kind', () => {
  const stored: [Kind, unknown, unknown][] = [
    ['text', ' Jose\u0301 ', 'José'],
    ['text', 'a\u001fb', 'a b'],
    ['email', ' A@B.co ', 'A@B.co'],
    ['email', '', ''],
    ['url', 'https://a.b/c?d', 'https://a.b/c?d'],
    ['phone', ' +1 (2) 3-4 ', '+1 (2) 3-4'],
    ['list', [' a ', 'A', '', 'b,c'], ['a', 'b,c']],
    ['integer', 5, 5],
    ['money', -5, -5],
    ['timestamp', '2024-01-31', '2024-01-31T00:00:00.000000Z'],
    ['uuid', '0123ABCD0123456789AB0123456789AB', '0123abcd-0123-4567-89ab-0123456789ab'],
    ['json', { a: [1, null, { b: '\\u0000' }] }, { a: [1, null, { b: '\\u0000' }] }],
  ];
  test.each(stored)('%s takes %j as %j', (kind, value, expected) => {
    expect(KINDS[kind].schema.parse(value)).toEqual(expected);
  });

  const refused: [Kind, unknown][] = [
    ['text', 5],
    ['text', 'a\0b'],
    ['email', 'a@b'],
    ['email', 'a\0@b.co'],
    ['list', 'a'],
    ['list', ['a', 5]],
    ['list', ['a\0']],
    ['integer', 1.5],
    ['integer', '5'],
    ['integer', 2 ** 53],
    ['money', Number.POSITIVE_INFINITY],
    ['timestamp', 'soon'],
    ['timestamp', 5],
    ['uuid', 'x'],
    ['json', []],
    ['json', 'a'],
    ['json', { a: '\0' }],
    ['json', { a: { 'b\0': 1 } }],
    // PostgreSQL takes no half of a surrogate pair in JSON.
    ['json', { a: ['\ud800'] }],
    ['json', { '\udc00': 1 }],
  ];
  test.each(refused)('%s does not take %j', (kind, value) => {
    expect(KINDS[kind].schema.safeParse(value).success).toBe(false);
  });

  const cells: [Kind, string, unknown][] = [
    ['text', 'Ann', 'Ann'],
    ['email', 'a@b.co', 'a@b.co'],
    ['email', 'a@b', undefined],
    ['list', 'a, b', ['a', 'b']],
    ['integer', '1,234', 1234],
    ['money', '$10M', 10_000_000],
    ['money', 'lots', undefined],
    ['timestamp', '2024-01-31', '2024-01-31T00:00:00.000000Z'],
    ['uuid', 'x', undefined],
    ['json', '{}', {}],
    ['json', '{"a":{"b":[1,null]}}', { a: { b: [1, null] } }],
    ['json', '[1]', undefined],
    ['json', '{"a"', undefined],
    ['json', '{"a":"\\u0000"}', undefined],
  ];
  test.each(cells)('a cell of %s: %j is %j', (kind, cell, value) => {
    expect(KINDS[kind].parseCell(cell)).toEqual(value);
  });
});
