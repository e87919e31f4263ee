import { defineRecord, field } from '@contact360/server';
import { domainOf } from './domain.ts';

/**
 * Companies: the one place where a company field is declared. Columns, migrations, schemas, filters, orderings, CSV
 * headings and API documents are made from it. Names are those of the gateway's company reference.
 */
export const company = defineRecord({
  name: 'company',
  plural: 'companies',
  fields: {
    name: field('text', 'Name of the company', {
      search: true,
      sort: true,
      headings: ['Company', 'Company Name', 'Organization', 'Org'],
      filter: { id: 1, type: 'text' },
    }),
    company_name_for_emails: field('text', 'Name as it is written in emails', {
      headings: ['Company Name for Emails'],
    }),
    employees_count: field('integer', 'Number of employees', {
      sort: true,
      counted: true,
      headings: [
        '# Employees',
        'Employees',
        'Employee Count',
        'Employees Count',
        'Size',
        'Company Size',
        'Company Employees Count',
      ],
      filter: { id: 2, type: 'range' },
    }),
    industries: field('list', 'Industries the company is in', {
      search: true,
      headings: ['Industry', 'Industries', 'Sector', 'Vertical', 'Company Industries', 'Company Industry'],
      filter: { id: 3, type: 'keyword', stored: true },
    }),
    keywords: field('list', 'Keywords that describe the company', {
      search: true,
      headings: ['Keywords', 'Tags', 'Skills', 'Key Words', 'Company Keywords'],
      filter: { id: 4, type: 'keyword', stored: true },
    }),
    technologies: field('list', 'Technologies the company uses', {
      search: true,
      headings: ['Technologies', 'Tech', 'Stack', 'Technology Stack', 'Company Technologies'],
      filter: { id: 8, type: 'keyword', stored: true },
    }),
    address: field('text', 'Postal address', {
      search: true,
      headings: ['Company Address', 'Corporate Address'],
      filter: { id: 5, type: 'text' },
    }),
    text_search: field('text', 'Location as one text, when it was given as such', {
      headings: ['Company Text Search', 'Company Location'],
    }),
    city: field('text', 'City of the company', {
      search: true,
      headings: ['Company City'],
      filter: { id: 9, type: 'keyword', stored: true },
    }),
    state: field('text', 'State or region of the company', {
      search: true,
      headings: ['Company State'],
      filter: { id: 10, type: 'keyword', stored: true },
    }),
    country: field('text', 'Country of the company', {
      search: true,
      counted: true,
      headings: ['Company Country'],
      filter: { id: 11, type: 'keyword', stored: true },
    }),
    phone_number: field('phone', 'Main phone number', {
      search: true,
      headings: ['Company Phone', 'Company Phone Number', 'Corporate Phone Number'],
    }),
    website: field('url', 'Website', {
      search: true,
      headings: ['Website', 'Company Website', 'URL', 'Web', 'Site'],
      filter: { id: 13, type: 'text' },
    }),
    normalized_domain: field('text', 'Host name of the website without `www.`; companies are unique by it', {
      search: true,
      unique: true,
      headings: ['Company Domain', 'Company Normalized Domain', 'Normalized Domain', 'Domain'],
      filter: { id: 14, type: 'text' },
    }),
    linkedin_url: field('url', 'LinkedIn page', {
      search: true,
      headings: ['Company Linkedin Url', 'Company Linkedin'],
      label: 'LinkedIn URL',
      filter: { id: 12, type: 'keyword' },
    }),
    linkedin_sales_url: field('url', 'LinkedIn Sales Navigator page', { headings: ['Company Linkedin Sales Url'] }),
    facebook_url: field('url', 'Facebook page', {
      search: true,
      headings: ['Facebook Url', 'Facebook', 'FB', 'Company Facebook Url'],
    }),
    twitter_url: field('url', 'Twitter page', {
      search: true,
      headings: ['Twitter Url', 'Twitter', 'Twitter Handle', 'Company Twitter Url'],
    }),
    annual_revenue: field('money', 'Annual revenue, in the unit it came in', {
      sort: true,
      headings: ['Annual Revenue', 'Revenue', 'Sales', 'Turnover', 'Company Annual Revenue'],
      filter: { id: 6, type: 'range' },
    }),
    total_funding: field('money', 'Total funding, in the unit it came in', {
      sort: true,
      headings: ['Total Funding', 'Company Total Funding'],
      filter: { id: 7, type: 'range' },
    }),
    latest_funding: field('text', 'Latest funding round', { headings: ['Latest Funding', 'Company Latest Funding'] }),
    latest_funding_amount: field('money', 'Amount of the latest funding round', {
      sort: true,
      headings: ['Latest Funding Amount', 'Funding Amount', 'Company Latest Funding Amount'],
    }),
    last_raised_at: field('text', 'When money was last raised, as it was given', {
      headings: ['Last Raised At', 'Company Last Raised At'],
    }),
    meta_data: field('json', 'Whatever else an import gave'),
  },
  computed: {
    location: {
      description: 'Where the company is: `text_search` when set, else address, city, state and country (decision 13)',
      from: ['text_search', ['address', 'city', 'state', 'country']],
      search: true,
    },
  },
  search: { fields: ['name', 'city', 'state', 'country', 'normalized_domain'] },
  // Whoever gives a website gives a domain with it, unless they give one of their own. Domains have no case.
  complete: (values) => {
    const { website, normalized_domain: domain } = values;
    if (typeof domain === 'string') return { ...values, normalized_domain: domain.toLowerCase() };
    if (!('website' in values) || domain === null) return values;
    return { ...values, normalized_domain: (website && domainOf(website as string)) || null };
  },
});
