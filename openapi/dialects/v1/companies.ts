import { company } from '@contact360/companies';
import { type Binding, type Row, recordErrors, WireReply, type WireRequest } from '@contact360/server';
import { fieldListBinding } from '../../flat/field-list.ts';
import { identityOf } from '../../flat/identity.ts';
import { pageSchema } from '../../flat/list-page.ts';
import { countBinding, listBinding, type RecordRoutes, uuidsBinding } from '../../flat/record-list.ts';
import { writeKeyGuard } from '../../write-key.ts';
import { companyCreateSchema, companyUpdateSchema, decodeCompanyBody } from './company-body.ts';
import { companyFilterParameters, decodeCompanyFilters } from './company-filters.ts';
import {
  COMPANY_ORDERINGS,
  companyDetail,
  companyDetailSchema,
  companyItemOf,
  companyItemSchema,
} from './company-item.ts';

const routes: RecordRoutes<typeof company> = {
  dialect: 'v1',
  access: 'user',
  path: '/api/v1/companies/',
  plugin: 'companies',
  tag: 'companies',
  filters: decodeCompanyFilters,
  parameters: companyFilterParameters,
  orderings: COMPANY_ORDERINGS,
  unlimited: true,
  itemOf: companyItemOf,
};
const { dialect, path, tag } = routes;
const onePath = `${path}{company_uuid}/` as const;
const admin = { dialect, access: 'admin', guard: writeKeyGuard('COMPANIES_WRITE_KEY') } as const;
const NEEDS_KEY = 'Needs an admin and the header X-Companies-Write-Key.';

const fields = {
  name: 'name',
  industry: 'industries',
  keywords: 'keywords',
  technologies: 'technologies',
  address: 'address',
  city: 'city',
  state: 'state',
  country: 'country',
} as const;

/** The company that the path names by uuid or row number; not found when there is none. */
export async function companyOf(wire: WireRequest): Promise<Row<typeof company>> {
  const found = await wire.app.store(company).find(identityOf(wire.path.company_uuid!));
  if (!found) throw recordErrors.not_found();
  return found;
}

/** The companies of the v1 dialect (document 004). */
export const companyBindings: readonly Binding[] = [
  listBinding(routes, {
    summary: 'List companies',
    description:
      'Newest first with cursors; any other ordering with limit and offset, or every row streamed without `limit`.',
    response: pageSchema('CompanyListPage', companyItemSchema),
  }),
  countBinding(routes, 'Count companies'),
  uuidsBinding(routes, 'List the uuids of all matching companies'),
  ...Object.entries(fields).map(([name, field]) => fieldListBinding(routes, { name, field, shape: 'bare' })),
  {
    ...admin,
    method: 'POST',
    path,
    procedure: 'companies.create',
    status: 201,
    decode: ({ body }) => decodeCompanyBody(companyCreateSchema, body),
    encode: companyDetail,
    document: {
      summary: 'Create a company',
      description: NEEDS_KEY,
      tag,
      body: companyCreateSchema,
      response: companyDetailSchema,
    },
  },
  {
    dialect,
    access: 'user',
    method: 'GET',
    path: onePath,
    procedure: 'companies.get',
    decode: (wire) => identityOf(wire.path.company_uuid!),
    encode: companyDetail,
    document: {
      summary: 'Retrieve a company',
      description: 'By uuid or by integer id.',
      tag,
      response: companyDetailSchema,
    },
  },
  {
    ...admin,
    method: 'PUT',
    path: onePath,
    procedure: 'companies.update',
    decode: async (wire) => {
      const { uuid } = await companyOf(wire);
      return { uuid, values: decodeCompanyBody(companyUpdateSchema, wire.body) };
    },
    encode: companyDetail,
    document: {
      summary: 'Update a company',
      description: `Changes only what is sent. ${NEEDS_KEY}`,
      tag,
      body: companyUpdateSchema,
      response: companyDetailSchema,
    },
  },
  {
    ...admin,
    method: 'DELETE',
    path: onePath,
    procedure: 'companies.delete',
    status: 204,
    decode: async (wire) => ({ uuid: (await companyOf(wire)).uuid }),
    encode: () => new WireReply({ status: 204 }),
    document: {
      summary: 'Delete a company',
      description: `Its contacts stay, without a company. ${NEEDS_KEY}`,
      tag,
    },
  },
];
