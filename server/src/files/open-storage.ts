import type { Settings } from '../settings.ts';
import { localStorage } from './local-storage.ts';
import { openS3Storage } from './s3-storage.ts';
import type { FileStorage } from './storage.ts';
import { parseStorageUrl } from './storage-url.ts';

/** The storage of the settings: object storage where `STORAGE_URL` names one, else the home folder. */
export async function openStorage({
  STORAGE_URL,
  CONTACT360_HOME,
}: Pick<Settings, 'STORAGE_URL' | 'CONTACT360_HOME'>): Promise<FileStorage> {
  return STORAGE_URL === undefined ? localStorage(CONTACT360_HOME) : openS3Storage(parseStorageUrl(STORAGE_URL)!);
}
