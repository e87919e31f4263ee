import type { Pool, PoolClient } from 'pg';

/** Runs `work` in one transaction on one connection: committed when it resolves, rolled back when it rejects. */
export async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await transactionOn(
      client,
      () => work(client),
      (failure) => {
        // The connection is of no more use; the pool drops it. What is told is why the work failed.
        broken = failure;
      },
    );
  } finally {
    client.release(broken);
  }
}

/** Runs `work` in one transaction on a connection that the caller keeps; `onBroken` is told when it is of no more use. */
export async function transactionOn<T>(
  client: PoolClient,
  work: () => Promise<T>,
  onBroken: (failure: Error) => void = () => undefined,
): Promise<T> {
  try {
    await client.query('begin');
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(onBroken);
    throw error;
  }
}
