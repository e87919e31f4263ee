import type { contact } from '@contact360/contacts';
import { and, condition, type Filter, not, or, type PathOf, parseUuid, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { many, single, timestamp, uuids, wholeNumber } from './parameters.ts';

type Path = PathOf<typeof contact>;
type Paths = readonly Path[];

/** Substring filters: any of the alternatives in any of the fields. */
const TEXT: Readonly<Record<string, Paths>> = {
  first_name: ['first_name'],
  last_name: ['last_name'],
  title: ['title'],
  company: ['company.name'],
  include_company_name: ['company.name'],
  company_name_for_emails: ['company.company_name_for_emails'],
  email: ['email'],
  departments: ['departments'],
  department: ['departments'],
  work_direct_phone: ['work_direct_phone'],
  home_phone: ['home_phone'],
  mobile_phone: ['mobile_phone'],
  corporate_phone: ['office_phone'],
  other_phone: ['other_phone'],
  city: ['city'],
  state: ['state'],
  country: ['country'],
  technologies: ['company.technologies'],
  technologies_uids: ['company.technologies'],
  person_linkedin_url: ['linkedin_url'],
  website: ['company.website'],
  company_linkedin_url: ['company.linkedin_url'],
  facebook_url: ['company.facebook_url'],
  twitter_url: ['company.twitter_url'],
  company_address: ['company.location'],
  company_location: ['company.location'],
  contact_location: ['location'],
  company_city: ['company.city'],
  company_state: ['company.state'],
  company_country: ['company.country'],
  company_phone: ['company.phone_number'],
  industry: ['company.industries'],
  industries: ['company.industries'],
  latest_funding: ['company.latest_funding'],
  last_raised_at: ['company.last_raised_at'],
  include_domain_list: ['company.normalized_domain'],
};

/** Whole values in any case; alternatives as above. */
const EXACT: Readonly<Record<string, Path>> = {
  email_status: 'email_status',
  primary_email_catch_all_status: 'primary_email_catch_all_status',
  stage: 'stage',
  seniority: 'seniority',
};

const NUMBERS: Readonly<Record<string, readonly [path: Path, operator: 'eq' | 'gte' | 'lte']>> = {
  employees_count: ['company.employees_count', 'eq'],
  employees: ['company.employees_count', 'eq'],
  annual_revenue: ['company.annual_revenue', 'eq'],
  total_funding: ['company.total_funding', 'eq'],
  employees_min: ['company.employees_count', 'gte'],
  employees_max: ['company.employees_count', 'lte'],
  annual_revenue_min: ['company.annual_revenue', 'gte'],
  annual_revenue_max: ['company.annual_revenue', 'lte'],
  total_funding_min: ['company.total_funding', 'gte'],
  total_funding_max: ['company.total_funding', 'lte'],
  latest_funding_amount_min: ['company.latest_funding_amount', 'gte'],
  latest_funding_amount_max: ['company.latest_funding_amount', 'lte'],
};

const TIMES: Readonly<Record<string, readonly [path: Path, operator: 'gte' | 'lte']>> = {
  created_at_after: ['created_at', 'gte'],
  created_at_before: ['created_at', 'lte'],
  updated_at_after: ['updated_at', 'gte'],
  updated_at_before: ['updated_at', 'lte'],
};

/** Exclusions by whole value, and by substring (decision 24). Rows without a value stay. */
const EXCLUDED_VALUES: Readonly<Record<string, Path>> = { exclude_titles: 'title', exclude_seniorities: 'seniority' };
const EXCLUDED_PARTS: Readonly<Record<string, Path>> = {
  exclude_company_locations: 'company.location',
  exclude_contact_locations: 'location',
  exclude_departments: 'departments',
  exclude_technologies: 'company.technologies',
  exclude_industries: 'company.industries',
  exclude_company_name: 'company.name',
  exclude_domain_list: 'company.normalized_domain',
};

/** Where keyword filters look, by the names that `keyword_search_fields` takes (schemas 8.2 and 11.3). */
const KEYWORD_FIELDS: Readonly<Record<string, Path>> = {
  company: 'company.name',
  name: 'company.name',
  companyname: 'company.name',
  industries: 'company.industries',
  industry: 'company.industries',
  keywords: 'company.keywords',
  keyword: 'company.keywords',
};

const anyContains = (paths: Paths, texts: readonly string[]) =>
  or(...paths.flatMap((path) => texts.map((text) => condition(path, 'contains', text))));

/** The filters of a list of contacts, as a query string gives them (documents 000, 001 and 004). */
export function decodeContactFilters(query: WireRequest['query']): Filter | undefined {
  const parts: Filter[] = [];
  for (const [name, paths] of Object.entries(TEXT)) {
    const texts = many(query, name);
    if (texts.length > 0) parts.push(anyContains(paths, texts));
  }
  for (const [name, path] of Object.entries(EXACT)) {
    const values = many(query, name);
    if (values.length > 0) parts.push(condition(path, 'in', values));
  }
  for (const [name, [path, operator]] of Object.entries(NUMBERS)) {
    const value = wholeNumber(query, name);
    if (value !== undefined) parts.push(condition(path, operator, value));
  }
  for (const [name, [path, operator]] of Object.entries(TIMES)) {
    const value = timestamp(query, name);
    if (value !== undefined) parts.push(condition(path, operator, value));
  }
  for (const [name, path] of Object.entries(EXCLUDED_VALUES)) {
    const values = many(query, name);
    if (values.length > 0) parts.push(condition(path, 'nin', values));
  }
  for (const [name, path] of Object.entries(EXCLUDED_PARTS)) {
    const texts = many(query, name);
    if (texts.length > 0) parts.push(not(anyContains([path], texts)));
  }
  parts.push(...keywordFilters(query));
  const companies = uuids(query, 'exclude_company_ids', parseUuid);
  if (companies.length > 0) parts.push(condition('company_id', 'nin', companies));
  const search = single(query, 'search');
  if (search !== undefined) parts.push(condition('search', 'words', search));
  return parts.length > 0 ? and(...parts) : undefined;
}

function keywordFilters(query: WireRequest['query']): Filter[] {
  const fieldsOf = (name: string): Paths => {
    const named = many(query, name).flatMap((field) => KEYWORD_FIELDS[field.toLowerCase()] ?? []);
    return named.length > 0 ? [...new Set(named)] : ['company.keywords'];
  };
  const searched = fieldsOf('keyword_search_fields');
  const any = many(query, 'keywords');
  const all = many(query, 'keywords_and');
  const none = many(query, 'exclude_keywords');
  return [
    ...(any.length > 0 ? [anyContains(searched, any)] : []),
    ...all.map((text) => anyContains(searched, [text])),
    ...(none.length > 0 ? [not(anyContains(fieldsOf('keyword_exclude_fields'), none))] : []),
  ];
}

const text = (description: string) => z.string().optional().describe(description);
const entries = (names: Iterable<string>, schema: z.ZodType) =>
  Object.fromEntries([...names].map((name) => [name, schema]));

/** The same filters for the API document. */
export const contactFilterParameters = z.object({
  ...entries(
    Object.keys(TEXT),
    text('Part of the value, in any case and without regard to accents; a comma separates alternatives'),
  ),
  ...entries(Object.keys(EXACT), text('The whole value, in any case; a comma separates alternatives')),
  ...entries(
    ['keywords', 'keywords_and'],
    text('Part of a keyword; a comma separates alternatives, all of which `keywords_and` asks for'),
  ),
  ...entries(
    ['keyword_search_fields', 'keyword_exclude_fields'],
    text('Where keyword filters look: company, industries, keywords'),
  ),
  ...entries(Object.keys(NUMBERS), z.int().min(0).optional()),
  ...entries(Object.keys(TIMES), z.iso.datetime().optional()),
  ...entries(
    [...Object.keys(EXCLUDED_VALUES), ...Object.keys(EXCLUDED_PARTS), 'exclude_keywords', 'exclude_company_ids'],
    z.array(z.string()).optional().describe('Repeated or separated by commas; rows without a value stay'),
  ),
  search: text(
    'Words, each of which must occur in the name, title, email, company, place, company domain or LinkedIn address',
  ),
});
