import { randomBytes } from 'node:crypto';
import type { Redis } from '../data/redis.ts';
import type { DataVersions } from '../data/versions.ts';
import { type Cache, type CacheEntry, type CachePlace, LARGEST_BYTES } from './cache.ts';
import type { MemoryCache } from './memory-cache.ts';

/** Versions outlive every entry; those of installations that are gone do not stay. */
const VERSION_SECONDS = 7 * 86_400;
/** Stands among the tables for all of them. */
const EVERYTHING = '*';

/**
 * A cache that processes share. The version of a table is a random text in Redis beside the entries, another one after
 * every change: whoever commits a change sets it before the reply to the write is sent, and so does every process that
 * PostgreSQL tells of the change. An entry bears the versions that were read, in the same command as the entry itself,
 * before it was made. While Redis is away, `memory` stands in.
 */
export function redisCache(redis: Redis, versions: DataVersions, memory: MemoryCache): Cache {
  const versionKey = (table: string) => redis.key(`version:${table}`);
  /** The connection over which Redis knows of all changes that this process knows of; none at first. */
  let settled = 0;

  const renew = async (table: string) => {
    const version = randomBytes(9).toString('base64');
    return (await redis.ask('SET', versionKey(table), version, 'EX', `${VERSION_SECONDS}`)) !== undefined;
  };
  const changed = async (tables: readonly string[]) => {
    const renewed = await Promise.all(tables.map(renew));
    if (renewed.includes(false)) settled = 0;
  };
  /** Makes everything old that was kept while changes may have been missed. */
  const settle = async () => {
    settled = redis.connection();
    await changed([EVERYTHING]);
  };
  versions.onChange((tables) => changed(tables ?? [EVERYTHING]));

  const open = async (key: string, tables: readonly string[]): Promise<CachePlace | undefined> => {
    if (versions.of(tables) === undefined) return undefined;
    if (settled !== redis.connection()) await settle();
    if (settled !== redis.connection()) return memory.open(key, tables);
    const names = [EVERYTHING, ...tables];
    const entryKey = redis.key(`reply:${key}`);
    const found = (await redis.ask('MGET', entryKey, ...names.map(versionKey))) as (Buffer | null)[] | undefined;
    if (!found) return memory.open(key, tables);
    const [kept, ...current] = found;
    // Versions that nobody has set yet, or that Redis had no more room for.
    const unset = names.filter((_, at) => current[at] === null);
    if (unset.length > 0) await changed(unset);
    const version = unset.length > 0 ? undefined : current.join(' ');
    return {
      entry: kept && version !== undefined ? decoded(kept, version) : undefined,
      keep: (entry, seconds) => {
        if (version === undefined || entry.body.length > LARGEST_BYTES) return;
        void redis.ask('SET', entryKey, encoded(entry, version), 'PX', String(Math.ceil(seconds * 1000)));
      },
    };
  };
  return { open: (key, tables) => (redis.ready() ? open(key, tables) : memory.open(key, tables)) };
}

/** A line with what belongs to the body, then the body. */
function encoded({ headers, body }: CacheEntry, version: string): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ version, headers })}\n`), body]);
}

/** `undefined` where the entry is of other versions, or not what this wrote. */
function decoded(bytes: Buffer, wanted: string): CacheEntry | undefined {
  const end = bytes.indexOf('\n');
  if (!bytes.toString('utf8', 0, end).startsWith(`{"version":${JSON.stringify(wanted)},`)) return undefined;
  const { headers } = JSON.parse(bytes.toString('utf8', 0, end)) as CacheEntry;
  return { headers, body: bytes.subarray(end + 1) };
}
