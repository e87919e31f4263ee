import { domainOf } from '@contact360/companies';
import { foldedText, type RecordType } from '@contact360/server';
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
  /** All else that it says; the domain is not among it. */
  readonly values: Values;
}

function mentionOf(uuid: unknown, values: Values): CompanyMention {
  const { uuid: _, normalized_domain: given, ...rest } = values;
  const domain =
    (given as string | undefined)?.toLowerCase() ??
    (values.website === undefined ? undefined : domainOf(values.website as string));
  const derived = given === undefined;
  return { uuid: uuid as string | undefined, domain, derived, name: folded(values.name), values: rest };
}

/** The company that a row of the record type mentions: a row of a file of companies is one. */
const mentionIn = (record: RecordType, { own, extra, related }: ParsedRow): CompanyMention =>
  record.relations.company
    ? mentionOf(own.company_id, related.company ?? {})
    : mentionOf(own.uuid, withExtra(own, extra));

/** What a row's record is found by, folded. */
export interface RowKeys {
  readonly mention: CompanyMention;
  readonly email: string | undefined;
  readonly linkedin: string | undefined;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

const knownKeys = new WeakMap<ParsedRow, RowKeys>();

/** The keys of a row, worked out once: best before its batch has its turn, while the database is at work. */
export function keysOf(record: RecordType, row: ParsedRow): RowKeys {
  const known = knownKeys.get(row);
  if (known) return known;
  const { own } = row;
  const keys = {
    mention: mentionIn(record, row),
    email: folded(own.email),
    linkedin: folded(own.linkedin_url),
    first: folded(own.first_name),
    last: folded(own.last_name),
  };
  knownKeys.set(row, keys);
  return keys;
}

/** The values with what no field holds. */
export const withExtra = (values: Values, extra: Readonly<Record<string, string>>): Values =>
  Object.keys(extra).length > 0
    ? { ...values, meta_data: { ...(values.meta_data as object | undefined), ...extra } }
    : values;
