import { defineEntity, p } from '@mikro-orm/core';

/** One import: the uploaded file, how far it is read, and what came of it. */
export const ImportJob = defineEntity({
  name: 'ImportJob',
  tableName: 'import_jobs',
  properties: {
    id: p.integer().primary(),
    uuid: p.uuid().unique(),
    /** Name of the record type that its rows become: `contact`, `company`. */
    record: p.text(),
    state: p.text(),
    fileName: p.text(),
    uploadKey: p.text(),
    errorKey: p.text().nullable(),
    totalRows: p.integer().default(0),
    successCount: p.integer().default(0),
    errorCount: p.integer().default(0),
    message: p.text(),
    /** Media type that the client named: a hint. */
    mediaType: p.text().nullable(),
    /** Id of the data source that reads the file, once it is recognised. */
    source: p.text().nullable(),
    /** What the source found out about the file (encoding, delimiter, sheet), once so that a resumed run reads alike. */
    format: p.json<unknown>().nullable(),
    /** The headings of the columns found so far. */
    header: p.json<string[]>().nullable(),
    /** Where the next batch begins; written in the transaction of the batch before it. */
    checkpoint: p.json<unknown>().nullable(),
    /** Names the run that owns the job: a run that lost it can commit nothing more. */
    run: p.uuid().nullable(),
    createdBy: p.uuid().nullable(),
    startedAt: p.datetime(6).columnType('timestamptz').nullable(),
    finishedAt: p.datetime(6).columnType('timestamptz').nullable(),
    createdAt: p.datetime(6).columnType('timestamptz').defaultRaw('now()'),
    updatedAt: p.datetime(6).columnType('timestamptz').defaultRaw('now()'),
  },
});

/** A row that was rejected, with the reason. */
export const ImportError = defineEntity({
  name: 'ImportError',
  tableName: 'import_errors',
  primaryKeys: ['jobId', 'rowNumber'],
  properties: {
    jobId: p.integer().primary(),
    rowNumber: p.integer().primary(),
    code: p.text(),
    /** The heading of the column at fault. */
    column: p.text().nullable(),
    message: p.text(),
    cells: p.json<string[]>(),
  },
});
