/** Values and how often each occurs, relative to the others. */
export type Weighted<T> = readonly (readonly [value: T, weight: number])[];

/** Mixes a seed and an index into one well-spread number of 32 bits. */
function mix(state: number, value: number): number {
  let mixed = Math.imul(state ^ value, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The same number for every seed, key and index, and for no two indexes of one key: a bijection of 32 bits. */
export function scatter(seed: number, key: number, index: number): number {
  return mix(mix(mix(0, seed), key), index) >>> 0;
}

/**
 * A repeatable stream of pseudo-random numbers (mulberry32), named by a seed, a key and an index: the stream of each
 * index is independent, so that any row can be made without those before it.
 */
export class Random {
  #state: number;

  constructor(seed: number, key: number, index: number) {
    this.#state = scatter(seed, key, index);
  }

  /** At least 0 and below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** The value with this probability, else nothing. The value is always worked out, so that later numbers stay put. */
  maybe<T>(probability: number, value: T): T | undefined {
    return this.chance(probability) ? value : undefined;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)]!;
  }

  /** A value, early ones more often: the n-th about as often as `n ** (1 / skew - 1)`, a Zipf-like decline. */
  early<T>(values: readonly T[], skew: number): T {
    return values[Math.floor(values.length * this.next() ** skew)]!;
  }

  weighted<T>(values: Weighted<T>): T {
    let rest = this.next() * totalOf(values);
    for (const [value, weight] of values) {
      rest -= weight;
      if (rest < 0) return value;
    }
    return values.at(-1)![0];
  }

  /** Up to `count` different values, early ones more often. */
  several<T>(values: readonly T[], count: number, skew: number): T[] {
    const chosen = new Set<T>();
    for (let each = 0; each < count; each++) chosen.add(this.early(values, skew));
    return [...chosen];
  }

  /** Normally distributed around 0 with a deviation of 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  digits(count: number): string {
    let digits = '';
    while (digits.length < count) digits += Math.floor(this.next() * 10);
    return digits;
  }

  /** Hexadecimal digits, as ids are written. */
  hex(count: number): string {
    let digits = '';
    while (digits.length < count) digits += Math.floor(this.next() * 16).toString(16);
    return digits;
  }
}

const totals = new WeakMap<object, number>();

function totalOf(values: Weighted<unknown>): number {
  const total = totals.get(values) ?? values.reduce((sum, [, weight]) => sum + weight, 0);
  totals.set(values, total);
  return total;
}
