import type { Allowance, App } from '@contact360/server';
import { LRUCache } from 'lru-cache';
import { adminErrors } from './errors.ts';

/** A bucket holds what may be asked in this time, and an empty one is full after it. */
const WINDOW_SECONDS = 60;
/** Takes of a figure that ought to be whole. */
const ROUNDING = 1e-3;

const seconds = (column: string) => `extract(epoch from ${column} - clock_timestamp())::float8 as seconds`;
/**
 * Takes $2 seconds' worth of tokens, if there are as many. The clock is read after the row is locked, so that requests
 * that waited for one another are counted one after the other. Prepared once per connection, as planning takes longer.
 */
const TAKE = {
  name: 'admin-take',
  text: `
    insert into rate_limits as bucket (key_id, full_at) values ($1, clock_timestamp() + make_interval(secs => $2))
    on conflict (key_id) do update set full_at = greatest(bucket.full_at, clock_timestamp()) + make_interval(secs => $2)
    where greatest(bucket.full_at, clock_timestamp()) + make_interval(secs => $2) <= clock_timestamp() + make_interval(secs => $3)
    returning ${seconds('full_at')}`,
};
const LOOK = { name: 'admin-look', text: `select ${seconds('full_at')} from rate_limits where key_id = $1` };

/** What this process knows of a key's bucket. */
interface Bucket {
  /** When it is full at the earliest, in milliseconds of this process's clock. */
  fullAt: number;
  /** Done when the last request in line is. */
  line: Promise<unknown>;
}

/**
 * The token bucket of each key (decision 50), shared by all processes through one row and one statement per request
 * that is let through. Refusals cost no statement: a bucket never fills sooner than a process last saw.
 */
export class RateLimits {
  readonly #pool: App['pool'];
  readonly #perMinute: number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: 10_000 });

  constructor({ pool, settings }: Pick<App, 'pool' | 'settings'>) {
    this.#pool = pool;
    this.#perMinute = settings.MAX_REQUESTS_PER_MINUTE;
  }

  /** Takes a token for each call of a request, all or none. Throws `admin.batch_too_large` for more than can ever be had. */
  async take(keyId: string, calls: number): Promise<Allowance> {
    if (calls > this.#perMinute) throw adminErrors.batch_too_large({ calls, limit: this.#perMinute });
    const cost = (calls * WINDOW_SECONDS) / this.#perMinute;
    const bucket = this.#buckets.get(keyId) ?? { fullAt: 0, line: Promise.resolve() };
    this.#buckets.set(keyId, bucket);
    // One at a time: requests of one key must not hold many connections while they wait for its row.
    const taking = bucket.line.then(() => this.#takeFrom(bucket, keyId, cost));
    bucket.line = taking.catch(() => undefined);
    return taking;
  }

  async #takeFrom(bucket: Bucket, keyId: string, cost: number): Promise<Allowance> {
    const now = performance.now();
    const known = Math.max(0, (bucket.fullAt - now) / 1000);
    if (known + cost > WINDOW_SECONDS) return this.#refuse(known, cost);
    const taken = await this.#ask(TAKE, [keyId, cost, WINDOW_SECONDS]);
    const untilFull = taken ?? (await this.#ask(LOOK, [keyId])) ?? 0;
    bucket.fullAt = now + untilFull * 1000;
    return taken === undefined ? this.#refuse(untilFull, cost) : { headers: this.#headers(untilFull) };
  }

  async #ask(statement: typeof TAKE, values: unknown[]): Promise<number | undefined> {
    const { rows } = await this.#pool.query<{ seconds: number }>({ ...statement, values });
    return rows[0]?.seconds;
  }

  #refuse(untilFull: number, cost: number): Allowance {
    const retryAfter = Math.max(1, Math.ceil(untilFull + cost - WINDOW_SECONDS));
    return {
      headers: { ...this.#headers(untilFull), 'retry-after': String(retryAfter) },
      refusal: adminErrors.rate_limited({}, { hint: { retryAfter } }),
    };
  }

  #headers(untilFull: number): Record<string, string> {
    const level = ((WINDOW_SECONDS - untilFull) * this.#perMinute) / WINDOW_SECONDS;
    return {
      'ratelimit-limit': String(this.#perMinute),
      'ratelimit-remaining': String(Math.max(0, Math.floor(level + ROUNDING))),
      'ratelimit-reset': String(Math.max(0, Math.ceil(untilFull))),
    };
  }
}

/** Deletes buckets that are full, as those are that were never used. */
export async function forgetFullBuckets({ pool }: Pick<App, 'pool'>): Promise<void> {
  await pool.query('delete from rate_limits where full_at < now()');
}
