import { type Binding, coreErrors, type RecordType, type Row, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, offsetLinks } from '../../flat/list-page.ts';
import { rowNumber, single } from '../../flat/parameters.ts';
import { itemOf } from '../../shown-columns.ts';
import { faulty } from '../../strict-body.ts';
import { vqlNames } from './names.ts';
import { listColumns, type V3Record } from './query.ts';
import { decodeVql } from './vql.ts';

const MAX_OFFSET = 10_000;
const MAX_TEXT = 500;

interface SearchOutput {
  readonly hits: readonly {
    readonly row: Row<RecordType>;
    readonly score: number;
    readonly highlights: Readonly<Record<string, string>>;
  }[];
  readonly found: number;
  readonly facets: unknown;
  readonly engine: string;
}

const parameters = z.object({
  q: z.string().max(MAX_TEXT).describe('Words, each of which must resemble a word of the record; typos are allowed'),
  filters: z.string().optional().describe('Filters of VQL as JSON'),
  limit: z.int().min(1).optional().describe(`${DEFAULT_PAGE_SIZE} unless given, at most ${MAX_PAGE_SIZE}`),
  offset: z.int().min(0).max(MAX_OFFSET).optional(),
});

/** Ranked search as one types (decision 37). */
export function searchBinding({ record, names }: V3Record, item: z.ZodObject): Binding {
  const columns = listColumns(names);
  const related = Object.entries(record.relations).map(
    ([relation, { record: other }]) => [relation, listColumns(vqlNames(other))] as const,
  );
  const decode = ({ query }: WireRequest) => {
    const q = single(query, 'q');
    if (q === undefined) throw coreErrors.invalid_parameter({ name: 'q', reason: 'is required' });
    if (q.length > MAX_TEXT)
      throw coreErrors.invalid_parameter({ name: 'q', reason: `must have at most ${MAX_TEXT} characters` });
    const offset = rowNumber(query, 'offset') ?? 0;
    if (offset > MAX_OFFSET)
      throw coreErrors.invalid_parameter({ name: 'offset', reason: `must be at most ${MAX_OFFSET}` });
    const limit = Math.min(rowNumber(query, 'limit', 1) ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    return { q, where: decodeVql(names, jsonOf(single(query, 'filters'))), limit, offset };
  };
  return {
    dialect: 'v3',
    access: 'user',
    method: 'GET',
    path: `/api/v3/${record.plural}/search`,
    procedure: `${record.plural}.search`,
    decode: (wire) => ({ ...decode(wire), include: related.map(([relation]) => relation) }),
    encode: ({ hits, found, facets, engine }: SearchOutput, wire) => {
      const { limit, offset, where } = decode(wire);
      const more = offset + hits.length < found && offset + limit <= MAX_OFFSET;
      return {
        ...offsetLinks(wire, { limit, offset }, more),
        results: hits.map(({ row, score, highlights }) => ({
          ...itemOf(columns, row),
          ...Object.fromEntries(
            related.map(([relation, of]) => [relation, row[relation] ? itemOf(of, row[relation]) : null]),
          ),
          score,
          highlights,
        })),
        facets,
        meta: {
          engine,
          count: found,
          filters_applied: where !== undefined,
          returned_records: hits.length,
          page_size: limit,
          page_size_cap: MAX_PAGE_SIZE,
        },
      };
    },
    document: {
      summary: `Search ${record.plural} as one types`,
      description: 'Ranked, most alike first. `facets` count the frequent values among all hits.',
      tag: `v3 ${record.plural}`,
      query: parameters,
      response: z.object({
        next: z.url().nullable(),
        previous: z.url().nullable(),
        results: z.array(
          item.extend({
            score: z.number().describe('From 0 to 1'),
            highlights: z.record(z.string(), z.string()).describe('By field, the text with what was found in `<mark>`'),
          }),
        ),
        facets: z.record(z.string(), z.array(z.object({ value: z.string(), count: z.int() }))),
        meta: searchMeta,
      }),
    },
  };
}

const searchMeta = z
  .object({
    engine: z.enum(['postgresql', 'typesense']).describe('What answered'),
    count: z.int(),
    filters_applied: z.boolean(),
    returned_records: z.int(),
    page_size: z.int(),
    page_size_cap: z.int(),
  })
  .meta({ id: 'SearchMeta' });

function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw faulty({ path: ['filters'], reason: `is not valid JSON: ${error.message}` });
  }
}
