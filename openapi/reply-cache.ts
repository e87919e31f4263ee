import {
  type App,
  type Binding,
  type CacheFamily,
  type CachePlace,
  WireReply,
  type WireRequest,
  wantsFresh,
} from '@contact360/server';

/** Where the reply to a request is kept. */
export interface ReplyPlace {
  /** The reply that is kept here, unless the data has changed since or the client wants it fresh. */
  readonly find: () => WireReply | undefined;
  /** Keeps a reply that was made after this place was taken, and gives it as it is to be sent. */
  readonly keep: (reply: WireReply) => WireReply;
}

/**
 * Replies of REST routes, as they were sent, in the cache of the server for a lifetime set by family (decision 28). They
 * hold nothing that differs by user; who may have them is asked before.
 */
export class ReplyCache {
  readonly #cache: App['cache'];
  readonly #lifetimes: Readonly<Record<CacheFamily, number>>;

  constructor({ cache, settings }: Pick<App, 'cache' | 'settings'>) {
    this.#cache = cache;
    this.#lifetimes = {
      list: settings.CONTACTS_LIST_CACHE_TTL,
      field: settings.CONTACTS_FIELD_CACHE_TTL,
      analytics: settings.CONTACTS_ANALYTICS_CACHE_TTL,
    };
  }

  /**
   * The place of a request's reply, to be taken before anything is read; `undefined` when it is not to be kept. At once
   * where the cache is in memory.
   */
  placeOf({ cache }: Binding, wire: WireRequest): ReplyPlace | undefined | Promise<ReplyPlace | undefined> {
    if (!cache) return undefined;
    // Links in the reply bear the origin and the address as it was written.
    const place = this.#cache.open(`${wire.info.origin} ${wire.url}`, cache.tables);
    const seconds = this.#lifetimes[cache.family];
    return place instanceof Promise
      ? place.then((opened) => opened && replyPlace(opened, wire, seconds))
      : place && replyPlace(place, wire, seconds);
  }
}

function replyPlace({ entry, keep }: CachePlace, { info, reads }: WireRequest, seconds: number): ReplyPlace {
  const fresh = wantsFresh(info);
  return {
    find: () =>
      entry && !fresh
        ? new WireReply({ headers: { ...entry.headers, 'x-cache-hit': 'true' }, body: entry.body })
        : undefined,
    keep: (reply) => {
      const { status = 200, headers, body } = reply;
      // A replica may be behind the version that is known here.
      if (status !== 200 || body === undefined || isStream(body) || reads.usingReplica()) return reply;
      const kept = {
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      };
      keep(kept, seconds);
      return new WireReply({ status, ...kept });
    },
  };
}

const isStream = (body: unknown) => body !== null && typeof body === 'object' && Symbol.asyncIterator in body;
