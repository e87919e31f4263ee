import type { company } from '@contact360/companies';
import type { contact } from '@contact360/contacts';
import {
  and,
  condition,
  coreErrors,
  type Filter,
  foldAccents,
  or,
  type PathOf,
  SEARCH_FIELD,
  type WireRequest,
} from '@contact360/server';
import { CONTACT_SEARCH } from '../../flat/contact-filters.ts';
import {
  decodeFilterTable,
  type FilterTable,
  filterParametersOf,
  TIMES,
  textParameter,
} from '../../flat/filter-table.ts';
import { sharedParameters, single } from '../../flat/parameters.ts';

type CompanyPath = PathOf<typeof company>;

/** CompanyFilterParams (schemas 7.2). */
const COMPANIES: FilterTable<CompanyPath> = {
  parts: {
    name: 'name',
    address: 'address',
    company_location: 'location',
    text_search: 'location',
    city: 'city',
    state: 'state',
    country: 'country',
    phone_number: 'phone_number',
    website: 'website',
    linkedin_url: 'linkedin_url',
    facebook_url: 'facebook_url',
    twitter_url: 'twitter_url',
    latest_funding: 'latest_funding',
    industries: 'industries',
    industry: 'industries',
    keywords: 'keywords',
    technologies: 'technologies',
  },
  values: {},
  numbers: {
    employees_count: ['employees_count', 'eq'],
    employees: ['employees_count', 'eq'],
    annual_revenue: ['annual_revenue', 'eq'],
    total_funding: ['total_funding', 'eq'],
    employees_min: ['employees_count', 'gte'],
    employees_max: ['employees_count', 'lte'],
    annual_revenue_min: ['annual_revenue', 'gte'],
    annual_revenue_max: ['annual_revenue', 'lte'],
    total_funding_min: ['total_funding', 'gte'],
    total_funding_max: ['total_funding', 'lte'],
    latest_funding_amount_min: ['latest_funding_amount', 'gte'],
    latest_funding_amount_max: ['latest_funding_amount', 'lte'],
  },
  times: TIMES,
  excludedParts: {
    exclude_industries: 'industries',
    exclude_keywords: 'keywords',
    exclude_technologies: 'technologies',
    exclude_locations: 'location',
  },
  excludedValues: {},
};

/** Where a search for companies looks beside the core's search fields: the whole row as clients see it (schemas 7.2). */
const SEARCHED: readonly CompanyPath[] = [
  'address',
  'location',
  'industries',
  'keywords',
  'technologies',
  'phone_number',
  'website',
  'linkedin_url',
  'facebook_url',
  'twitter_url',
];
/** A query may hold 200 conditions, and each word takes one per field. */
const MAX_WORDS = 12;

/** Every word occurs in some field; words may hit different ones (decision 25). */
function searchFilter(search: string): Filter {
  const words = [...new Set(foldAccents(search).split(/\s+/u).filter(Boolean))];
  if (words.length > MAX_WORDS)
    throw coreErrors.invalid_parameter({ name: 'search', reason: `takes at most ${MAX_WORDS} words` });
  return and(
    ...words.map((word) =>
      or(condition(SEARCH_FIELD, 'words', word), ...SEARCHED.map((path) => condition(path, 'contains', word))),
    ),
  );
}

/** The filters of a list of companies. */
export function decodeCompanyFilters(query: WireRequest['query']): Filter | undefined {
  const search = single(query, 'search');
  const parts = [...decodeFilterTable(COMPANIES, query), ...(search === undefined ? [] : [searchFilter(search)])];
  return parts.length > 0 ? and(...parts) : undefined;
}

export const companyFilterParameters = sharedParameters('company', {
  ...filterParametersOf(COMPANIES),
  search: textParameter(
    `At most ${MAX_WORDS} words, each of which must occur in the name, address, place, domain, industries, keywords, technologies, phone number or a web address`,
  ),
});

/** CompanyContactFilterParams (schemas 7.3): what is asked of the contacts of one company is about themselves. */
const COMPANY_CONTACTS: FilterTable<PathOf<typeof contact>> = {
  parts: {
    first_name: 'first_name',
    last_name: 'last_name',
    title: 'title',
    seniority: 'seniority',
    department: 'departments',
    departments: 'departments',
    email_status: 'email_status',
    status: 'email_status',
    email: 'email',
    contact_location: 'location',
    text_search: 'location',
    work_direct_phone: 'work_direct_phone',
    home_phone: 'home_phone',
    mobile_phone: 'mobile_phone',
    other_phone: 'other_phone',
    city: 'city',
    state: 'state',
    country: 'country',
    person_linkedin_url: 'linkedin_url',
    website: 'website',
    facebook_url: 'facebook_url',
    twitter_url: 'twitter_url',
    stage: 'stage',
  },
  values: {},
  numbers: {},
  times: TIMES,
  excludedParts: { exclude_contact_locations: 'location', exclude_departments: 'departments' },
  excludedValues: { exclude_titles: 'title', exclude_seniorities: 'seniority' },
};

/** The filters of a list of the contacts of one company. */
export function decodeCompanyContactFilters(query: WireRequest['query']): Filter | undefined {
  const search = single(query, 'search');
  const parts = [
    ...decodeFilterTable(COMPANY_CONTACTS, query),
    ...(search === undefined ? [] : [condition(SEARCH_FIELD, 'words', search)]),
  ];
  return parts.length > 0 ? and(...parts) : undefined;
}

export const companyContactFilterParameters = sharedParameters('company_contact', {
  ...filterParametersOf(COMPANY_CONTACTS),
  search: textParameter(CONTACT_SEARCH),
});
