import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { coreErrors } from '@contact360/server';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { MAX_PASSWORD } from './schemas.ts';

/** argon2id (the library's default algorithm) at OWASP's recommended cost: 19 MiB and about 12 ms of one core a hash. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** One core and one of libuv's four threads stay free for everything else. */
const AT_ONCE = Math.max(1, Math.min(3, availableParallelism() - 1));
/** More than this would wait for longer than clients do. */
const MOST_WAITING = 1000;

/** Hashes and checks passwords, few at a time, so that a flood of sign-ins does not starve the server. */
export class Passwords {
  readonly #limit = pLimit(AT_ONCE);
  readonly #nobodys: string;

  private constructor(nobodys: string) {
    this.#nobodys = nobodys;
  }

  static async create(): Promise<Passwords> {
    return new Passwords(await hash(randomUUID(), COST));
  }

  /** Runs work that hashes or checks when its turn comes. Throws `core.unavailable` when too much is waiting. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#limit.pendingCount >= MOST_WAITING) throw coreErrors.unavailable({}, { hint: { retryAfter: 5 } });
    return this.#limit(work);
  }

  hash(password: string): Promise<string> {
    return hash(sameSpelling(password), COST);
  }

  /** Whether it is the password of this hash; without one it is not, and finding that takes the same time. */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    // Longer ones are nobody's, and hashing megabytes would take long.
    const possible = password.length <= 2 * MAX_PASSWORD;
    const right = await verify(passwordHash ?? this.#nobodys, possible ? sameSpelling(password) : '');
    return right && possible && passwordHash !== undefined;
  }
}

/** Keyboards differ in how they compose an accented letter. */
const sameSpelling = (password: string) => password.normalize('NFC');
