import type { Order, RecordType, Row, WireRequest } from '@contact360/server';
import { z } from 'zod';
import { type FieldNames, listFields, storedFields } from '../../field-names.ts';
import { wholeSeconds } from '../../flat/contact-item.ts';
import { DEFAULT_PAGE_SIZE, listMeta, MAX_PAGE_SIZE, offsetLinks } from '../../flat/list-page.ts';
import { rowNumber } from '../../flat/parameters.ts';
import { type Column, columnOf, itemOf } from '../../shown-columns.ts';
import { faulty, readBody, strictObject } from '../../strict-body.ts';
import { type Dependent, MAX_DEPENDENTS, newestDependents } from './dependents.ts';
import { vqlNames } from './names.ts';
import { decodeVql, vqlSchema } from './vql.ts';

/** A record type that v3 serves, with those whose records refer to it. */
export interface V3Record {
  readonly record: RecordType;
  readonly names: FieldNames;
  /** Relations of other record types that lead here: `contact_config` of companies shows them. */
  readonly dependents: readonly Dependent[];
}

/** A VQL query as decoded. */
export interface VqlQuery {
  readonly where: ReturnType<typeof decodeVql>;
  readonly order: readonly Order[];
  /** As `meta` tells it: `-created_at`. */
  readonly ordering: string;
  readonly limit: number;
  readonly offset: number;
  readonly columns: readonly Column[];
  readonly populated: readonly PopulatedRelation[];
  readonly dependents: readonly PopulatedDependents[];
}

interface PopulatedRelation {
  readonly relation: string;
  readonly columns: readonly Column[];
}

interface PopulatedDependents extends Dependent {
  readonly columns: readonly Column[];
}

const config = strictObject({
  populate: z.boolean().nullish(),
  select_columns: z.array(z.string()).nullish(),
}).nullish();

const querySchema = strictObject({
  filters: z.unknown().optional(),
  select_columns: z.array(z.string()).nullish(),
  company_config: config,
  contact_config: config,
  limit: z.int().min(1).nullish(),
  offset: z.int().min(0).nullish(),
  sort_by: z.string().nullish(),
  sort_direction: z.enum(['asc', 'desc']).nullish(),
});

/** The body of a query for the API document. */
export const queryDocument = querySchema.extend({ filters: vqlSchema.optional() }).meta({
  id: 'VqlQuery',
  description: `\`limit\` is ${DEFAULT_PAGE_SIZE} unless given, and at most ${MAX_PAGE_SIZE}. Of a company, \`contact_config\` shows the ${MAX_DEPENDENTS} newest contacts.`,
});

const shown = (names: FieldNames, chosen: readonly string[], at: readonly string[]) =>
  chosen.map((name, index) => columnOf(names, name, [...at, index], wholeSeconds));

/** The columns of an item of a list. */
export const listColumns = (names: FieldNames): Column[] => shown(names, listFields(names.record), []);

/** The columns of a detail. */
export const detailColumns = ({ record, names }: V3Record): Column[] => shown(names, storedFields(record), []);

/** The body of `query` and `count`. The query string's `limit` and `offset` go before the body's, so that links lead on. */
export function decodeQuery({ record, names, dependents }: V3Record, { body, query }: WireRequest): VqlQuery {
  const sent = readBody(querySchema, body);
  const where = decodeVql(names, sent.filters);
  const configOf = (name: string) => sent[`${name}_config` as 'company_config' | 'contact_config'];
  const configured = (other: RecordType) => {
    const asked = configOf(other.name);
    return asked?.populate ? chosenColumns(vqlNames(other), asked.select_columns, [`${other.name}_config`]) : undefined;
  };
  const columns = chosenColumns(names, sent.select_columns, []);
  const own = configOf(record.name);
  const at = [`${record.name}_config`, 'select_columns'];
  const sortBy = sent.sort_by || 'created_at';
  const direction = sent.sort_direction ?? (sent.sort_by ? 'asc' : 'desc');
  return {
    where,
    order: [{ field: sortField(names, sortBy), direction }],
    ordering: (direction === 'desc' ? '-' : '') + sortBy,
    limit: Math.min(rowNumber(query, 'limit', 1) ?? sent.limit ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
    offset: rowNumber(query, 'offset') ?? sent.offset ?? 0,
    // What a client picks of the record itself under `contact_config` of contacts is shown with the rest.
    columns: [
      ...shown(names, ['uuid'], []),
      ...columns,
      ...(own?.populate ? shown(names, own.select_columns ?? [], at) : []),
    ],
    populated: Object.entries(record.relations).flatMap(([relation, { record: related }]) => {
      const picked = configured(related);
      return picked ? [{ relation, columns: picked }] : [];
    }),
    dependents: dependents.flatMap((dependent) => {
      const picked = configured(dependent.record);
      return picked ? [{ ...dependent, columns: picked }] : [];
    }),
  };
}

function sortField(names: FieldNames, name: string): string {
  const { path, spec } = names.find(name, ['sort_by']);
  if (spec.comparison === 'none') throw faulty({ path: ['sort_by'], reason: `records cannot be sorted by '${name}'` });
  return path;
}

/** None or an empty list means all. */
function chosenColumns(names: FieldNames, chosen: readonly string[] | null | undefined, at: string[]): Column[] {
  return chosen?.length ? shown(names, chosen, [...at, 'select_columns']) : listColumns(names);
}

/** The reply to a query. */
export async function encodePage(
  wire: WireRequest,
  query: VqlQuery,
  { items, next, count }: { items: readonly Row<RecordType>[]; next: string | null; count: number | null },
) {
  const dependents = await Promise.all(
    query.dependents.map(async (dependent) => ({
      ...dependent,
      rows: await newestDependents(wire.app, dependent, items),
    })),
  );
  const results = items.map((row) => {
    const item = itemOf(query.columns, row);
    for (const { relation, columns } of query.populated) {
      const related = row[relation];
      item[relation] = related ? itemOf(columns, related) : null;
    }
    for (const { record, columns, rows } of dependents)
      item[record.plural] = (rows.get(row.uuid) ?? []).map((each) => itemOf(columns, each));
    return item;
  });
  const { limit, offset, ordering } = query;
  const meta = listMeta(
    { strategy: 'limit-offset', ordering, order: query.order, limit, offset, cursor: undefined },
    { count, returned: items.length, filtered: query.where !== undefined, reads: wire.reads },
  );
  return {
    ...offsetLinks(wire, { limit, offset }, next !== null),
    results,
    meta: { ...meta, count_mode: 'exact', count },
  };
}
