import type { contact } from '@contact360/contacts';
import type { Binding } from '@contact360/server';
import { contactItemSchema, contactItemWithMeta } from '../../flat/contact-item.ts';
import { CONTACT_FIELD_LISTS, flatContacts } from '../../flat/contact-routes.ts';
import { fieldListBinding } from '../../flat/field-list.ts';
import { rowIdentityOf } from '../../flat/identity.ts';
import { pageSchema } from '../../flat/list-page.ts';
import { countBinding, listBinding, type RecordRoutes } from '../../flat/record-list.ts';

const routes: RecordRoutes<typeof contact> = {
  ...flatContacts,
  dialect: 'legacy',
  access: 'open',
  path: '/api/contacts/',
  tag: 'legacy contacts',
  unlimited: false,
};
const { dialect, access, path, tag } = routes;

/** The contacts of the legacy dialect (document 001): anyone may read them, a page at a time. */
export const contactBindings: readonly Binding[] = [
  listBinding(routes, {
    summary: 'List contacts',
    description: 'Newest first with cursors; any other ordering with limit and offset. At most 100 at a time.',
    response: pageSchema('LegacyContactPage', contactItemSchema),
  }),
  countBinding(routes, 'Count contacts'),
  ...CONTACT_FIELD_LISTS.map((list) => fieldListBinding(routes, list)),
  {
    dialect,
    access,
    method: 'GET',
    path: `${path}{id}/`,
    procedure: 'contacts.get',
    decode: (wire) => rowIdentityOf(wire.path.id!),
    encode: contactItemWithMeta,
    document: { summary: 'Retrieve a contact', description: 'By integer id.', tag, response: contactItemSchema },
  },
];
