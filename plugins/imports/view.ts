import type { App, RecordType } from '@contact360/server';
import type { InferEntity } from '@mikro-orm/core';
import { z } from 'zod';
import type { ImportJob } from './entities.ts';
import { columnsFor, meaningOf } from './mapping.ts';
import { readAs } from './reading.ts';
import type { UndoProgress } from './undo.ts';

const time = (date: Date | null | undefined) => date?.toISOString() ?? null;

export const jobSchema = z
  .object({
    id: z.int().describe('The job’s integer id'),
    uuid: z.string(),
    record: z.string().describe('What the rows become: `contact` or `company`'),
    state: z.enum(['pending', 'running', 'completed', 'failed', 'cancelled']),
    dryRun: z.boolean().describe('Whether nothing is written but the job and what it finds'),
    fileName: z.string(),
    totalRows: z.int().describe('Rows read so far; at the end `successCount + errorCount`'),
    successCount: z.int(),
    errorCount: z.int(),
    mergedCount: z
      .int()
      .describe('Rows that fell on the record of an earlier row of the file under another name; no errors'),
    duplicateOf: z.string().nullable().describe('Uuid of an earlier job of the same file'),
    uploadKey: z.string(),
    errorKey: z.string().nullable().describe('Storage key of the CSV of rejected rows'),
    message: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'ImportJob' });
export type ImportJobView = z.output<typeof jobSchema>;

const differenceSchema = z.object({
  rowNumber: z.int(),
  record: z.string().describe('What is changed: `contact` or `company`'),
  uuid: z.string().describe('The record’s'),
  field: z.string(),
  old: z.unknown(),
  new: z.unknown(),
});
const mergeSchema = z.object({
  rowNumber: z.int(),
  earlierRowNumber: z.int().describe('The row before it that fell on the same record'),
  uuid: z.string().describe('The record’s'),
  name: z.string(),
  earlierName: z.string(),
});

const reportSchema = z
  .object({
    readAs: z
      .string()
      .nullable()
      .describe('What the file is taken for, and what of it is read; null until its first rows are'),
    mapping: z
      .record(z.string(), z.string().nullable())
      .nullable()
      .describe('What each heading of the file means: a field, `meta_data`, or null when it is left out'),
    created: z.int().describe('Rows that make a record'),
    updated: z.int().describe('Rows that change the record they fall on'),
    unchanged: z.int().describe('Rows that leave the record they fall on as it is'),
    rejected: z.int(),
    companies: z
      .object({ created: z.int(), updated: z.int() })
      .nullable()
      .describe('Companies that a file of contacts makes, and stored ones that it changes'),
    differences: z.array(differenceSchema).describe('Of a dry run: the first 100 fields that rows would change'),
    mergedInFile: z.array(mergeSchema).describe('The first 1,000 of `mergedCount`'),
  })
  .meta({ id: 'ImportReport' });
const undoCountsSchema = z.object({
  removed: z.int().describe('Records that the import had made and that are gone'),
  restored: z.int().describe('Records of which at least one field returned to what it was'),
  kept: z.int().describe('Records that stay in part or in whole, as they were changed, deleted or used since'),
});
export const undoSchema = undoCountsSchema
  .extend({
    state: z.enum(['running', 'completed']),
    companies: undoCountsSchema.nullable().describe('Companies that a file of contacts had made or changed'),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'ImportUndo' });
export type UndoView = z.output<typeof undoSchema>;

export const detailSchema = jobSchema
  .extend({
    report: reportSchema,
    undo: undoSchema.nullable().describe('How far the undoing is, if it was asked for'),
  })
  .meta({ id: 'ImportJobWithReport' });
export type ImportDetailView = z.output<typeof detailSchema>;

const LISTED_MERGES = 1000;

type Job = InferEntity<typeof ImportJob>;

export function jobView(job: Job): ImportJobView {
  const { id, uuid, record, state, fileName, uploadKey, errorKey, totalRows, successCount, errorCount, message } = job;
  return {
    id,
    uuid,
    record,
    state: state as ImportJobView['state'],
    dryRun: job.dryRun,
    fileName,
    totalRows,
    successCount,
    errorCount,
    mergedCount: job.mergedCount,
    duplicateOf: job.duplicateOf ?? null,
    uploadKey,
    errorKey: errorKey ?? null,
    message,
    startedAt: time(job.startedAt),
    finishedAt: time(job.finishedAt),
    createdAt: time(job.createdAt)!,
    updatedAt: time(job.updatedAt)!,
  };
}

const NOTHING_UNDONE = { removed: 0, restored: 0, kept: 0 };

export function undoView(record: RecordType, { state, counts, startedAt, finishedAt }: UndoProgress): UndoView {
  return {
    state,
    ...(counts[record.name] ?? NOTHING_UNDONE),
    companies: record.relations.company ? (counts.company ?? NOTHING_UNDONE) : null,
    startedAt,
    finishedAt,
  };
}

/** A job with what it found and did. */
export async function detailView(app: App, record: RecordType, job: Job): Promise<ImportDetailView> {
  const { rows } = await app.pool.query<z.output<typeof mergeSchema>>(
    `select row_number as "rowNumber", earlier_row as "earlierRowNumber", uuid, name, earlier_name as "earlierName"
     from import_merges where job_id = $1 order by row_number limit ${LISTED_MERGES}`,
    [job.id],
  );
  const columns = job.header && columnsFor(job.header, record, job.mapping ?? null).columns;
  return {
    ...jobView(job),
    undo: job.undo ? undoView(record, job.undo) : null,
    report: {
      readAs: job.source ? readAs(app, job.source, job.format) : null,
      mapping: columns ? Object.fromEntries(columns.map((column) => [column.heading, meaningOf(column)])) : null,
      created: job.createdCount,
      updated: job.updatedCount,
      unchanged: job.unchangedCount,
      rejected: job.errorCount,
      companies: record.relations.company ? { created: job.companiesCreated, updated: job.companiesUpdated } : null,
      differences: job.differences ?? [],
      mergedInFile: rows,
    },
  };
}
