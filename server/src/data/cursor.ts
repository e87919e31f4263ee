import type { Pool, PoolClient } from 'pg';
import type { Statement } from '../query/postgres.ts';
import { recordTypes } from './rows.ts';

/** Rows that a stream reads at a time. */
export const STREAM_BATCH = 200;

/** Declares a cursor in a transaction of its own and reads its first batch. */
export async function openCursor(pool: Pool, statement: Statement): Promise<{ client: PoolClient; rows: unknown[][] }> {
  const client = await pool.connect();
  try {
    await client.query('begin read only');
    await client.query({ ...statement, text: `declare rows no scroll cursor for ${statement.text}` });
    return { client, rows: await nextRows(client) };
  } catch (error) {
    await closeCursor(client, error);
    throw error;
  }
}

export async function nextRows(client: PoolClient): Promise<unknown[][]> {
  const text = `fetch ${STREAM_BATCH} from rows`;
  return (await client.query<unknown[]>({ text, rowMode: 'array', types: recordTypes })).rows;
}

/** A reader that went away leaves the transaction open: it is ended before the connection is used again. */
export async function closeCursor(client: PoolClient, failure: unknown): Promise<void> {
  let broken = failure !== undefined;
  await client.query('rollback').catch(() => {
    broken = true;
  });
  client.release(broken);
}
