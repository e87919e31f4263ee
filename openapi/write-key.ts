import { createHash, timingSafeEqual } from 'node:crypto';
import { type Binding, coreErrors, headerOf } from '@contact360/server';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Whether a sent secret is the expected one, in constant time. With none expected nothing is right (decision 51). */
function sameSecret(sent: string | undefined, expected: string | undefined): boolean {
  if (expected === undefined || sent === undefined) return false;
  return timingSafeEqual(digest(sent), digest(expected));
}

/** Refuses a write without the write key of its record type: 403 `Forbidden` (decisions 6 and 51). */
export const writeKeyGuard =
  (setting: 'CONTACTS_WRITE_KEY' | 'COMPANIES_WRITE_KEY'): NonNullable<Binding['guard']> =>
  ({ info, app }) => {
    const header = `x-${setting.toLowerCase().replaceAll('_', '-')}`;
    if (!sameSecret(headerOf(info, header), app.settings[setting])) throw coreErrors.write_key();
  };
