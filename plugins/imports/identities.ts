import { domainOf } from '@contact360/companies';
import { foldedText, type PoolClient, type StoredKeys, type Target, TargetIndex } from '@contact360/server';
import { FREE_MAIL_DOMAINS } from './free-mail.ts';
import { emailDomain, type ParsedRow, type RowError, type Values } from './rows.ts';

const folded = (value: unknown) => (value === undefined ? undefined : foldedText(value as string));
const present = (values: Iterable<string | undefined>) => [
  ...new Set([...values].filter((value) => value !== undefined)),
];

/** What a row says of a company, and what it is found by. */
interface CompanyMention {
  readonly uuid: string | undefined;
  readonly domain: string | undefined;
  readonly name: string | undefined;
  readonly values: Values;
}

function mentionOf(uuid: unknown, values: Values): CompanyMention {
  const domain =
    (values.normalized_domain as string | undefined)?.toLowerCase() ??
    (values.website === undefined ? undefined : domainOf(values.website as string));
  const { uuid: _, ...rest } = values;
  return {
    uuid: uuid as string | undefined,
    domain,
    name: folded(values.name),
    values: domain === undefined ? rest : { ...rest, normalized_domain: domain },
  };
}

/**
 * Finds the company of each row: by uuid, else by domain (a company of that name that has no domain yet takes it), else
 * by name; else a new one (decision 40).
 */
class CompanyIdentities {
  readonly #index = new TargetIndex();

  get targets(): ReadonlySet<Target> {
    return this.#index.touched;
  }

