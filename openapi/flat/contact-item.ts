import type { contact } from '@contact360/contacts';
import type { PathOf, Row } from '@contact360/server';
import { z } from 'zod';

export type ContactRow = Row<typeof contact>;

/** Whole seconds, as the documents show times (decision 4). */
export const wholeSeconds = (time: string) => `${time.slice(0, 19)}Z`;
const joined = (elements: readonly string[] | null | undefined) => elements?.join(', ') ?? '';

/**
 * A contact as a flat row like an Apollo.io export, in the order of the documents' example (decisions 12, 13 and 16):
 * company fields beside the contact's, lists joined, missing text `""`, missing numbers `null`.
 */
export function contactItem(row: ContactRow) {
  const company = row.company ?? undefined;
  return {
    id: row.id,
    uuid: row.uuid,
    first_name: row.first_name ?? '',
    last_name: row.last_name ?? '',
    title: row.title ?? '',
    company: company?.name ?? '',
    company_name_for_emails: company?.company_name_for_emails ?? '',
    email: row.email ?? '',
    email_status: row.email_status ?? '',
    primary_email_catch_all_status: row.primary_email_catch_all_status ?? '',
    seniority: row.seniority ?? '',
    departments: joined(row.departments),
    work_direct_phone: row.work_direct_phone ?? '',
    home_phone: row.home_phone ?? '',
    mobile_phone: row.mobile_phone ?? '',
    corporate_phone: row.office_phone ?? '',
    other_phone: row.other_phone ?? '',
    stage: row.stage ?? '',
    employees: company?.employees_count ?? null,
    industry: joined(company?.industries),
    keywords: joined(company?.keywords),
    person_linkedin_url: row.linkedin_url ?? '',
    website: company?.website ?? '',
    company_linkedin_url: company?.linkedin_url ?? '',
    facebook_url: company?.facebook_url ?? '',
    twitter_url: company?.twitter_url ?? '',
    city: row.city ?? '',
    state: row.state ?? '',
    country: row.country ?? '',
    company_address: company?.location ?? '',
    company_city: company?.city ?? '',
    company_state: company?.state ?? '',
    company_country: company?.country ?? '',
    company_phone: company?.phone_number ?? '',
    technologies: joined(company?.technologies),
    annual_revenue: company?.annual_revenue ?? null,
    total_funding: company?.total_funding ?? null,
    latest_funding: company?.latest_funding ?? '',
    latest_funding_amount: company?.latest_funding_amount ?? null,
    last_raised_at: company?.last_raised_at ?? '',
    created_at: wholeSeconds(row.created_at),
    updated_at: wholeSeconds(row.updated_at),
  };
}

export type ContactItem = ReturnType<typeof contactItem>;

/** A list item with its `meta_data`, as `include_meta` and the detail show it (decision 14). */
export const contactItemWithMeta = (row: ContactRow) => {
  const { created_at, updated_at, ...item } = contactItem(row);
  return { ...item, meta_data: row.meta_data ?? {}, created_at, updated_at };
};

/** A contact with the essential fields only: `view=simple` (decision 23). */
export const simpleContactItem = (row: ContactRow) => ({
  id: row.id,
  uuid: row.uuid,
  first_name: row.first_name ?? '',
  last_name: row.last_name ?? '',
  title: row.title ?? '',
  location: { city: row.city ?? '', state: row.state ?? '', country: row.country ?? '' },
  company_name: row.company?.name ?? '',
  person_linkedin_url: row.linkedin_url ?? '',
  company_domain: row.company?.website ?? '',
});

/**
 * What each scalar of an item is ordered by; the names are those that `ordering` takes (decision 21), first the documented
 * ones in the order in which the refusal of another one lists them.
 */
export const CONTACT_ORDERINGS: Readonly<Record<string, PathOf<typeof contact>>> = {
  created_at: 'created_at',
  updated_at: 'updated_at',
  employees: 'company.employees_count',
  annual_revenue: 'company.annual_revenue',
  total_funding: 'company.total_funding',
  latest_funding_amount: 'company.latest_funding_amount',
  first_name: 'first_name',
  last_name: 'last_name',
  title: 'title',
  company: 'company.name',
  email: 'email',
  city: 'city',
  state: 'state',
  country: 'country',
  company_address: 'company.location',
  company_city: 'company.city',
  company_state: 'company.state',
  company_country: 'company.country',
  company_name_for_emails: 'company.company_name_for_emails',
  email_status: 'email_status',
  primary_email_catch_all_status: 'primary_email_catch_all_status',
  seniority: 'seniority',
  departments: 'departments',
  work_direct_phone: 'work_direct_phone',
  home_phone: 'home_phone',
  mobile_phone: 'mobile_phone',
  corporate_phone: 'office_phone',
  company_phone: 'company.phone_number',
  other_phone: 'other_phone',
  stage: 'stage',
  industry: 'company.industries',
  keywords: 'company.keywords',
  technologies: 'company.technologies',
  person_linkedin_url: 'linkedin_url',
  website: 'company.website',
  company_linkedin_url: 'company.linkedin_url',
  facebook_url: 'company.facebook_url',
  twitter_url: 'company.twitter_url',
  latest_funding: 'company.latest_funding',
  last_raised_at: 'company.last_raised_at',
  id: 'id',
  uuid: 'uuid',
};

const NUMBERS = new Set(['employees', 'annual_revenue', 'total_funding', 'latest_funding_amount']);
const itemShape = (Object.keys(CONTACT_ORDERINGS) as (keyof ContactItem)[]).map((name): [string, z.ZodType] => [
  name,
  name === 'id' ? z.int() : NUMBERS.has(name) ? z.int().nullable() : z.string(),
]);

export const contactItemSchema = z
  .object({ ...Object.fromEntries(itemShape), meta_data: z.record(z.string(), z.unknown()).optional() })
  .meta({ id: 'ContactListItem', description: 'A contact as a flat row like an Apollo.io export' });
export const simpleContactItemSchema = z
  .object({
    id: z.int(),
    uuid: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    title: z.string(),
    location: z.object({ city: z.string(), state: z.string(), country: z.string() }),
    company_name: z.string(),
    person_linkedin_url: z.string(),
    company_domain: z.string(),
  })
  .meta({ id: 'ContactSimpleItem' });
