import { type Company, companyOf } from './company.ts';
import { type Contact, contactOf } from './contact.ts';

export interface DemoFile {
  /** Rows of the file. */
  readonly contacts: number;
  /** Companies that the contacts are at; contacts of the same seed and number of companies belong together. */
  readonly companies: number;
  /** Names the data: the same seed gives the same bytes. */
  readonly seed: number;
  /** Index of the first row, 0 when absent: files with other indexes hold other contacts. */
  readonly start?: number;
}

type Cell = string | number | undefined;
/** Headings and what stands under them, in the order of the file. */
type Columns<T> = readonly (readonly [heading: string, cell: (row: T) => Cell])[];

/** Apollo.io writes an apostrophe before phone numbers, so that spreadsheets keep their plus sign. */
const phone = (number: string | undefined) => number && `'${number}`;
/** Elements separated by commas; one that holds a comma stands in double quotes. */
const list = (elements: readonly string[] | undefined) =>
  elements?.map((element) => (element.includes(',') ? `"${element}"` : element)).join(', ');
const OWNER = 'owner@example.com';

/** Columns about a company, as they stand in exports of contacts and of companies alike. */
const companyColumns: Columns<Company> = [
  ['Company Name for Emails', ({ nameForEmails }) => nameForEmails],
  ['# Employees', ({ employees }) => employees],
  ['Industry', ({ industries }) => list(industries)],
  ['Keywords', ({ keywords }) => list(keywords)],
  ['Website', ({ domain }) => `http://www.${domain}`],
  ['Company Linkedin Url', ({ linkedin }) => linkedin],
  ['Company Linkedin Sales Url', ({ linkedinSales }) => linkedinSales],
  ['Facebook Url', ({ facebook }) => facebook],
  ['Twitter Url', ({ twitter }) => twitter],
  ['Company Address', ({ address }) => address],
  ['Company City', ({ place }) => place.city],
  ['Company State', ({ place }) => place.state],
  ['Company Country', ({ country }) => country.name],
  ['Company Location', ({ location }) => location],
  ['Company Phone', (company) => phone(company.phone)],
  ['Technologies', ({ technologies }) => list(technologies)],
  ['Annual Revenue', ({ revenue }) => revenue],
  ['Total Funding', ({ funding }) => funding?.total],
  ['Latest Funding', ({ funding }) => funding?.round],
  ['Latest Funding Amount', ({ funding }) => funding?.amount],
  ['Last Raised At', ({ funding }) => funding?.raisedAt],
];

const contactColumns: Columns<Contact> = [
  ['First Name', ({ firstName }) => firstName],
  ['Last Name', ({ lastName }) => lastName],
  ['Title', ({ position }) => position?.title],
  ['Company', ({ company }) => company?.name],
  ['Email', ({ email }) => email],
  ['Email Status', ({ emailStatus }) => emailStatus],
  ['Primary Email Source', ({ email }) => email && 'Apollo'],
  ['Primary Email Catch-all Status', ({ catchAll }) => catchAll],
  ['Seniority', ({ position }) => position?.seniority],
  ['Departments', ({ position }) => list(position?.departments)],
  ['Contact Owner', () => OWNER],
  ['Work Direct Phone', ({ workPhone }) => phone(workPhone)],
  ['Home Phone', ({ homePhone }) => phone(homePhone)],
  ['Mobile Phone', ({ mobilePhone }) => phone(mobilePhone)],
  ['Corporate Phone', ({ corporatePhone }) => phone(corporatePhone)],
  ['Other Phone', ({ otherPhone }) => phone(otherPhone)],
  ['Stage', ({ stage }) => stage],
  ['Lists', ({ lists }) => lists],
  ['Last Contacted', ({ lastContacted }) => lastContacted],
  ['Person Linkedin Url', ({ linkedin }) => linkedin],
  ['Contact Facebook Url', ({ facebook }) => facebook],
  ['Contact Twitter Url', ({ twitter }) => twitter],
  ['Contact Website', ({ website }) => website],
  ['City', ({ place }) => place.city],
  ['State', ({ place }) => place.state],
  ['Country', ({ country }) => country],
  ['Contact Location', ({ location }) => location],
  ...companyColumns.map(([heading, cell]) => [heading, ({ company }: Contact) => company && cell(company)] as const),
  ['Email Sent', () => 'false'],
  ['Email Open', () => 'false'],
  ['Email Bounced', () => 'false'],
  ['Replied', () => 'false'],
  ['Demoed', () => 'false'],
  ['Number of Retail Locations', ({ company }) => company?.retailLocations],
  ['Apollo Contact Id', ({ contactId }) => contactId],
  ['Apollo Account Id', ({ company }) => company?.accountId],
];

const accountColumns: Columns<Company> = [
  ['Company Name', ({ name }) => name],
  ...companyColumns,
  ['Account Owner', () => OWNER],
  ['Founded Year', ({ founded }) => founded],
  ['Number of Retail Locations', ({ retailLocations }) => retailLocations],
  ['Apollo Account Id', ({ accountId }) => accountId],
];

/** Companies of low index are met again and again. */
const REMEMBERED = 10_000;

/**
 * Synthetic contacts with their companies, as an Apollo.io export: a CSV in UTF-8. Every row follows from the seed, the
 * number of companies and its own index alone.
 */
export function apolloCsv({ contacts, companies, seed, start = 0 }: DemoFile): AsyncIterable<Uint8Array> {
  const remembered = new Map<number, Company>();
  const companyAt = (index: number) => {
    const company = remembered.get(index) ?? companyOf(seed, companies, index);
    if (index < REMEMBERED) remembered.set(index, company);
    return company;
  };
  return csv(contactColumns, start, contacts, (index) => contactOf(seed, companies, index, companyAt));
}

/** The companies of {@link apolloCsv} themselves, as an Apollo.io export of accounts. */
export function apolloAccountsCsv({
  companies,
  seed,
}: Pick<DemoFile, 'companies' | 'seed'>): AsyncIterable<Uint8Array> {
  return csv(accountColumns, 0, companies, (index) => companyOf(seed, companies, index));
}

const CHUNK = 1 << 16;

async function* csv<T>(
  columns: Columns<T>,
  start: number,
  count: number,
  rowOf: (index: number) => T,
): AsyncGenerator<Uint8Array> {
  let text = csvLine(columns.map(([heading]) => heading));
  for (let index = start; index < start + count; index++) {
    const row = rowOf(index);
    text += csvLine(columns.map(([, cell]) => cell(row)));
    if (text.length >= CHUNK) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

function csvLine(cells: readonly Cell[]): string {
  const texts = cells.map((cell) => {
    const text = cell === undefined ? '' : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${texts.join(',')}\r\n`;
}
