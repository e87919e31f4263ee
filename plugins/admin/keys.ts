import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type App, coreErrors, headerOf, type KeyCaller, type RequestInfo, uuidv7 } from '@contact360/server';
import { LRUCache } from 'lru-cache';
import { ApiKey } from './entities.ts';
import { adminErrors } from './errors.ts';

/** Channel on which processes tell each other the id of a key that was revoked. */
const CHANNEL = 'admin_key_revoked';
/** Revocations are heard of at once; this bounds what a connection that died silently can hide. */
const TRUSTED_MS = 30_000;
const USE_NOTED_EVERY_SECONDS = 60;
/** Marks a key as one of this product, for people and for scanners that look for leaked secrets. */
const MARK = 'c360_';
const PREFIX_LENGTH = MARK.length + 6;

/** `API_KEY` of the environment is no row of the table: it goes by the nil uuid (decision 50). */
const ENVIRONMENT_CALLER: KeyCaller = {
  kind: 'key',
  keyId: '00000000-0000-0000-0000-000000000000',
  scope: 'write',
};

const digest = (text: string) => createHash('sha256').update(text).digest();

interface Entry {
  readonly caller: KeyCaller;
  /** When its use was last noted, in milliseconds of this process's clock. */
  notedAt: number;
}

/**
 * The keys of the gateway. Those in use are kept in this process so that a request costs no query. A revocation is
 * heeded here when its transaction is committed, and in other processes when PostgreSQL's notification arrives.
 */
export class ApiKeys {
  readonly #app: App;
  readonly #environment: Buffer | undefined;
  /** By hash. */
  readonly #known = new LRUCache<string, Entry>({ max: 10_000, ttl: TRUSTED_MS });
  #changes = 0;

  constructor(app: App) {
    this.#app = app;
    this.#environment = app.settings.API_KEY === undefined ? undefined : digest(app.settings.API_KEY);
  }

  /** Begins to hear of keys that other processes revoke. */
  listen(): Promise<void> {
    return this.#app.notifications.listen(
      CHANNEL,
      (id) => this.#forget(id),
      () => this.#forget(),
    );
  }

  /** The key that a request bears in `X-API-Key`; throws `admin.invalid_key` for one that is not good. */
  async authenticate(request: RequestInfo): Promise<KeyCaller | undefined> {
    const sent = headerOf(request, 'x-api-key');
    if (!sent) return undefined;
    const hash = digest(sent);
    if (this.#environment && timingSafeEqual(hash, this.#environment)) return ENVIRONMENT_CALLER;
    const hex = hash.toString('hex');
    const entry = this.#known.get(hex) ?? (await this.#load(hex));
    if (!entry) throw adminErrors.invalid_key();
    await this.#noteUse(entry);
    return entry.caller;
  }

  /** Makes a key. The text is in the reply only: it cannot be had again. */
  async create(name: string, scope: KeyCaller['scope'], createdBy: string): Promise<{ row: ApiKey; key: string }> {
    const key = MARK + randomBytes(32).toString('base64url');
    const em = this.#app.em();
    const hash = digest(key).toString('hex');
    const prefix = key.slice(0, PREFIX_LENGTH);
    const row = em.create(ApiKey, { id: uuidv7(), name, hash, prefix, scope, createdBy, createdAt: new Date() });
    await em.flush();
    return { row, key };
  }

  /** Keys, newest first, the revoked ones too. */
  list(limit: number, offset: number): Promise<[ApiKey[], number]> {
    return this.#app.em().findAndCount(ApiKey, {}, { orderBy: { id: 'desc' }, limit, offset });
  }

  /** Ends a key for good; a second time changes nothing. Throws `core.not_found`. */
  async revoke(id: string): Promise<void> {
    const keyId = await this.#app.em().transactional(async (em) => {
      const key = await em.findOne(ApiKey, { id });
      if (!key) throw coreErrors.not_found();
      key.revokedAt ??= new Date();
      await em.flush();
      await em.execute('select pg_notify(?, ?)', [CHANNEL, key.id]);
      return key.id;
    });
    this.#forget(keyId);
  }

  #forget(id?: string): void {
    this.#changes++;
    for (const [hash, { caller }] of this.#known.entries())
      if (id === undefined || caller.keyId === id) this.#known.delete(hash);
  }

  async #load(hash: string): Promise<Entry | undefined> {
    const changes = this.#changes;
    const key = await this.#app.em().findOne(ApiKey, { hash, revokedAt: null });
    if (!key) return undefined;
    const caller: KeyCaller = { kind: 'key', keyId: key.id, scope: key.scope };
    const entry = { caller, notedAt: key.lastUsedAt?.getTime() ?? 0 };
    // What was revoked while it was being read may not be seen: then it serves this request only.
    if (changes === this.#changes) this.#known.set(hash, entry);
    return entry;
  }

  async #noteUse(entry: Entry): Promise<void> {
    const now = Date.now();
    if (now - entry.notedAt < USE_NOTED_EVERY_SECONDS * 1000) return;
    entry.notedAt = now;
    await this.#app.pool.query(
      'update api_keys set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - make_interval(secs => $2))',
      [entry.caller.keyId, USE_NOTED_EVERY_SECONDS],
    );
  }
}
