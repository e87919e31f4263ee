/** A question that is timed against the best SQL known for it. */
export interface TimedQuery {
  readonly name: string;
  /** Path and query of the request. */
  readonly path: string;
  /** SQL by hand, several where it is not plain which is best; the fastest counts. */
  readonly byHand: readonly string[];
}

const CREATED = { k: 't.created_at', by: 'page.k0 desc, t.id desc' };

/** A page of contacts by hand: the ids picked first, then what is shown of them. */
const page = (from: string, { k, by } = CREATED, cut = 'limit 26') =>
  `select ${SHOWN} from (select t.id, ${k} as k0 from ${from} order by ${by.replaceAll('page.k0', k)} ${cut}) page join contacts t on t.id = page.id left join companies company on company.id = t.company_row order by ${by}`;
/** Stands for the columns that the server shows, which are put in its place. */
export const SHOWN = '$shown$';

const living = 't.deleted_at is null';
const companies = (condition: string) => `select c.id from companies c where c.deleted_at is null and ${condition}`;
/** Folded values of a stored filter that match, pending changes included. */
const values = (record: string, field: string, condition: string) =>
  `select folded from filters_data where record = '${record}' and field = '${field}' and ${condition} union select fold_text(value) from filters_deltas where record = '${record}' and field = '${field}' and ${condition.replaceAll('folded', 'fold_text(value)')}`;
const sumOf = (record: string, field: string, condition: string) =>
  `select sum(n)::bigint as count from (select n from filters_data where record = '${record}' and field = '${field}' and ${condition} union all select n from filters_deltas where record = '${record}' and field = '${field}' and ${condition.replaceAll('folded', 'fold_text(value)')}) v`;

