import { type EntityProperty, EntitySchema } from '@mikro-orm/core';
import { announceTrigger } from '../data/versions.ts';
import { columnsOf, indexesOf } from './columns.ts';
import { filterTriggers } from './filter-values.ts';
import type { RecordType } from './record.ts';

/**
 * The record's table as the ORM sees it, so that migrations are generated from the field table and every index is
 * known to the differ. Rows are not read or written through it: the store does that by compiled SQL.
 */
export function recordEntity(record: RecordType): EntitySchema {
  const properties = columnsOf(record).map(
    ({ name, type, nullable, generated, default: byDefault, identity, collation }) => [
      name,
      {
        type: 'string',
        columnType: type,
        nullable,
        fieldName: name,
        ...(generated && { generated: `(${generated}) stored` }),
        ...(byDefault && { defaultRaw: byDefault }),
        ...(identity && { type: 'bigint', primary: true, autoincrement: true, generated: 'by default as identity' }),
        ...(collation && { collation }),
      } as unknown as EntityProperty,
    ],
  );
  return new EntitySchema({
    name: record.plural,
    tableName: record.table,
    properties: Object.fromEntries(properties),
    triggers: [...filterTriggers(record), announceTrigger(record.table)],
    indexes: indexesOf(record).map(({ name, sql }) => ({ name, expression: sql })),
  });
}
