import { setImmediate } from 'node:timers/promises';

/** Items that are worked on at a stretch: under a millisecond when each takes what the row of an import does. */
const STRETCH = 30;

/**
 * Work on many items that takes long in all. Whoever waits for the database has a turn in between: it must not wait, and
 * the database with it, for what is computed meanwhile.
 */
export async function inTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    work(item);
    if (++count % STRETCH === 0) await setImmediate();
  }
}
