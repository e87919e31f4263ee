import type { contact } from '@contact360/contacts';
import { and, condition, type Filter, not, type PathOf, parseUuid, type WireRequest } from '@contact360/server';
import {
  containsAny,
  decodeFilterTable,
  excludedParameter,
  type FilterTable,
  filterParametersOf,
  TIMES,
  textParameter,
} from './filter-table.ts';
import { many, sharedParameters, single, uuids } from './parameters.ts';

type Path = PathOf<typeof contact>;

const FILTERS: FilterTable<Path> = {
  parts: {
    first_name: 'first_name',
    last_name: 'last_name',
    title: 'title',
    company: 'company.name',
    include_company_name: 'company.name',
    company_name_for_emails: 'company.company_name_for_emails',
    email: 'email',
    departments: 'departments',
    department: 'departments',
    work_direct_phone: 'work_direct_phone',
    home_phone: 'home_phone',
    mobile_phone: 'mobile_phone',
    corporate_phone: 'office_phone',
    other_phone: 'other_phone',
    city: 'city',
    state: 'state',
    country: 'country',
    technologies: 'company.technologies',
    technologies_uids: 'company.technologies',
    person_linkedin_url: 'linkedin_url',
    website: 'company.website',
    company_linkedin_url: 'company.linkedin_url',
    facebook_url: 'company.facebook_url',
    twitter_url: 'company.twitter_url',
    company_address: 'company.location',
    company_location: 'company.location',
    contact_location: 'location',
    company_city: 'company.city',
    company_state: 'company.state',
    company_country: 'company.country',
    company_phone: 'company.phone_number',
    industry: 'company.industries',
    industries: 'company.industries',
    latest_funding: 'company.latest_funding',
    last_raised_at: 'company.last_raised_at',
    include_domain_list: 'company.normalized_domain',
  },
  values: {
    email_status: 'email_status',
    primary_email_catch_all_status: 'primary_email_catch_all_status',
    stage: 'stage',
    seniority: 'seniority',
  },
  numbers: {
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
  },
  times: TIMES,
  excludedParts: {
    exclude_company_locations: 'company.location',
    exclude_contact_locations: 'location',
    exclude_departments: 'departments',
    exclude_technologies: 'company.technologies',
    exclude_industries: 'company.industries',
    exclude_company_name: 'company.name',
    exclude_domain_list: 'company.normalized_domain',
  },
  excludedValues: { exclude_titles: 'title', exclude_seniorities: 'seniority' },
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

/** The filters of a list of contacts, as a query string gives them (documents 000, 001 and 004). */
export function decodeContactFilters(query: WireRequest['query']): Filter | undefined {
  const companies = uuids(query, 'exclude_company_ids', parseUuid);
  const search = single(query, 'search');
  const parts = [
    ...decodeFilterTable(FILTERS, query),
    ...keywordFilters(query),
    ...(companies.length > 0 ? [condition('company_id', 'nin', companies)] : []),
    ...(search === undefined ? [] : [condition('search', 'words', search)]),
  ];
  return parts.length > 0 ? and(...parts) : undefined;
}

function keywordFilters(query: WireRequest['query']): Filter[] {
  const fieldsOf = (name: string): readonly Path[] => {
    const named = many(query, name).flatMap((field) => KEYWORD_FIELDS[field.toLowerCase()] ?? []);
    return named.length > 0 ? [...new Set(named)] : ['company.keywords'];
  };
  const searched = fieldsOf('keyword_search_fields');
  const any = many(query, 'keywords');
  const all = many(query, 'keywords_and');
  const none = many(query, 'exclude_keywords');
  return [
    ...(any.length > 0 ? [containsAny(searched, any)] : []),
    ...all.map((text) => containsAny(searched, [text])),
    ...(none.length > 0 ? [not(containsAny(fieldsOf('keyword_exclude_fields'), none))] : []),
  ];
}

/** What a search for contacts looks in (decision 25). */
export const CONTACT_SEARCH =
  'Words, each of which must occur in the name, title, email, company, place, company domain or LinkedIn address';

const keywords = textParameter(
  'Part of a keyword; a comma separates alternatives, all of which `keywords_and` asks for',
);
const keywordFields = textParameter('Where keyword filters look: company, industries, keywords');

/** The same filters for the API document. */
export const contactFilterParameters = sharedParameters('contact', {
  ...filterParametersOf(FILTERS),
  keywords,
  keywords_and: keywords,
  keyword_search_fields: keywordFields,
  keyword_exclude_fields: keywordFields,
  exclude_keywords: excludedParameter,
  exclude_company_ids: excludedParameter,
  search: textParameter(CONTACT_SEARCH),
});
