import path from 'node:path';
import { type App, procedures, type RecordType } from '@contact360/server';
import { z } from 'zod';
import { enqueueImport } from './enqueue.ts';
import { ImportJob } from './entities.ts';
import { shownCell } from './error-file.ts';
import { importErrors } from './errors.ts';
import { cancel } from './job.ts';
import { checkMapping } from './mapping.ts';
import { tidyJob } from './tidy.ts';
import { undoImport } from './undo.ts';
import { detailSchema, detailView, jobSchema, jobView, undoSchema, undoView } from './view.ts';

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
  const recordNamed = (name: string) => records.find((record) => record.name === name)!;
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
          dryRun: z.boolean().default(false).describe('Write nothing but the job and what it finds'),
          mapping: z
            .record(z.string(), z.string().nullable())
            .optional()
            .describe('What headings are to mean: a field, `meta_data`, or null to leave the column out'),
        }),
      )
      .output(jobSchema)
      .mutation(async ({ ctx: { app, user }, input }) => {
        if (input.mapping) checkMapping(recordNamed(input.record), input.mapping);
        return jobView(await enqueueImport(app, { ...input, createdBy: user.userId }));
      }),

    get: admin
      .meta({ access: 'admin', summary: 'How far an import is, and what it found and did' })
      .input(identity)
      .output(detailSchema)
      .query(async ({ ctx: { app }, input }) =>
        detailView(app, recordNamed(input.record), await find(app.em(), input)),
      ),

    cancel: admin
      .meta({
        access: 'admin',
        summary: 'Cancel an import',
        description: 'What is written so far stays; `undo` takes it back. An import that has ended is a conflict.',
      })
      .input(identity)
      .output(jobSchema)
      .mutation(async ({ ctx: { app }, input }) => {
        const job = await find(app.em(), input);
        const was = await cancel(app, job.id);
        if (!was) throw importErrors.ended({ state: (await find(app.em(), input)).state });
        // The run tidies up after itself; a job that waited has none.
        if (was === 'waiting') await tidyJob(app, job.uuid);
        return jobView(await find(app.em(), input));
      }),

    undo: admin
      .meta({
        access: 'admin',
        summary: 'Undo an import',
        description:
          'Records that it made go; fields that it changed return to what they were, unless they were changed since. Answers when it is done, or after ten seconds with how far it is; asked again it tells how far it is.',
      })
      .input(identity)
      .output(undoSchema)
      .mutation(async ({ ctx: { app }, input }) =>
        undoView(recordNamed(input.record), await undoImport(app, await find(app.em(), input))),
      ),

    list: admin
      .meta({ access: 'admin', summary: 'Imports, newest first' })
      .input(
        z.object({ record: recordName, limit: z.int().min(1).max(100).default(25), offset: z.int().min(0).default(0) }),
      )
      .output(z.array(jobSchema))
      .query(async ({ ctx, input: { record, limit, offset } }) =>
        (await ctx.app.em().find(ImportJob, { record }, { orderBy: { id: 'desc' }, limit, offset })).map(jobView),
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
      .output(detailSchema.extend({ errors: z.array(errorSchema) }))
      .query(async ({ ctx: { app }, input }) => {
        const job = await find(app.em(), input);
        return { ...(await detailView(app, recordNamed(input.record), job)), errors: await errorsOf(app, job) };
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
    cells.flatMap((cell, index) => (cell === '' ? [] : [[header[index] ?? `column ${index + 1}`, shownCell(cell)]])),
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
