import { AppError, type Binding, type RecordType, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { faulty, readBody, strictObject } from '../../strict-body.ts';
import type { FilterDefinition } from '../filter-definition.ts';
import { decodePage } from './query.ts';

const valuesSchema = strictObject({
  service: z.string().describe('The record type of the path: `contact` under `/contacts`'),
  filter_key: z.string(),
  search_text: z.string().nullish().describe('A part of the value, in any case'),
  page: z.int().nullish(),
  limit: z.int().nullish(),
}).meta({ id: 'GatewayFilterValues' });

const definition = z
  .object({
    id: z.int(),
    key: z.string(),
    service: z.string(),
    display_name: z.string(),
    direct_derived: z.boolean().describe('Whether values are read from the records; others are kept counted'),
    deleted_at: z.null(),
  })
  .meta({ id: 'GatewayFilterDefinition' });

/** The registry of filters and their values, under every record type's path. */
export const filterBindings = (records: readonly RecordType[]): Binding[] => records.flatMap(bindingsOf);

function bindingsOf(record: RecordType): Binding[] {
  const common = { dialect: 'gateway', access: 'key' } as const;
  const tag = `gateway ${record.plural}`;
  return [
    {
      ...common,
      method: 'GET',
      path: `/${record.plural}/filters`,
      procedure: 'filters.list',
      decode: () => ({ record: record.name }),
      encode: (filters: readonly FilterDefinition[]) => ({
        data: filters.map(({ id, key, label, directDerived }) => ({
          id,
          key,
          service: record.name,
          display_name: label,
          direct_derived: directDerived,
          deleted_at: null,
        })),
        success: true,
      }),
      document: {
        summary: `List the filters of ${record.plural}`,
        tag,
        response: z.object({ data: z.array(definition), success: z.literal(true) }),
      },
    },
    {
      ...common,
      method: 'POST',
      path: `/${record.plural}/filters/data`,
      procedure: 'filters.values',
      decode: (wire) => decodeValues(record, wire),
      reword: nameKey,
      encode: (data: readonly string[]) => ({ data, success: true }),
      document: {
        summary: 'List the values of a filter',
        description: 'Those that most living records bear come first.',
        tag,
        body: valuesSchema,
        response: z.object({ data: z.array(z.string()), success: z.literal(true) }),
      },
    },
  ];
}

function decodeValues(record: RecordType, { body }: WireRequest) {
  const { service, filter_key: field, search_text: search, ...paging } = readBody(valuesSchema, body);
  if (service !== record.name) throw faulty({ path: ['service'], reason: `must be '${record.name}'` });
  return { record: record.name, field, ...(search && { search }), ...decodePage(paging) };
}

/** The registry calls the filter by `field`, the gateway by `filter_key`. */
const nameKey = (error: AppError): AppError =>
  error.path?.[0] === 'field'
    ? new AppError(error.code, error.status, error.message, { path: ['filter_key'], hint: error.hint })
    : error;
