import type { RunningServer } from '@contact360/server/boot';
import type { QueryConfig } from 'pg';
import type { Data, Read } from './reads.ts';

/** A read with the SQL that the server runs for it. */
export interface Captured {
  readonly name: string;
  readonly path: string;
  readonly statements: readonly { readonly text: string; readonly values: unknown[] }[];
}

/** Finds out which SQL the server sends for each read, by asking it. */
export async function capture(
  server: RunningServer,
  reads: readonly Pick<Read, 'name' | 'path'>[],
  token: string,
): Promise<Captured[]> {
  const { pool } = server.app;
  const query = pool.query.bind(pool) as (config: QueryConfig | string, values?: unknown[]) => unknown;
  let statements: Captured['statements'] = [];
  const recording = (config: QueryConfig | string, values?: unknown[]) => {
    const { text, values: own = values ?? [] } = typeof config === 'string' ? { text: config } : config;
    statements = [...statements, { text, values: own }];
    return query(config, values);
  };
  const captured: Captured[] = [];
  try {
    for (const { name, path } of reads) {
      // Twice: what is kept after the first request (the session) is not what each request costs.
      await inject(server, path, token);
      pool.query = recording as typeof pool.query;
      statements = [];
      await inject(server, path, token);
      pool.query = query as typeof pool.query;
      if (statements.length === 0) throw new Error(`The server ran no SQL for '${name}' (${path})`);
      captured.push({ name, path, statements });
    }
  } finally {
    pool.query = query as typeof pool.query;
  }
  return captured;
}

/** The uuid of some contact, for reads of one. */
export async function someContact({ app }: RunningServer): Promise<Data['contact']> {
  const { rows } = await app.pool.query<{ uuid: string }>(
    'select uuid from contacts where deleted_at is null and company_id is not null order by id limit 1',
  );
  return rows[0]!.uuid;
}

async function inject({ http }: RunningServer, url: string, token: string): Promise<void> {
  const reply = await http.inject({ url, headers: readHeaders(token) });
  if (reply.statusCode !== 200) throw new Error(`${url} answers ${reply.statusCode}: ${reply.body.slice(0, 200)}`);
}

/** Signed in, and past the cache. */
export const readHeaders = (token: string) => ({
  authorization: `Bearer ${token}`,
  'cache-control': 'no-cache',
});
