import type { contact } from '@contact360/contacts';
import { type Binding, condition } from '@contact360/server';
import { contactItemSchema } from '../../flat/contact-item.ts';
import { flatContacts } from '../../flat/contact-routes.ts';
import { type FieldList, fieldListBinding } from '../../flat/field-list.ts';
import { pageSchema } from '../../flat/list-page.ts';
import { countBinding, listBinding, type RecordRoutes, uuidsBinding } from '../../flat/record-list.ts';
import { companyOf } from './companies.ts';
import { companyContactFilterParameters, decodeCompanyContactFilters } from './company-filters.ts';

const routes: RecordRoutes<typeof contact> = {
  ...flatContacts,
  dialect: 'v1',
  access: 'user',
  path: '/api/v1/companies/company/{company_uuid}/contacts/',
  tag: 'companies',
  // By row number: that is what contacts are indexed by.
  scope: async (wire) => condition('company.id', 'eq', (await companyOf(wire)).id),
  filters: decodeCompanyContactFilters,
  parameters: companyContactFilterParameters,
  unlimited: true,
};

const bare = (name: string, field = name): FieldList => ({ name, field, shape: 'bare' });
const fieldLists: readonly FieldList[] = [
  bare('first_name'),
  bare('last_name'),
  bare('title'),
  bare('seniority'),
  // A list of departments is of single ones (schemas 7.4).
  { ...bare('department', 'departments'), alwaysSeparated: true },
  bare('email_status'),
];

/** The contacts of one company in the v1 dialect (document 004). */
export const companyContactBindings: readonly Binding[] = [
  listBinding(routes, {
    summary: 'List the contacts of a company',
    description: '404 when there is no such company.',
    response: pageSchema('CompanyContactPage', contactItemSchema),
  }),
  countBinding(routes, 'Count the contacts of a company'),
  uuidsBinding(routes, 'List the uuids of the contacts of a company'),
  ...fieldLists.map((list) => fieldListBinding(routes, list)),
];
