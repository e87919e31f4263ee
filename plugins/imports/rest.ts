import type { Binding, RecordType, WireRequest } from '@contact360/server';
import { coreErrors, parseBoolean, WireReply } from '@contact360/server';
import { z } from 'zod';
import { importErrors } from './errors.ts';
import { parseMapping } from './mapping.ts';
import type { ImportErrorView } from './router.ts';
import {
  detailSchema,
  errorSchema,
  jobSchema,
  legacyJob,
  legacyJobSchema,
  undoSchema,
  v1Detail,
  v1Error,
  v1Job,
  v1Undo,
} from './shapes.ts';
import { dropUpload, keepUpload } from './upload.ts';
import type { ImportDetailView, ImportJobView, UndoView } from './view.ts';

const FIELD = 'file';
const JOBS_PER_PAGE = 100;
const wantsErrors = ({ query }: WireRequest) =>
  typeof query.include_errors === 'string' && parseBoolean(query.include_errors) === true;

/** A query parameter; one that does not parse is 400 and named (decision 7), an empty one counts as absent. */
function parameter<T>({ query }: WireRequest, name: string, parse: (text: string) => T | undefined, takes: string) {
  const given = query[name];
  if (given === undefined || given === '') return undefined;
  const value = typeof given === 'string' ? parse(given) : undefined;
  if (value === undefined) throw coreErrors.invalid_parameter({ name, reason: `must be ${takes}` }, { path: [name] });
  return value;
}

const wholeNumber = (minimum: number) => (text: string) => {
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= minimum ? value : undefined;
};

/** The input that enqueues an uploaded file. A form that is refused leaves no file behind. */
async function enqueueInput(record: RecordType, wire: WireRequest, dryRun = false) {
  const upload = wire.upload!;
  const kept = await keepUpload(wire.app, upload);
  try {
    const { mapping } = await upload.fields();
    return { record: record.name, dryRun, ...kept, ...(mapping?.trim() && { mapping: parseMapping(record, mapping) }) };
  } catch (error) {
    await dropUpload(wire.app, kept.uploadKey);
    throw error;
  }
}

const MAPPING_FIELD = {
  mapping:
    'A JSON object of headings with the names of the fields that they are to mean, `meta_data`, or null to leave a column out. Headings that are not named are matched by themselves.',
};

/** The import endpoints of the v1 dialect for one record type. */
export function importBindings(type: RecordType): Binding[] {
  const { name, plural } = type;
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
      multipart: { field: FIELD, fields: MAPPING_FIELD },
      decode: (wire) => enqueueInput(type, wire, parameter(wire, 'dry_run', parseBoolean, 'true or false')),
      encode: v1Job,
      document: {
        summary: `Import a file of ${plural}`,
        description:
          'The file is CSV, or of another kind that a data source reads (JSON Lines, Excel workbook, vCard), told by its first bytes. It is stored and imported by a background job; ask for the job to see how far it is. With `dry_run` the job writes nothing and tells in its `report` what the import would do.',
        tag,
        query: z.object({ dry_run: z.boolean().optional() }),
        response: jobSchema,
      },
    },
    {
      dialect: 'v1',
      method: 'GET',
      path: `${base}/jobs/`,
      procedure: 'imports.list',
      decode: (wire) => {
        const limit = parameter(wire, 'limit', wholeNumber(1), 'a whole number from 1');
        const offset = parameter(wire, 'offset', wholeNumber(0), 'a whole number');
        return { record, ...(limit && { limit: Math.min(limit, JOBS_PER_PAGE) }), ...(offset && { offset }) };
      },
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
      encode: (output: ImportDetailView & { errors?: ImportErrorView[] }) => ({
        ...v1Detail(output),
        ...(output.errors && { errors: output.errors.map(v1Error) }),
      }),
      document: {
        summary: 'Retrieve an import job',
        tag,
        query: z.object({ include_errors: z.boolean().optional() }),
        response: detailSchema.extend({ errors: z.array(errorSchema).optional() }),
      },
    },
    {
      dialect: 'v1',
      method: 'DELETE',
      path: `${base}/{job_id}/`,
      procedure: 'imports.cancel',
      decode: ({ path }) => ({ record, job: path.job_id }),
      encode: v1Job,
      document: {
        summary: 'Cancel an import',
        description: 'What is written so far stays. 409 when the import has ended.',
        tag,
        response: jobSchema,
      },
    },
    {
      dialect: 'v1',
      method: 'POST',
      path: `${base}/{job_id}/undo/`,
      procedure: 'imports.undo',
      decode: ({ path }) => ({ record, job: path.job_id }),
      encode: (undo: UndoView) => new WireReply({ status: undo.state === 'completed' ? 200 : 202, body: v1Undo(undo) }),
      document: {
        summary: 'Undo an import',
        description:
          'Records that it made go; fields that it changed return to what they were, unless they were changed since. 202 when it takes longer than ten seconds: ask for the job, or again. 409 before its end, 410 when it is too long ago.',
        tag,
        body: z.object({}).optional(),
        response: undoSchema,
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
export function legacyImportBindings(type: RecordType): Binding[] {
  const { name, plural } = type;
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
      decode: (wire) => enqueueInput(type, wire),
      encode: ({ id }: ImportJobView) => ({ job_id: id }),
      document: {
        summary: `Import a file of ${plural}`,
        description:
          'The file is CSV, or of another kind that a data source reads (JSON Lines, Excel workbook, vCard), told by its first bytes. It is stored and imported by a background job; ask for the job to see how far it is.',
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
