import type { contact } from '@contact360/contacts';
import type { Binding, PathOf } from '@contact360/server';
import { z } from 'zod';
import { contactItemSchema, contactItemWithMeta, simpleContactItemSchema } from '../../flat/contact-item.ts';
import { CONTACT_FIELD_LISTS, flatContacts, itemOrSimpleItemOf } from '../../flat/contact-routes.ts';
import { type FieldList, fieldListBinding } from '../../flat/field-list.ts';
import { identityOf } from '../../flat/identity.ts';
import { pageSchema } from '../../flat/list-page.ts';
import { countBinding, listBinding, type RecordRoutes, uuidsBinding } from '../../flat/record-list.ts';
import { writeKeyGuard } from '../../write-key.ts';

const routes: RecordRoutes<typeof contact> = {
  ...flatContacts,
  dialect: 'v1',
  access: 'user',
  path: '/api/v1/contacts/',
  parameters: z.object({ ...flatContacts.parameters.shape, view: z.enum(['simple']).optional() }),
  unlimited: true,
  itemOf: itemOrSimpleItemOf,
};
const { dialect, path, tag } = routes;
const filtered = { ...routes, parameters: flatContacts.parameters };

const places: Readonly<Record<string, PathOf<typeof contact>>> = {
  city: 'city',
  state: 'state',
  country: 'country',
  company_city: 'company.city',
  company_state: 'company.state',
  company_country: 'company.country',
};
/** Pages of plain texts, in document 000 always distinct (decision 26). */
const placeLists = Object.entries(places).map(
  ([name, field]): FieldList => ({ name, field, shape: 'texts', alwaysDistinct: true }),
);

/** The contacts of the v1 dialect (document 000). */
export const contactBindings: readonly Binding[] = [
  listBinding(routes, {
    summary: 'List contacts',
    description:
      'Newest first with cursors; any other ordering with limit and offset, or every row streamed without `limit`.',
    response: pageSchema('ContactListPage', z.union([contactItemSchema, simpleContactItemSchema])),
  }),
  {
    dialect,
    access: 'admin',
    method: 'POST',
    path,
    procedure: 'contacts.create',
    status: 201,
    guard: writeKeyGuard('CONTACTS_WRITE_KEY'),
    decode: ({ body }) => body ?? {},
    encode: contactItemWithMeta,
    document: {
      summary: 'Create a contact',
      description: 'Needs an admin and the header X-Contacts-Write-Key.',
      tag,
      response: contactItemSchema,
    },
  },
  countBinding(filtered, 'Count contacts'),
  uuidsBinding(filtered, 'List the uuids of all matching contacts'),
  ...[...CONTACT_FIELD_LISTS, ...placeLists].map((list) => fieldListBinding(filtered, list)),
  {
    dialect,
    access: 'user',
    method: 'GET',
    path: `${path}{contact_uuid}/`,
    procedure: 'contacts.get',
    decode: (wire) => identityOf(wire.path.contact_uuid!),
    encode: contactItemWithMeta,
    document: {
      summary: 'Retrieve a contact',
      description: 'By uuid or by integer id.',
      tag,
      response: contactItemSchema,
    },
  },
];
