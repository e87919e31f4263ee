import type { RecordType } from '@contact360/server';
import { FieldNames } from '../../field-names.ts';

/** Names of earlier versions, by record type. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  contact: { person_linkedin_url: 'linkedin_url', status: 'email_status' },
  company: {
    employees: 'employees_count',
    industry: 'industries',
    domain: 'website',
    phone: 'phone_number',
    corporate_phone: 'phone_number',
  },
};

type Names = (readonly [name: string, path: string])[];

const ownNames = (record: RecordType): Names => [
  ...[...Object.keys(record.fields), ...Object.keys(record.computed)].map((name) => [name, name] as const),
  ...Object.entries(ALIASES[record.name] ?? {}),
];

const known = new WeakMap<RecordType, FieldNames>();

/**
 * What VQL calls a record's fields: their names and aliases, the same with the record's name in front (`contact_location`),
 * those of a related record with the relation's name in front (`company_city`), and bare where nothing else has that name
 * (decision 33).
 */
export function vqlNames(record: RecordType): FieldNames {
  const names = known.get(record) ?? new FieldNames(record, allNames(record));
  known.set(record, names);
  return names;
}

function allNames(record: RecordType): Names {
  const prefixed = (names: Names, prefix: string): Names => names.map(([name, path]) => [`${prefix}_${name}`, path]);
  const own = ownNames(record);
  const related = Object.entries(record.relations).flatMap(([relation, { record: other }]) => {
    const theirs: Names = ownNames(other).map(([name, path]) => [name, `${relation}.${path}`]);
    return [...prefixed(theirs, relation), ...theirs];
  });
  return [...own, ...prefixed(own, record.name), ...related];
}
