import {
  type Access,
  AppError,
  and,
  type Binding,
  type BindingDocument,
  type Dialect,
  type Filter,
  type QueryOutput,
  type RecordType,
  type Row,
  type WireRequest,
} from '@contact360/server';
import { z } from 'zod';
import { joinedJson, listJson } from '../json-stream.ts';
import { decodeListRequest, listMeta, listParameters, pageLinks } from './list-page.ts';
import { rowNumber } from './parameters.ts';

type Query = WireRequest['query'];

/** The records that a family of routes is about, and how the flat dialects show them. */
export interface RecordRoutes<R extends RecordType> {
  readonly dialect: Dialect;
  /** Who may read. */
  readonly access: Access;
  /** Path of the list, with its trailing slash. */
  readonly path: `/${string}/`;
  /** Plugin whose procedures answer. */
  readonly plugin: 'contacts' | 'companies';
  readonly tag: string;
  /** What the path restricts the records to, for example to those of one company; rejects where there is no such thing. */
  readonly scope?: (wire: WireRequest) => Promise<Filter>;
  /** What the query string filters by. */
  readonly filters: (query: Query) => Filter | undefined;
  /** The parameters of `filters`, for the API document. */
  readonly parameters: z.ZodObject;
  /** What `ordering` takes, and the field that each is ordered by. */
  readonly orderings: Readonly<Record<string, string>>;
  /** Whether a custom ordering without `limit` gives every row (v1) or a page (legacy); decision 20. */
  readonly unlimited: boolean;
  readonly include?: readonly string[];
  /** How a row is shown, by the switches of the query string. */
  readonly itemOf: (query: Query) => (row: Row<R>) => unknown;
}

/** What the path and the query string ask for together. */
export async function whereOf({ scope, filters }: Pick<RecordRoutes<never>, 'scope' | 'filters'>, wire: WireRequest) {
  const where = filters(wire.query);
  const within = await scope?.(wire);
  return within && where ? and(within, where) : (within ?? where);
}

/** The tables that replies about a plugin's records are made of: contacts are filtered by and shown with their companies. */
export const TABLES_OF: Readonly<Record<RecordRoutes<never>['plugin'], readonly string[]>> = {
  contacts: ['contacts', 'companies'],
  companies: ['companies'],
};

/** The same function, whose answer for an object is worked out once: a request is looked at in several places. */
function oncePer<Of extends object, Answer>(answer: (of: Of) => Answer): (of: Of) => Answer {
  const answers = new WeakMap<Of, Answer>();
  return (of) => {
    if (!answers.has(of)) answers.set(of, answer(of));
    return answers.get(of) as Answer;
  };
}

type Document = Pick<BindingDocument, 'summary' | 'description' | 'response'>;

/** The list: newest first with cursors; any other ordering with limit and offset, or every row as a stream (decisions 19 and 20). */
export function listBinding<R extends RecordType>(routes: RecordRoutes<R>, document: Document): Binding {
  const { dialect, access, path, plugin, tag, orderings, unlimited, include = [] } = routes;
  const requestOf = oncePer((query: Query) => decodeListRequest(query, orderings, { unlimited }));
  const itemOf = oncePer(routes.itemOf);
  const filters = oncePer(routes.filters);
  return {
    dialect,
    access,
    method: 'GET',
    path,
    procedure: (wire) => `${plugin}.${requestOf(wire.query).limit === undefined ? 'stream' : 'query'}`,
    decode: async (wire) => {
      itemOf(wire.query);
      const where = await whereOf({ ...routes, filters }, wire);
      const { order, limit, offset, cursor } = requestOf(wire.query);
      const count = !where && limit !== undefined && 'estimated';
      return { where, order, limit, offset, cursor, ...(include.length > 0 && { include }), ...(count && { count }) };
    },
    encode: (output: QueryOutput<R> | AsyncIterable<Row<R>[]>, wire) => {
      const request = requestOf(wire.query);
      const filtered = routes.scope !== undefined || filters(wire.query) !== undefined;
      const meta = (returned: number, count: number | null) =>
        listMeta(request, { count, returned, filtered, reads: wire.reads });
      if (Symbol.asyncIterator in output) {
        const links = pageLinks(wire, request, { next: null, previous: null });
        return listJson(output, itemOf(wire.query), links, (returned) => meta(returned, returned));
      }
      return {
        ...pageLinks(wire, request, output),
        results: output.items.map(itemOf(wire.query)),
        meta: meta(output.items.length, output.count),
      };
    },
    cache: { family: 'list', tables: TABLES_OF[plugin] },
    document: { tag, ...document, query: z.object({ ...routes.parameters.shape, ...listParameters.shape }) },
  };
}

/** What documents 000 and 001 advise when a count fails, the first with the status of decision 56. */
const COUNT_FAILURES: Readonly<Record<string, string>> = {
  'core.timeout': 'The query may be too complex or timeout. Please try with simpler filters.',
  'core.internal': 'Please try again later.',
};

/** `{count}`: exact where something filters, else an estimate (decision 27). */
export function countBinding<R extends RecordType>(routes: RecordRoutes<R>, summary: string): Binding {
  const { dialect, access, path, plugin, tag, parameters } = routes;
  return {
    dialect,
    access,
    method: 'GET',
    path: `${path}count/`,
    procedure: `${plugin}.count`,
    decode: async (wire) => ({ where: await whereOf(routes, wire), estimate: true }),
    reword: (error) => {
      const advice = COUNT_FAILURES[error.code];
      return advice ? new AppError(error.code, error.status, `Error counting ${plugin}. ${advice}`, error) : error;
    },
    document: {
      summary,
      description: 'Exact where something filters, else an estimate (exact under 10,000).',
      tag,
      query: parameters,
      response: countSchema,
    },
  };
}

/** `{count, uuids}`: all of them, newest first, streamed (decision 27). */
export function uuidsBinding<R extends RecordType>(routes: RecordRoutes<R>, summary: string): Binding {
  const { dialect, access, path, plugin, tag, parameters } = routes;
  return {
    dialect,
    access,
    method: 'GET',
    path: `${path}count/uuids/`,
    procedure: `${plugin}.uuids`,
    decode: async (wire) => ({ where: await whereOf(routes, wire), limit: rowNumber(wire.query, 'limit', 1) }),
    encode: (batches: AsyncIterable<string[]>) => joinedJson(batches, '{"uuids":[', (count) => `],"count":${count}}`),
    document: {
      summary,
      tag,
      query: z.object({ ...parameters.shape, limit: z.int().min(1).optional() }),
      response: uuidsSchema,
    },
  };
}

const countSchema = z.object({ count: z.int() }).meta({ id: 'Count' });
const uuidsSchema = z.object({ count: z.int(), uuids: z.array(z.string()) }).meta({ id: 'UuidList' });
