import { coreErrors, type Order, type Reads, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { flag, many, rowNumber, sharedParameters, single } from './parameters.ts';

/** Rows on a page unless asked otherwise, and at most (decision 19). */
export const DEFAULT_PAGE_SIZE = 25;
export const MAX_PAGE_SIZE = 100;
const MAX_ORDERINGS = 5;
const DEFAULT_ORDERING = '-created_at';

/** Which rows of a list are asked for, and how the reply is to be paged. */
export interface ListRequest {
  readonly strategy: 'cursor' | 'limit-offset';
  /** As the client wrote it. */
  readonly ordering: string;
  readonly order: readonly Order[];
  /** `undefined`: every row, streamed (decision 20). */
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  readonly cursor: string | undefined;
}

/** The neighbours of a page, as the core tells them. */
export interface Neighbours {
  readonly next: string | null;
  readonly previous: string | null;
}

/** Reads ordering and paging. `unlimited`: whether a custom ordering without `limit` means all rows (v1) or a page (legacy). */
export function decodeListRequest(
  query: WireRequest['query'],
  orderings: Readonly<Record<string, string>>,
  { unlimited }: { unlimited: boolean },
): ListRequest {
  const names = many(query, 'ordering');
  const order = decodeOrdering(names, orderings);
  const ordering = names.length > 0 ? names.join(',') : DEFAULT_ORDERING;
  const asked = rowNumber(query, 'limit', 1) ?? rowNumber(query, 'page_size', 1);
  const limit = Math.min(asked ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const offset = rowNumber(query, 'offset');
  const page = rowNumber(query, 'page', 1);
  const cursor = single(query, 'cursor');
  const old = cursor === undefined ? undefined : oldCursorOffset(cursor);
  const paged = { ordering, order, limit };
  // Priority: cursor, then an explicit offset, then the page's number (decision 20).
  if (cursor !== undefined && old === undefined) return { ...paged, strategy: 'cursor', cursor, offset: undefined };
  const start =
    old ?? offset ?? (page === undefined ? undefined : Math.min((page - 1) * limit, Number.MAX_SAFE_INTEGER));
  if (ordering === DEFAULT_ORDERING && start === undefined)
    return { ...paged, strategy: 'cursor', cursor: undefined, offset: undefined };
  const all =
    unlimited && ordering !== DEFAULT_ORDERING && asked === undefined && page === undefined && old === undefined;
  return { ...paged, strategy: 'limit-offset', cursor: undefined, offset: start ?? 0, limit: all ? undefined : limit };
}

function decodeOrdering(names: readonly string[], orderings: Readonly<Record<string, string>>): Order[] {
  const plain = names.map((name) => name.replace(/^[-+]/, ''));
  const unknown = plain.filter((name) => !Object.hasOwn(orderings, name));
  if (unknown.length > 0) {
    const reason = `Invalid ordering field(s): ${unknown.map((name) => name.slice(0, 64)).join(', ')}. Valid fields are: ${Object.keys(orderings).join(', ')}`;
    throw coreErrors.bad_request({ reason });
  }
  if (names.length > MAX_ORDERINGS)
    throw coreErrors.invalid_parameter({ name: 'ordering', reason: `takes at most ${MAX_ORDERINGS} fields` });
  return names.map((name, index) => ({
    field: orderings[plain[index]!]!,
    direction: name.startsWith('-') ? 'desc' : 'asc',
  }));
}

/** Clients of the old server hold cursors that are base64 of `o=<offset>` (decision 19). */
function oldCursorOffset(cursor: string): number | undefined {
  const match = /^o=(\d{1,15})$/.exec(Buffer.from(cursor, 'base64').toString('latin1'));
  return match ? Number(match[1]) : undefined;
}

/** The request's own address with other paging, every other parameter kept (decision 5). */
function linkTo({ info, url }: WireRequest, paging: Readonly<Record<string, string>>): string {
  const target = new URL(url, info.origin);
  for (const name of ['cursor', 'offset', 'page']) target.searchParams.delete(name);
  for (const [name, value] of Object.entries(paging)) target.searchParams.set(name, value);
  return target.href;
}

/** Links to the neighbouring pages. */
export function pageLinks(wire: WireRequest, request: ListRequest, { next, previous }: Neighbours): Neighbours {
  if (request.strategy === 'limit-offset') return offsetLinks(wire, request, next !== null);
  return { next: next && linkTo(wire, { cursor: next }), previous: previous && linkTo(wire, { cursor: previous }) };
}

/** Links to the pages before and after one that is told by limit and offset. */
export function offsetLinks(
  wire: WireRequest,
  {
    limit = DEFAULT_PAGE_SIZE,
    offset = 0,
  }: { readonly limit: number | undefined; readonly offset: number | undefined },
  more: boolean,
): Neighbours {
  const at = (start: number) => linkTo(wire, { limit: String(limit), offset: String(start) });
  return { next: more ? at(offset + limit) : null, previous: offset > 0 ? at(Math.max(0, offset - limit)) : null };
}

/** The `meta` block of a list (decision 22). Where something filters nothing is counted. */
export function listMeta(
  request: ListRequest,
  { count, filtered, returned, reads }: { count: number | null; filtered: boolean; returned: number; reads: Reads },
) {
  return {
    strategy: request.strategy,
    count_mode: filtered ? 'none' : 'estimated',
    count: filtered ? null : count,
    filters_applied: filtered,
    ordering: request.ordering,
    returned_records: returned,
    page_size: request.limit ?? returned,
    page_size_cap: MAX_PAGE_SIZE,
    using_replica: reads.usingReplica(),
  };
}

/** Switches that every list takes; read even where they change nothing, so that a wrong value is told. */
export function decodeListSwitches(query: WireRequest['query']) {
  flag(query, 'distinct');
  flag(query, 'use_replica');
  return { includeMeta: flag(query, 'include_meta') ?? false, simple: single(query, 'view') === 'simple' };
}

export const listParameters = sharedParameters('list', {
  ordering: z
    .string()
    .optional()
    .describe('Up to 5 fields separated by commas, `-` in front for descending; newest first when absent'),
  limit: z.int().min(1).optional().describe('Rows on the page, at most 100'),
  page_size: z.int().min(1).optional().describe('Another name of `limit`'),
  offset: z.int().min(0).optional(),
  page: z.int().min(1).optional(),
  cursor: z.string().optional().describe('From `next` or `previous`'),
  include_meta: z.boolean().optional().describe('Whether items carry `meta_data`'),
  use_replica: z.boolean().optional(),
});

const metaSchema = z
  .object({
    strategy: z.enum(['cursor', 'limit-offset']),
    count_mode: z.enum(['estimated', 'none', 'exact']),
    count: z.int().nullable(),
    filters_applied: z.boolean(),
    ordering: z.string(),
    returned_records: z.int(),
    page_size: z.int(),
    page_size_cap: z.int(),
    using_replica: z.boolean(),
  })
  .meta({ id: 'ListMeta' });

/** The schema of a list reply. */
export const pageSchema = (id: string, item: z.ZodType) =>
  z
    .object({ next: z.url().nullable(), previous: z.url().nullable(), results: z.array(item), meta: metaSchema })
    .meta({ id });
