import { defineEntity, p } from '@mikro-orm/core';
import type { Difference } from './outcome.ts';
import type { UndoProgress } from './undo.ts';

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
    /** Rows by what became of the record they fell on; together they are `successCount`. */
    createdCount: p.integer().default(0),
    updatedCount: p.integer().default(0),
    unchangedCount: p.integer().default(0),
    /** Companies that a file of contacts made, and stored ones that it changed. */
    companiesCreated: p.integer().default(0),
    companiesUpdated: p.integer().default(0),
    /** Rows that fell on the record of an earlier row under another name; see {@link ImportMerge}. */
    mergedCount: p.integer().default(0),
    message: p.text(),
    /** Whether nothing is to be written but this job and what it finds. */
    dryRun: p.boolean().default(false),
    /** Headings with the name of the field they are to mean, or null to leave the column out; the others are matched by name. */
    mapping: p.json<Record<string, string | null>>().nullable(),
    /** The first differences that a dry run finds. */
    differences: p.json<Difference[]>().nullable(),
    /** SHA-256 of the file. */
    contentHash: p.text().nullable().index(),
    /** Uuid of an earlier job of the same file. */
    duplicateOf: p.uuid().nullable(),
    /** How far the undoing of this import is; null when nobody asked for it. */
    undo: p.json<UndoProgress>().nullable(),
    /** Whether the upload and what only the run needed are removed. */
    tidied: p.boolean().default(false),
    /** Media type that the client named: a hint. */
    mediaType: p.text().nullable(),
    /** Id of the data source that reads the file, once it is recognised. */
    source: p.text().nullable(),
    /** What the source found out about the file (encoding, delimiter, sheet), once so that a resumed run reads alike. */
    format: p.json<unknown>().nullable(),
    /** The headings of the columns. */
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

/** An upload that no job has taken over yet: what is left here was given up by its client or lost in a crash. */
export const ImportUpload = defineEntity({
  name: 'ImportUpload',
  tableName: 'import_uploads',
  properties: {
    key: p.text().primary(),
    /** SHA-256 of the file, once it is whole. */
    contentHash: p.text().nullable(),
    createdAt: p.datetime(6).columnType('timestamptz').defaultRaw('now()'),
  },
});

/** What an import did to a stored record, so that it can be undone: a journal as `writeRows` keeps it. */
export const ImportChange = defineEntity({
  name: 'ImportChange',
  tableName: 'import_changes',
  primaryKeys: ['journal', 'record', 'id'],
  properties: {
    /** Id of the job. */
    journal: p.integer().primary(),
    record: p.text().primary(),
    id: p.bigint().primary(),
    /** Number of the last row that fell on the record and gave a name. */
    note: p.integer().nullable(),
    /** `{field: [hash of the value written, value before]}`; null for a record that was made. */
    changes: p.json<Record<string, unknown>>().nullable(),
  },
});

/** A row that fell on the record of an earlier row of its file under another name (decision 40). */
export const ImportMerge = defineEntity({
  name: 'ImportMerge',
  tableName: 'import_merges',
  primaryKeys: ['jobId', 'rowNumber'],
  properties: {
    jobId: p.integer().primary(),
    rowNumber: p.integer().primary(),
    earlierRow: p.integer(),
    /** The record's. */
    uuid: p.uuid(),
    name: p.text(),
    earlierName: p.text(),
  },
});
