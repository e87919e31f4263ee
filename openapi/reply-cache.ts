import { type App, type Binding, type CacheFamily, WireReply, type WireRequest, wantsFresh } from '@contact360/server';
import { LRUCache } from 'lru-cache';

/** Memory that replies may take, and the largest that is kept; longer ones and streams are made anew each time. */
const TOTAL_BYTES = 64 * 1024 * 1024;
const LARGEST_BYTES = 1024 * 1024;
/** What an entry takes beside its key and body, roughly. */
const ENTRY_BYTES = 512;

interface Entry {
  /** Versions of the data, taken before it was read. */
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Where the reply to a request is kept. */
export interface CachePlace {
  /** The reply that is kept here, unless the data has changed since or the client wants it fresh. */
  readonly find: () => WireReply | undefined;
  /** Keeps a reply that was made after this place was taken, and gives it as it is to be sent. */
  readonly keep: (reply: WireReply) => WireReply;
}

/**
 * Replies of this process's REST routes, as they were sent, for a lifetime set by family (decision 28). They hold
 * nothing that differs by user; who may have them is asked before.
 */
export class ReplyCache {
  readonly #app: App;
  readonly #lifetimes: Readonly<Record<CacheFamily, number>>;
  readonly #entries = new LRUCache<string, Entry>({
    maxSize: TOTAL_BYTES,
    maxEntrySize: LARGEST_BYTES,
    sizeCalculation: ({ body }, key) => body.length + key.length + ENTRY_BYTES,
  });

  constructor(app: App) {
    const { settings } = app;
    this.#app = app;
    this.#lifetimes = {
      list: settings.CONTACTS_LIST_CACHE_TTL,
      field: settings.CONTACTS_FIELD_CACHE_TTL,
      analytics: settings.CONTACTS_ANALYTICS_CACHE_TTL,
    };
  }

  /** The place of a request's reply, to be taken before anything is read; `undefined` when it is not to be kept. */
  placeOf({ cache }: Binding, { info, url, reads }: WireRequest): CachePlace | undefined {
    const version = cache && this.#app.dataVersions.of(cache.tables);
    if (version === undefined) return undefined;
    // Links in the reply bear the origin and the address as it was written.
    const key = `${info.origin} ${url}`;
    const fresh = wantsFresh(info);
    return {
      find: () => {
        const entry = fresh ? undefined : this.#entries.get(key);
        if (entry?.version !== version) return undefined;
        return new WireReply({ headers: { ...entry.headers, 'x-cache-hit': 'true' }, body: entry.body });
      },
      keep: (reply) => {
        const { status = 200, headers, body } = reply;
        // A replica may be behind the version that is known here.
        if (status !== 200 || body === undefined || isStream(body) || reads.usingReplica()) return reply;
        const kept: Entry = {
          version,
          headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
          body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        };
        this.#entries.set(key, kept, { ttl: this.#lifetimes[cache!.family] * 1000 });
        return new WireReply({ status, headers: kept.headers, body: kept.body });
      },
    };
  }
}

const isStream = (body: unknown) => body !== null && typeof body === 'object' && Symbol.asyncIterator in body;
