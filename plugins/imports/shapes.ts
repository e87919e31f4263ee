import type { WireRequest } from '@contact360/server';
import { z } from 'zod';
import type { ImportErrorView } from './router.ts';
import type { ImportDetailView, ImportJobView, UndoView } from './view.ts';

const wholeSeconds = (time: string | null) => time && `${time.slice(0, 19)}Z`;

/** What every REST dialect tells of a job, in the words of document 000. A cancelled one has failed (decision 42). */
const documentedJob = (job: ImportJobView) => ({
  status: job.state === 'cancelled' ? 'failed' : job.state,
  total_rows: job.totalRows,
  success_count: job.successCount,
  error_count: job.errorCount,
  upload_file_path: job.uploadKey,
  error_file_path: job.errorKey,
  message: job.message,
  started_at: wholeSeconds(job.startedAt),
  finished_at: wholeSeconds(job.finishedAt),
  created_at: wholeSeconds(job.createdAt),
  updated_at: wholeSeconds(job.updatedAt),
});

export const v1Job = (job: ImportJobView) => ({
  job_id: job.uuid,
  ...documentedJob(job),
  dry_run: job.dryRun,
  duplicate_of: job.duplicateOf,
  merged_in_file: job.mergedCount,
});

export const v1Undo = ({ state, removed, restored, kept, companies, startedAt, finishedAt }: UndoView) => ({
  status: state,
  removed,
  restored,
  kept,
  companies,
  started_at: wholeSeconds(startedAt),
  finished_at: wholeSeconds(finishedAt),
});

export const v1Detail = ({ report, undo, ...job }: ImportDetailView) => ({
  ...v1Job(job),
  undo: undo && v1Undo(undo),
  report: {
    read_as: report.readAs,
    mapping: report.mapping,
    created: report.created,
    updated: report.updated,
    unchanged: report.unchanged,
    rejected: report.rejected,
    companies: report.companies,
    differences: report.differences.map(({ rowNumber, ...difference }) => ({ row_number: rowNumber, ...difference })),
    merged_in_file: report.mergedInFile.map(({ rowNumber, earlierRowNumber, earlierName, uuid, name }) => ({
      row_number: rowNumber,
      earlier_row_number: earlierRowNumber,
      uuid,
      name,
      earlier_name: earlierName,
    })),
  },
});

/** As document 001 shows it: an integer id, no file as `""` and a link to the errors (decisions 43 and 44). */
export const legacyJob =
  (plural: string) =>
  (job: ImportJobView, { info }: WireRequest) => {
    return {
      id: job.id,
      ...documentedJob(job),
      error_file_path: job.errorKey ?? '',
      errors_url: `${info.origin}/api/${plural}/import/${job.id}/errors/`,
    };
  };

export const v1Error = ({ rowNumber, message, code, column, row }: ImportErrorView) => ({
  row_number: rowNumber,
  error_message: message,
  error_code: code,
  error_column: column,
  row_data: row,
});

const documentedSchema = z.object({
  status: z.enum(['pending', 'running', 'completed', 'failed']),
  total_rows: z.int(),
  success_count: z.int(),
  error_count: z.int(),
  upload_file_path: z.string(),
  error_file_path: z.string().nullable(),
  message: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
export const jobSchema = documentedSchema
  .extend({
    job_id: z.string(),
    dry_run: z.boolean().describe('Whether nothing is written but the job and what it finds'),
    duplicate_of: z.string().nullable().describe('Id of an earlier job of the same file'),
    merged_in_file: z.int().describe('Rows that fell on the record of an earlier row of the file under another name'),
  })
  .meta({ id: 'ImportJobState' });
const undoCounts = { removed: z.int(), restored: z.int(), kept: z.int() };
export const undoSchema = z
  .object({
    status: z.enum(['running', 'completed']),
    ...undoCounts,
    companies: z.object(undoCounts).nullable(),
    started_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: 'ImportUndoState' });
export const detailSchema = jobSchema
  .extend({
    undo: undoSchema.nullable(),
    report: z.object({
      read_as: z.string().nullable().describe('What the file is taken for, and what of it is read'),
      mapping: z.record(z.string(), z.string().nullable()).nullable(),
      created: z.int(),
      updated: z.int(),
      unchanged: z.int(),
      rejected: z.int(),
      companies: z.object({ created: z.int(), updated: z.int() }).nullable(),
      differences: z.array(
        z.object({
          row_number: z.int(),
          record: z.string(),
          uuid: z.string(),
          field: z.string(),
          old: z.unknown(),
          new: z.unknown(),
        }),
      ),
      merged_in_file: z.array(
        z.object({
          row_number: z.int(),
          earlier_row_number: z.int(),
          uuid: z.string(),
          name: z.string(),
          earlier_name: z.string(),
        }),
      ),
    }),
  })
  .meta({ id: 'ImportJobDetail' });
export const legacyJobSchema = documentedSchema
  .extend({ id: z.int(), error_file_path: z.string(), errors_url: z.url() })
  .meta({ id: 'LegacyImportJob' });
export const errorSchema = z
  .object({
    row_number: z.int(),
    error_message: z.string(),
    error_code: z.string(),
    error_column: z.string().nullable(),
    row_data: z.record(z.string(), z.string()),
  })
  .meta({ id: 'ImportErrorRecord' });
