/** Something that is kept: bytes, and the headers that belong to them. */
export interface CacheEntry {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A key of the cache as it was when it was opened. */
export interface CachePlace {
  /** What is kept there, made of the data as they were when the place was opened. */
  readonly entry: CacheEntry | undefined;
  /** Keeps what was made since the place was opened, for at most `seconds`. Who opens it after a later change does not get it. */
  readonly keep: (entry: CacheEntry, seconds: number) => void;
}

/** What is made of record tables, by key, to be given again until one of the tables changes. It may be lost at any time. */
export interface Cache {
  /**
   * Opens a key before any of the tables is read; `undefined` while changes may be missed. Memory answers at once, and
   * so it is no promise then: a hit is a matter of microseconds.
   */
  readonly open: (key: string, tables: readonly string[]) => CachePlace | undefined | Promise<CachePlace | undefined>;
}

/** Largest body that is kept; longer ones are made anew each time. */
export const LARGEST_BYTES = 1024 * 1024;
