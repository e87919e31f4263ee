import { company } from '@contact360/companies';
import { defineRecord, field } from '@contact360/server';

/**
 * Contacts: the one place where a contact field is declared. Columns, migrations, schemas, filters, orderings, CSV
 * headings and API documents are made from it. Names are those of the gateway's contact model.
 */
export const contact = defineRecord({
  name: 'contact',
  plural: 'contacts',
  fields: {
    first_name: field('text', 'First name', {
      search: true,
      sort: true,
      headings: ['First Name', 'FName', 'First'],
      filter: { id: 15, type: 'text' },
    }),
    last_name: field('text', 'Last name', {
      search: true,
      sort: true,
      headings: ['Last Name', 'LName', 'Last'],
      filter: { id: 16, type: 'text' },
    }),
    title: field('text', 'Job title', {
      search: true,
      sort: true,
      headings: ['Title', 'Position', 'Job Title', 'Role', 'Designation'],
      filter: { id: 19, type: 'text', stored: true },
    }),
    email: field('email', 'Email address; living contacts are unique by it, in any case', {
      search: true,
      unique: true,
      headings: ['Email', 'E-mail', 'Email Address'],
      filter: { id: 18, type: 'keyword' },
    }),
    email_status: field('text', 'How sure the email address is', {
      sort: true,
      counted: true,
      headings: ['Email Status', 'Email Verification'],
      filter: { id: 22, type: 'keyword', stored: true },
    }),
    primary_email_catch_all_status: field('text', 'Whether the mail host accepts every address', {
      headings: ['Primary Email Catch-all Status'],
    }),
    seniority: field('text', 'Seniority of the position', {
      sort: true,
      counted: true,
      headings: ['Seniority', 'Level', 'Seniority Level'],
      filter: { id: 23, type: 'keyword', stored: true },
    }),
    departments: field('list', 'Departments of the position', {
      search: true,
      headings: ['Departments', 'Department'],
      filter: { id: 20, type: 'keyword', stored: true },
    }),
    work_direct_phone: field('phone', 'Direct phone at work', { headings: ['Work Direct Phone'] }),
    home_phone: field('phone', 'Phone at home', { headings: ['Home Phone'] }),
    mobile_phone: field('phone', 'Mobile phone', {
      headings: ['Mobile Phone', 'Phone', 'Telephone', 'Tel', 'Mobile', 'Cell'],
      filter: { id: 21, type: 'keyword' },
    }),
    corporate_phone: field('phone', "Phone of the contact's office", { headings: ['Corporate Phone'] }),
    other_phone: field('phone', 'Another phone', { headings: ['Other Phone'] }),
    stage: field('text', 'Stage of the sale', {
      sort: true,
      counted: true,
      headings: ['Stage', 'Lead Stage', 'Lead Status'],
    }),
    linkedin_url: field('url', 'LinkedIn profile', {
      search: true,
      sort: true,
      headings: [
        'Person Linkedin Url',
        'Person Linkedin',
        'Linkedin Url',
        'Linkedin Profile',
        'Personal Linkedin',
        'Linkedin',
      ],
      label: 'LinkedIn URL',
      filter: { id: 27, type: 'keyword' },
    }),
    facebook_url: field('url', "The contact's own Facebook page", { headings: ['Contact Facebook Url'] }),
    twitter_url: field('url', "The contact's own Twitter page", { headings: ['Contact Twitter Url'] }),
    website: field('url', "The contact's own website", { headings: ['Contact Website'] }),
    city: field('text', 'City of the contact', {
      search: true,
      sort: true,
      headings: ['City', 'Town'],
      filter: { id: 24, type: 'keyword', stored: true },
    }),
    state: field('text', 'State or region of the contact', {
      search: true,
      sort: true,
      headings: ['State', 'Province', 'Region'],
      filter: { id: 25, type: 'keyword', stored: true },
    }),
    country: field('text', 'Country of the contact', {
      search: true,
      sort: true,
      counted: true,
      headings: ['Country', 'Nation'],
      filter: { id: 26, type: 'keyword', stored: true },
    }),
    text_search: field('text', 'Location as one text, when it was given as such', {
      headings: ['Text Search', 'Contact Text Search', 'Contact Location'],
    }),
    company_id: field('uuid', "The company's uuid", {
      sort: true,
      headings: ['Company ID', 'Company UUID'],
      label: 'Company ID',
      filter: { id: 17, type: 'keyword' },
    }),
    meta_data: field('json', 'Whatever else an import gave'),
  },
  computed: {
    location: {
      description: 'Where the contact is: `text_search` when set, else city, state and country (decision 13)',
      from: ['text_search', ['city', 'state', 'country']],
      search: true,
    },
    office_phone: {
      description: 'The corporate phone, else the phone number of the company (decision 13)',
      from: ['corporate_phone', 'company.phone_number'],
    },
  },
  relations: {
    company: {
      record: company,
      key: 'company_id',
      rowKey: 'company_row',
      copies: ['name', 'employees_count', 'annual_revenue', 'total_funding'],
      description: 'The company the contact works at',
    },
  },
  search: {
    fields: ['first_name', 'last_name', 'title', 'email', 'city', 'state', 'country', 'linkedin_url'],
    relations: ['company'],
  },
});
