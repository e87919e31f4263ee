import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import {
  type App,
  columnsOf,
  type PoolClient,
  type RecordType,
  type StoredKeys,
  transactionOn,
} from '@contact360/server';
import { type Destination, isPowerOfTwo } from './destination.ts';
import { storedCompanies, storedContacts } from './identities.ts';
import { type Difference, differencesOf } from './outcome.ts';
import type { ParsedRow } from './rows.ts';

/** Differences that a dry run tells. */
const DIFFERENCES = 100;
/** Longer texts are told by their beginning. */
const SHOWN_CHARACTERS = 1000;
/** Row numbers of records that a dry run makes begin here: above all stored ones, as theirs would be. */
const FIRST_MADE = 1_000_000_000_000_000;

/** The copies, each with the columns that rows are found by. */
const COPIES: readonly { readonly record: RecordType; readonly keys: readonly string[] }[] = [
  { record: company, keys: ['id', 'uuid', 'normalized_domain_folded', 'name_folded'] },
  {
    record: contact,
    keys: ['id', 'uuid', 'email_folded', 'linkedin_url_folded', 'last_name_folded, first_name_folded', 'company_row'],
  },
];

/**
 * Where a dry run writes to: temporary tables of its own connection that bear the names of the real ones. Before each
 * batch the stored records that its rows may fall on are copied into them, unless they are there already; then the very
 * code of an import finds and writes records there. So a batch meets what the batches before it would have made and
 * changed, nothing is written that anybody else sees or waits for, and when the connection closes, everything is gone.
 */
export async function dryRun(app: App): Promise<Destination> {
  const client = await app.pool.connect();
  // Whatever comes of it, the connection is not used again: its tables hide the real ones.
  const close = async () => client.release(true);
  try {
    const schema = await makeCopies(client);
    let told = 0;
    let batches = 0;
    return {
      begin: async () => undefined,
      write: (record, rows, work) =>
        transactionOn(client, async () => {
          await copyRecords(client, schema, record, rows);
          batches++;
          // The planner learns of tables that grow each time they have doubled.
          if (isPowerOfTwo(batches))
            for (const {
              record: { table },
              keys,
            } of COPIES)
              await client.query(`analyze ${table} (${keys.join(', ')})`);
          await work(client);
        }),
      differences: (done) => {
        if (told === DIFFERENCES) return [];
        const found = done
          .flatMap(({ record, falls, changed }) => differencesOf(record.name, falls, changed, (id) => id < FIRST_MADE))
          .sort((a, b) => a.rowNumber - b.rowNumber)
          .slice(0, DIFFERENCES - told);
        told += found.length;
        return found.map(shortened);
      },
      finish: async () => undefined,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes the empty copies, and gives the schema of the real tables as SQL. */
async function makeCopies(client: PoolClient): Promise<string> {
  await client.query('set statement_timeout = 0');
  const { rows } = await client.query<{ schema: string; path: string }>(
    "select quote_ident(current_schema()) as schema, current_setting('search_path') as path",
  );
  const { schema, path } = rows[0]!;
  await client.query(`set search_path = pg_temp, ${path}`);
  for (const { record, keys } of COPIES) {
    const { table } = record;
    await client.query(`create temp table ${table} (like ${schema}.${table} including defaults including generated)`);
    await client.query(`create temp sequence ${table}_made start ${FIRST_MADE}`);
    await client.query(`alter table ${table} alter id set default nextval('pg_temp.${table}_made')`);
    for (const key of keys) await client.query(`create index on ${table} (${key})`);
  }
  await client.query(`create temp table import_changes (like ${schema}.import_changes including indexes)`);
  return schema;
}

/** Copies the stored records that rows may fall on, and that are not copied yet. */
async function copyRecords(client: PoolClient, schema: string, record: RecordType, rows: readonly ParsedRow[]) {
  const rest = ({ table }: RecordType) =>
    `(select *, xmin from ${schema}.${table} stored where not exists (select from ${table} copied where copied.id = stored.id)) stored`;
  await copy(client, schema, company, await storedCompanies(client, record, rows, rest(company)));
  if (record.relations.company)
    await copy(client, schema, contact, await storedContacts(client, record, rows, rest(contact)));
}

async function copy(client: PoolClient, schema: string, record: RecordType, found: readonly StoredKeys[]) {
  if (found.length === 0) return;
  const columns = columnsOf(record).flatMap(({ name, generated }) => (generated ? [] : [name]));
  await client.query(
    `insert into ${record.table} (${columns.join(', ')}) select ${columns.join(', ')} from ${schema}.${record.table} where id = any($1::bigint[])`,
    [[...new Set(found.map(({ id }) => id))]],
  );
}

function shortened(difference: Difference): Difference {
  const short = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(short);
    return typeof value === 'string' && value.length > SHOWN_CHARACTERS
      ? `${value.slice(0, SHOWN_CHARACTERS)}…`
      : value;
  };
  return { ...difference, old: short(difference.old), new: short(difference.new) };
}
