import {
  inTurns,
  type PoolClient,
  type RecordType,
  type StoredKeys,
  type Target,
  TargetIndex,
} from '@contact360/server';
import { FREE_MAIL_DOMAINS } from './free-mail.ts';
import { type CompanyMention, folded, keysOf, type RowKeys } from './row-keys.ts';
import type { ParsedRow, RowError, Values } from './rows.ts';

const present = (values: Iterable<string | undefined>) => [
  ...new Set([...values].filter((value) => value !== undefined)),
];

/** A row on the record that it falls on. */
export interface Fall {
  readonly row: ParsedRow;
  readonly target: Target;
  /** What the row says of the record. */
  readonly values: Values;
  /** What the record was found by before this row, folded; undefined when the row makes it. */
  readonly known: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Finds the company of each row: by uuid, else by domain (a company of that name that has no domain yet takes it), else
 * by name; else a new one (decision 40).
 */
class CompanyIdentities {
  readonly #index = new TargetIndex(['uuid', 'domain', 'name']);

  get targets(): ReadonlySet<Target> {
    return this.#index.touched;
  }

  addStored(stored: readonly StoredKeys[]): void {
    this.#index.addStored(stored);
  }

  /** The company of a row that mentions one; a {@link RowError} when its domain is another company's. */
  resolve(row: ParsedRow, { uuid, name, values: said, ...mention }: CompanyMention): Fall | RowError {
    const byUuid = this.#index.find('uuid', uuid);
    const website = said.website as string | undefined;
    // The website that is stored says nothing new: a company may have it without its domain, which is another's.
    const isKnown = mention.derived && byUuid !== undefined && byUuid.keys.website === website;
    const domain = isKnown ? undefined : mention.domain;
    const values = isKnown ? { ...said, normalized_domain: undefined } : said;
    const key = folded(domain);
    const byDomain = this.#index.find('domain', key);
    if (byUuid && byDomain && byUuid !== byDomain)
      return { code: 'taken', column: null, message: `Taken: the domain ${domain} belongs to another company` };
    const found =
      byUuid ??
      byDomain ??
      (key === undefined
        ? this.#index.find('name', name)
        : this.#index.find('name', name, (target) => target.keys.domain === undefined));
    const known = found && { name: found.keys.name };
    return { row, target: this.#index.apply(found, uuid, values, { domain: key, name, website }), values, known };
  }

  /** A company that is there already, by its uuid or by the domain of an email address that is no free mail service. */
  existing(uuid: string | undefined, emailDomain: string | undefined): Target | undefined {
    const isFree = emailDomain !== undefined && FREE_MAIL_DOMAINS.has(emailDomain);
    return this.#index.find('uuid', uuid) ?? (isFree ? undefined : this.#index.find('domain', emailDomain));
  }
}

/** The stored companies that rows of the record type may fall on; `from` is where to look, as SQL. */
export async function storedCompanies(
  client: PoolClient,
  record: RecordType,
  rows: readonly ParsedRow[],
  from = 'companies',
): Promise<StoredKeys[]> {
  const keys = rows.map((row) => keysOf(record, row));
  const mentions = keys.map(({ mention }) => mention);
  const domains = present([...mentions.map(({ domain }) => folded(domain)), ...keys.map((each) => each.emailDomain)]);
  const columns = 'id, uuid, normalized_domain_folded as domain, name_folded as name, website, xmin::text as version';
  const result = await client.query<
    { id: string; uuid: string } & Record<'domain' | 'name' | 'website', string | null> & { version: string }
  >(
    `select ${columns} from ${from} where deleted_at is null and uuid = any($1::uuid[])
     union select ${columns} from ${from} where deleted_at is null and normalized_domain_folded = any($2)
     union (select distinct on (name_folded, normalized_domain_folded is null) ${columns} from ${from} where deleted_at is null and name_folded = any($3) order by name_folded, normalized_domain_folded is null, id)
     order by id`,
    [present(mentions.map(({ uuid }) => uuid)), domains, present(mentions.map(({ name }) => name))],
  );
  return result.rows.map(({ id, uuid, domain, name, website, version }) => ({
    id: Number(id),
    uuid,
    keys: { domain: domain ?? undefined, name: name ?? undefined, website: website ?? undefined, version },
  }));
}

/** Resolves the rows of a file of companies. */
export async function resolveCompanies(client: PoolClient, record: RecordType, rows: readonly ParsedRow[]) {
  const companies = new CompanyIdentities();
  companies.addStored(await storedCompanies(client, record, rows));
  const errors = new Map<ParsedRow, RowError>();
  const falls: Fall[] = [];
  for (const row of rows) {
    const found = companies.resolve(row, keysOf(record, row).mention);
    if ('code' in found) errors.set(row, found);
    else falls.push(found);
  }
  return { companies: companies.targets, falls, errors };
}

/** Rows of a file of contacts, with the companies they are at and the stored contacts that they may fall on. */
export interface Employed {
  readonly employers: readonly (readonly [row: ParsedRow, employer: Target | undefined])[];
  readonly companyFalls: readonly Fall[];
  readonly contacts: TargetIndex;
  readonly errors: ReadonlyMap<ParsedRow, RowError>;
}

/** Resolves the companies that the rows of a file of contacts are at. */
export async function resolveEmployers(
  client: PoolClient,
  record: RecordType,
  rows: readonly ParsedRow[],
): Promise<Employed> {
  const companies = new CompanyIdentities();
  const contacts = new TargetIndex(['uuid', 'email', 'linkedin', 'name']);
  companies.addStored(await storedCompanies(client, record, rows));
  contacts.addStored(await storedContacts(client, record, rows));
  const errors = new Map<ParsedRow, RowError>();
  const employers: [ParsedRow, Target | undefined][] = [];
  const companyFalls: Fall[] = [];
  for (const row of rows) {
    const isStored = contacts.find('uuid', row.own.uuid as string | undefined) !== undefined;
    const employer = employerOf(companies, row, keysOf(record, row), isStored);
    if (employer && 'code' in employer) errors.set(row, employer);
    else if (employer && 'row' in employer) {
      companyFalls.push(employer);
      employers.push([row, employer.target]);
    } else employers.push([row, employer]);
  }
  return { employers, companyFalls, contacts, errors };
}

/**
 * Resolves the contacts themselves. A contact is found by uuid, else by email, else by LinkedIn address; a row that gives
 * none of the three by first name, last name and company (decision 40).
 */
export async function resolveContacts(record: RecordType, { employers, contacts }: Employed) {
  const errors = new Map<ParsedRow, RowError>();
  const falls: Fall[] = [];
  await inTurns(employers, ([row, employer]) => {
    const found = resolveContact(contacts, row, keysOf(record, row), employer);
    if ('code' in found) errors.set(row, found);
    else falls.push(found);
  });
  return { contacts: contacts.touched, falls, errors };
}

function employerOf(
  companies: CompanyIdentities,
  row: ParsedRow,
  { mention, emailDomain }: RowKeys,
  isStored: boolean,
): Fall | Target | RowError | undefined {
  if (mention.domain !== undefined || mention.name !== undefined) return companies.resolve(row, mention);
  // A stored contact that is named by its uuid is known to be without a company: none is guessed for it.
  const existing = companies.existing(mention.uuid, isStored ? undefined : emailDomain);
  if (mention.uuid !== undefined && existing?.uuid !== mention.uuid) {
    return {
      code: 'unknown_company',
      column: null,
      message: `Unknown company: no company has the uuid ${mention.uuid}`,
    };
  }
  // Values of a company that the row identifies by its uuid are its own; without any key there are none.
  return mention.uuid !== undefined && Object.values(mention.values).some((value) => value !== undefined)
    ? companies.resolve(row, mention)
    : existing;
}

const nameKey = (first: string | undefined, last: string | undefined, company: string | undefined) =>
  first === undefined || last === undefined ? undefined : `${last}\n${first}\n${company ?? ''}`;

const isNamedOnly = ({ own }: ParsedRow) =>
  own.uuid === undefined && own.email === undefined && own.linkedin_url === undefined;

/** The stored contacts that rows may fall on; `from` is where to look, as SQL. */
export async function storedContacts(
  client: PoolClient,
  record: RecordType,
  rows: readonly ParsedRow[],
  from = 'contacts',
): Promise<StoredKeys[]> {
  const keys = rows.map((row) => keysOf(record, row));
  const named = rows.filter(isNamedOnly).map((row) => keysOf(record, row));
  const columns =
    'id, uuid, email_folded as email, linkedin_url_folded as linkedin, first_name_folded as first, last_name_folded as last, company_id as company';
  const { rows: found } = await client.query<
    Record<'uuid' | 'email' | 'linkedin' | 'first' | 'last' | 'company', string | null> & { id: string }
  >(
    `select ${columns} from ${from} where deleted_at is null and uuid = any($1::uuid[])
     union select ${columns} from ${from} where deleted_at is null and email_folded = any($2)
     union (select distinct on (linkedin_url_folded) ${columns} from ${from} where deleted_at is null and linkedin_url_folded = any($3) order by linkedin_url_folded, id)
     union (select distinct on (last_name_folded, first_name_folded, company_id) ${columns} from ${from}
       where deleted_at is null and (last_name_folded, first_name_folded) in (select * from unnest($4::text[], $5::text[])) order by last_name_folded, first_name_folded, company_id, id)
     order by id`,
    [
      present(rows.map(({ own }) => own.uuid as string | undefined)),
      present(keys.map(({ email }) => email)),
      present(keys.map(({ linkedin }) => linkedin)),
      named.map(({ last }) => last),
      named.map(({ first }) => first),
    ],
  );
  return found.map(({ id, uuid, email, linkedin, first, last, company }) => ({
    id: Number(id),
    uuid: uuid!,
    keys: {
      email: email ?? undefined,
      linkedin: linkedin ?? undefined,
      first: first ?? undefined,
      last: last ?? undefined,
      company: company ?? undefined,
      name: nameKey(first ?? undefined, last ?? undefined, company ?? undefined),
    },
  }));
}

function resolveContact(
  contacts: TargetIndex,
  row: ParsedRow,
  { values: said, email, linkedin, first, last }: RowKeys,
  employer: Target | undefined,
): Fall | RowError {
  const company = employer?.uuid;
  const uuid = row.own.uuid as string | undefined;
  const byEmail = contacts.find('email', email);
  const found =
    contacts.find('uuid', uuid) ??
    byEmail ??
    contacts.find('linkedin', linkedin) ??
    (isNamedOnly(row) ? contacts.find('name', nameKey(first, last, company)) : undefined);
  if (byEmail && byEmail !== found)
    return { code: 'taken', column: null, message: 'Taken: the email belongs to another contact' };
  const known = found && { first: found.keys.first, last: found.keys.last };
  const name = nameKey(first ?? known?.first, last ?? known?.last, company ?? found?.keys.company);
  const values = employer ? { ...said, company_id: company } : said;
  const target = contacts.apply(found, uuid, values, { email, linkedin, first, last, company, name });
  return { row, target, values, known };
}
