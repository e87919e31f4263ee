import { contact } from '@contact360/contacts';
import { AppError, checkFilter, type Filter } from '@contact360/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vqlNames } from './names.ts';
import { decodeVql } from './vql.ts';

const names = vqlNames(contact);
const decode = (filters: unknown) => decodeVql(names, filters);

type Tree = { condition: [field: string, path: string] } | { logic: 'and' | 'or'; members: Tree[] };

const leaf = fc
  .constantFrom(
    ['title', 'title'] as const,
    ['status', 'email_status'] as const,
    ['company_name', 'company.name'] as const,
    ['industries', 'company.industries'] as const,
  )
  .map(([field, path]): Tree => ({ condition: [field, path] }));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({
      logic: fc.constantFrom('and' as const, 'or' as const),
      members: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

const value = 'x';
const nested = (node: Tree): unknown =>
  'condition' in node
    ? { field: node.condition[0], operator: 'eq', value }
    : { [node.logic]: node.members.map(nested) };
const listed = (node: Tree): unknown =>
  'condition' in node
    ? { field: node.condition[0], operator: 'equals', value }
    : { conditions: node.members.map(listed), logic: node.logic.toUpperCase() };
const meant = (node: Tree): Filter =>
  'condition' in node ? { field: node.condition[1], operator: 'eq', value } : { [node.logic]: node.members.map(meant) };

describe('VQL', () => {
  it('means the same in both of its forms', () => {
    fc.assert(
      fc.property(tree, (node) => {
        const expected = checkFilter(contact, meant(node));
        expect(checkFilter(contact, decode(nested(node))!)).toEqual(expected);
        expect(checkFilter(contact, decode(listed(node))!)).toEqual(expected);
      }),
    );
  });

  it('is refused by its place or is a filter that the core takes, whatever it is', () => {
    const key = fc.constantFrom('and', 'or', 'conditions', 'logic', 'field', 'operator', 'value', 'x');
    const word = fc.constantFrom('title', 'employees_count', 'departments', 'eq', 'in', 'exists', 'AND', 'or', '');
    const { anything } = fc.letrec((tie) => ({
      anything: fc.oneof(
        { maxDepth: 5 },
        word,
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('anything'), { maxLength: 3 }),
        fc.dictionary(key, tie('anything'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(anything as fc.Arbitrary<unknown>, (filters) => {
        let filter: Filter | undefined;
        try {
          filter = decode(filters);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ status: 400, message: expect.stringMatching(/^filters/) });
          return;
        }
        if (filter) checkFilter(contact, filter);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused without a deep stack, however deep it is', () => {
    let filters: unknown = {};
    for (let depth = 0; depth < 100_000; depth++) filters = { and: [filters] };
    expect(() => decode(filters)).toThrow(/more than 10 levels/);
  });
});
