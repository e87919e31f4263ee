import { definePlugin } from '@contact360/server';
import { contact } from './fields.ts';
import { router } from './router.ts';

export { contact };

/** Contacts: people at companies. */
export const contacts = () =>
  definePlugin({
    id: 'contacts',
    requires: ['companies'],
    records: [contact],
    migrations: new URL('./migrations/', import.meta.url),
    router,
  });
