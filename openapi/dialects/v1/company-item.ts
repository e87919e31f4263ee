import type { company } from '@contact360/companies';
import type { PathOf, Row, WireRequest } from '@contact360/server';
import { z } from 'zod';
import { wholeSeconds } from '../../flat/contact-item.ts';
import { decodeListSwitches } from '../../flat/list-page.ts';

export type CompanyRow = Row<typeof company>;

/** What clients of the documents' first generation find under `metadata`, beside the company's uuid (schemas 7.1). */
export const METADATA_FIELDS = [
  'linkedin_url',
  'linkedin_sales_url',
  'facebook_url',
  'twitter_url',
  'website',
  'company_name_for_emails',
  'phone_number',
  'latest_funding',
  'latest_funding_amount',
  'last_raised_at',
  'city',
  'state',
  'country',
] as const satisfies readonly PathOf<typeof company>[];

/**
 * A company as a list shows it: the union of what two generations of clients know, lists as arrays, `industry` joined,
 * missing text `""`, missing numbers `null` (schemas 7.1, decisions 12 and 16).
 */
function companyItem(row: CompanyRow) {
  return {
    id: row.id,
    uuid: row.uuid,
    name: row.name ?? '',
    employees_count: row.employees_count,
    annual_revenue: row.annual_revenue,
    total_funding: row.total_funding,
    industries: row.industries ?? [],
    industry: row.industries?.join(', ') ?? '',
    keywords: row.keywords ?? [],
    technologies: row.technologies ?? [],
    address: row.address ?? '',
    city: row.city ?? '',
    state: row.state ?? '',
    country: row.country ?? '',
    website: row.website ?? '',
    linkedin_url: row.linkedin_url ?? '',
    phone_number: row.phone_number ?? '',
    metadata: {
      uuid: row.uuid,
      linkedin_url: row.linkedin_url ?? '',
      linkedin_sales_url: row.linkedin_sales_url ?? '',
      facebook_url: row.facebook_url ?? '',
      twitter_url: row.twitter_url ?? '',
      website: row.website ?? '',
      company_name_for_emails: row.company_name_for_emails ?? '',
      phone_number: row.phone_number ?? '',
      latest_funding: row.latest_funding ?? '',
      latest_funding_amount: row.latest_funding_amount,
      last_raised_at: row.last_raised_at ?? '',
      city: row.city ?? '',
      state: row.state ?? '',
      country: row.country ?? '',
    },
    created_at: wholeSeconds(row.created_at),
    updated_at: wholeSeconds(row.updated_at),
  };
}

const companyItemWithMeta = (row: CompanyRow) => ({ ...companyItem(row), meta_data: row.meta_data ?? {} });

/** A company as its detail shows it: with `text_search` and, as everywhere, `meta_data` (decision 14). */
export const companyDetail = (row: CompanyRow) => ({
  ...companyItemWithMeta(row),
  text_search: row.text_search ?? '',
});

/** How a list shows a company, by its switches. */
export const companyItemOf = (query: WireRequest['query']) =>
  decodeListSwitches(query).includeMeta ? companyItemWithMeta : companyItem;

/** What `ordering` takes: the six of schemas 7.2, then the other scalars of an item (decision 21). */
export const COMPANY_ORDERINGS: Readonly<Record<string, PathOf<typeof company>>> = {
  created_at: 'created_at',
  updated_at: 'updated_at',
  name: 'name',
  employees_count: 'employees_count',
  annual_revenue: 'annual_revenue',
  total_funding: 'total_funding',
  industry: 'industries',
  address: 'address',
  city: 'city',
  state: 'state',
  country: 'country',
  website: 'website',
  linkedin_url: 'linkedin_url',
  phone_number: 'phone_number',
  id: 'id',
  uuid: 'uuid',
};

const texts = z.array(z.string());
const number = z.int().nullable();
const metadata = Object.fromEntries(
  METADATA_FIELDS.map((name): [string, z.ZodType] => [name, name === 'latest_funding_amount' ? number : z.string()]),
);

export const companyItemSchema = z
  .object({
    id: z.int(),
    uuid: z.string(),
    name: z.string(),
    employees_count: number,
    annual_revenue: number,
    total_funding: number,
    industries: texts,
    industry: z.string().describe('`industries`, joined'),
    keywords: texts,
    technologies: texts,
    address: z.string(),
    city: z.string(),
    state: z.string(),
    country: z.string(),
    website: z.string(),
    linkedin_url: z.string(),
    phone_number: z.string(),
    metadata: z.object({ uuid: z.string(), ...metadata }),
    created_at: z.string(),
    updated_at: z.string(),
    meta_data: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'CompanyListItem' });
export const companyDetailSchema = companyItemSchema
  .extend({ text_search: z.string(), meta_data: z.record(z.string(), z.unknown()) })
  .meta({ id: 'CompanyDetail' });
