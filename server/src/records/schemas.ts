import { z } from 'zod';
import { OPERATORS, type WordsValue } from '../query/algebra.ts';
import type { Row } from './reader.ts';
import {
  type FieldRef,
  fieldPaths,
  findField,
  lengthFault,
  type PathOf,
  type RecordType,
  type RowOf,
  SYSTEM_FIELDS,
  type ValueAt,
  type ValuesOf,
} from './record.ts';

type Scalar<V> = V extends readonly (infer E)[] ? E : V;
type OrderedOperator<V> = V extends readonly unknown[] ? never : 'gt' | 'gte' | 'lt' | 'lte';
type TextValue = string | readonly string[];

/** A condition typed by its field: a wrong name, operator or type of value does not compile. */
export type TypedCondition<R extends RecordType> =
  | {
      [P in PathOf<R>]:
        | { field: P; operator: 'eq' | 'ne' | OrderedOperator<ValueAt<R, P>>; value: Scalar<ValueAt<R, P>> }
        | { field: P; operator: 'in' | 'nin'; value: readonly Scalar<ValueAt<R, P>>[] }
        | { field: P; operator: 'exists' | 'nexists'; value?: undefined }
        | (ValueAt<R, P> extends TextValue
            ?
                | { field: P; operator: 'contains' | 'ncontains'; value: string }
                | { field: P; operator: 'words'; value: string | WordsValue }
                | { field: P; operator: 'phrase'; value: string | { text: string; slop?: number } }
            : never);
    }[PathOf<R>]
  | { field: 'search'; operator: 'words'; value: string | WordsValue };

/** A filter typed by the record type: conditions joined by `and`, `or` and `not`, nested freely. */
export type TypedFilter<R extends RecordType> =
  | TypedCondition<R>
  | { and?: readonly TypedFilter<R>[]; or?: readonly TypedFilter<R>[]; not?: TypedFilter<R> };

export interface TypedOrder<R extends RecordType> {
  field: PathOf<R>;
  direction: 'asc' | 'desc';
}

export interface QueryInput<R extends RecordType> {
  where?: TypedFilter<R> | undefined;
  /** At most 5 fields; newest first when absent. */
  order?: readonly TypedOrder<R>[] | undefined;
  /** Rows on the page: 1 to 1000, 25 when absent. */
  limit?: number | undefined;
  offset?: number | undefined;
  /** `next` or `previous` of an earlier page with the same ordering. */
  cursor?: string | undefined;
  include?: readonly Extract<keyof R['relations'], string>[] | undefined;
  /** Whether to count what matches: not at all (the default), by estimate where nothing filters, or exactly. */
  count?: 'none' | 'estimated' | 'exact' | undefined;
}

export interface ValuesInput<R extends RecordType> {
  field: PathOf<R>;
  where?: TypedFilter<R> | undefined;
  search?: string | undefined;
  distinct?: boolean | undefined;
  separated?: boolean | undefined;
  limit?: number | undefined;
  offset?: number | undefined;
}

export interface QueryOutput<R extends RecordType> {
  items: Row<R>[];
  next: string | null;
  previous: string | null;
  count: number | null;
}

const condition = z.object({ field: z.string(), operator: z.enum(OPERATORS), value: z.unknown().optional() }).meta({
  id: 'Condition',
  description:
    'A condition on one field. `value` is of the field’s type; a list for `in` and `nin`; absent for `exists` and `nexists`.',
});

/** The filter as documents show it. What it may hold is checked by the algebra, which names the path of a fault. */
const filter: z.ZodType = z
  .union([
    condition,
    z.object({
      and: z.array(z.lazy(() => filter)).optional(),
      or: z.array(z.lazy(() => filter)).optional(),
      not: z.lazy(() => filter).optional(),
    }),
  ])
  .meta({ id: 'Filter', description: 'Conditions joined by `and`, `or` and `not`; an empty object matches all.' });

const anyObject = z.looseObject({});

/** The schema of a stored row. */
function rowShape(record: RecordType): Record<string, z.ZodType> {
  const fields = Object.keys(record.fields).map((name): [string, z.ZodType] => {
    const schema = outputSchema(record, name).describe(record.fields[name as keyof typeof record.fields]!.description);
    return [name, name in SYSTEM_FIELDS ? schema : schema.nullable()];
  });
  const computed = Object.entries(record.computed).map(([name, { description }]): [string, z.ZodType] => [
    name,
    z.string().nullable().describe(description),
  ]);
  return Object.fromEntries([...fields, ...computed]);
}

/** Rows are shown as stored: an address that was stored before a rule grew stricter must still be readable. */
function outputSchema(record: RecordType, name: string): z.ZodType {
  const { spec } = findField(record, name)!;
  switch (spec.comparison) {
    case 'number':
      return z.number();
    case 'list':
      return z.array(z.string());
    case 'none':
      return z.record(z.string(), z.unknown());
    default:
      return z.string();
  }
}

