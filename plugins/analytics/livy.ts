import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from '@contact360/server';
import { z } from 'zod';
import { type AnalyticsBackend, NotReadyError } from './backend.ts';
import { readSparkRows, sparkSql } from './spark-sql.ts';

/** An answer that takes longer is left to another source. */
const ANSWER_MS = 10_000;
const STOP_MS = 2000;
const POLL_MS = 100;

const sessionSchema = z.object({ id: z.int(), state: z.string() });
const statementSchema = z.object({
  id: z.int(),
  state: z.string(),
  output: z
    .object({
      status: z.string(),
      evalue: z.string().optional(),
      data: z.object({ 'application/json': z.object({ data: z.array(z.array(z.unknown())) }) }).optional(),
    })
    .nullish(),
});

/** States of a session that will never take a statement again. */
const ENDED = new Set(['error', 'dead', 'killed', 'shutting_down', 'success']);

/**
 * Spark SQL by the REST interface of Apache Livy, in a session of this process's own. A session takes a while to start:
 * what is asked meanwhile is left to another source.
 */
export function livyBackend(url: string, settings: Settings): AnalyticsBackend {
  const call = livyClient(url);
  let session: number | undefined;

  const readySession = async (signal: AbortSignal): Promise<number> => {
    const found =
      session === undefined
        ? undefined
        : await call('GET', `sessions/${session}`, sessionSchema.nullable(), { signal });
    const living = found && !ENDED.has(found.state) ? found : undefined;
    const { id, state } = living ?? (await call('POST', 'sessions', sessionSchema, { signal, body: { kind: 'sql' } }))!;
    session = id;
    if (state !== 'idle' && state !== 'busy') throw new NotReadyError(`The Livy session ${id} is ${state}`);
    return id;
  };

  return {
    source: 'spark-livy',
    aggregate: async (limit) => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const id = await readySession(signal);
      const path = `sessions/${id}/statements`;
      const body = { kind: 'sql', code: sparkSql(settings, limit) };
      let statement = await call('POST', path, statementSchema, { signal, body });
      while (statement.state === 'waiting' || statement.state === 'running') {
        await delay(POLL_MS, undefined, { signal });
        statement = await call('GET', `${path}/${statement.id}`, statementSchema, { signal });
      }
      const { output } = statement;
      if (output?.status !== 'ok' || !output.data)
        throw new Error(`The Livy statement is ${statement.state}: ${output?.evalue ?? 'no output'}`);
      return readSparkRows(output.data['application/json'].data);
    },
    stop: async () => {
      if (session === undefined) return;
      await call('DELETE', `sessions/${session}`, z.unknown(), { signal: AbortSignal.timeout(STOP_MS) });
    },
  };
}

interface Call {
  readonly signal: AbortSignal;
  readonly body?: unknown;
}

/** Calls of Livy's REST interface, credentials of the URL sent along. What is not there is `null` where the schema takes it. */
function livyClient(base: string) {
  const { username, password, ...address } = partsOf(base);
  const headers: Record<string, string> = { accept: 'application/json', 'x-requested-by': 'contact360' };
  if (username) headers.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return async <T>(method: string, path: string, schema: z.ZodType<T>, { signal, body }: Call): Promise<T> => {
    const reply = await fetch(new URL(path, address.base), {
      method,
      signal,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (reply.status === 404 && schema.safeParse(null).success) return schema.parse(null);
    if (!reply.ok) throw new Error(`Livy answered ${method} /${path} with ${reply.status}: ${text.slice(0, 200)}`);
    return schema.parse(text ? JSON.parse(text) : null);
  };
}

/** `fetch` takes no credentials in an address. */
function partsOf(text: string) {
  const url = new URL(text.endsWith('/') ? text : `${text}/`);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return { base: url, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
