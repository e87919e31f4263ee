import type { Order, QueryOutput, RecordType, WireRequest } from '@contact360/server';
import { z } from 'zod';
import { type FieldNames, listFields } from '../../field-names.ts';
import { type Column, columnOf, itemOf } from '../../shown-columns.ts';
import { type BodyPath, faulty, readBody, strictObject } from '../../strict-body.ts';
import { gatewayErrors } from './errors.ts';
import { columnNames, type GatewayRecord } from './records.ts';
import { cursorOf, searchAfterOf } from './search-after.ts';
import { decodeWhere, whereSchema } from './where.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;
const MAX_PAGE = 10;

/** A gateway query as decoded. */
export interface GatewayQuery {
  readonly where: ReturnType<typeof decodeWhere>;
  readonly order: readonly Order[];
  readonly limit: number;
  readonly offset: number;
  readonly cursor: string | undefined;
  readonly columns: readonly Column[];
  readonly populated: readonly { readonly relation: string; readonly columns: readonly Column[] }[];
}

const config = strictObject({ populate: z.boolean(), select_columns: z.array(z.string()).nullish() }).nullish();
type Config = z.output<typeof config>;

const common = {
  where: whereSchema.nullish(),
  order_by: z
    .array(strictObject({ order_by: z.string(), order_direction: z.enum(['asc', 'desc']).nullish() }))
    .max(5)
    .nullish(),
  page: z.int().nullish().describe(`1 to ${MAX_PAGE}; for what lies beyond there is \`search_after\``),
  limit: z.int().nullish().describe(`1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} unless given`),
  search_after: z
    .array(z.unknown())
    .nullish()
    .describe('From the reply before: the sort values of its last record, `id` last'),
  select_columns: z.array(z.string()).nullish(),
};

/** The body of a query; a related record is populated by `company_config`. */
export const querySchema = (record: RecordType) =>
  strictObject({
    ...common,
    ...Object.fromEntries(Object.keys(record.relations).map((relation) => [`${relation}_config`, config])),
  });

/** `page` and `limit` as row numbers; beyond their bounds the documented errors (decision 35). */
export function decodePage(sent: {
  readonly page?: number | null | undefined;
  readonly limit?: number | null | undefined;
}) {
  const { page, limit } = { page: sent.page ?? 1, limit: sent.limit ?? DEFAULT_LIMIT };
  if (limit < 1 || limit > MAX_LIMIT) throw gatewayErrors.page_size_exceeded();
  if (page < 1 || page > MAX_PAGE) throw gatewayErrors.page_out_of_range();
  return { page, limit };
}

/** The body of a query or a count. */
export function decodeQuery(
  gateway: GatewayRecord,
  schema: ReturnType<typeof querySchema>,
  { body }: WireRequest,
): GatewayQuery {
  const { record, filters, columns } = gateway;
  const sent = readBody(schema, body);
  const { page, limit } = decodePage(sent);
  const order = decodeOrder(gateway, sent.order_by ?? []);
  if (sent.search_after && page > 1)
    throw faulty({ path: ['page'], reason: 'must be 1 or absent beside search_after' });
  return {
    where: decodeWhere(filters, sent.where),
    order,
    limit,
    offset: (page - 1) * limit,
    cursor: sent.search_after ? cursorOf(record, order, sent.search_after) : undefined,
    columns: chosenColumns(columns, sent.select_columns, ['select_columns'], filters),
    populated: Object.entries(record.relations).flatMap(([relation, { record: related }]) => {
      const asked = sent[`${relation}_config` as keyof typeof sent] as Config;
      const at = [`${relation}_config`, 'select_columns'];
      return asked?.populate
        ? [{ relation, columns: chosenColumns(columnNames(related), asked.select_columns, at) }]
        : [];
    }),
  };
}

function decodeOrder(
  { sortable }: GatewayRecord,
  sent: readonly { order_by: string; order_direction?: 'asc' | 'desc' | null | undefined }[],
): Order[] {
  const order = sent.map(({ order_by: field, order_direction }, index): Order => {
    if (!sortable.includes(field)) {
      const reason = `'${field.slice(0, 64)}' is not sortable; use one of ${sortable.join(', ')}`;
      throw faulty({ path: ['order_by', index, 'order_by'], reason });
    }
    return { field, direction: order_direction ?? 'asc' };
  });
  return order.length > 0 ? order : [{ field: 'created_at', direction: 'desc' }];
}

/** Columns by name; none or an empty list means all. `filters` are names that only filters know. */
export function chosenColumns(
  names: FieldNames,
  chosen: readonly string[] | null | undefined,
  at: BodyPath,
  filters?: FieldNames,
  all: readonly string[] = listFields(names.record),
): Column[] {
  if (!chosen?.length) return [...all.map((name) => columnOf(names, name, at)), DELETED_AT];
  return chosen.map((name, index) => {
    if (name === DELETED_AT.name) return DELETED_AT;
    const path = [...at, index];
    const relation = Object.keys(names.record.relations).find((each) => name.startsWith(`${each}_`));
    if (relation && !names.has(name) && filters?.has(name)) {
      const bare = name.slice(relation.length + 1);
      const reason = `'${name}' is for filters only; use ${relation}_config with populate and select_columns '${bare}'`;
      throw faulty({ path, reason });
    }
    // The names that filters know these columns by; here they stand without what is in front.
    const plain = name.startsWith(`${names.record.name}_`) ? name.slice(names.record.name.length + 1) : '';
    if (!names.has(name) && names.has(plain))
      throw faulty({ path, reason: `unknown column '${name}', did you mean '${plain}'?` });
    return columnOf(names, name, path);
  });
}

/** A deleted record is never shown. */
const DELETED_AT: Column = { name: 'deleted_at', read: () => null };

/** The reply to a query. */
export function encodePage(record: RecordType, query: GatewayQuery, { items, next }: QueryOutput<RecordType>) {
  const data = items.map((row) => ({
    ...itemOf(query.columns, row),
    ...Object.fromEntries(
      query.populated.map(({ relation, columns }) => [relation, row[relation] ? itemOf(columns, row[relation]) : null]),
    ),
  }));
  const last = items.at(-1);
  return {
    data,
    ...(next !== null && last && { search_after: searchAfterOf(record, query.order, last, next) }),
    success: true,
  };
}
