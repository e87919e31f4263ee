import type { Filter } from '@contact360/server';
import { defineEntity, p } from '@mikro-orm/core';

/** One export: which records a user asked for, how far it is, and the file it made. */
export const Export = defineEntity({
  name: 'Export',
  tableName: 'exports',
  properties: {
    id: p.uuid().primary(),
    /** Name of the record type: `contact`, `company`. */
    record: p.text(),
    /** `csv`, `jsonl` or `xlsx`. */
    format: p.text(),
    /** `pending`, `processing`, `completed`, `failed` or `cancelled`. */
    state: p.text(),
    /** The records that were asked for by uuid, in this order; null when a filter picks them. */
    uuids: p.array<string>().columnType('uuid[]').nullable(),
    /** The filter that picks them, in the query algebra. */
    filter: p.json<Filter>().nullable(),
    /** How many records there are to export; null until they are counted. */
    total: p.integer().nullable(),
    /** How many are written; at the end, how many the file holds. */
    done: p.integer().default(0),
    /** Storage key of the file: of the one that is being written, then of the finished one; null once it is removed. */
    fileKey: p.text().nullable(),
    /** Why it failed. */
    message: p.text().nullable(),
    /** Names the run that owns the job: one that lost it can finish nothing. */
    run: p.uuid().nullable(),
    createdBy: p.uuid(),
    createdAt: p.datetime(6).columnType('timestamptz').defaultRaw('now()'),
    startedAt: p.datetime(6).columnType('timestamptz').nullable(),
    finishedAt: p.datetime(6).columnType('timestamptz').nullable(),
    /** The file is removed then, and links to it lead nowhere (decision 47). */
    expiresAt: p.datetime(6).columnType('timestamptz'),
  },
  indexes: [{ name: 'exports_owner', properties: ['createdBy', 'createdAt'] }],
});