const rpc = (procedure: string, input: unknown) =>
  `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
const contains = (field: string, value: string) => ({ field, operator: 'contains', value });
const list = (where: unknown, order?: unknown) =>
  rpc('contacts.query', { where, ...(order !== undefined && { order: [order] }), include: ['company'] });
const count = (where: unknown) => rpc('contacts.count', { where });

const byEmployees = { k: 't.company_employees_count', by: 'page.k0 desc nulls last, t.id desc' };
const EMPLOYEES = { field: 'company.employees_count', direction: 'desc' };
const crossTable = { or: [contains('title', 'founder'), contains('company.industries', 'biotech')] };
const crossTableSql = `t.title_folded like '%founder%' or t.company_row in (${companies("c.industries_folded like '%biotech%'")})`;
const exclusions = {
  and: [
    { not: { field: 'title', operator: 'in', value: ['Sales Manager', 'Account Executive', 'Recruiter'] } },
    { not: contains('company.industries', 'software') },
    { not: contains('departments', 'Sales') },
  ],
};
const exclusionsSql = `(t.title_folded in ('sales manager', 'account executive', 'recruiter')) is not true and (t.company_row in (${companies("c.industries_folded like '%software%'")})) is not true and (t.departments_folded like '%sales%') is not true`;

/** The queries to watch; `keyset` is a cursor in the middle of the table. */
export const queries = (keyset: { cursor: string; at: string; id: number }, deep: number): TimedQuery[] => [
  {
    name: 'title ~ manager, Verified, newest',
    path: list({ and: [contains('title', 'manager'), { field: 'email_status', operator: 'eq', value: 'Verified' }] }),
    byHand: [
      page(`contacts t where ${living} and t.title_folded like '%manager%' and t.email_status_folded = 'verified'`),
    ],
  },
  ...['cto', 'chief tech'].map((title) => ({
    name: `title ~ ${title}, industry ~ software, by employees`,
    path: list({ and: [contains('title', title), contains('company.industries', 'software')] }, EMPLOYEES),
    byHand: [
      page(
        `contacts t where ${living} and t.title_folded like '%${title}%' and t.company_row in (${companies("c.industries_folded like '%software%'")})`,
        byEmployees,
      ),
      page(
        `contacts t where ${living} and t.title_folded = any(array(${values('contact', 'title', `folded like '%${title}%'`)})) and t.company_row in (${companies("c.industries_folded like '%software%'")})`,
        byEmployees,
      ),
      page(
        `contacts t where ${living} and t.title_folded = any(array(${values('contact', 'title', `folded like '%${title}%'`)})) and exists (select from companies c where c.id = t.company_row and c.deleted_at is null and c.industries_folded like '%software%' offset 0)`,
        byEmployees,
      ),
      page(
        `contacts t where ${living} and t.title_folded like '%${title}%' and exists (select from companies c where c.id = t.company_row and c.deleted_at is null and c.industries_folded like '%software%' offset 0)`,
        byEmployees,
      ),
    ],
  })),
  {
    name: 'count country = US, employees >= 50',
    path: count({
      and: [
        { field: 'country', operator: 'eq', value: 'United States' },
        { field: 'company.employees_count', operator: 'gte', value: 50 },
      ],
    }),
    byHand: [
      `select count(*) from contacts t where ${living} and t.country_folded = 'united states' and t.company_employees_count >= 50`,
    ],
  },
  {
    name: 'distinct titles ~ eng',
    path: rpc('contacts.values', { field: 'title', search: 'eng', distinct: true, limit: 25 }),
    byHand: [
      `select found.id, found.title as value from (${values('contact', 'title', "folded like '%eng%'")} order by 1) v cross join lateral (select t.id, t.title from contacts t where ${living} and t.title_folded = v.folded order by t.id limit 1) found order by v.folded limit 26`,
      `select id, value from (select distinct on (t.title_folded) t.id, t.title as value, t.title_folded from contacts t where ${living} and t.title_folded like '%eng%' order by t.title_folded, t.id) v order by title_folded limit 26`,
    ],
  },
  { name: 'first page', path: list(undefined), byHand: [page(`contacts t where ${living}`)] },
  {
    name: 'keyset page in the middle',
    path: rpc('contacts.query', { cursor: keyset.cursor, include: ['company'] }),
    byHand: [page(`contacts t where ${living} and (t.created_at, t.id) < ('${keyset.at}', ${keyset.id})`)],
  },
  {
    name: `offset ${deep}, newest`,
    path: rpc('contacts.query', { offset: deep, include: ['company'] }),
    byHand: [page(`contacts t where ${living}`, CREATED, `limit 26 offset ${deep}`)],
  },
  {
    name: `offset ${deep}, by last name`,
    path: rpc('contacts.query', {
      offset: deep,
      order: [{ field: 'last_name', direction: 'asc' }],
      include: ['company'],
    }),
    byHand: [
      page(`contacts t where ${living}`, { k: 't.last_name_folded', by: 'page.k0, t.id' }, `limit 26 offset ${deep}`),
    ],
  },
  {
    name: 'by company name',
    path: list(undefined, { field: 'company.name', direction: 'asc' }),
    byHand: [page(`contacts t where ${living}`, { k: 't.company_name_folded', by: 'page.k0, t.id' })],
  },
  { name: 'by employees', path: list(undefined, EMPLOYEES), byHand: [page(`contacts t where ${living}`, byEmployees)] },
  {
    name: 'last name ~ zim',
    path: list(contains('last_name', 'zim')),
    byHand: [page(`contacts t where ${living} and t.last_name_folded like '%zim%'`)],
  },
  ...['hr', 'qz'].map((letters) => ({
    name: `title ~ ${letters}, newest`,
    path: list(contains('title', letters)),
    byHand: [
      page(`contacts t where ${living} and t.title_folded like '%${letters}%'`),
      page(
        `contacts t where ${living} and t.title_folded = any(array(${values('contact', 'title', `folded like '%${letters}%'`)}))`,
      ),
    ],
  })),
  {
    name: 'count title ~ hr',
    path: count(contains('title', 'hr')),
    byHand: [sumOf('contact', 'title', "folded like '%hr%'")],
  },
  {
    name: 'exclusion lists, newest',
    path: list(exclusions),
    byHand: [page(`contacts t where ${living} and ${exclusionsSql}`)],
  },
  {
    name: 'OR across the tables, newest',
    path: list(crossTable),
    byHand: [
      page(`contacts t where ${living} and (${crossTableSql})`),
      page(
        `contacts t left join companies c on c.id = t.company_row and c.deleted_at is null where ${living} and (t.title_folded like '%founder%' or c.industries_folded like '%biotech%')`,
      ),
    ],
  },
  {
    name: 'OR across the tables, count',
    path: count(crossTable),
    byHand: [
      `select count(*) from contacts t where ${living} and (${crossTableSql})`,
      `select count(*) from (select t.id from contacts t where ${living} and t.title_folded like '%founder%' union select t.id from contacts t where ${living} and t.company_row in (${companies("c.industries_folded like '%biotech%'")})) found`,
      `select (select sum(n) from filters_data where record = 'contact' and field = 'title' and folded like '%founder%') + (select count(*) from contacts t where ${living} and t.company_row in (${companies("c.industries_folded like '%biotech%'")}) and (t.title_folded like '%founder%') is not true) as count`,
    ],
  },
  {
    name: 'company location ~ berlin, newest',
    path: list(contains('company.location', 'berlin')),
    byHand: [
      page(`contacts t where ${living} and t.company_row in (${companies("c.location_folded like '%berlin%'")})`),
      page(
        `contacts t where ${living} and t.company_row = any(array(${companies("c.location_folded like '%berlin%'")}))`,
      ),
      page(
        `contacts t where ${living} and exists (select from companies c where c.id = t.company_row and c.deleted_at is null and c.location_folded like '%berlin%' offset 0)`,
      ),
    ],
  },
  {
    name: 'count title ~ manager',
    path: count(contains('title', 'manager')),
    byHand: [sumOf('contact', 'title', "folded like '%manager%'")],
  },
  {
    name: 'top countries',
    path: rpc('filters.values', { record: 'contact', field: 'country', limit: 10 }),
    byHand: [
      `select value, sum(n) from (select value, n from filters_data where record = 'contact' and field = 'country' union all select value, n from filters_deltas where record = 'contact' and field = 'country') v group by value order by 2 desc, 1 limit 10`,
    ],
  },
  {
    name: 'top industries',
    path: rpc('analytics.contacts', { limit: 10 }),
    byHand: [
      `with by_company as materialized (select company_row, count(*) as n from contacts where deleted_at is null group by company_row)
       select industry, sum(n) from by_company join companies on companies.id = company_row cross join unnest(industries) industry group by industry order by 2 desc, 1 limit 10`,
    ],
  },
];
