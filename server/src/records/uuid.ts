import { randomUUID } from 'node:crypto';

/** A random version 7 UUID: the first 48 bits are the time in milliseconds, so that index pages fill in order (RFC 9562). */
export function uuidv7(now = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  // A version 4 UUID has its variant and random bits in the same places, and Node.js makes them many at a time.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
