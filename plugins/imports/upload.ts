import path from 'node:path';
import { type App, type Upload, uuidv7 } from '@contact360/server';
import { importErrors } from './errors.ts';

const NAME_LENGTH = 100;
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Keeps an uploaded file under a key of its own (decision 43). Empty and oversized files leave nothing behind. */
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
  const size = await app.files.write(uploadKey, bytes).catch((error: NodeJS.ErrnoException) => {
    throw DISK_FULL.has(error.code ?? '') ? importErrors.storage_full({}, { cause: error }) : error;
  });
  if (truncated() || size === 0) await app.files.remove(uploadKey);
  if (truncated()) throw importErrors.too_large({ limit: app.settings.MAX_UPLOAD_BYTES });
  if (size === 0) throw importErrors.empty_file({}, { fields: { [field]: ['The submitted file is empty.'] } });
  return { uploadKey, fileName: name.slice(-255), mediaType: mediaType.replaceAll('\0', '').slice(0, 255) };
}
