import { LRUCache } from 'lru-cache';
import type { DataVersions } from '../data/versions.ts';
import { type CacheEntry, type CachePlace, LARGEST_BYTES } from './cache.ts';

/** Memory that a cache takes: the least recently used go first. */
const TOTAL_BYTES = 64 * 1024 * 1024;
/** What an entry takes beside its key and body, roughly. */
const ENTRY_BYTES = 512;

export interface MemoryCache {
  readonly open: (key: string, tables: readonly string[]) => CachePlace | undefined;
}

/** A cache in the memory of this process. */
export function memoryCache(versions: Pick<DataVersions, 'of'>): MemoryCache {
  const entries = new LRUCache<string, { readonly version: string; readonly entry: CacheEntry }>({
    maxSize: TOTAL_BYTES,
    maxEntrySize: LARGEST_BYTES,
    sizeCalculation: ({ entry }, key) => entry.body.length + key.length + ENTRY_BYTES,
  });
  return {
    open: (key, tables) => {
      const version = versions.of(tables);
      if (version === undefined) return undefined;
      const found = entries.get(key);
      return {
        entry: found?.version === version ? found.entry : undefined,
        keep: (entry, seconds) => void entries.set(key, { version, entry }, { ttl: seconds * 1000 }),
      };
    },
  };
}
