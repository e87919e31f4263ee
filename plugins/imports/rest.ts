import type { Binding, RecordType, WireRequest } from '@contact360/server';
import { parseBoolean, WireReply } from '@contact360/server';
import { z } from 'zod';
import { importErrors } from './errors.ts';
import type { ImportErrorView, ImportJobView } from './router.ts';
import { keepUpload } from './upload.ts';

const FIELD = 'file';
const wholeSeconds = (time: string | null) => time && `${time.slice(0, 19)}Z`;

/** An import job as document 000 shows it. */
const v1Job = (job: ImportJobView) => ({
  job_id: job.uuid,
  status: job.state,
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

/** As document 001 shows it: an integer id, no file as `""` and a link to the errors (decisions 43 and 44). */
const legacyJob =
  (plural: string) =>
  (job: ImportJobView, { info }: WireRequest) => {
    const { job_id: _, ...shown } = v1Job(job);
    return {
      id: job.id,
      ...shown,
      error_file_path: job.errorKey ?? '',
      errors_url: `${info.origin}/api/${plural}/import/${job.id}/errors/`,
    };
  };

const v1Error = ({ rowNumber, message, code, column, row }: ImportErrorView) => ({
  row_number: rowNumber,
  error_message: message,
  error_code: code,
  error_column: column,
  row_data: row,
});

const jobSchema = z
  .object({
    job_id: z.string(),
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
  })
  .meta({ id: 'ImportJobDetail' });
const legacyJobSchema = jobSchema
  .omit({ job_id: true })
  .extend({ id: z.int(), error_file_path: z.string(), errors_url: z.url() })
  .meta({ id: 'LegacyImportJob' });
const errorSchema = z
  .object({
    row_number: z.int(),
    error_message: z.string(),
    error_code: z.string(),
    error_column: z.string().nullable(),
    row_data: z.record(z.string(), z.string()),
  })
  .meta({ id: 'ImportErrorRecord' });

const wantsErrors = ({ query }: WireRequest) =>
  typeof query.include_errors === 'string' && parseBoolean(query.include_errors) === true;

/** The import endpoints of the v1 dialect for one record type. */
export function importBindings({ name, plural }: RecordType): Binding[] {
  const base = `/api/v1/${plural}/import` as const;
  const tag = 'imports';
  const record = name;
  return [
    {
      dialect: 'v1',
      method: 'GET',
      path: `${base}/`,
      procedure: 'imports.instructions',
      decode: () => undefined,
      encode: () => ({ message: `Upload a CSV file via POST to ${base}/ to start a background import job.` }),
      document: { summary: 'How to import', tag, response: z.object({ message: z.string() }) },
    },
    {
      dialect: 'v1',
      method: 'POST',
      path: `${base}/`,
      procedure: 'imports.enqueue',
      status: 202,
      multipart: { field: FIELD },
      decode: async ({ app, upload }) => ({ record, ...(await keepUpload(app, upload!)) }),
      encode: v1Job,
      document: {
        summary: `Import a CSV file of ${plural}`,
        description: 'The file is stored and imported by a background job; ask for the job to see how far it is.',
        tag,
        response: jobSchema,
      },
    },
    {
      dialect: 'v1',
      method: 'GET',
      path: `${base}/jobs/`,
      procedure: 'imports.list',
      decode: ({ query }) => ({
        record,
        ...(query.limit && { limit: Number(query.limit) }),
        ...(query.offset && { offset: Number(query.offset) }),
      }),
      encode: (jobs: ImportJobView[]) => jobs.map(v1Job),
      document: {
        summary: 'List import jobs, newest first',
        tag,
        query: z.object({ limit: z.int().optional(), offset: z.int().optional() }),
        response: z.array(jobSchema),
      },
    },
    {
      dialect: 'v1',
      method: 'GET',
      path: `${base}/{job_id}/`,
      procedure: (wire) => (wantsErrors(wire) ? 'imports.report' : 'imports.get'),
      decode: ({ path }) => ({ record, job: path.job_id }),
      encode: (output: ImportJobView & { errors?: ImportErrorView[] }) => ({
        ...v1Job(output),
        ...(output.errors && { errors: output.errors.map(v1Error) }),
      }),
      document: {
        summary: 'Retrieve an import job',
        tag,
        query: z.object({ include_errors: z.boolean().optional() }),
        response: jobSchema,
      },
    },
    {
      dialect: 'v1',
      method: 'GET',
      path: `${base}/{job_id}/errors/`,
      procedure: 'imports.errors',
      decode: ({ path }) => ({ record, job: path.job_id }),
      encode: (errors: ImportErrorView[]) => errors.map(v1Error),
      document: { summary: 'List the rejected rows of an import', tag, response: z.array(errorSchema) },
    },
  ];
}

/** The import endpoints of the legacy dialect (document 001). */
export function legacyImportBindings({ name, plural }: RecordType): Binding[] {
  const base = `/api/${plural}/import` as const;
  const common = { dialect: 'legacy', access: 'admin' } as const;
  const tag = 'legacy imports';
  const decode = ({ path }: WireRequest) => {
    const job = Number(path.job_id);
    if (!/^\d+$/.test(path.job_id!) || !Number.isSafeInteger(job)) throw importErrors.not_found();
    return { record: name, job };
  };
  return [
    {
      ...common,
      method: 'GET',
      path: `${base}/`,
      procedure: 'imports.instructions',
      decode: () => undefined,
      encode: () => ({ detail: `Upload ${plural} CSV via POST multipart/form-data with field '${FIELD}'.` }),
      document: { summary: 'How to import', tag, response: z.object({ detail: z.string() }) },
    },
    {
      ...common,
      method: 'POST',
      path: `${base}/`,
      procedure: 'imports.enqueue',
      status: 201,
      multipart: { field: FIELD },
      decode: async ({ app, upload }) => ({ record: name, ...(await keepUpload(app, upload!)) }),
      encode: ({ id }: ImportJobView) => ({ job_id: id }),
      document: {
        summary: `Import a CSV file of ${plural}`,
        description: 'The file is stored and imported by a background job; ask for the job to see how far it is.',
        tag,
        response: z.object({ job_id: z.int() }),
      },
    },
    {
      ...common,
      method: 'GET',
      path: `${base}/{job_id}/`,
      procedure: 'imports.get',
      decode,
      encode: legacyJob(plural),
      document: { summary: 'Retrieve an import job', tag, response: legacyJobSchema },
    },
    {
      ...common,
      method: 'GET',
      path: `${base}/{job_id}/errors/`,
      procedure: 'imports.errorFile',
      decode,
      encode: ({ fileName, text }: { fileName: string; text: AsyncIterable<string> }) =>
        new WireReply({
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="${fileName}"`,
          },
          body: text,
        }),
      document: {
        summary: 'Download the rejected rows of an import',
        description: 'The rows as they were, with what is wrong with each. 404 when there are none.',
        tag,
        mediaType: 'text/csv',
        response: z.string(),
      },
    },
  ];
}
