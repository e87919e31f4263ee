import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import {
  type App,
  coreErrors,
  type Filter,
  headerOf,
  parseUuid,
  procedures,
  type RecordType,
  recordSchemas,
} from '@contact360/server';
import { z } from 'zod';
import { removeFiles } from './clean-up.ts';
import { createExport } from './create.ts';
import { exportErrors } from './errors.ts';
import { FORMAT_SPECS, FORMATS } from './formats.ts';
import { Links } from './links.ts';
import { exportSchema, findExport, findFile, listExports } from './views.ts';

/** More records than these are to be asked for by a filter (decision 45). */
export const MAX_UUIDS = 250_000;

const formatSchema = z.enum(FORMATS).default('csv');
const uuidsSchema = z
  .array(z.string())
  .min(1)
  .max(MAX_UUIDS, `more than ${MAX_UUIDS} uuids; use a filter for more`)
  .describe('The records, in this order; unknown ones are skipped');

const requestOf = <R extends RecordType>(record: R) =>
  z.object({
    record: z.literal(record.name as R['name']),
    uuids: uuidsSchema.optional(),
    where: recordSchemas(record).where.describe('Picks the records where no uuids are given; all when absent'),
    format: formatSchema,
  });
const identity = z.object({ id: z.string() });

const known = new WeakMap<App, Promise<Links>>();
const linksOf = (app: App) => {
  const links = known.get(app) ?? Links.of(app);
  known.set(app, links);
  return links;
};

const { user, admin, open } = procedures;
const RECORDS: readonly RecordType[] = [contact, company];

/** The procedures of exports. */
export const router = {
  create: user
    .meta({
      access: 'user',
      summary: 'Export records to a file',
      description:
        'Up to 1,000 records are exported at once; of more the export is `pending`, and `get` tells how far it is.',
    })
    .input(z.discriminatedUnion('record', [requestOf(contact), requestOf(company)]))
    .output(exportSchema)
    .mutation(async ({ ctx: { app, user: caller }, input: { record: name, uuids, where, format } }) => {
      const record = RECORDS.find((each) => each.name === name)!;
      const picked = uuids ? { uuids: distinctUuids(uuids) } : { where: where as Filter | undefined };
      const id = await createExport(app, { record, picked, format }, caller.userId);
      return findExport(app, await linksOf(app), id, caller);
    }),

  get: user
    .meta({ access: 'user', summary: 'How far an export is' })
    .input(identity)
    .output(exportSchema)
    .query(async ({ ctx: { app, user: caller }, input }) => findExport(app, await linksOf(app), input.id, caller)),

  list: user
    .meta({ access: 'user', summary: 'The caller’s exports, newest first' })
    .input(z.object({ limit: z.int().min(1).max(1000).default(100), offset: z.int().min(0).default(0) }))
    .output(z.object({ exports: z.array(exportSchema), total: z.int() }))
    .query(async ({ ctx: { app, user: caller }, input }) => listExports(app, await linksOf(app), caller, input)),

  cancel: user
    .meta({ access: 'user', summary: 'Cancel an export that is not finished' })
    .input(identity)
    .output(exportSchema.extend({ alreadyCancelled: z.boolean() }))
    .mutation(async ({ ctx: { app, user: caller }, input }) => {
      const links = await linksOf(app);
      const { id } = await findExport(app, links, input.id, caller);
      const { rowCount } = await app.pool.query(
        `update exports set state = 'cancelled', message = 'Cancelled', finished_at = now() where id = $1 and state in ('pending', 'processing')`,
        [id],
      );
      const found = await findExport(app, links, id, caller);
      if (found.state !== 'cancelled') throw exportErrors.not_cancellable({ state: found.state });
      return { ...found, alreadyCancelled: rowCount === 0 };
    }),

  file: open
    .meta({
      access: 'open',
      summary: 'Which file a download link opens',
      description:
        'The token suffices; when credentials are sent too they must be those of the user who made the export.',
    })
    .input(identity.extend({ token: z.string().optional() }))
    .output(
      z.object({
        key: z.string().describe('Storage key'),
        fileName: z.string(),
        size: z.int().describe('Bytes'),
        mediaType: z.string(),
        compressible: z.boolean(),
      }),
    )
    .query(async ({ ctx, input: { id, token } }) => {
      const { app, request } = ctx;
      if (!token) throw exportErrors.token_required();
      const caller = headerOf(request, 'authorization') === undefined ? undefined : await ctx.caller('user');
      if (caller && caller.kind !== 'user') throw coreErrors.invalid_token();
      const { key, fileName, format, size } = await findFile(app, await linksOf(app), id, token, caller);
      const { mediaType, compressible } = FORMAT_SPECS[format];
      return { key, fileName, size, mediaType, compressible };
    }),

  deleteFiles: admin
    .meta({ access: 'admin', summary: 'Remove the files of all exports' })
    .output(z.object({ deleted: z.int() }))
    .mutation(async ({ ctx: { app } }) => ({ deleted: await removeFiles(app, 'true') })),
};

const distinctUuids = (uuids: readonly string[]) => [
  ...new Set(uuids.map(parseUuid).filter((uuid) => uuid !== undefined)),
];
