import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Fields, fieldReader } from './fields.ts';
import { type Filter, FilterError, parseFilter } from './filter.ts';

const read = (text: string) => parseFilter(text).filter;
const is = (field: string, operator: string, value?: unknown) => ({
  field,
  operator,
  ...(value !== undefined && { value }),
});

describe('the short form of a filter', () => {
  test.each<[string, Filter]>([
    ['title~cto', is('title', 'contains', 'cto')],
    ['title ~ vice president ', is('title', 'contains', 'vice president')],
    ['country=US|United Kingdom', is('country', 'in', ['US', 'United Kingdom'])],
    ['country!=US|UK', is('country', 'nin', ['US', 'UK'])],
    ['title~cto|ceo', { or: [is('title', 'contains', 'cto'), is('title', 'contains', 'ceo')] }],
    ['title!~cto|ceo', { and: [is('title', 'ncontains', 'cto'), is('title', 'ncontains', 'ceo')] }],
    ['a>=1,b<=2,c>3,d<4', { and: [is('a', 'gte', '1'), is('b', 'lte', '2'), is('c', 'gt', '3'), is('d', 'lt', '4')] }],
    ['search:berlin cto', is('search', 'words', 'berlin cto')],
    ['email?', is('email', 'exists')],
    ['not email?', { not: is('email', 'exists') }],
    ['a=1 or b=2 and c=3', { or: [is('a', 'eq', '1'), { and: [is('b', 'eq', '2'), is('c', 'eq', '3')] }] }],
    ['(a=1 OR b=2), c=3', { and: [{ or: [is('a', 'eq', '1'), is('b', 'eq', '2')] }, is('c', 'eq', '3')] }],
    ['not (a=1, b=2)', { not: { and: [is('a', 'eq', '1'), is('b', 'eq', '2')] } }],
    ['a="x, \\"y\\" \\\\ (and) | z"', is('a', 'eq', 'x, "y" \\ (and) | z')],
    ['a=""', is('a', 'eq', '')],
    ['a=Anderson Orlando Notley', is('a', 'eq', 'Anderson Orlando Notley')],
    ['a=and', is('a', 'eq', 'and')],
    ['company.name~R&D = fun', is('company.name', 'contains', 'R&D = fun')],
  ])('%s', (text, filter) => {
    expect(read(text)).toEqual(filter);
  });

  test.each([
    ['', 'the filter is empty', ''],
    ['title', 'an operator is expected', 'title'],
    ['title cto', 'an operator is expected', 'c'],
    ['title~', 'a value is missing', ''],
    ['title~,a=1', 'a value is missing', ','],
    ['a=1,', 'a condition is missing', ''],
    ['a=1 and', 'a condition is missing', ''],
    ['a=1 b=2) c', "no '('", ')'],
    ['a=1, (b=2', "this '(' is not closed", '('],
    ['a="x', 'does not end', '"'],
    ['a="x" y', 'is expected here', 'y'],
    ['a=VP (sales)', 'double quotes', '('],
    ['a=head of research and development', 'an operator is expected', 'development'],
    ['a>1|2', 'one value is expected', '2'],
    ['=1', 'the name of a field', '='],
  ])('%s is refused: %s', (text, message, at) => {
    const error = faultOf(text)!;
    expect(error.message).toContain(message);
    expect(text.slice(error.span.from, error.span.to)).toBe(at);
  });

  it('is refused however deep it is nested', () => {
    expect(faultOf('('.repeat(100_000))?.message).toMatch(/nested more than/);
    expect(faultOf('not '.repeat(100_000))?.message).toMatch(/nested more than/);
  });

  it('means what it was written from', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        expect(read(written(filter))).toEqual(filter);
      }),
    );
  });

  it('is a filter, or a fault at a place in the text, whatever it is', () => {
    const token = fc.constantFrom(
      ...[
        'a',
        'b.c',
        '=',
        '!~',
        '>=',
        '~',
        '|',
        ',',
        '(',
        ')',
        '"',
        '\\',
        ' and ',
        ' or ',
        'not ',
        '?',
        ' ',
        ':',
        '0',
        'é',
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(token).map((parts) => parts.join('')),
          fc.string(),
        ),
        (text) => {
          const fault = faultOf(text);
          if (!fault) return;
          expect(fault.span.from).toBeGreaterThanOrEqual(0);
          expect(fault.span.to).toBeGreaterThanOrEqual(fault.span.from);
          expect(fault.span.to).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('knows where each part of the JSON came from', () => {
    const text = 'not (a=1 or bcd ~ "x" | yz)';
    const { spanOf } = parseFilter(text);
    const at = (...path: (string | number)[]) => {
      const span = spanOf(path);
      return span && text.slice(span.from, span.to);
    };
    expect(at('not', 'or', 0)).toBe('a=1');
    expect(at('not', 'or', 1, 'or', 0, 'field')).toBe('bcd');
    expect(at('not', 'or', 1, 'or', 1, 'value')).toBe('yz');
    expect(at('not', 'or', 1, 'or', 1, 'operator')).toBe('~');
    expect(at('not')).toBeUndefined();
    expect(at('and', 7)).toBeUndefined();
  });
});

describe('names and values by the fields there are', () => {
  const fields = [
    ['title', 'text'],
    ['company_id', 'uuid'],
    ['email', 'email'],
    ['email_status', 'text'],
    ['company.name', 'text'],
    ['company.employees_count', 'integer'],
    ['company.annual_revenue', 'money'],
    ['company.text_search', 'text'],
    ['text_search', 'text'],
  ].map(([field, kind]) => ({ field, kind })) as unknown as Fields;
  const reader = fieldReader(fields);

  test.each([
    ['title', 'title'],
    ['TITLE', 'title'],
    ['email', 'email'],
    ['email_st', 'email_status'],
    ['employees', 'company.employees_count'],
    ['company.employees', 'company.employees_count'],
    ['text_search', 'text_search'],
    ['search', 'search'],
    ['titel', 'titel'],
  ])('%s is %s', (name, path) => {
    expect(reader.resolve(name)).toBe(path);
  });

  it('takes no name that may be two', () => {
    expect(() => reader.resolve('company.')).toThrow(/may be company\.name or company\.employees_count or/);
    expect(faultOf('e=1', reader)?.span).toEqual({ from: 0, to: 1 });
  });

  test.each([
    ['company.employees_count', '50', 50],
    ['company.employees_count', '1.5k', 1500],
    ['company.annual_revenue', '10M', 10_000_000],
    ['company.annual_revenue', '1_000', 1000],
    ['company.employees_count', 'fifty', 'fifty'],
    ['title', '50', '50'],
  ])('%s: %s', (field, text, value) => {
    expect(reader.value(field, text)).toBe(value);
  });
});

function faultOf(text: string, reader?: Parameters<typeof parseFilter>[1]): FilterError | undefined {
  try {
    parseFilter(text, reader);
    return undefined;
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

const SYMBOLS: Readonly<Record<string, string>> = {
  eq: '=',
  in: '=',
  ne: '!=',
  nin: '!=',
  contains: '~',
  ncontains: '!~',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  words: ':',
};

/** A filter in its short form. */
function written(filter: Filter): string {
  const grouped = (each: Filter) => ('field' in each ? written(each) : `(${written(each)})`);
  if ('and' in filter) return filter.and.map(grouped).join(' and ');
  if ('or' in filter) return filter.or.map(grouped).join(' or ');
  if ('not' in filter) return `not ${grouped(filter.not)}`;
  const { field, operator, value } = filter;
  const quoted = (text: unknown) => `"${String(text).replace(/["\\]/g, '\\$&')}"`;
  return operator === 'exists'
    ? `${field}?`
    : `${field} ${SYMBOLS[operator]} ${[value].flat().map(quoted).join(' | ')}`;
}

const name = fc.stringMatching(/^[a-z_]{2,6}(\.[a-z_]{1,6})?$/).filter((each) => !['and', 'or', 'not'].includes(each));
const { anyFilter } = fc.letrec<{ anyFilter: Filter }>((tie) => ({
  anyFilter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      field: name,
      operator: fc.constantFrom('eq', 'ne', 'contains', 'ncontains', 'gt', 'gte', 'lt', 'lte', 'words'),
      value: fc.string(),
    }),
    fc.record({ field: name, operator: fc.constantFrom('in', 'nin'), value: fc.array(fc.string(), { minLength: 2 }) }),
    fc.record({ field: name, operator: fc.constant('exists') }),
    fc.record({ and: fc.array(tie('anyFilter'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('anyFilter'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ not: tie('anyFilter') }),
  ),
}));
