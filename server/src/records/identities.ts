import type { RowChange } from './staged-rows.ts';
import { uuidv7 } from './uuid.ts';

/**
 * A record that rows of a batch fall on: a stored one, or one that is to be made. `keys` are the values it is found by,
 * folded, as they are after the rows so far; `changes` what the rows say, later ones over earlier ones.
 */
export interface Target extends RowChange {
  readonly keys: Record<string, string | undefined>;
  changes: Readonly<Record<string, unknown>>;
  note?: number;
  /** Its place in the order in which records came to be. */
  readonly age: number;
}

/** A stored record with what it is found by, and what else is to be known of it. */
export interface StoredKeys {
  readonly id: number;
  readonly uuid: string;
  readonly keys: Readonly<Record<string, string | undefined>>;
}

/** The records of a batch by some of their keys: of several that bear a key, the oldest is found by it. */
export class TargetIndex {
  readonly #byKey: ReadonlyMap<string, Map<string, Target[]>>;
  #count = 0;
  /** Records that rows fell on, in the order of the first such row. */
  readonly touched = new Set<Target>();

  /** @param keys those by which records are found. */
  constructor(keys: readonly string[]) {
    this.#byKey = new Map(keys.map((key) => [key, new Map()]));
  }

  find(key: string, value: string | undefined, accept: (target: Target) => boolean = () => true): Target | undefined {
    if (value === undefined) return undefined;
    // A target whose key has changed since is passed over.
    const bearers = this.#byKey.get(key)!.get(value);
    return bearers?.find((target) => target.keys[key] === value && accept(target));
  }

  /** Takes note of stored records; they must come oldest first. */
  addStored(rows: readonly StoredKeys[]): void {
    const known = new Set<number>();
    for (const { id, uuid, keys } of rows) {
      if (known.has(id)) continue;
      known.add(id);
      this.#add(this.#make(id, uuid, keys));
    }
  }

  /** Notes what a row says of a record, or makes a new one; `uuid` is a new one's, when it was given. */
  apply(
    found: Target | undefined,
    uuid: string | undefined,
    changes: Readonly<Record<string, unknown>>,
    keys: Readonly<Record<string, string | undefined>>,
  ): Target {
    const target = found ?? this.#make(null, uuid ?? uuidv7(), {});
    target.changes = this.touched.has(target) ? saidOver(target.changes, changes) : changes;
    this.touched.add(target);
    for (const key in keys) if (keys[key] !== undefined) target.keys[key] = keys[key];
    this.#add(target);
    return target;
  }

  #make(id: number | null, uuid: string, keys: StoredKeys['keys']): Target {
    return { id, uuid, keys: { ...keys, uuid }, changes: {}, age: this.#count++ };
  }

  #add(target: Target): void {
    for (const [key, bearers] of this.#byKey) {
      const value = target.keys[key];
      if (value === undefined) continue;
      const others = bearers.get(value);
      if (!others) bearers.set(value, [target]);
      else if (!others.includes(target)) {
        // One that takes a key later may be older than those that have it.
        const younger = others.findIndex(({ age }) => age > target.age);
        others.splice(younger < 0 ? others.length : younger, 0, target);
      }
    }
  }
}

/** Values with what is said later over them: undefined says nothing, and meta data is merged key by key. */
export function saidOver(
  before: Readonly<Record<string, unknown>>,
  said: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...before };
  for (const name in said) {
    if (said[name] === undefined) continue;
    const isMerged = name === 'meta_data' && before[name] && said[name];
    merged[name] = isMerged ? { ...(before[name] as object), ...(said[name] as object) } : said[name];
  }
  return merged;
}
