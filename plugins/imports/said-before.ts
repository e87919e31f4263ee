import { hash } from 'node:crypto';
import type { Target } from '@contact360/server';
import { LRUCache } from 'lru-cache';

/** Records that are remembered: some hundred bytes each. */
const REMEMBERED = 30_000;

/**
 * What the rows of a run said of records beside their own: a file of contacts says the same of a company again and
 * again. Who is as it was when that was last said of it need not be told once more.
 */
export class SaidBefore {
  readonly #kept = new LRUCache<string, string>({ max: REMEMBERED });
  #batch = new Map<string, string>();

  /** Those of the records of a batch of which it says something that is new to what is stored, or may be. */
  news(targets: Iterable<Target>): Target[] {
    this.#batch = new Map();
    return [...targets].filter(({ uuid, keys: { version }, changes }) => {
      if (version === undefined) return true;
      const said = `${version} ${hash('md5', JSON.stringify(changes), 'base64')}`;
      this.#batch.set(uuid, said);
      return this.#kept.get(uuid) !== said;
    });
  }

  /** The batch is committed. */
  commit(): void {
    for (const [uuid, said] of this.#batch) this.#kept.set(uuid, said);
  }
}
