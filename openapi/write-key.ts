import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether a sent secret is the expected one, in constant time. With none expected nothing is right (decision 51). */
export function sameSecret(sent: string | undefined, expected: string | undefined): boolean {
  if (expected === undefined || sent === undefined) return false;
  return timingSafeEqual(digest(sent), digest(expected));
}
