import type { Binding, WireRequest } from '@contact360/server';
import { z } from 'zod';
import { joinedJson } from '../json-stream.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, type Neighbours, offsetLinks } from './list-page.ts';
import { flag, rowNumber, sharedParameters, single } from './parameters.ts';
import { type RecordRoutes, TABLES_OF, whereOf } from './record-list.ts';

/** A list of the values that records bear in one field (decision 26). */
export interface FieldList {
  /** Last part of the path, and the key of the value in `{id, <name>}`. */
  readonly name: string;
  readonly field: string;
  /**
   * `records`: a page of `{id, <name>}`; `texts`: a page of plain texts; `bare`: an array of plain texts, without
   * links.
   */
  readonly shape: 'records' | 'texts' | 'bare';
  /** Equal values are folded, whatever `distinct` says. */
  readonly alwaysDistinct?: boolean;
  /** The elements of lists are entries of their own, whatever `separated` says. */
  readonly alwaysSeparated?: boolean;
}

interface Entry {
  readonly id: number;
  readonly value: string;
}

/** Values that one call of the procedure gives; more are streamed. */
const MAX_CALL = 1000;

/** The routes' list of one field: ordered by value, all of it unless `limit` says otherwise; legacy gives pages only. */
export function fieldListBinding(routes: Omit<RecordRoutes<never>, 'itemOf' | 'orderings'>, list: FieldList): Binding {
  const { dialect, access, plugin, tag, unlimited, filters } = routes;
  const { name, field, shape } = list;
  const requestOf = ({ query }: WireRequest) => {
    const asked = rowNumber(query, 'limit', 1);
    const limit = unlimited ? asked : Math.min(asked ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    return { limit, offset: rowNumber(query, 'offset'), streamed: limit === undefined || limit > MAX_CALL };
  };
  const shown = ({ id, value }: Entry): unknown => (shape === 'records' ? { id, [name]: value } : value);
  return {
    dialect,
    access,
    method: 'GET',
    path: `${routes.path}${name}/`,
    procedure: (wire) => `${plugin}.${requestOf(wire).streamed ? 'valuesStream' : 'values'}`,
    decode: async (wire) => {
      const { query } = wire;
      const { limit, offset, streamed } = requestOf(wire);
      const distinct = flag(query, 'distinct');
      const separated = flag(query, 'separated');
      return {
        field,
        // Here `search` is about the value itself.
        where: await whereOf({ ...routes, filters: (all) => filters({ ...all, search: undefined }) }, wire),
        search: single(query, 'search'),
        distinct: list.alwaysDistinct ?? distinct,
        separated: list.alwaysSeparated ?? separated,
        offset,
        ...(!streamed && { limit }),
      };
    },
    encode: (output: { items: Entry[]; hasMore: boolean } | AsyncIterable<Entry[]>, wire) => {
      const { limit, offset } = requestOf(wire);
      const linksOf = (more: boolean) => offsetLinks(wire, { limit, offset }, more);
      if (!(Symbol.asyncIterator in output)) {
        const results = output.items.map(shown);
        return shape === 'bare' ? results : { ...linksOf(output.hasMore), results };
      }
      return streamedList(output, shown, limit, shape === 'bare' ? undefined : linksOf);
    },
    cache: { family: 'field', tables: TABLES_OF[plugin] },
    document: {
      summary: `List the values of ${name}`,
      description: `Ordered by value, then by id. ${unlimited ? 'Without `limit` all of them.' : 'At most 100 at a time.'}`,
      tag,
      query: z.object({ ...routes.parameters.shape, ...fieldListParameters.shape }),
      response: responseOf(list),
    },
  };
}

/** A list of any length in pieces. Whether more follows is known at its end, so that links come last. */
async function* streamedList(
  batches: AsyncIterable<Entry[]>,
  shown: (entry: Entry) => unknown,
  limit = Number.POSITIVE_INFINITY,
  linksOf?: (more: boolean) => Neighbours,
): AsyncGenerator<string> {
  let more = false;
  const items = async function* () {
    let left = limit;
    for await (const batch of batches) {
      yield batch.slice(0, left).map(shown);
      more = batch.length > left;
      left -= batch.length;
      if (more) return;
    }
  };
  const tail = () => (linksOf ? `],${JSON.stringify(linksOf(more)).slice(1)}` : ']');
  yield* joinedJson(items(), linksOf ? '{"results":[' : '[', tail);
}

const fieldListParameters = sharedParameters('field_list', {
  search: z.string().optional().describe('A part of the value, in any case and without regard to accents'),
  distinct: z.boolean().optional().describe('Whether equal values are folded into one, told with one of their ids'),
  separated: z.boolean().optional().describe('Whether the elements of lists are entries of their own'),
  limit: z.int().min(1).optional(),
  offset: z.int().min(0).optional(),
});

function responseOf({ name, shape }: FieldList): z.ZodType {
  if (shape === 'bare') return z.array(z.string());
  const result = shape === 'texts' ? z.string() : z.object({ id: z.int(), [name]: z.string() });
  return z.object({ next: z.url().nullable(), previous: z.url().nullable(), results: z.array(result) });
}
