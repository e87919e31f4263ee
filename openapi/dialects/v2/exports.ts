import { type ExportView, FORMATS, MAX_UUIDS } from '@contact360/exports';
import { AppError, type Binding, coreErrors, type RecordType, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { parseBody } from '../../body.ts';
import { wholeSeconds } from '../../flat/contact-item.ts';
import { bodyErrors } from '../../strict-body.ts';
import { vqlNames } from '../v3/names.ts';
import { decodeVql, vqlSchema } from '../v3/vql.ts';
import { fileReply } from './file-reply.ts';

const BASE = '/api/v2/exports';

const common = { dialect: 'v2' } as const;
const tag = 'exports';

/** A link to the file of an export, `""` while there is none. */
const downloadUrl = ({ id, token }: ExportView, { info }: WireRequest) =>
  token ? `${info.origin}${BASE}/${id}/download?token=${token}` : '';

const progressOf = ({ state, total, done }: ExportView) =>
  state === 'completed' ? 100 : total ? Math.round((done / total) * 1000) / 10 : 0;

/** An export as lists show it. */
const item = (made: ExportView, wire: WireRequest) => {
  const { id, record, state, total, done, uuids } = made;
  const count = (name: string) => (record === name ? (total ?? done) : 0);
  const asked = (name: string) => (record === name ? uuids : null);
  return {
    export_id: id,
    user_id: made.createdBy,
    export_type: record === 'contact' ? 'contacts' : 'companies',
    format: made.format,
    file_path: made.fileKey,
    file_name: made.fileKey && made.fileName,
    contact_count: count('contact'),
    company_count: count('company'),
    contact_uuids: asked('contact'),
    company_uuids: asked('company'),
    linkedin_urls: null,
    status: state,
    created_at: wholeSeconds(made.createdAt),
    expires_at: wholeSeconds(made.expiresAt),
    download_url: downloadUrl(made, wire) || null,
  };
};

const progress = (made: ExportView, wire: WireRequest) => ({
  export_id: made.id,
  status: made.state,
  progress_percentage: progressOf(made),
  estimated_time: made.secondsLeft,
  error_message: made.state === 'failed' ? made.message : null,
  download_url: downloadUrl(made, wire) || null,
  expires_at: wholeSeconds(made.expiresAt),
});

const states = z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled']);
const itemSchema = z
  .object({
    export_id: z.string(),
    user_id: z.string(),
    export_type: z.enum(['contacts', 'companies']),
    format: z.enum(FORMATS),
    file_path: z.string().nullable(),
    file_name: z.string().nullable(),
    contact_count: z.int(),
    company_count: z.int(),
    contact_uuids: z.array(z.string()).nullable().describe('What was asked for, while it is at most 1,000 uuids'),
    company_uuids: z.array(z.string()).nullable(),
    linkedin_urls: z.null(),
    status: states,
    created_at: z.string(),
    expires_at: z.string(),
    download_url: z.string().nullable(),
  })
  .meta({ id: 'ExportItem' });
const progressSchema = z
  .object({
    export_id: z.string(),
    status: states,
    progress_percentage: z.number().describe('0 to 100'),
    estimated_time: z.int().nullable().describe('Seconds left'),
    error_message: z.string().nullable(),
    download_url: z.string().nullable(),
    expires_at: z.string(),
  })
  .meta({ id: 'ExportStatus' });

const whole = (text: WireRequest['query'][string], name: string, least: number): number | undefined => {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (/^\d+$/.test(String(text)) && value >= least && value <= 2_147_483_647) return value;
  throw coreErrors.invalid_parameter({ name, reason: `must be a whole number from ${least}` }, { path: [name] });
};

const byExport = ({ path }: WireRequest) => ({ id: path.export_id });

/** Document 004's exports: of the given record types, and of what became of them. */
export const exportBindings = (records: readonly RecordType[]): Binding[] => [
  ...records.map(createBinding),
  {
    ...common,
    method: 'GET',
    path: `${BASE}/`,
    procedure: 'exports.list',
    decode: ({ query }) => ({ limit: whole(query.limit, 'limit', 1), offset: whole(query.offset, 'offset', 0) }),
    encode: ({ exports, total }: { exports: ExportView[]; total: number }, wire) => ({
      exports: exports.map((made) => item(made, wire)),
      total,
    }),
    document: {
      summary: 'List the caller’s exports, newest first',
      description: 'The last 100 unless `limit` says otherwise (at most 1,000); expired ones too, for 30 days.',
      tag,
      query: z.object({ limit: z.int().min(1).optional(), offset: z.int().min(0).optional() }),
      response: z.object({ exports: z.array(itemSchema), total: z.int() }),
    },
  },
  {
    ...common,
    method: 'GET',
    path: `${BASE}/{export_id}/`,
    procedure: 'exports.get',
    decode: byExport,
    encode: (made: ExportView, wire) => ({ ...item(made, wire), ...progress(made, wire) }),
    document: {
      summary: 'Retrieve an export with its progress',
      tag,
      response: itemSchema.extend(progressSchema.shape).meta({ id: 'ExportDetail' }),
    },
  },
  {
    ...common,
    method: 'GET',
    path: `${BASE}/{export_id}/status`,
    procedure: 'exports.get',
    decode: byExport,
    encode: progress,
    document: { summary: 'How far an export is', tag, response: progressSchema },
  },
  {
    ...common,
    method: 'DELETE',
    path: `${BASE}/{export_id}/cancel`,
    procedure: 'exports.cancel',
    decode: byExport,
    encode: ({ id, alreadyCancelled, state }: ExportView & { alreadyCancelled: boolean }) => ({
      message: alreadyCancelled ? 'Export is already cancelled' : 'Export cancelled successfully',
      export_id: id,
      status: state,
    }),
    document: {
      summary: 'Cancel an export that is not finished',
      tag,
      response: z.object({ message: z.string(), export_id: z.string(), status: states }),
    },
  },
  {
    ...common,
    method: 'GET',
    path: `${BASE}/{export_id}/download`,
    procedure: 'exports.file',
    decode: ({ path, query }) => ({ id: path.export_id, token: [query.token].flat().at(-1) }),
    encode: fileReply,
    document: {
      summary: 'Download the file of an export',
      description:
        'The token of the link suffices. When an `Authorization` header is sent too it must be good and its user own the export. 409 before the export is completed, 410 when it has expired. Compressed by gzip for who accepts that.',
      tag,
      query: z.object({ token: z.string() }),
      response: z.string(),
      mediaType: 'text/csv',
    },
  },
  {
    ...common,
    method: 'DELETE',
    path: `${BASE}/files`,
    procedure: 'exports.deleteFiles',
    decode: () => undefined,
    encode: ({ deleted }: { deleted: number }) => ({
      message: 'CSV files deleted successfully',
      deleted_count: deleted,
    }),
    document: {
      summary: 'Remove the files of all exports',
      tag,
      response: z.object({ message: z.string(), deleted_count: z.int() }),
    },
  },
];

/** `POST …/contacts/export`: by uuids, or by a filter of VQL. */
function createBinding(record: RecordType): Binding {
  const { name, plural } = record;
  const uuids = `${name}_uuids`;
  const list = z
    .array(z.string())
    .min(1, `At least one ${name} UUID is required`)
    .max(MAX_UUIDS, `more than ${MAX_UUIDS} uuids; use filters for more`);
  const format = z.enum(FORMATS).nullish();
  const byUuids = z.object({ [uuids]: list, format });
  const byFilter = z.strictObject({ filters: z.unknown(), format });
  return {
    ...common,
    method: 'POST',
    path: `${BASE}/${plural as 'contacts'}/export`,
    procedure: 'exports.create',
    status: 201,
    decode: ({ body }) => {
      const filtered = typeof body === 'object' && body !== null && 'filters' in body && body.filters !== null;
      const sent = parseBody<Record<string, unknown>>(filtered ? byFilter : byUuids, body);
      const picked = filtered ? { where: decodeVql(vqlNames(record), sent.filters) } : { uuids: sent[uuids] };
      return { record: name, ...picked, format: sent.format ?? 'csv' };
    },
    encode: (made: ExportView, wire) => ({
      export_id: made.id,
      download_url: downloadUrl(made, wire),
      expires_at: wholeSeconds(made.expiresAt),
      [`${name}_count`]: made.total ?? made.done,
      status: made.state,
    }),
    reword: (error) => {
      if (error.code !== bodyErrors.invalid().code && !error.code.startsWith('query.')) return error;
      return new AppError(error.code, error.status, `Invalid VQL query: ${error.message}`, { cause: error });
    },
    document: {
      summary: `Export ${plural} to a file`,
      description: `Up to 1,000 records are exported at once; above, the reply is \`pending\` with an empty \`download_url\`, and \`GET ${BASE}/{export_id}/\` tells how far it is. Unknown uuids are skipped and not counted. \`filters\` instead of uuids are those of a VQL query. Of \`csv\` (the default), \`jsonl\` and \`xlsx\` the first can be imported again and changes nothing.`,
      tag,
      body: z
        .object({
          [uuids]: list.optional(),
          filters: vqlSchema.optional(),
          format,
        })
        .meta({ id: `${name === 'contact' ? 'Contact' : 'Company'}ExportRequest` }),
      response: z
        .object({
          export_id: z.string(),
          download_url: z.string().describe('Empty until the export is completed'),
          expires_at: z.string(),
          [`${name}_count`]: z.int().describe('0 while records picked by filters are not counted yet'),
          status: states,
        })
        .meta({ id: `${name === 'contact' ? 'Contact' : 'Company'}ExportResponse` }),
    },
  };
}
