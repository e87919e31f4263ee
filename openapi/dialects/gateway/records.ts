import { isEmail, KINDS, type Kind, parseUuid, type RecordType } from '@contact360/server';
import { FieldNames, relatedNames, storedFields } from '../../field-names.ts';

/** Tells what is wrong with a value, if anything. */
type Check = (name: string, value: unknown) => string | undefined;

/** What the gateway's document says of one record type (schemas 13.2, 13.3 and 13.5). */
interface Rules {
  readonly sortable: readonly string[];
  /** Fields that a new record must have. */
  readonly required: readonly string[];
  /** Checks of single fields, beside those of their kind. */
  readonly checks?: Readonly<Record<string, Check>>;
}

const refuse =
  (isGood: (text: string) => boolean, sentence: (name: string, shown: string) => string): Check =>
  (name, value) =>
    typeof value === 'string' && (value === '' || isGood(value))
      ? undefined
      : sentence(name, String(value).slice(0, 100));

const hostOf = (text: string) => (URL.canParse(text) ? new URL(text).hostname : '');
const isWebAddress = (text: string) => /^https?:\/\//i.test(text) && hostOf(text) !== '';
const isHostName = (text: string) => /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u.test(text);

const RULES: Readonly<Record<string, Rules>> = {
  contact: {
    sortable: ['id', 'company_id', 'email', 'departments', 'mobile_phone', 'email_status', 'seniority', 'created_at'],
    required: ['first_name', 'last_name', 'email'],
  },
  company: {
    sortable: [
      'id',
      'employees_count',
      'annual_revenue',
      'total_funding',
      'created_at',
      'industries',
      'keywords',
      'technologies',
    ],
    required: ['name'],
    checks: {
      linkedin_url: refuse(
        (url) => isWebAddress(url) && /(^|\.)linkedin\.com$/.test(hostOf(url)),
        (name, url) => `${name} must be an address on linkedin.com, got: ${url}`,
      ),
      normalized_domain: refuse(isHostName, (name, host) => `${name} must be a host name, got: ${host}`),
    },
  },
};

/** A record type that comes without rules of its own: sorted by what the field table marks, and nothing is required. */
const rulesOf = (record: RecordType): Rules =>
  RULES[record.name] ?? {
    sortable: storedFields(record).filter((name) => name === 'id' || record.fields[name]!.sort),
    required: [],
  };

const number: Check = (name, value) =>
  typeof value === 'number' && value < 0 ? `${name} must be non-negative, got: ${value}` : undefined;

/** What a value must be by the kind of its field. */
const KIND_CHECKS: Partial<Record<Kind, Check>> = {
  email: refuse(isEmail, (_, email) => `invalid email format: ${email}`),
  uuid: refuse(
    (uuid) => parseUuid(uuid) !== undefined,
    (name, uuid) => (name === 'uuid' ? `invalid UUID format: ${uuid}` : `invalid ${name}: ${uuid}`),
  ),
  url: refuse(
    isWebAddress,
    (name, url) => `${name} must be a valid URL that begins with http:// or https://, got: ${url}`,
  ),
  integer: number,
  money: number,
};

/** A record type as the gateway serves it. */
export interface GatewayRecord extends Required<Pick<Rules, 'sortable' | 'required'>> {
  readonly record: RecordType;
  /** What `where` may name: own fields, and those of a related record with the relation's name in front. */
  readonly filters: FieldNames;
  /** What `select_columns` may name. */
  readonly columns: FieldNames;
  /** What is wrong with a value of a field, if anything. */
  readonly check: Check;
}

const ownNames = (record: RecordType) => storedFields(record).map((name) => [name, name] as const);

export function gatewayRecord(record: RecordType): GatewayRecord {
  const { sortable, required, checks = {} } = rulesOf(record);
  const check: Check = (name, value) => {
    const { kind } = record.fields[name]!;
    const told = checks[name]?.(name, value) ?? KIND_CHECKS[kind]?.(name, value);
    if (told !== undefined) return told;
    const { schema, takes } = KINDS[kind];
    const issue = schema.safeParse(value).error?.issues[0];
    return issue && `${name} ${issue.code === 'custom' ? issue.message : `must be ${takes}`}`;
  };
  return {
    record,
    sortable,
    required,
    check,
    columns: columnNames(record),
    filters: new FieldNames(record, [...ownNames(record), ...relatedNames(record, storedFields)]),
  };
}

export const columnNames = (record: RecordType): FieldNames => new FieldNames(record, ownNames(record));
