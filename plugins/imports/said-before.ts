import { hash } from 'node:crypto';
import type { RecordType, Target } from '@contact360/server';
import { LRUCache } from 'lru-cache';
import type { Fall } from './identities.ts';
import { keysOf } from './row-keys.ts';

/** Records that are remembered: some hundred bytes each. */
const REMEMBERED = 30_000;

/**
 * What the rows of a run said of records beside their own: a file of contacts says the same of a company again and
 * again. Who is as it was when that was last said of it need not be told once more.
 */
export class SaidBefore {
  readonly #kept = new LRUCache<string, string>({ max: REMEMBERED });
  #batch = new Map<string, string>();

  /**
   * The companies that rows of a batch fall on of which they say something that is new to what is stored, or may be.
   *
   * @param record of the rows
   */
  news(record: RecordType, falls: readonly Fall[]): Target[] {
    const said = new Map<Target, string>();
    for (const { row, target } of falls) {
      const before = said.get(target) ?? '';
      const { fingerprint } = keysOf(record, row).mention;
      if (!before.endsWith(fingerprint)) said.set(target, before + fingerprint);
    }
    this.#batch = new Map();
    return [...said].flatMap(([target, fingerprints]) => {
      const { version } = target.keys;
      if (version === undefined) return [target];
      const whole = `${version} ${hash('md5', fingerprints, 'base64')}`;
      this.#batch.set(target.uuid, whole);
      return this.#kept.get(target.uuid) === whole ? [] : [target];
    });
  }

  /** The batch is committed. */
  commit(): void {
    for (const [uuid, said] of this.#batch) this.#kept.set(uuid, said);
  }
}
