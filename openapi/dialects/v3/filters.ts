import { type Binding, coreErrors, type RecordType, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { parseBody } from '../../body.ts';
import type { FilterDefinition } from '../filter-definition.ts';

const definition = z
  .object({
    key: z.string().describe('The field, as `filters` of a query name it'),
    type: z.enum(['text', 'keyword', 'range']),
    label: z.string(),
    direct_derived: z.boolean().describe('Whether values are read from the records; others are kept counted'),
  })
  .meta({ id: 'VqlFilterDefinition' });

const valuesSchema = z
  .strictObject({
    service: z.string().describe('`contact` or `company`'),
    filter_key: z.string(),
    search_text: z.string().nullish().describe('A part of the value, in any case'),
    page: z.int().min(1).nullish(),
    limit: z.int().min(1).max(100).nullish(),
  })
  .meta({ id: 'VqlFilterValues' });

/** The registry of filters and their values, under every record type's path. */
export function filterBindings(records: readonly RecordType[]): Binding[] {
  const services = records.map(({ name }) => name);
  const decodeValues = ({ body }: WireRequest) => {
    const { service, filter_key, search_text, page, limit } = parseBody(valuesSchema, body);
    if (!services.includes(service))
      throw coreErrors.bad_request({
        reason: `Service must be ${services.map((name) => `'${name}'`).join(' or ')}`,
      });
    return {
      record: service,
      field: filter_key,
      ...(search_text && { search: search_text }),
      page: page ?? 1,
      limit: limit ?? 25,
    };
  };
  return records.flatMap((record): Binding[] => {
    const common = { dialect: 'v3', access: 'user' } as const;
    const tag = `v3 ${record.plural}`;
    return [
      {
        ...common,
        method: 'GET',
        path: `/api/v3/${record.plural}/filters`,
        procedure: 'filters.list',
        decode: () => ({ record: record.name }),
        encode: (filters: readonly FilterDefinition[]) => ({
          data: filters.map(({ key, type, label, directDerived }) => ({
            key,
            type,
            label,
            direct_derived: directDerived,
          })),
        }),
        document: {
          summary: `List the filters of ${record.plural}`,
          tag,
          response: z.object({ data: z.array(definition) }),
        },
      },
      {
        ...common,
        method: 'POST',
        path: `/api/v3/${record.plural}/filters/data`,
        procedure: 'filters.values',
        decode: decodeValues,
        encode: (data: readonly string[]) => ({ data }),
        document: {
          summary: 'List the values of a filter',
          description: 'Those that most living records bear come first.',
          tag,
          body: valuesSchema,
          response: z.object({ data: z.array(z.string()) }),
        },
      },
    ];
  });
}
