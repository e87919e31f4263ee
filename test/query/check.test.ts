import { contact } from '@contact360/contacts';
import { AppError, type Filter, type Order } from '@contact360/server';
import { checkFilter, checkOrder } from '@contact360/server/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/** The error that checking ends in. */
function faultOf(check: () => unknown): AppError {
  try {
    check();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('Nothing was found at fault');
}

const title = (operator: string, value?: unknown) => ({ field: 'title', operator, value });
const nested = (levels: number, inside: unknown): unknown =>
  levels === 0 ? inside : { and: [nested(levels - 1, inside)] };

type Case = [what: string, filter: unknown, path: string, message: string, nearest?: string];

const faults: Case[] = [
  // Shapes
  ['a list', [], 'where', 'must be an object'],
  ['null', null, 'where', 'must be an object'],
  ['a text', 'title', 'where', 'must be an object'],
  ['a member that is no object', { and: [{}, 5] }, 'where.and.1', 'must be an object'],
  ['a null member', { or: [null] }, 'where.or.0', 'must be an object'],
  ['members that are no list', { or: {} }, 'where.or', 'must be a list of conditions'],
  ['members that are null', { and: null }, 'where.and', 'must be a list of conditions'],
  ['a negated list', { not: [] }, 'where.not', 'must be an object'],
  ['nothing negated', { not: null }, 'where.not', 'must be an object'],
  ['an unknown key', { annd: [] }, 'where', "unknown key 'annd', did you mean 'and'?", 'and'],
  ['a mistyped key of a condition', { feild: 'title' }, 'where', "unknown key 'feild', did you mean 'field'?", 'field'],
  ['a key far from all', { conditions: [] }, 'where', "unknown key 'conditions'"],
  ['a value alone', { value: 5 }, 'where', "unknown key 'value'"],
  [
    'a condition with a mistyped value',
    { field: 'title', operator: 'eq', vaule: 'x' },
    'where',
    "unknown key 'vaule', did you mean 'value'?",
    'value',
  ],
  ['a condition that is a group as well', { ...title('exists'), or: [] }, 'where', "unknown key 'or'"],
  ['eleven levels', nested(11, title('exists')), `where${'.and.0'.repeat(11)}`, 'more than 10 levels of and, or, not'],
  [
    'two hundred and one conditions',
    { or: Array(201).fill(title('exists')) },
    'where.or.200',
    'more than 200 conditions',
  ],
  [
    'conditions spread over groups',
    { and: Array(3).fill({ or: Array(99).fill(title('exists')) }) },
    'where.and.2.or.2',
    'more than 200 conditions',
  ],
  ['empty groups without end', { and: Array(5000).fill({}) }, 'where.and.1999', 'more than 200 conditions'],
  // Fields
  ['no field', { operator: 'eq', value: 'x' }, 'where.field', 'field is required'],
  ['an empty field', { field: '', operator: 'eq' }, 'where.field', 'field is required'],
  ['a field that is no name', { field: 5, operator: 'eq' }, 'where.field', 'must be the name of a field'],
  [
    'a mistyped field',
    { and: [title('exists'), { field: 'titel', operator: 'eq' }] },
    'where.and.1.field',
    "unknown field 'titel', did you mean 'title'?",
    'title',
  ],
  [
    'a mistyped field of the company',
    { field: 'company.nmae', operator: 'eq' },
    'where.field',
    "unknown field 'company.nmae', did you mean 'company.name'?",
    'company.name',
  ],
  [
    'a field far from all',
    { field: 'shoe_size_of_the_person', operator: 'eq' },
    'where.field',
    "unknown field 'shoe_size_of_the_person'",
  ],
  [
    'a field that is never seen',
    { field: 'deleted_at', operator: 'exists' },
    'where.field',
    "unknown field 'deleted_at'",
  ],
  [
    'a column that is no field',
    { field: 'company_row', operator: 'exists' },
    'where.field',
    "unknown field 'company_row', did you mean 'company_id'?",
    'company_id',
  ],
  ['a member of every object', { field: '__proto__', operator: 'exists' }, 'where.field', "unknown field '__proto__'"],
  [
    'a field of great length',
    { field: 'x'.repeat(100_000), operator: 'eq' },
    'where.field',
    `unknown field '${'x'.repeat(64)}'`,
  ],
  [
    'SQL for a field',
    { field: 'title; drop table contacts', operator: 'eq' },
    'where.field',
    "unknown field 'title; drop table contacts'",
  ],
  // Operators
  ['no operator', { field: 'title', value: 'x' }, 'where.operator', 'operator is required'],
  ['an operator that is no name', title({} as string, 'x'), 'where.operator', 'must be the name of an operator'],
  [
    'an operator that cannot be written out',
    title(JSON.parse('{"toString":1}'), 'x'),
    'where.operator',
    'must be the name of an operator',
  ],
  [
    'a mistyped operator',
    { not: title('contians', 'x') },
    'where.not.operator',
    "unknown operator 'contians'; use one of eq, ne, gt, gte, lt, lte, in, nin, contains, ncontains, words, phrase, exists, nexists",
    'contains',
  ],
  [
    'an order of uuids',
    { field: 'company_id', operator: 'gt', value: 'x' },
    'where.operator',
    "operator 'gt' does not apply to 'company_id', which takes eq, ne, in, nin, exists, nexists",
  ],
  [
    'an order of lists',
    { field: 'departments', operator: 'lt', value: 'x' },
    'where.operator',
    "operator 'lt' does not apply to 'departments', which takes eq, ne, in, nin, exists, nexists, contains, ncontains, words, phrase",
  ],
  [
    'a part of a number',
    { field: 'company.employees_count', operator: 'contains', value: '1' },
    'where.operator',
    "operator 'contains' does not apply to 'company.employees_count', which takes eq, ne, in, nin, exists, nexists, gt, gte, lt, lte",
  ],
  [
    'words of a time',
    { field: 'created_at', operator: 'words', value: '2024' },
    'where.operator',
    "operator 'words' does not apply to 'created_at', which takes eq, ne, in, nin, exists, nexists, gt, gte, lt, lte",
  ],
  [
    'an object that is compared',
    { field: 'meta_data', operator: 'eq', value: {} },
    'where.operator',
    "operator 'eq' does not apply to 'meta_data', which takes exists, nexists",
  ],
  [
    'a search for a whole',
    { field: 'search', operator: 'eq', value: 'x' },
    'where.operator',
    "operator 'eq' does not apply to 'search', which takes words",
  ],
  // Values
  ['no value', title('contains'), 'where.value', 'value is required'],
  ['no words', title('words'), 'where.value', 'value is required'],
  ['a number for a text', title('eq', 5), 'where.value', "'title' takes a text"],
  ['null for a text', title('eq', null), 'where.value', "'title' takes a text"],
  ['a list for a text', title('eq', ['a']), 'where.value', "takes one value; use 'in' for several"],
  [
    'a list for a list',
    { field: 'departments', operator: 'ne', value: ['a'] },
    'where.value',
    "takes one value; use 'in' for several",
  ],
  [
    'a number for an element',
    { field: 'departments', operator: 'eq', value: 5 },
    'where.value',
    "'departments' takes a text",
  ],
  ['a number among texts', title('in', ['a', 5]), 'where.value.1', "'title' takes a text"],
  ['one value that is none', title('nin', 5), 'where.value', "'title' takes a text"],
  ['too many values', title('in', Array(10_001).fill('a')), 'where.value', 'more than 10000 values'],
  [
    'a text for a number',
    { field: 'company.employees_count', operator: 'gt', value: '10' },
    'where.value',
    "'company.employees_count' takes a whole number",
  ],
  [
    'no number',
    { field: 'company.annual_revenue', operator: 'gt', value: Number.NaN },
    'where.value',
    "'company.annual_revenue' takes a whole amount",
  ],
  [
    'infinity',
    { field: 'id', operator: 'lt', value: Number.POSITIVE_INFINITY },
    'where.value',
    "'id' takes a whole number",
  ],
  [
    'no time',
    { field: 'created_at', operator: 'gt', value: 'yesterday' },
    'where.value',
    "'created_at' takes an ISO 8601 time such as 2024-01-01T00:00:00Z",
  ],
  ['no uuid', { field: 'company_id', operator: 'in', value: ['x'] }, 'where.value.0', "'company_id' takes a UUID"],
  ['NUL in a value', title('eq', 'a\0b'), 'where.value', "'title' takes a text"],
  ['NUL in a part', title('contains', 'a\0b'), 'where.value', 'must not contain a NUL character'],
  ['NUL in words', title('words', 'a\0b'), 'where.value', 'must not contain a NUL character'],
  [
    'NUL in words with options',
    title('words', { text: 'a\0b' }),
    'where.value.text',
    'must not contain a NUL character',
  ],
  [
    'more words than a condition holds',
    title('words', Array.from({ length: 101 }, (_, i) => `w${i}`).join(' ')),
    'where.value',
    'more than 100 words',
  ],
  ['a phrase without end', title('phrase', 'a '.repeat(101)), 'where.value', 'more than 100 words'],
  [
    'more words than a query holds',
    { and: Array(21).fill({ not: title('words', Array.from({ length: 100 }, (_, i) => `w${i}`).join(' ')) }) },
    'where.and.20.not',
    'more than 2000 words in all',
  ],
  [
    'a word without end',
    title('words', { text: 'a'.repeat(10_001), unit: 'whole' }),
    'where.value.text',
    'more than 10000 characters',
  ],
];

test.each(faults)('%s is refused, saying where and why', (_, filter, path, message, nearest) => {
  const error = faultOf(() => checkFilter(contact, filter as Filter));
  expect({
    status: error.status,
    path: error.path?.join('.'),
    message: error.message,
    nearest: error.hint?.nearest,
  }).toEqual({
    status: 400,
    path,
    message,
    nearest,
  });
});

test.each([
  ['words', { text: 'a', macth: 'any' }, 'where.value', 'macth'],
  ['words', { text: 'a', match: 'some' }, 'where.value.match', 'all'],
  ['words', { text: 'a', unit: 5 }, 'where.value.unit', 'whole'],
  ['words', { match: 'any' }, 'where.value.text', 'string'],
  ['phrase', { text: 'a', slop: -1 }, 'where.value.slop', '0'],
  ['phrase', { text: 'a', slop: 1.5 }, 'where.value.slop', 'int'],
  ['phrase', { text: 'a', slop: 101 }, 'where.value.slop', '100'],
  ['phrase', 5, 'where.value', 'number'],
  ['contains', ['a'], 'where.value', 'string'],
  ['exists', 'yes', 'where.value', 'boolean'],
])('%s of %j is refused, saying where and why', (operator, value, path, why) => {
  const error = faultOf(() => checkFilter(contact, title(operator, value) as Filter));
  expect(error.code).toBe('query.wrong_shape');
  expect(error.path?.join('.')).toBe(path);
  expect(error.message).toContain(why);
});

test('each kind of fault has a code of its own', () => {
  const codes = (filter: unknown) => faultOf(() => checkFilter(contact, filter as Filter)).code;
  expect(codes(5)).toBe('query.wrong_shape');
  expect(codes({ field: 'titel', operator: 'eq' })).toBe('query.unknown_field');
  expect(codes({ field: 'x'.repeat(40), operator: 'eq' })).toBe('query.unknown_field');
  expect(codes(title('equal'))).toBe('query.unknown_operator');
  expect(codes({ field: 'id', operator: 'contains' })).toBe('query.wrong_operator');
  expect(codes(title('eq', 5))).toBe('query.wrong_value');
  expect(codes(nested(11, {}))).toBe('query.too_deep');
  expect(codes({ and: Array(201).fill(title('exists')) })).toBe('query.too_many');
});

test.each([
  ['nothing', {}],
  ['empty lists', { and: [], or: [] }],
  ['nothing, negated', { not: {} }],
  ['keys without a value', { and: undefined, not: undefined }],
  ['ten levels', nested(10, title('exists'))],
  ['two hundred conditions', { or: Array(200).fill(title('exists')) }],
  ['one value for several', title('in', 'a')],
  ['no values', title('nin', [])],
  ['null for a presence', title('exists', null)],
  ['an email address that is none', { field: 'email', operator: 'eq', value: 'acme' }],
  ['a fraction', { field: 'company.employees_count', operator: 'gt', value: 1.5 }],
  ['a hundred words', title('words', Array.from({ length: 100 }, (_, i) => `w${i}`).join(' '))],
  ['the same word a thousand times', title('words', 'a '.repeat(1000))],
  ['a search', { field: 'search', operator: 'words', value: { text: 'a', match: 'any', unit: 'whole' } }],
])('%s is a filter', (_, filter) => {
  expect(() => checkFilter(contact, filter as Filter)).not.toThrow();
});

describe('orders', () => {
  const by = (field: unknown) =>
    [
      { field: 'title', direction: 'asc' },
      { field, direction: 'desc' },
    ] as Order[];
  test.each([
    ['titel', "unknown field 'titel', did you mean 'title'?", 'title'],
    [
      'company.employee_count',
      "unknown field 'company.employee_count', did you mean 'company.employees_count'?",
      'company.employees_count',
    ],
    ['search', "unknown field 'search'", undefined],
    ['meta_data', "rows cannot be ordered by 'meta_data'", undefined],
    ['', 'field is required', undefined],
    [5, 'must be the name of a field', undefined],
  ])('by %j are refused, saying where and why', (field, message, nearest) => {
    const error = faultOf(() => checkOrder(contact, by(field)));
    expect([error.status, error.path, error.message, error.hint?.nearest]).toEqual([
      400,
      ['order', 1, 'field'],
      message,
      nearest,
    ]);
  });

  test.each(['id', 'location', 'office_phone', 'departments', 'company.location', 'company.keywords'])(
    'by %s are taken',
    (field) => {
      expect(checkOrder(contact, by(field)).map((each) => each.field.path)).toEqual(['title', field]);
    },
  );
});

test('whatever is asked, it is a filter or a fault that says where', () => {
  const key = fc.constantFrom('and', 'or', 'not', 'field', 'operator', 'value', 'x');
  const leaf = fc.oneof(
    fc.constantFrom<unknown>('title', 'company.name', 'departments', 'id', 'created_at', 'uuid', 'meta_data', 'search'),
    fc.constantFrom<unknown>('eq', 'in', 'words', 'phrase', 'contains', 'gt', 'exists', 'nin'),
    fc.anything(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(key, tie('tree'))),
  }));
  fc.assert(
    fc.property(tree, (filter) => {
      try {
        checkFilter(contact, filter as Filter);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).status).toBe(400);
        expect((error as AppError).path?.[0]).toBe('where');
      }
    }),
    { numRuns: Number(process.env.FC_RUNS ?? 1000) },
  );
});
