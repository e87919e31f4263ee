import {
  type App,
  type Copy,
  clearingUp,
  copyOut,
  type Picked,
  type PoolClient,
  type RecordType,
} from '@contact360/server';
import { exportErrors } from './errors.ts';
import { ExportFailure, FORMAT_SPECS, type Format } from './formats.ts';

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Which records go into a file, and how. */
export interface Selection {
  readonly record: RecordType;
  readonly picked: Picked;
  readonly format: Format;
}

export interface WriteHooks {
  /** Runs before anything is written, in the snapshot that the file is made of; `false` gives it up. */
  readonly begin: (client: PoolClient) => Promise<boolean>;
  /** Runs while the file is written. What it returns runs at the end; `stop` breaks the writing off. */
  readonly watch?: (copy: Copy, stop: (reason: Error) => void) => () => void;
}

/** The storage key of the file that a run of an export writes. Each run has one of its own: none writes over another's. */
export const fileKey = (id: string, run: string, format: string) => `exports/export_${id}_${run.slice(0, 8)}.${format}`;

/**
 * Writes the file of an export to the storage, from one snapshot of the database. Gives the number of its records, or
 * `undefined` when `begin` gave it up; when it rejects no file is left.
 */
export async function writeExportFile(
  app: App,
  { record, picked, format }: Selection,
  key: string,
  { begin, watch }: WriteHooks,
): Promise<number | undefined> {
  const { layout, clearedEvery, file } = FORMAT_SPECS[format];
  const client = await app.pool.connect();
  let unclean = true;
  try {
    await client.query('begin isolation level repeatable read read only');
    if (!(await begin(client))) {
      await client.query('rollback');
      unclean = false;
      return undefined;
    }
    await client.query('set local statement_timeout = 0');
    const copy = await copyOut(client, record, picked, layout);
    const unwatch = watch?.(copy, (reason) => copy.bytes.destroy(reason));
    try {
      await app.files.write(key, file(record, clearingUp(copy.bytes, clearedEvery)));
    } finally {
      unwatch?.();
    }
    await copy.idle;
    await client.query('commit');
    unclean = false;
    return copy.rows();
  } finally {
    // A copy that was broken off leaves its connection in the middle of it.
    client.release(unclean);
  }
}

/** Why the file could not be written, as the caller is told. */
export function refusal(error: unknown): unknown {
  if (error instanceof ExportFailure) return exportErrors.unfit({ reason: error.message }, { cause: error });
  if (DISK_FULL.has((error as NodeJS.ErrnoException).code ?? ''))
    return exportErrors.storage_full({}, { cause: error });
  return error;
}
