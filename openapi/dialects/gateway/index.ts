import {
  type Binding,
  parseUuid,
  type QueryOutput,
  type RecordType,
  type Row,
  recordSchemas,
  WireReply,
  type WireRequest,
} from '@contact360/server';
import { z } from 'zod';
import { listFields, storedFields } from '../../field-names.ts';
import { many } from '../../flat/parameters.ts';
import type { DialectTable } from '../../index.ts';
import { itemOf, itemSchema, titleOf } from '../../shown-columns.ts';
import { decodeOnce } from '../decode-once.ts';
import { type BulkResult, bulkReply, bulkSchema, decodeBulk, encodeBulk } from './bulk.ts';
import { gatewayErrors, reword } from './errors.ts';
import { filterBindings } from './filters.ts';
import { chosenColumns, decodeQuery, encodePage, querySchema } from './query.ts';
import { type GatewayRecord, gatewayRecord } from './records.ts';
import { readNewRecord, readUpdate, readUpsert, sound } from './writes.ts';

type AnyRow = Row<RecordType>;

/** Document 003 for the given record types: `/contacts` and the like, for bearers of an API key. */
export const gatewayTables = (records: readonly RecordType[]): DialectTable[] => [
  ...records.map((record) => {
    const gateway = gatewayRecord(record);
    return { plugin: record.plural, bindings: [...readBindings(gateway), ...writeBindings(gateway)] };
  }),
  { plugin: 'filters', bindings: filterBindings(records) },
];

const tagOf = ({ plural }: RecordType) => `gateway ${plural}`;
const deletedAt = { deleted_at: z.null() };

function uuidOf({ path }: WireRequest): string {
  const uuid = parseUuid(path.uuid!);
  if (uuid === undefined) throw gatewayErrors.invalid_uuid();
  return uuid;
}

function detailColumns({ record, columns }: GatewayRecord, chosen: readonly string[] = []) {
  return chosenColumns(columns, chosen, ['select_columns'], undefined, storedFields(record));
}

function readBindings(gateway: GatewayRecord): Binding[] {
  const { record } = gateway;
  const common = { dialect: 'gateway', access: 'key', reword: reword(record) } as const;
  const schema = querySchema(record);
  const body = schema.meta({ id: `Gateway${titleOf(record)}Query` });
  const query = decodeOnce((wire) => decodeQuery(gateway, schema, wire));
  const include = Object.keys(record.relations);
  const related = Object.entries(record.relations).map(([name, { record: other }]): [string, z.ZodType] => [
    name,
    itemSchema(other, listFields(other), deletedAt).nullable(),
  ]);
  const item = itemSchema(record, listFields(record), { ...deletedAt, ...Object.fromEntries(related) }).meta({
    id: `Gateway${titleOf(record)}Item`,
  });
  return [
    {
      ...common,
      method: 'POST',
      path: `/${record.plural}`,
      procedure: `${record.plural}.query`,
      decode: (wire) => {
        const { where, order, limit, offset, cursor } = query(wire);
        return { where, order, limit, include, ...(cursor === undefined ? { offset } : { cursor }) };
      },
      encode: (output: QueryOutput<RecordType>, wire) => encodePage(record, query(wire), output),
      document: {
        summary: `List ${record.plural} by filters`,
        description: 'Newest first unless `order_by` says otherwise.',
        tag: tagOf(record),
        body,
        response: z.object({
          data: z.array(item),
          search_after: z.array(z.unknown()).optional().describe('There when more may follow'),
          success: z.literal(true),
        }),
      },
    },
    {
      ...common,
      method: 'POST',
      path: `/${record.plural}/count`,
      procedure: `${record.plural}.count`,
      decode: (wire) => ({ where: query(wire).where }),
      encode: ({ count }: { count: number }) => ({ count, success: true }),
      document: {
        summary: `Count ${record.plural} by filters`,
        description: 'Exact. What of a query is about pages and columns is checked and counts for nothing.',
        tag: tagOf(record),
        body,
        response: z.object({ count: z.int(), success: z.literal(true) }),
      },
    },
    {
      ...common,
      method: 'GET',
      path: `/${record.plural}/{uuid}`,
      procedure: `${record.plural}.get`,
      decode: (wire) => {
        const uuid = uuidOf(wire);
        detailColumns(gateway, many(wire.query, 'select_columns'));
        return { uuid };
      },
      encode: (row: AnyRow, { query: sent }) => ({
        data: itemOf(detailColumns(gateway, many(sent, 'select_columns')), row),
        success: true,
      }),
      document: {
        summary: `Retrieve a ${record.name}`,
        tag: tagOf(record),
        query: z.object({ select_columns: z.string().optional().describe('Fields, separated by commas') }),
        response: z.object({ data: detailSchema(record), success: z.literal(true) }),
      },
    },
  ];
}

