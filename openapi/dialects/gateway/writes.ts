import { type App, condition, or, type RecordType, type WireRequest } from '@contact360/server';
import { storedFields } from '../../field-names.ts';
import { unknownName } from '../../strict-body.ts';
import { gatewayErrors } from './errors.ts';
import type { GatewayRecord } from './records.ts';

type Values = Readonly<Record<string, unknown>>;

/** What the server sets; clients that send back a record they were shown send these along, and they count for nothing. */
const READ_ONLY = ['id', 'created_at', 'updated_at', 'deleted_at'];

/** A record as it was sent, with what is wrong with it by field. */
export interface SentRecord {
  readonly values: Values;
  readonly faults: ReadonlyMap<string, string>;
}

/** Reads a record: unknown fields are refused, values must fit their fields, `null` means none (schemas 13.5). */
function readRecord({ record, check }: GatewayRecord, sent: unknown): SentRecord {
  const faults = new Map<string, string>();
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    return { values: {}, faults: faults.set('body', `a ${record.name} must be a JSON object`) };
  const writable = storedFields(record).filter((name) => !READ_ONLY.includes(name));
  const ignored = [...READ_ONLY, ...Object.keys(record.relations)];
  const values = Object.entries(sent).filter(([name]) => !ignored.includes(name));
  for (const [name, value] of values) {
    const fault = !writable.includes(name)
      ? unknownName('field', name, writable)
      : value === null
        ? undefined
        : check(name, value);
    if (fault !== undefined) faults.set(name, fault);
  }
  return { values: Object.fromEntries(values), faults };
}

/** The same for a record that is to be new: what it must have is there. */
export function readNewRecord(gateway: GatewayRecord, sent: unknown): SentRecord {
  const { values, faults } = readRecord(gateway, sent);
  if (faults.has('body')) return { values, faults };
  return { values, faults: new Map([...missing(gateway, values), ...faults]) };
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

const missing = ({ required }: GatewayRecord, values: Values): [string, string][] =>
  required.filter((name) => isEmpty(values[name])).map((name) => [name, `${name} is required`]);

export const sentenceOf = (faults: ReadonlyMap<string, string>): string => [...faults.values()].join('; ');

/** The record's values, or the error that tells its faults. */
export function sound({ values, faults }: SentRecord): Values {
  if (faults.size === 0) return values;
  const fields = Object.fromEntries([...faults].map(([name, fault]) => [name, [fault]]));
  throw gatewayErrors.invalid_record({ reason: sentenceOf(faults) }, { fields });
}

/** What an update changes; the uuid stays as it is. */
export function readUpdate(gateway: GatewayRecord, uuid: string, { body }: WireRequest): Values {
  const { uuid: sent, ...values } = sound(readRecord(gateway, body ?? {}));
  if (!isEmpty(sent) && (sent as string).toLowerCase() !== uuid)
    throw refused('uuid', 'uuid of the record cannot be changed');
  return values;
}

/**
 * What an upsert writes. One that names a record that is there may say as little as an update; otherwise it must say what
 * a new record has.
 */
export async function readUpsert(gateway: GatewayRecord, { body, app }: WireRequest): Promise<Values> {
  const { record } = gateway;
  const values = sound(readRecord(gateway, body));
  const faults = missing(gateway, values);
  if (faults.length === 0) return values;
  const keys = identifying(record);
  const named = record.complete(values);
  const given = keys.filter((key) => !isEmpty(named[key]));
  if (given.length === 0)
    throw refused('uuid', `either ${keys.filter((key) => key !== 'uuid').join(', ')} or UUID is required for upsert`);
  if (!(await isStored(app, record, given, named))) sound({ values, faults: new Map(faults) });
  return values;
}

const refused = (field: string, reason: string) =>
  gatewayErrors.invalid_record({ reason }, { fields: { [field]: [reason] } });

/** What a record is found by: its uuid and its unique fields. */
const identifying = (record: RecordType): string[] => [
  'uuid',
  ...Object.entries(record.fields).flatMap(([name, { unique }]) => (unique ? [name] : [])),
];

async function isStored(app: App, record: RecordType, keys: readonly string[], values: Values): Promise<boolean> {
  const where = or(...keys.map((key) => condition(key, 'eq', values[key])));
  const { items } = await app.store(record).query({ where, limit: 1 });
  return items.length > 0;
}
