import { hash } from 'node:crypto';
import { domainOf } from '@contact360/companies';
import { foldedText, isEmail, type RecordType } from '@contact360/server';
import type { ParsedRow, Values } from './rows.ts';

/** A value as it is compared; undefined when there is none. */
export const folded = (value: unknown) => (value === undefined ? undefined : foldedText(value as string));

/** What a row says of a company, and what it is found by. */
export interface CompanyMention {
  readonly uuid: string | undefined;
  readonly domain: string | undefined;
  /** Whether the domain follows from the website. */
  readonly derived: boolean;
  readonly name: string | undefined;
  /** All else that it says, the domain among it. */
  readonly values: Values;
  /** The same for the same values. */
  readonly fingerprint: string;
}

function mentionOf(uuid: unknown, said: Values): CompanyMention {
  const given = said.normalized_domain as string | undefined;
  const domain = given?.toLowerCase() ?? (said.website === undefined ? undefined : domainOf(said.website as string));
  const values = domain === given ? said : { ...said, normalized_domain: domain };
  return {
    uuid: uuid as string | undefined,
    domain,
    derived: given === undefined,
    name: folded(said.name),
    values,
    fingerprint: hash('md5', JSON.stringify(values), 'base64'),
  };
}

/** What a row's record is found by, folded. */
export interface RowKeys {
  readonly mention: CompanyMention;
  /** What the row says of the record itself but its uuid, what no field holds among it. */
  readonly values: Values;
  readonly email: string | undefined;
  readonly emailDomain: string | undefined;
  readonly linkedin: string | undefined;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

/** The keys of a row, worked out once: best before its batch has its turn, while the database is at work. */
export function keysOf(record: RecordType, row: ParsedRow): RowKeys {
  row.keys ??= workedOut(record, row);
  return row.keys;
}

function workedOut({ relations }: RecordType, { own, related, extra }: ParsedRow): RowKeys {
  const values = withExtra(own.uuid === undefined ? own : { ...own, uuid: undefined }, extra);
  return {
    // A row of a file of companies is one.
    mention: relations.company ? mentionOf(own.company_id, related.company ?? {}) : mentionOf(own.uuid, values),
    values,
    email: folded(own.email),
    emailDomain: own.email === undefined ? undefined : folded(hostOf(own.email as string)),
    linkedin: folded(own.linkedin_url),
    first: folded(own.first_name),
    last: folded(own.last_name),
  };
}

/** The values with what no field holds. */
const withExtra = (values: Values, extra: Readonly<Record<string, string>>): Values =>
  Object.keys(extra).length > 0
    ? { ...values, meta_data: { ...(values.meta_data as object | undefined), ...extra } }
    : values;

/** The domain of an email address. */
const hostOf = (email: string) => (isEmail(email) ? email.slice(email.lastIndexOf('@') + 1).toLowerCase() : undefined);
