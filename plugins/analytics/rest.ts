import { type Binding, coreErrors, type WireRequest } from '@contact360/server';
import { analyticsInput, analyticsOutput, MAX_LIMIT } from './router.ts';

/** The snapshot in legacy, where anyone may have it, and in v1 (documents 000 and 001). */
export const bindings: readonly Binding[] = (
  [
    ['legacy', '/api/contacts/analytics/', 'open', 'legacy contacts'],
    ['v1', '/api/v1/contacts/analytics/', 'user', 'contacts'],
  ] as const
).map(([dialect, path, access, tag]) => ({
  dialect,
  path,
  access,
  method: 'GET',
  procedure: 'analytics.contacts',
  decode: ({ query }: WireRequest) => ({ limit: limitOf(query.limit) }),
  cache: { family: 'analytics', tables: ['contacts', 'companies'] },
  document: {
    summary: 'Contacts in numbers',
    description: 'How many there are, and the countries and industries of most of them.',
    tag,
    query: analyticsInput,
    response: analyticsOutput,
  },
}));

function limitOf(value: WireRequest['query'][string]): number | undefined {
  const text = typeof value === 'object' ? value.at(-1) : value;
  if (!text?.trim()) return undefined;
  const limit = /^\s*\+?\d+\s*$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw coreErrors.invalid_parameter(
    { name: 'limit', reason: `must be a whole number from 1 to ${MAX_LIMIT}` },
    { path: ['limit'] },
  );
}
