import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { defineConfig, type Plugin } from '@contact360/server';
import { type RunningServer, startServer } from '@contact360/server/boot';
import { createLog, readSettings } from '@contact360/server/testing';
import config from '../contact360.config.ts';
import { ADMIN, startTestApp, type TestApp, WRITE_KEYS } from './app.ts';

export const API_KEY = 'the key of the environment';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape
  readonly json: any;
}

/** Two servers on one database, as two processes would be. */
export interface Servers {
  readonly app: TestApp;
  readonly first: RunningServer;
  readonly second: RunningServer;
  readonly newKey: (scope: 'read' | 'write', name?: string) => Promise<{ id: string; key: string }>;
  readonly stop: () => Promise<void>;
}

/** Starts them with further plugins beside the product's. */
export async function startServers(
  plugins: readonly Plugin[],
  settings: Record<string, string> = {},
): Promise<Servers> {
  const app = await startTestApp({ WORKERS: 'false' });
  const home = await mkdtemp(path.join(os.tmpdir(), 'contact360-servers-'));
  const environment = {
    DATABASE_URL: app.databaseUrl,
    CONTACT360_HOME: home,
    PORT: '0',
    LOG_LEVEL: 'silent',
    WORKERS: 'false',
    DEMO_DATA: 'false',
    JWT_SECRET: app.app.settings.JWT_SECRET!,
    ADMIN_EMAIL: ADMIN.email,
    API_KEY,
    CONTACTS_WRITE_KEY: WRITE_KEYS.contacts,
    MAX_REQUESTS_PER_MINUTE: '1000000',
    ...settings,
  };
  const read = readSettings(environment, home);
  const both = defineConfig({ plugins: [...config.plugins, ...plugins], faces: config.faces });
  const first = await startServer(both, read, createLog(read));
  const second = await startServer(both, read, createLog(read));
  return {
    app,
    first,
    second,
    newKey: async (scope, name = 'a key') => {
      const body = { name, scope };
      const { json } = await send(first, 'POST', '/api/v4/admin/api-keys', { token: app.adminToken, body });
      return json;
    },
    stop: async () => {
      await second.stop();
      await first.stop();
      await app.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface Sent {
  token?: string | undefined;
  key?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

export async function send(
  { url }: Pick<RunningServer, 'url'>,
  method: string,
  target: string,
  { token, key, body, headers }: Sent = {},
): Promise<Reply> {
  const reply = await fetch(url + target, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { 'x-api-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, json: text && JSON.parse(text) };
}
