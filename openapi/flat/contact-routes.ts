import type { contact } from '@contact360/contacts';
import type { PathOf } from '@contact360/server';
import { contactFilterParameters, decodeContactFilters } from './contact-filters.ts';
import { CONTACT_ORDERINGS, contactItem, contactItemWithMeta, simpleContactItem } from './contact-item.ts';
import type { FieldList } from './field-list.ts';
import { decodeListSwitches } from './list-page.ts';
import type { RecordRoutes } from './record-list.ts';

type ContactRoutes = RecordRoutes<typeof contact>;

/** What legacy and v1 have in common in their lists of contacts. */
export const flatContacts = {
  plugin: 'contacts',
  tag: 'contacts',
  filters: decodeContactFilters,
  parameters: contactFilterParameters,
  orderings: CONTACT_ORDERINGS,
  include: ['company'],
  itemOf: (query) => (decodeListSwitches(query).includeMeta ? contactItemWithMeta : contactItem),
} satisfies Partial<ContactRoutes>;

/** As above, with the items of `view=simple` (v1; decision 23). */
export const itemOrSimpleItemOf: ContactRoutes['itemOf'] = (query) =>
  decodeListSwitches(query).simple ? simpleContactItem : flatContacts.itemOf(query);

const field = (name: string, path: PathOf<typeof contact>): FieldList => ({ name, field: path, shape: 'records' });

/** The seven lists of `{id, <field>}` (documents 000 and 001). */
export const CONTACT_FIELD_LISTS: readonly FieldList[] = [
  field('title', 'title'),
  field('company', 'company.name'),
  field('industry', 'company.industries'),
  field('keywords', 'company.keywords'),
  field('technologies', 'company.technologies'),
  field('company_address', 'company.location'),
  field('contact_address', 'location'),
];
