import { OperatorError } from '../errors.ts';

/** Keeps files by key, for example `uploads/<uuid>_<name>.csv`. Keys are made by the program, never by a client. */
export interface FileStorage {
  /**
   * Writes a file whole: when it resolves the bytes are durable, when it rejects nothing is left. Gives the size.
   * Rejects with the code `ENOSPC` or `EDQUOT` where there is no room, and with {@link StorageError} when the storage is
   * away or refuses.
   */
  readonly write: (key: string, bytes: AsyncIterable<Uint8Array>) => Promise<number>;
  /** The bytes from an offset on. */
  readonly read: (key: string, offset?: number) => AsyncIterable<Uint8Array>;
  readonly size: (key: string) => Promise<number | undefined>;
  /** Removes a file; it is no error when there is none. */
  readonly remove: (key: string) => Promise<void>;
  /** The files whose keys begin with a prefix that ends with `/`, in no order. */
  readonly list: (prefix: string) => AsyncIterable<StoredFile>;
}

export interface StoredFile {
  readonly key: string;
  readonly changedAt: Date;
}

/** The storage could not be used. Its message is for operators and holds no secret. */
export class StorageError extends OperatorError {
  override name = 'StorageError';
}
