import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { migrationFolders, type RunningServer, startServer } from '@contact360/server/boot';
import { createLog, migrate, readSettings } from '@contact360/server/testing';
import { Client } from 'pg';
import { inject } from 'vitest';
import config from '../contact360.config.ts';

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
export const WRITE_KEYS = { contacts: 'contacts-write-key', companies: 'companies-write-key' };

/** A whole server with a database of its own, spoken to over HTTP. */
export interface TestApp extends RunningServer {
  /** Requests a path; JSON in, JSON out. */
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<TestReply>;
  /** Access token of the first SuperAdmin. */
  readonly adminToken: string;
  /** Access token of a plain user. */
  readonly userToken: string;
  readonly databaseUrl: string;
  /** Looks into the database beside the server, on a connection of its own. */
  readonly database: Client;
  readonly home: string;
}

export interface RequestOptions {
  /** Bearer token; the plain user's when absent, none when `null`. */
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface TestReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape
  readonly json: any;
}

const TEMPLATE = 'contact360_template';
const TEMPLATE_LOCK = 7360;

/** Starts a server on an empty database. Settings are the environment variables of the product. */
export async function startTestApp(settings: Record<string, string> = {}): Promise<TestApp> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'contact360-app-'));
  const databaseUrl = await createDatabase();
  const environment = {
    DATABASE_URL: databaseUrl,
    CONTACT360_HOME: home,
    PORT: '0',
    LOG_LEVEL: 'error',
    NODE_ENV: 'test',
    DEMO_DATA: 'false',
    JWT_SECRET: 'a secret of the tests that is long enough',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    CONTACTS_WRITE_KEY: WRITE_KEYS.contacts,
    COMPANIES_WRITE_KEY: WRITE_KEYS.companies,
    ...settings,
  };
  const read = readSettings(environment, home);
  const server = await startServer(config, read, createLog(read));
  const request = (method: string, target: string, options: RequestOptions = {}) =>
    send(server.url, method, target, { token: tokens.user, ...options });
  const tokens = { user: '' };
  const signIn = async (route: string, body: object) =>
    (await send(server.url, 'POST', `/api/v1/auth/${route}/`, { body })).json.access_token as string;
  const adminToken = await signIn('login', ADMIN);
  tokens.user = await signIn('register', {
    name: 'Una User',
    email: 'user@example.com',
    password: 'correct horse battery',
  });
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  return {
    ...server,
    request,
    database,
    adminToken,
    userToken: tokens.user,
    databaseUrl,
    home,
    stop: async () => {
      await database.end();
      await server.stop();
      await rm(home, { recursive: true, force: true });
      await dropDatabase(databaseUrl);
    },
  };
}

async function send(
  url: string,
  method: string,
  target: string,
  { token, body, headers = {} }: RequestOptions,
): Promise<TestReply> {
  const plain = body === undefined || typeof body === 'string' || body instanceof FormData;
  const reply = await fetch(url + target, {
    method,
    redirect: 'manual',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body !== undefined && !(body instanceof FormData) ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: plain ? (body as string) : JSON.stringify(body) }),
  });
  const text = await reply.text();
  const isJson = reply.headers.get('content-type')?.includes('json') && text !== '';
  return { status: reply.status, headers: reply.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** A migrated database of its own, copied from a template that the first caller makes. */
export async function createDatabase(): Promise<string> {
  const base = inject('databaseUrl');
  const urlOf = (database: string) => Object.assign(new URL(base), { pathname: `/${database}` }).href;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await withClient(base, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
    if (!rowCount) {
      await client.query(`create database ${TEMPLATE}_making`);
      await migrate(urlOf(`${TEMPLATE}_making`), migrationFolders(config.plugins));
      await client.query(`alter database ${TEMPLATE}_making rename to ${TEMPLATE}`);
    }
    await client.query(`create database ${name} template ${TEMPLATE}`);
  });
  return urlOf(name);
}

export async function dropDatabase(url: string): Promise<void> {
  await withClient(inject('databaseUrl'), (client) =>
    client.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`),
  );
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await work(client).finally(() => client.end());
}