function inputSchema(ref: FieldRef): z.ZodType {
  const { schema } = ref.spec;
  if (ref.maxBytes === undefined) return schema;
  return schema.refine((value) => !lengthFault(ref, value), { error: ({ input }) => lengthFault(ref, input) });
}

/** Every schema of a record type, made from its field table. Types are cast once, here. */
export function recordSchemas<R extends RecordType>(record: R) {
  const own = rowShape(record);
  const related = Object.entries(record.relations).map(([name, relation]): [string, z.ZodType] => [
    name,
    z.object(rowShape(relation.record)).nullable().optional().describe(relation.description),
  ]);
  const title = record.name[0]!.toUpperCase() + record.name.slice(1);
  const row = z.object({ ...own, ...Object.fromEntries(related) }).meta({ id: title }) as unknown as z.ZodType<Row<R>>;
  const writable = Object.entries(record.fields).filter(([name]) => name === 'uuid' || !(name in SYSTEM_FIELDS));
  const values = z.object(
    Object.fromEntries(
      writable.map(([name, { description }]) => [
        name,
        inputSchema(findField(record, name)!).nullable().optional().describe(description),
      ]),
    ),
  );
  // The algebra checks the filter; here it is only known to be an object, so that a fault is told by its path once.
  const where = anyObject.optional();
  return {
    row,
    plainRow: z.object(own) as unknown as z.ZodType<RowOf<R>>,
    write: values.meta({ id: `${title}Values` }) as unknown as z.ZodType<ValuesOf<R>, ValuesOf<R>>,
    bulkRow: z.unknown() as unknown as z.ZodType<ValuesOf<R>, ValuesOf<R>>,
    include: z
      .array(z.enum(Object.keys(record.relations) as [string, ...string[]]))
      .optional() as unknown as z.ZodOptional<
      z.ZodType<Extract<keyof R['relations'], string>[], Extract<keyof R['relations'], string>[]>
    >,
    search: z.object({
      hits: z.array(
        z.object({
          row,
          score: z.number().describe('From 0 to 1'),
          highlights: z.record(z.string(), z.string()).describe('By field, the text with what was found in `<mark>`'),
        }),
      ),
      found: z.int(),
      facets: z.record(z.string(), z.array(z.object({ value: z.string(), count: z.int() }))),
      engine: z.enum(['postgresql', 'typesense']).describe('What answered'),
    }),
    explanation: z.object({
      meaning: z.string(),
      order: z.string(),
      cost: z.number().describe('The planner’s estimate, in its own unit: reading one page in sequence costs 1'),
      steps: z
        .array(z.object({ step: z.string(), on: z.string().nullable().describe('Table or index'), rows: z.number() }))
        .describe('From the first step carried out to the last'),
    }),
    values: {
      query: z.object({
        field: z.enum(fieldPaths(record) as [string, ...string[]]),
        where,
        search: z.string().optional().describe('A part of the value, in any case and without regard to accents'),
        distinct: z.boolean().optional().describe('Whether values that are equal in any case are folded into one'),
        separated: z.boolean().optional().describe('Whether the elements of a list are entries of their own'),
        limit: z.int().min(1).max(1000).optional(),
        offset: z.int().min(0).optional(),
      }) as unknown as z.ZodType<ValuesInput<R>, ValuesInput<R>>,
      item: z.object({ id: z.int().describe('Row number of a row that bears the value'), value: z.string() }),
    },
    filter: filter as z.ZodType<TypedFilter<R>, TypedFilter<R>>,
    where: where as unknown as z.ZodOptional<z.ZodType<TypedFilter<R>, TypedFilter<R>>>,
    query: z.object({
      where,
      order: z
        .array(z.object({ field: z.string(), direction: z.enum(['asc', 'desc']) }))
        .max(5)
        .optional(),
      limit: z.int().min(1).max(1000).optional(),
      offset: z.int().min(0).optional(),
      cursor: z.string().optional(),
      include: z.array(z.enum(Object.keys(record.relations) as [string, ...string[]])).optional(),
      count: z.enum(['none', 'estimated', 'exact']).optional(),
    }) as unknown as z.ZodType<QueryInput<R>, QueryInput<R>>,
    page: z
      .object({
        // What the store has read is of this shape by the field table; to check each row again takes longer than to send it.
        items: z.array(z.custom<Row<R>>()),
        next: z.string().nullable(),
        previous: z.string().nullable(),
        count: z.int().nullable(),
      })
      .meta({ id: `${title}Page` }) as unknown as z.ZodType<QueryOutput<R>>,
  };
}
