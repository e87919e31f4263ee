/** No room in the storage, and PostgreSQL's word for the same. */
const CODES = new Set(['ENOSPC', 'EDQUOT', '53100']);

/** What a job says that failed for it. */
export const DISK_FULL =
  'The server has no room left on its disk. What was imported so far stays; make room and import the file again.';

/** Whether something failed because a disk is full, of this machine or of the database. */
export const isDiskFull = (error: unknown): boolean => CODES.has((error as { code?: string }).code ?? '');

/** For a `catch`: nothing, when the disk is full. */
export function undefinedIfDiskFull(error: unknown): undefined {
  if (isDiskFull(error)) return undefined;
  throw error;
}
