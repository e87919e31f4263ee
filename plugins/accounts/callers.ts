import type { App, UserCaller } from '@contact360/server';
import type { EntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import { Session } from './entities.ts';
import type { Claims } from './tokens.ts';

/** Channel on which processes tell each other the id of a user whose rights, account or sessions changed. */
const CHANNEL = 'accounts_user_changed';
/** Changes are heard of at once; this bounds what a connection that died silently can hide. */
const TRUSTED_MS = 30_000;

interface Entry {
  readonly user: string | undefined;
  /** None when the session is over or its user may not sign in. */
  readonly caller: UserCaller | undefined;
}

/**
 * Who the sessions belong to, kept in this process so that a request costs no query. A change is forgotten here when
 * its transaction is committed, and in other processes when PostgreSQL's notification arrives.
 */
export class Callers {
  readonly #app: App;
  /** By session. */
  readonly #known = new LRUCache<string, Entry>({ max: 10_000, ttl: TRUSTED_MS });
  #changes = 0;

  constructor(app: App) {
    this.#app = app;
  }

  /** Begins to hear of changes that other processes make. */
  listen(): Promise<void> {
    return this.#app.notifications.listen(
      CHANNEL,
      (user) => this.#forget(user),
      () => this.#forget(),
    );
  }

  /** Who bears a token with these claims; `undefined` when the session is over or its user may not sign in. */
  async find({ sid, sub }: Claims): Promise<UserCaller | undefined> {
    const { caller } = this.#known.get(sid) ?? (await this.#load(sid));
    return caller?.userId === sub ? caller : undefined;
  }

  /**
   * Runs a change of users' rights or sessions in a transaction. It returns the ids of the users it changed; all
   * processes forget what they know of those when, and only if, it is committed.
   */
  async change(work: (em: EntityManager) => Promise<readonly string[]>): Promise<void> {
    const users = await this.#app.em().transactional(async (em) => {
      const changed = await work(em);
      await em.flush();
      for (const user of changed) await em.execute('select pg_notify(?, ?)', [CHANNEL, user]);
      return changed;
    });
    for (const user of users) this.#forget(user);
  }

  #forget(user?: string): void {
    this.#changes++;
    for (const [session, entry] of this.#known.entries())
      if (user === undefined || entry.user === user) this.#known.delete(session);
  }

  async #load(sessionId: string): Promise<Entry> {
    const changes = this.#changes;
    const session = await this.#app.em().findOne(Session, { id: sessionId }, { populate: ['user'] });
    const user = session?.user;
    const caller: UserCaller | undefined =
      session && user?.isActive && !session.revokedAt
        ? { kind: 'user', userId: user.id, sessionId, email: user.email, role: user.role }
        : undefined;
    const entry = { user: user?.id, caller };
    // What changed while it was being read may not be in it: then it serves this request only.
    if (changes === this.#changes) this.#known.set(sessionId, entry);
    return entry;
  }
}