const detailSchemas = new WeakMap<RecordType, z.ZodType>();

/** One schema per record type, so that documents name it once. */
function detailSchema(record: RecordType): z.ZodType {
  const known =
    detailSchemas.get(record) ??
    itemSchema(record, storedFields(record), deletedAt).meta({ id: `Gateway${titleOf(record)}` });
  detailSchemas.set(record, known);
  return known;
}

function writeBindings(gateway: GatewayRecord): Binding[] {
  const { record } = gateway;
  const { name, plural } = record;
  const common = { dialect: 'gateway', access: 'keyWriter', reword: reword(record) } as const;
  const tag = tagOf(record);
  const columns = detailColumns(gateway);
  const shown = (row: AnyRow) => itemOf(columns, row);
  const { shape } = recordSchemas(record).write as unknown as z.ZodObject;
  const values = z.strictObject(shape).meta({ id: `Gateway${titleOf(record)}Values` });
  const required = gateway.required.map((field) => [field, z.nonoptional(shape[field] as z.ZodType)]);
  const newValues = z
    .strictObject({ ...shape, ...Object.fromEntries(required) })
    .meta({ id: `Gateway${titleOf(record)}New` });
  const response = z.object({ data: detailSchema(record), success: z.literal(true) });
  const bulk = decodeOnce((wire) => decodeBulk(gateway, wire));
  return [
    {
      ...common,
      method: 'POST',
      path: `/${plural}/create`,
      procedure: `${plural}.create`,
      status: 201,
      decode: ({ body }) => sound(readNewRecord(gateway, body ?? {})),
      encode: (row: AnyRow) => ({ data: shown(row), success: true }),
      document: {
        summary: `Create a ${name}`,
        description: `Must have ${gateway.required.join(', ')}.`,
        tag,
        body: newValues,
        response,
      },
    },
    {
      ...common,
      method: 'PUT',
      path: `/${plural}/{uuid}`,
      procedure: `${plural}.update`,
      decode: (wire) => {
        const uuid = uuidOf(wire);
        return { uuid, values: readUpdate(gateway, uuid, wire) };
      },
      encode: (row: AnyRow) => ({ data: shown(row), success: true }),
      document: {
        summary: `Update a ${name}`,
        description: 'Fields that are absent stay, `null` clears.',
        tag,
        body: values,
        response,
      },
    },
    {
      ...common,
      method: 'DELETE',
      path: `/${plural}/{uuid}`,
      procedure: `${plural}.delete`,
      decode: (wire) => ({ uuid: uuidOf(wire) }),
      encode: () => ({ message: `${titleOf(record)} deleted successfully`, success: true }),
      document: {
        summary: `Delete a ${name}`,
        tag,
        response: z.object({ message: z.string(), success: z.literal(true) }),
      },
    },
    {
      ...common,
      method: 'POST',
      path: `/${plural}/upsert`,
      procedure: `${plural}.upsert`,
      decode: (wire) => readUpsert(gateway, wire),
      encode: ({ row, created }: { row: AnyRow; created: boolean }) =>
        new WireReply({ status: created ? 201 : 200, body: { data: shown(row), is_new: created, success: true } }),
      document: {
        summary: `Update the ${name} with this uuid or unique value, else create it`,
        description: '201 when it was created, 200 when it was updated.',
        tag,
        body: values,
        response: response.extend({ is_new: z.boolean() }),
      },
    },
    {
      ...common,
      method: 'POST',
      path: `/${plural}/bulk`,
      procedure: `${plural}.bulk`,
      decode: (wire) => ({ rows: bulk(wire).sound.map(({ values: row }) => row) }),
      encode: (result: BulkResult, wire) => encodeBulk(bulk(wire), result),
      document: {
        summary: `Upsert many ${plural}`,
        description: 'Records that are refused do not stop the others; the status is then 207.',
        tag,
        body: bulkSchema(gateway, newValues),
        response: bulkReply,
      },
    },
  ];
}
