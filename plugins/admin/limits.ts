import type { Allowance, App, Redis } from '@contact360/server';
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

/**
 * The same in Redis, by its clock. KEYS: the bucket. ARGV: the cost and the size of the bucket in seconds. Gives whether
 * the tokens were taken, and the microseconds until the bucket is full.
 */
const TAKE_IN_REDIS = `
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
  local after = full + ARGV[1] * 1000000
  if after > now + ARGV[2] * 1000000 then return {0, full - now} end
  redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
  return {1, after - now}`;

/** What this process knows of a key's bucket. */
interface Bucket {
  /** When it is full at the earliest, in milliseconds of this process's clock. */
  fullAt: number;
  /** Done when the last request in line is. */
  line: Promise<unknown>;
}

interface Taking {
  readonly taken: boolean;
  /** Seconds until the bucket is full, after the taking. */
  readonly untilFull: number;
}

/**
 * The token bucket of each key (decision 50), shared by all processes through Redis where there is one, else, and while
 * it is away, through one row of the database: one statement per request that is let through. Refusals cost none: a
 * bucket never fills sooner than a process last saw.
 */
export class RateLimits {
  readonly #pool: App['pool'];
  readonly #redis: Redis | undefined;
  readonly #perMinute: number;
  readonly #buckets = new LRUCache<string, Bucket>({ max: 10_000 });

  constructor({ pool, redis, settings }: Pick<App, 'pool' | 'redis' | 'settings'>) {
    this.#pool = pool;
    this.#redis = redis;
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
    const { taken, untilFull } = (await this.#takeInRedis(keyId, cost)) ?? (await this.#takeInDatabase(keyId, cost));
    bucket.fullAt = now + untilFull * 1000;
    return taken ? { headers: this.#headers(untilFull) } : this.#refuse(untilFull, cost);
  }

  async #takeInRedis(keyId: string, cost: number): Promise<Taking | undefined> {
    if (!this.#redis?.ready()) return undefined;
    const key = this.#redis.key(`limit:${keyId}`);
    const reply = await this.#redis.ask('EVAL', TAKE_IN_REDIS, '1', key, String(cost), String(WINDOW_SECONDS));
    if (reply === undefined) return undefined;
    const [taken, untilFull] = reply as [number, number];
    return { taken: taken === 1, untilFull: untilFull / 1e6 };
  }

  async #takeInDatabase(keyId: string, cost: number): Promise<Taking> {
    const untilFull = await this.#ask(TAKE, [keyId, cost, WINDOW_SECONDS]);
    if (untilFull !== undefined) return { taken: true, untilFull };
    return { taken: false, untilFull: (await this.#ask(LOOK, [keyId])) ?? 0 };
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
