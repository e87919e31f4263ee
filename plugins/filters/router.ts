import {
  defineErrors,
  filterValues,
  labelOf,
  nearestName,
  procedures,
  type RecordType,
  resolveField,
} from '@contact360/server';
import { z } from 'zod';

export const filterErrors = defineErrors('filters', {
  unknown_filter: { status: 400, text: "unknown filter '{field}'{suggestion}" },
});

const filterSchema = z
  .object({
    id: z.int(),
    key: z.string().describe('The field, as filters name it'),
    type: z.enum(['text', 'keyword', 'range']),
    label: z.string().describe('The field, for people'),
    directDerived: z.boolean().describe('Whether the values are read from the records; others are kept counted'),
  })
  .meta({ id: 'Filter definition' });
export type FilterDefinition = z.output<typeof filterSchema>;

/** The procedures of the registry for the given record types. */
export function filtersRouter(records: readonly RecordType[]) {
  const byName = new Map(records.map((record) => [record.name, record]));
  const recordName = z.enum(records.map(({ name }) => name) as [string, ...string[]]);
  return {
    list: procedures.reader
      .meta({ access: 'reader', summary: 'The fields that are offered as filters, by key' })
      .input(z.object({ record: recordName }))
      .output(z.array(filterSchema))
      .query(({ input }) => definitions(byName.get(input.record)!)),

    values: procedures.reader
      .meta({ access: 'reader', summary: 'The values that records bear in a filter, most frequent first' })
      .input(
        z.object({
          record: recordName,
          field: z.string(),
          search: z.string().optional().describe('A part of the value, in any case and without regard to accents'),
          page: z.int().min(1).default(1),
          limit: z.int().min(1).max(100).default(25),
        }),
      )
      .output(z.array(z.string()))
      .query(async ({ ctx, input: { record: name, field, search, page, limit } }) => {
        const record = byName.get(name)!;
        const known = definitions(record).map(({ key }) => key);
        if (!known.includes(field)) {
          const nearest = nearestName(field, known);
          const suggestion = nearest ? `, did you mean '${nearest}'?` : '';
          throw filterErrors.unknown_filter(
            { field: field.slice(0, 64), suggestion },
            { path: ['field'], hint: { nearest } },
          );
        }
        const query = { search, limit, offset: (page - 1) * limit };
        const values = await ctx.reads.run((pool) => filterValues(pool, record, field, query));
        return values.map(({ value }) => value);
      }),
  };
}

function definitions(record: RecordType): FilterDefinition[] {
  const all = Object.entries(record.fields).flatMap(([key, { filter }]) =>
    filter
      ? [
          {
            id: filter.id,
            key,
            type: filter.type,
            label: labelOf(resolveField(record, key)),
            directDerived: !filter.stored,
          },
        ]
      : [],
  );
  return all.sort((a, b) => (a.key < b.key ? -1 : 1));
}
