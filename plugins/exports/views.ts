import { type App, isAdmin, parseTimestamp, parseUuid, type UserCaller } from '@contact360/server';
import { z } from 'zod';
import { exportErrors } from './errors.ts';
import { FORMATS } from './formats.ts';
import type { Links } from './links.ts';

/** Lists of uuids that are longer are not shown again. */
const SHOWN_UUIDS = 1000;

export const exportSchema = z
  .object({
    id: z.string(),
    record: z.string().describe('What is exported: `contact` or `company`'),
    format: z.enum(FORMATS),
    state: z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled']),
    total: z.int().nullable().describe('How many records there are to export; null until they are counted'),
    done: z.int().describe('How many are written'),
    secondsLeft: z.int().nullable().describe('How long the rest will take, at the pace so far'),
    message: z.string().nullable().describe('Why it failed'),
    fileName: z.string(),
    fileKey: z.string().nullable().describe('Storage key of the finished file'),
    uuids: z
      .array(z.string())
      .nullable()
      .describe(`The uuids that were asked for, while they are at most ${SHOWN_UUIDS}; null for a filter`),
    token: z
      .string()
      .nullable()
      .describe('Opens the download: GET /api/v2/exports/{id}/download?token=…; null while there is no file'),
    createdBy: z.string().describe('Uuid of the user'),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    expiresAt: z.string().describe('When the file is removed'),
  })
  .meta({ id: 'Export' });
export type ExportView = z.output<typeof exportSchema>;

interface Row {
  id: string;
  record: string;
  format: ExportView['format'];
  state: ExportView['state'];
  total: number | null;
  done: number;
  message: string | null;
  file_key: string | null;
  uuids: string[] | null;
  created_by: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  expires_at: string;
}

const COLUMNS = `id, record, format, state, total, done, message, file_key, created_by, created_at, started_at, finished_at,
  expires_at, case when cardinality(uuids) <= ${SHOWN_UUIDS} then uuids::text[] end as uuids`;

const view =
  (links: Links) =>
  (row: Row): ExportView => {
    const { id, record, format, state, total, done, message, uuids } = row;
    const expiresAt = new Date(time(row.expires_at));
    const file = state === 'completed' && expiresAt > new Date() ? row.file_key : null;
    return {
      id,
      record,
      format,
      state,
      total,
      done,
      secondsLeft: secondsLeft(row),
      message,
      fileName: fileName(row),
      fileKey: file,
      uuids,
      token: file && links.token(id, expiresAt),
      createdBy: row.created_by,
      createdAt: time(row.created_at),
      startedAt: row.started_at && time(row.started_at),
      finishedAt: row.finished_at && time(row.finished_at),
      expiresAt: time(row.expires_at),
    };
  };

/** A time as PostgreSQL writes it, in ISO 8601. */
const time = (text: string) => parseTimestamp(text)!;

const fileName = ({ id, format }: Pick<Row, 'id' | 'format'>) => `export_${id}.${format}`;

function secondsLeft({ state, total, done, started_at }: Row): number | null {
  if (state !== 'processing' || total === null || done === 0 || !started_at) return null;
  return Math.round((((Date.now() - Date.parse(time(started_at))) / done) * (total - done)) / 1000);
}

/** The export of this id, of the caller's own; an admin may look at anyone's. */
export async function findExport(app: App, links: Links, id: string, user: UserCaller): Promise<ExportView> {
  const { rows } = await app.pool.query<Row>(`select ${COLUMNS} from exports where id = $1`, [uuidOf(id)]);
  const found = rows[0];
  if (!found || (found.created_by !== user.userId && !isAdmin(user))) throw exportErrors.not_found();
  return view(links)(found);
}

/** A user's exports, newest first, and how many there are in all. */
export async function listExports(
  app: App,
  links: Links,
  user: UserCaller,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ exports: ExportView[]; total: number }> {
  const [{ rows }, counted] = await Promise.all([
    app.pool.query<Row>(
      `select ${COLUMNS} from exports where created_by = $1 order by created_at desc, id desc limit $2 offset $3`,
      [user.userId, limit, offset],
    ),
    app.pool.query<{ count: number }>('select count(*)::int as count from exports where created_by = $1', [
      user.userId,
    ]),
  ]);
  return { exports: rows.map(view(links)), total: counted.rows[0]!.count };
}

/** Which file a download link opens. With `user` it must be theirs as well (decision 47). */
export async function findFile(app: App, links: Links, id: string, token: string, user: UserCaller | undefined) {
  const opened = links.read(token);
  if (!opened) throw exportErrors.bad_token();
  if (opened.exportId !== parseUuid(id)) throw exportErrors.other_token();
  const { rows } = await app.pool.query<Row>(`select ${COLUMNS} from exports where id = $1`, [opened.exportId]);
  const found = rows[0];
  if (user && found?.created_by !== user.userId) throw exportErrors.other_token();
  if (opened.expiresAt <= new Date()) throw exportErrors.expired();
  if (!found) throw exportErrors.not_found();
  if (new Date(time(found.expires_at)) <= new Date()) throw exportErrors.expired();
  if (found.state !== 'completed') throw exportErrors.not_ready({ state: found.state });
  const size = found.file_key === null ? undefined : await app.files.size(found.file_key);
  if (size === undefined) throw exportErrors.file_not_found();
  return { key: found.file_key!, fileName: fileName(found), format: found.format, size };
}

/** Texts that are no uuid name no export. */
function uuidOf(id: string): string {
  const uuid = parseUuid(id);
  if (!uuid) throw exportErrors.not_found();
  return uuid;
}
