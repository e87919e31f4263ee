import { createHash } from 'node:crypto';
import path from 'node:path';
import { type App, type Upload, uuidv7 } from '@contact360/server';
import { isDiskFull } from './disk-full.ts';
import { importErrors } from './errors.ts';

const NAME_LENGTH = 100;

/**
 * Keeps an uploaded file under a key of its own (decision 43). Empty and oversized files leave nothing behind.
 */
export async function keepUpload(
  app: App,
  { fileName, mediaType, bytes, truncated, field }: Upload,
): Promise<{ uploadKey: string; fileName: string; mediaType: string }> {
  const name = path.basename(fileName.replaceAll('\\', '/'));
  const plain = name
    .replace(/\.[^.]*$/, '')
    .normalize('NFKD')
    .replace(/[^\w-]+/g, '_')
    .slice(0, NAME_LENGTH);
  const ending = /\.[a-z0-9]{1,8}$/i.exec(name)?.[0].toLowerCase() ?? '.csv';
  const uploadKey = `uploads/${uuidv7()}_${plain || 'file'}${ending}`;
  const size = await keepFile(app, uploadKey, bytes).catch((error) => {
    throw isDiskFull(error) ? importErrors.storage_full({}, { cause: error }) : error;
  });
  if (truncated() || size === 0) await dropUpload(app, uploadKey);
  if (truncated()) throw importErrors.too_large({ limit: app.settings.MAX_UPLOAD_BYTES });
  if (size === 0) throw importErrors.empty_file({}, { fields: { [field]: ['The submitted file is empty.'] } });
  return { uploadKey, fileName: name.slice(-255), mediaType: mediaType.replaceAll('\0', '').slice(0, 255) };
}

/**
 * Stores a file for an import to take over, and gives its size. It is noted first, so that housekeeping finds what a
 * crash leaves behind.
 */
export async function keepFile(app: App, uploadKey: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  await app.pool.query(
    'insert into import_uploads (key) values ($1) on conflict (key) do update set content_hash = null, created_at = now()',
    [uploadKey],
  );
  const hash = createHash('sha256');
  const hashed = async function* () {
    for await (const part of bytes) {
      hash.update(part);
      yield part;
    }
  };
  try {
    const size = await app.files.write(uploadKey, hashed());
    await app.pool.query('update import_uploads set content_hash = $2 where key = $1', [uploadKey, hash.digest('hex')]);
    return size;
  } catch (error) {
    await dropUpload(app, uploadKey);
    throw error;
  }
}

/** Removes a file that no import has taken over. */
export async function dropUpload(app: App, uploadKey: string): Promise<void> {
  await app.files.remove(uploadKey);
  await app.pool.query('delete from import_uploads where key = $1', [uploadKey]);
}
