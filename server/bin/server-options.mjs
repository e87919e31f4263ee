import { fileURLToPath } from 'node:url';

/**
 * How Node.js runs the server and its workers. Left to itself it lets garbage pile up as long as the machine has memory:
 * streaming a million rows then takes 700 MB instead of 270, for a tenth less processor time.
 */
export const SERVER_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=40', '--expose-gc'];

/**
 * What Node.js reads of the environment. Compiled code is kept from one start to the next, which takes a third of the time
 * off the second, and 13 MB. Where glibc manages memory, all threads share one arena that gives back what is free: an
 * import then takes 50 MB less.
 */
export const SERVER_ENVIRONMENT = {
  NODE_COMPILE_CACHE:
    process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL('../../.runtime/compiled', import.meta.url)),
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1',
  MALLOC_TRIM_THRESHOLD_: process.env.MALLOC_TRIM_THRESHOLD_ ?? '131072',
};
