import path from 'node:path';
import { type App, procedures, type RecordType } from '@contact360/server';
import { z } from 'zod';
import { enqueueImport, isUsed } from './enqueue.ts';
import { ImportJob } from './entities.ts';
import { importErrors } from './errors.ts';

const jobSchema = z
  .object({
    id: z.int().describe('The job’s integer id'),
    uuid: z.string(),
    record: z.string().describe('What the rows become: `contact` or `company`'),
    state: z.enum(['pending', 'running', 'completed', 'failed']),
    fileName: z.string(),
    totalRows: z.int().describe('Rows read so far; at the end `successCount + errorCount`'),
    successCount: z.int(),
    errorCount: z.int(),
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

const errorSchema = z
  .object({
    rowNumber: z.int().describe('The record’s number in the file, the header being 1'),
    code: z.string(),
    column: z.string().nullable(),
    message: z.string(),
    row: z.record(z.string(), z.string()).describe('The cells by heading'),
  })
  .meta({ id: 'ImportError' });
export type ImportErrorView = z.output<typeof errorSchema>;

const identity = z.object({
  record: z.string(),
  job: z.union([z.string(), z.int()]).describe('The job’s uuid or integer id'),
});
const ERROR_LIMIT = 100_000;

/** The procedures of imports into the given record types. */
export function importsRouter(records: readonly RecordType[]) {
  const { admin } = procedures;
  const recordName = z.enum(records.map(({ name }) => name) as [string, ...string[]]);
  const errorsOf = async (
    app: App,
    { id, header }: Pick<Job, 'id' | 'header'>,
    after = 0,
    limit = ERROR_LIMIT,
  ): Promise<ImportErrorView[]> => {
    const { rows } = await app.pool.query<{
      row_number: number;
      code: string;
      column: string | null;
      message: string;
      cells: string[];
    }>(
      'select row_number, code, "column", message, cells from import_errors where job_id = $1 and row_number > $2 order by row_number limit $3',
      [id, after, limit],
    );
    return rows.map(({ row_number, code, column, message, cells }) => ({
      rowNumber: row_number,
      code,
      column,
      message,
      row: byHeading(header ?? [], cells),
    }));
  };
  return {
    instructions: admin
      .meta({ access: 'admin', summary: 'How to import a file' })
      .output(z.null())
      .query(() => null),

    enqueue: admin
      .meta({
        access: 'admin',
        summary: 'Import an uploaded file',
        description: 'Files are uploaded over REST: POST /api/v1/contacts/import/.',
      })
      .input(
        z.object({
          record: recordName,
          uploadKey: z.string().regex(/^uploads\/[\w.-]+$/),
          fileName: z.string().max(255),
          mediaType: z.string().max(255).optional().describe('As the client says; a hint'),
        }),
      )
      .output(jobSchema)
      .mutation(async ({ ctx: { app, user }, input }) => {
        if (await isUsed(app, input.uploadKey)) throw importErrors.not_found();
        const uuid = await enqueueImport(app, { ...input, createdBy: user.userId });
        return view(await find(app.em(), { record: input.record, job: uuid }));
      }),

    get: admin
      .meta({ access: 'admin', summary: 'How far an import is' })
      .input(identity)
      .output(jobSchema)
      .query(async ({ ctx, input }) => view(await find(ctx.app.em(), input))),

    list: admin
      .meta({ access: 'admin', summary: 'Imports, newest first' })
      .input(
        z.object({ record: recordName, limit: z.int().min(1).max(100).default(25), offset: z.int().min(0).default(0) }),
      )
      .output(z.array(jobSchema))
      .query(async ({ ctx, input: { record, limit, offset } }) =>
        (await ctx.app.em().find(ImportJob, { record }, { orderBy: { id: 'desc' }, limit, offset })).map(view),
      ),

    errors: admin
      .meta({ access: 'admin', summary: 'The rejected rows of an import, in the order of the file' })
      .input(
        identity.extend({
          after: z.int().default(0).describe('Row number after which to go on'),
          limit: z.int().min(1).max(ERROR_LIMIT).default(ERROR_LIMIT),
        }),
      )
      .output(z.array(errorSchema))
      .query(async ({ ctx: { app }, input }) => errorsOf(app, await find(app.em(), input), input.after, input.limit)),

    errorFile: admin
      .meta({ access: 'admin', summary: 'The rejected rows of an import as a CSV file that can be imported again' })
      .input(identity)
      .query(async ({ ctx: { app }, input }) => {
        const { errorKey } = await find(app.em(), input);
        if (!errorKey || (await app.files.size(errorKey)) === undefined) throw importErrors.not_found();
        return { fileName: path.posix.basename(errorKey), text: textOf(app.files.read(errorKey)) };
      }),

    report: admin
      .meta({ access: 'admin', summary: 'An import with its rejected rows' })
      .input(identity)
      .output(jobSchema.extend({ errors: z.array(errorSchema) }))
      .query(async ({ ctx: { app }, input }) => {
        const job = await find(app.em(), input);
        return { ...view(job), errors: await errorsOf(app, job) };
      }),
  };
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const part of bytes) yield decoder.decode(part, { stream: true });
  yield decoder.decode();
}

/** The cells of a row that have something in them, by the heading of their column. */
function byHeading(header: readonly string[], cells: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    cells.flatMap((cell, index) => (cell === '' ? [] : [[header[index] ?? `column ${index + 1}`, cell]])),
  );
}

type Job = Awaited<ReturnType<typeof find>>;

async function find(em: ReturnType<App['em']>, { record, job }: z.output<typeof identity>) {
  const isUuid = typeof job === 'string' && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(job);
  const isId = typeof job === 'number' && job <= 2_147_483_647 && job > 0;
  const found = isUuid
    ? await em.findOne(ImportJob, { record, uuid: job })
    : isId
      ? await em.findOne(ImportJob, { record, id: job })
      : null;
  if (!found) throw importErrors.not_found();
  return found;
}

const time = (date: Date | null | undefined) => date?.toISOString() ?? null;

function view(job: Job): ImportJobView {
  const { id, uuid, record, state, fileName, uploadKey, errorKey, totalRows, successCount, errorCount, message } = job;
  return {
    id,
    uuid,
    record,
    state: state as ImportJobView['state'],
    fileName,
    uploadKey,
    errorKey: errorKey ?? null,
    totalRows,
    successCount,
    errorCount,
    message,
    startedAt: time(job.startedAt),
    finishedAt: time(job.finishedAt),
    createdAt: time(job.createdAt)!,
    updatedAt: time(job.updatedAt)!,
  };
}
