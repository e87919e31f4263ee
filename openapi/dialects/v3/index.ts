import type { Binding, QueryOutput, RecordType, Row } from '@contact360/server';
import { z } from 'zod';
import { listFields, storedFields } from '../../field-names.ts';
import { pageSchema } from '../../flat/list-page.ts';
import type { DialectTable } from '../../index.ts';
import { itemOf, itemSchema, titleOf } from '../../shown-columns.ts';
import { decodeOnce } from '../decode-once.ts';
import { filterBindings } from './filters.ts';
import { vqlNames } from './names.ts';
import { decodeQuery, detailColumns, encodePage, queryDocument, type V3Record } from './query.ts';
import { searchBinding } from './search.ts';

/** Document 002 for the given record types: `/api/v3/contacts` and the like, asked by VQL. */
export const v3Tables = (records: readonly RecordType[]): DialectTable[] => [
  ...records.map((record) => ({
    plugin: record.plural,
    bindings: recordBindings({ record, names: vqlNames(record), dependents: dependentsOf(record, records) }),
  })),
  { plugin: 'filters', bindings: filterBindings(records) },
];

const dependentsOf = (record: RecordType, records: readonly RecordType[]) =>
  records.flatMap((other) =>
    Object.entries(other.relations).flatMap(([relation, { record: target }]) =>
      target === record ? [{ record: other, relation }] : [],
    ),
  );

function recordBindings(served: V3Record): Binding[] {
  const { record, dependents } = served;
  const base = `/api/v3/${record.plural}` as const;
  const common = { dialect: 'v3', access: 'user' } as const;
  const tag = `v3 ${record.plural}`;
  const columns = detailColumns(served);
  const include = Object.keys(record.relations);
  const query = decodeOnce((wire) => decodeQuery(served, wire));
  const related = [
    ...Object.entries(record.relations).map(([name, { record: other }]): [string, z.ZodType] => [
      name,
      itemSchema(other, listFields(other)).nullable(),
    ]),
    ...dependents.map(({ record: other }): [string, z.ZodType] => [
      other.plural,
      z.array(itemSchema(other, listFields(other))),
    ]),
  ];
  const item = itemSchema(record, listFields(record), Object.fromEntries(related)).meta({ id: `V3${titleOf(record)}` });
  return [
    {
      ...common,
      method: 'POST',
      path: `${base}/query`,
      procedure: `${record.plural}.query`,
      decode: (wire) => {
        const { where, order, limit, offset } = query(wire);
        return { where, order, limit, offset, include, count: 'exact' };
      },
      encode: (output: QueryOutput<RecordType>, wire) => encodePage(wire, query(wire), output),
      document: {
        summary: `Query ${record.plural} by VQL`,
        description: 'Posting the same body to `next` gives the next page.',
        tag,
        query: z.object({ limit: z.int().min(1).optional(), offset: z.int().min(0).optional() }),
        body: queryDocument,
        response: pageSchema(`V3${titleOf(record)}Page`, item),
      },
    },
    {
      ...common,
      method: 'POST',
      path: `${base}/count`,
      procedure: `${record.plural}.count`,
      decode: (wire) => ({ where: query(wire).where }),
      document: {
        summary: `Count ${record.plural} by VQL`,
        description: 'Exact. What of a query is about pages and columns is taken and counts for nothing.',
        tag,
        body: queryDocument,
        response: z.object({ count: z.int() }),
      },
    },
    {
      ...common,
      method: 'POST',
      path: `${base}/explain`,
      procedure: `${record.plural}.explain`,
      decode: (wire) => {
        const { where, order, limit, offset } = query(wire);
        return { where, order, limit, offset, include };
      },
      document: {
        summary: `Explain a VQL query on ${record.plural}`,
        description: 'What it means in words, and how it would be answered. Takes the body of a query; reads no rows.',
        tag,
        body: queryDocument,
      },
    },
    searchBinding(served, item),
    {
      ...common,
      method: 'GET',
      path: `${base}/{uuid}/`,
      procedure: `${record.plural}.get`,
      decode: ({ path }) => ({ uuid: path.uuid }),
      encode: (row: Row<RecordType>) => itemOf(columns, row),
      document: {
        summary: `Retrieve a ${record.name}`,
        tag,
        response: itemSchema(record, storedFields(record))
          .required()
          .meta({ id: `V3${titleOf(record)}Detail` }),
      },
    },
  ];
}
