import type { Pool } from 'pg';
import { transaction } from './transaction.ts';

/** 300 times as many pages are looked at; counts come out right to about a third of a percent. */
const COUNT_TARGET = 30;
/** PostgreSQL's own default. The embedded server's is five times as much, for which most of a large table is read. */
const FIRST_TARGET = 100;
/** From this share of new or changed rows on, queries need to know the values anew at once. */
const MUCH = 0.1;

/**
 * Brings the planner's number of rows up to date, by which unfiltered counts are answered; takes a fraction of a second.
 * Not done while an index of the table is built, as the next one to be built would have to wait behind it.
 */
export const refreshCount = (pool: Pool, table: string): Promise<void> =>
  analyze(pool, COUNT_TARGET, `(skip_locked) ${table} (id)`);

/** Tells the planner what living rows hold in these columns, roughly. */
export const learnColumns = (pool: Pool, table: string, columns: readonly string[]): Promise<void> =>
  analyze(pool, COUNT_TARGET, `${table} (uuid, deleted_at, ${columns.join(', ')})`);

/**
 * Tells the planner of a table of which about so many rows were written: how many there are, and where that is much of
 * the table, roughly what they hold. This takes seconds, as it looks at a part of them; because it names the columns it
 * does not count as the table's analysis, which autovacuum makes soon afterwards in depth.
 */
export async function refreshStatistics(pool: Pool, table: string, written: number): Promise<void> {
  const { rows } = await pool.query<{ known: number; columns: string }>(
    `select max(reltuples) as known, string_agg(quote_ident(attname), ', ') as columns
     from pg_class c join pg_attribute on attrelid = c.oid where c.oid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  const { known, columns } = rows[0]!;
  await (written < known * MUCH ? refreshCount(pool, table) : analyze(pool, FIRST_TARGET, `${table} (${columns})`));
}

async function analyze(pool: Pool, target: number, what: string): Promise<void> {
  await transaction(pool, async (client) => {
    await client.query(`set local statement_timeout = 0; set local default_statistics_target = ${target}`);
    await client.query(`analyze ${what}`);
  });
}
