import { LRUCache } from 'lru-cache';

/** A cache of plain values by key. What is in it may vanish at any time; what must be right is checked elsewhere. */
export interface Cache {
  readonly get: <T>(key: string) => Promise<T | undefined>;
  /** Keeps a value for at most `seconds`. */
  readonly set: (key: string, value: unknown, seconds: number) => Promise<void>;
  readonly delete: (key: string) => Promise<void>;
}

/** A cache in the memory of this process, bounded in entries: the least recently used go first. */
export function memoryCache(entries = 5000): Cache {
  const cache = new LRUCache<string, { value: unknown }>({ max: entries });
  return {
    get: async <T>(key: string) => cache.get(key)?.value as T | undefined,
    set: async (key, value, seconds) => void cache.set(key, { value }, { ttl: seconds * 1000 }),
    delete: async (key) => void cache.delete(key),
  };
}