  /** Loads the stored companies that the rows may fall on. */
  async load(
    client: PoolClient,
    rows: readonly ParsedRow[],
    mentionsOf: (row: ParsedRow) => CompanyMention,
  ): Promise<void> {
    const mentions = rows.map(mentionsOf);
    const emailDomains = rows.map(({ own }) =>
      own.email === undefined ? undefined : emailDomain(own.email as string),
    );
    const domains = present([...mentions.map(({ domain }) => domain), ...emailDomains]);
    const columns = 'id, uuid, normalized_domain_folded as domain, name_folded as name';
    const result = await client.query<{ id: string; uuid: string; domain: string | null; name: string | null }>(
      `select ${columns} from companies where deleted_at is null and uuid = any($1::uuid[])
       union select ${columns} from companies where deleted_at is null and normalized_domain_folded = any($2)
       union (select distinct on (name_folded, normalized_domain_folded is null) ${columns} from companies where deleted_at is null and name_folded = any($3) order by name_folded, normalized_domain_folded is null, id)
       order by id`,
      [present(mentions.map(({ uuid }) => uuid)), domains.map(foldedText), present(mentions.map(({ name }) => name))],
    );
    this.#index.addStored(
      result.rows.map(({ id, uuid, domain, name }) => ({
        id: Number(id),
        uuid,
        keys: { domain: domain ?? undefined, name: name ?? undefined },
      })),
    );
  }

  /** The company of a row that mentions one; a {@link RowError} when its domain is another company's. */
  resolve({ uuid, domain, name, values }: CompanyMention): Target | RowError {
    const key = folded(domain);
    const byUuid = this.#index.find('uuid', uuid);
    const byDomain = this.#index.find('domain', key);
    if (byUuid && byDomain && byUuid !== byDomain)
      return { code: 'taken', column: null, message: `Taken: the domain ${domain} belongs to another company` };
    const found =
      byUuid ??
      byDomain ??
      (key === undefined
        ? this.#index.find('name', name)
        : this.#index.find('name', name, (target) => target.keys.domain === undefined));
    return this.#index.apply(found, uuid, values, { domain: key, name });
  }

  /** A company that is there already, by its uuid or by the domain of an email address that is no free mail service. */
  existing(uuid: string | undefined, email: string | undefined): Target | undefined {
    const domain = email === undefined ? undefined : emailDomain(email);
    return (
      this.#index.find('uuid', uuid) ??
      (domain && !FREE_MAIL_DOMAINS.has(domain) ? this.#index.find('domain', foldedText(domain)) : undefined)
    );
  }
}

/** Resolves the rows of a file of companies. */
export async function resolveCompanies(client: PoolClient, rows: readonly ParsedRow[]) {
  const companies = new CompanyIdentities();
  const mention = ({ own, extra }: ParsedRow) => mentionOf(own.uuid, withExtra(own, extra));
  await companies.load(client, rows, mention);
  const errors = new Map<ParsedRow, RowError>();
  for (const row of rows) {
    const found = companies.resolve(mention(row));
    if ('code' in found) errors.set(row, found);
  }
  return { companies: companies.targets, errors };
}

/**
 * Resolves the rows of a file of contacts, and the companies they are at. A contact is found by uuid, else by email,
 * else by LinkedIn address; a row that gives none of the three by first name, last name and company (decision 40).
 */
export async function resolveContacts(client: PoolClient, rows: readonly ParsedRow[]) {
  const companies = new CompanyIdentities();
  const mention = ({ own, related }: ParsedRow) => mentionOf(own.company_id, related.company ?? {});
  await companies.load(client, rows, mention);
  const errors = new Map<ParsedRow, RowError>();
  const employers = new Map<ParsedRow, Target | undefined>();
  for (const row of rows) {
    const employer = employerOf(companies, row, mention(row));
    if (employer && 'code' in employer) errors.set(row, employer);
    else employers.set(row, employer);
  }
  const accepted = rows.filter((row) => !errors.has(row));
  const contacts = new TargetIndex();
  contacts.addStored(await loadContacts(client, accepted));
  for (const row of accepted) {
    const fault = resolveContact(contacts, row, employers.get(row));
    if (fault) errors.set(row, fault);
  }
  return { contacts: contacts.touched, companies: companies.targets, errors };
}

function employerOf(
  companies: CompanyIdentities,
  { own }: ParsedRow,
  mention: CompanyMention,
): Target | RowError | undefined {
  if (mention.domain !== undefined || mention.name !== undefined) return companies.resolve(mention);
  const existing = companies.existing(mention.uuid, own.email as string | undefined);
  if (mention.uuid !== undefined && existing?.uuid !== mention.uuid) {
    return {
      code: 'unknown_company',
      column: null,
      message: `Unknown company: no company has the uuid ${mention.uuid}`,
    };
  }
  // Values of a company that the row identifies by its uuid are its own; without any key they belong to nobody known.
  return mention.uuid !== undefined && Object.keys(mention.values).length > 0 ? companies.resolve(mention) : existing;
}

const nameKey = (first: string | undefined, last: string | undefined, company: string | undefined) =>
  first === undefined || last === undefined ? undefined : `${last}\n${first}\n${company ?? ''}`;

const isNamedOnly = ({ own }: ParsedRow) =>
  own.uuid === undefined && own.email === undefined && own.linkedin_url === undefined;

async function loadContacts(client: PoolClient, rows: readonly ParsedRow[]): Promise<StoredKeys[]> {
  const named = rows.filter(isNamedOnly);
  const columns =
    'id, uuid, email_folded as email, linkedin_url_folded as linkedin, first_name_folded as first, last_name_folded as last, company_id as company';
  const { rows: found } = await client.query<
    Record<'uuid' | 'email' | 'linkedin' | 'first' | 'last' | 'company', string | null> & { id: string }
  >(
    `select ${columns} from contacts where deleted_at is null and uuid = any($1::uuid[])
     union select ${columns} from contacts where deleted_at is null and email_folded = any($2)
     union (select distinct on (linkedin_url_folded) ${columns} from contacts where deleted_at is null and linkedin_url_folded = any($3) order by linkedin_url_folded, id)
     union (select distinct on (last_name_folded, first_name_folded, company_id) ${columns} from contacts
       where deleted_at is null and (last_name_folded, first_name_folded) in (select * from unnest($4::text[], $5::text[])) order by last_name_folded, first_name_folded, company_id, id)
     order by id`,
    [
      present(rows.map(({ own }) => own.uuid as string | undefined)),
      present(rows.map(({ own }) => folded(own.email))),
      present(rows.map(({ own }) => folded(own.linkedin_url))),
      named.map(({ own }) => folded(own.last_name)),
      named.map(({ own }) => folded(own.first_name)),
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

function resolveContact(contacts: TargetIndex, row: ParsedRow, employer: Target | undefined): RowError | undefined {
  const { own, extra } = row;
  const keys = {
    email: folded(own.email),
    linkedin: folded(own.linkedin_url),
    first: folded(own.first_name),
    last: folded(own.last_name),
    company: employer?.uuid,
  };
  const byEmail = contacts.find('email', keys.email);
  const found =
    contacts.find('uuid', own.uuid as string | undefined) ??
    byEmail ??
    contacts.find('linkedin', keys.linkedin) ??
    (isNamedOnly(row) ? contacts.find('name', nameKey(keys.first, keys.last, keys.company)) : undefined);
  if (byEmail && byEmail !== found)
    return { code: 'taken', column: null, message: 'Taken: the email belongs to another contact' };
  const known = found?.keys ?? {};
  const name = nameKey(keys.first ?? known.first, keys.last ?? known.last, keys.company ?? known.company);
  const { uuid, company_id: _, ...values } = own;
  contacts.apply(
    found,
    uuid as string | undefined,
    { ...withExtra(values, extra), ...(employer && { company_id: employer.uuid }) },
    { ...keys, name },
  );
  return undefined;
}

const withExtra = (values: Values, extra: Readonly<Record<string, string>>): Values =>
  Object.keys(extra).length > 0 ? { ...values, meta_data: extra } : values;
