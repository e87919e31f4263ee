import { type Condition, type Filter, LIMITS, type Operator, operatorsOf } from '@contact360/server';
import { z } from 'zod';
import { conditionOf, type FieldNames } from '../../field-names.ts';
import { type BodyPath, faulty, unknownName } from '../../strict-body.ts';

/** Every operator of VQL by its short and its long name (decision 31). */
const OPERATORS = {
  eq: 'eq',
  ne: 'ne',
  gt: 'gt',
  gte: 'gte',
  lt: 'lt',
  lte: 'lte',
  in: 'in',
  nin: 'nin',
  contains: 'contains',
  ncontains: 'ncontains',
  exists: 'exists',
  nexists: 'nexists',
  equals: 'eq',
  not_equals: 'ne',
  greater_than: 'gt',
  greater_than_or_equal: 'gte',
  less_than: 'lt',
  less_than_or_equal: 'lte',
  not_in: 'nin',
  not_contains: 'ncontains',
  not_exists: 'nexists',
} as const satisfies Record<string, Operator>;

const CONDITION_KEYS = ['field', 'operator', 'value'];
const GROUP_KEYS = ['and', 'or'];
const LIST_KEYS = ['conditions', 'logic'];

type Node = Readonly<Record<string, unknown>>;

/**
 * The `filters` of a VQL query in the query algebra; `undefined` when they ask for nothing. Both documented forms are
 * read: `{and: […], or: […]}` and `{conditions: […], logic: "AND"}`, nested in each other as one likes, within the
 * limits of decision 31. Faults are told by their place in the body.
 */
export function decodeVql(names: FieldNames, filters: unknown): Filter | undefined {
  let conditions = 0;
  let groups = 0;

  const decode = (node: unknown, at: BodyPath, depth: number): Filter => {
    if (typeof node !== 'object' || node === null || Array.isArray(node))
      throw faulty({ path: at, reason: 'must be an object' });
    if (depth > LIMITS.depth) throw faulty({ path: at, reason: `more than ${LIMITS.depth} levels of and, or` });
    const keys = Object.keys(node);
    // An empty object among conditions is a condition that lacks its field; as the whole filter it asks for nothing.
    const isCondition = keys.length === 0 ? depth > 0 : keys.some((key) => CONDITION_KEYS.includes(key));
    if (isCondition ? ++conditions > LIMITS.conditions : ++groups > LIMITS.conditions * LIMITS.depth)
      throw faulty({ path: at, reason: `more than ${LIMITS.conditions} conditions` });
    return isCondition ? decodeCondition(names, node as Node, at) : decodeGroup(node as Node, at, depth);
  };

  const members = (node: Node, key: string, at: BodyPath, depth: number): Filter[] => {
    const list = node[key] ?? [];
    const path = [...at, key];
    if (!Array.isArray(list)) throw faulty({ path, reason: 'must be a list of conditions' });
    return list.map((member, index) => decode(member, [...path, index], depth + 1));
  };

  const decodeGroup = (node: Node, at: BodyPath, depth: number): Filter => {
    if (LIST_KEYS.some((key) => key in node)) {
      checkKeys(node, LIST_KEYS, LIST_KEYS, at);
      return { [logicOf(node, at)]: members(node, 'conditions', at, depth) };
    }
    checkKeys(node, GROUP_KEYS, [...GROUP_KEYS, ...LIST_KEYS, ...CONDITION_KEYS], at);
    return { and: members(node, 'and', at, depth), or: members(node, 'or', at, depth) };
  };

  if (filters === undefined || filters === null) return undefined;
  const filter = decode(filters, ['filters'], 0);
  return conditions > 0 ? filter : undefined;
}

function decodeCondition(names: FieldNames, node: Node, at: BodyPath): Condition {
  checkKeys(node, CONDITION_KEYS, CONDITION_KEYS, at);
  const { value } = node;
  // `id` of earlier versions was the uuid; a number still means the row number.
  const asked = node.field === 'id' && [value].flat().some((each) => typeof each === 'string') ? 'uuid' : node.field;
  const ref = names.find(asked, [...at, 'field']);
  const name = node.field as string;
  const operator = decodeOperator(node.operator, [...at, 'operator']);
  const allowed = operatorsOf(ref).filter((each) => each in OPERATORS);
  if (!allowed.includes(operator)) {
    const reason = `operator '${node.operator}' does not apply to '${name}', which takes ${allowed.join(', ')}`;
    throw faulty({ path: [...at, 'operator'], reason });
  }
  return conditionOf(ref, operator, value, {
    record: names.record,
    name,
    valueAt: (within) => [...at, 'value', ...within],
  })!;
}

function decodeOperator(name: unknown, at: BodyPath): Operator {
  if (name === undefined || name === null) throw faulty({ path: at, reason: 'operator is required' });
  if (typeof name !== 'string') throw faulty({ path: at, reason: 'must be the name of an operator' });
  if (!Object.hasOwn(OPERATORS, name))
    throw faulty({ path: at, reason: unknownName('operator', name, Object.keys(OPERATORS)) });
  return OPERATORS[name as keyof typeof OPERATORS];
}

function logicOf({ logic = 'AND' }: Node, at: BodyPath): 'and' | 'or' {
  const lower = typeof logic === 'string' ? logic.toLowerCase() : logic;
  if (lower === 'and' || lower === 'or') return lower;
  throw faulty({ path: [...at, 'logic'], reason: 'must be "AND" or "OR"' });
}

function checkKeys(node: Node, known: readonly string[], meant: readonly string[], at: BodyPath): void {
  const unknown = Object.keys(node).find((key) => !known.includes(key));
  if (unknown !== undefined) throw faulty({ path: at, reason: unknownName('key', unknown, meant) });
}

const condition = z
  .object({ field: z.string(), operator: z.enum(Object.keys(OPERATORS) as [string]), value: z.unknown().optional() })
  .meta({ id: 'VqlCondition' });
const nested = z.array(z.lazy((): z.ZodType => z.union([condition, vqlSchema])));

/** Filters of VQL as documents show them. */
export const vqlSchema: z.ZodType = z
  .union([
    z.object({ and: nested.optional(), or: nested.optional() }),
    z.object({ conditions: nested.optional(), logic: z.enum(['AND', 'OR']).optional() }),
  ])
  .meta({
    id: 'VqlFilters',
    description: `Conditions joined by \`and\` and \`or\`, or as a list with its \`logic\`; at most ${LIMITS.depth} levels and ${LIMITS.conditions} conditions. Of a list field \`eq\`, \`in\` and \`contains\` mean some element; \`ne\`, \`nin\` and \`ncontains\` keep records without a value.`,
  });
