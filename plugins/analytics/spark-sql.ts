import type { Settings } from '@contact360/server';
import type { Aggregates } from './backend.ts';

/** A row of the query below: `total`, `country` or `industry`; the value; how many contacts. */
export type SparkRow = readonly unknown[];

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** The Hive table of contacts, with its database where one is set. */
export const tableOf = ({ CONTACTS_HIVE_DATABASE: database, CONTACTS_HIVE_TABLE: table = 'contacts' }: Settings) =>
  database ? [database, table] : [table];

/**
 * Counts the contacts of a Hive table that holds one row for each, as CSV exports do: `country`, and the industries of
 * the company in `industry`, separated by commas. `CONTACTS_HIVE_TABLE` is `contacts` unless set.
 */
export function sparkSql(settings: Settings, limit: number): string {
  const table = tableOf(settings).map(quoted).join('.');
  const top = (kind: string, source: string) =>
    `select * from (select '${kind}' as kind, value, count(*) as total from (${source}) listed where value <> '' group by value order by total desc, value limit ${limit}) top`;
  return [
    `select 'total' as kind, '' as value, count(*) as total from ${table}`,
    top('country', `select trim(country) as value from ${table}`),
    top('industry', `select trim(each) as value from ${table} lateral view explode(split(industry, ',')) t as each`),
  ].join(' union all ');
}

/** Reads the rows of {@link sparkSql}. Throws when they are something else. */
export function readSparkRows(rows: readonly SparkRow[]): Aggregates {
  const counts = rows.map(([kind, value, total]) => {
    const number = total === null || total === '' ? Number.NaN : Number(total);
    if (typeof value !== 'string' || !Number.isSafeInteger(number))
      throw new Error('Spark gave rows that are no counts');
    return { kind, value, total: number };
  });
  const of = (kind: string) =>
    counts.filter((each) => each.kind === kind).map(({ value, total }) => ({ value, total }));
  const most = (kind: string) => of(kind).sort((a, b) => b.total - a.total || (a.value < b.value ? -1 : 1));
  const [total] = of('total');
  if (!total) throw new Error('Spark gave no total');
  return { total: total.total, countries: most('country'), industries: most('industry') };
}
