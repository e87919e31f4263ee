import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, createDatabase } from '../app.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';

const ROWS = 40_000;
let home: string;
let environment: Record<string, string>;
let database: Client;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'contact360-export-faults-'));
  const url = await createDatabase();
  environment = {
    DATABASE_URL: url,
    CONTACT360_HOME: home,
    DEMO_DATA: 'false',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  database = new Client({ connectionString: url });
  await database.connect();
  await database.query(
    `insert into contacts (uuid, email, text_search) select gen_random_uuid(), 'e' || n || '@x.example', repeat(md5(n::text), 40) from generate_series(1, ${ROWS}) n`,
  );
});
afterAll(async () => {
  await database.end();
  await rm(home, { recursive: true, force: true });
});

async function ask(server: ServerProcess, method: string, target: string, body?: object) {
  const signedIn = await fetch(`${server.url}/api/v1/auth/login/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  const { access_token } = (await signedIn.json()) as { access_token: string };
  const reply = await fetch(server.url + target, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await reply.json()) as { export_id: string; status: string; download_url: string };
}

const start = async (server: ServerProcess) =>
  (await ask(server, 'POST', '/api/v2/exports/contacts/export', { filters: {} })).export_id;
const state = async (id: string) =>
  (await database.query<{ state: string; done: number }>('select state, done from exports where id = $1', [id]))
    .rows[0]!;
const files = () => readdir(path.join(home, 'exports')).catch(() => []);
const pause = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Waits until the file is being written. */
async function writing(id: string): Promise<void> {
  while (!(await files()).some((name) => name.includes(id) && name.endsWith('.partial'))) await pause();
}

async function expectWhole(server: ServerProcess, id: string): Promise<void> {
  while (['pending', 'processing'].includes((await state(id)).state)) await pause();
  expect(await state(id)).toEqual({ state: 'completed', done: ROWS });
  const { download_url } = await ask(server, 'GET', `/api/v2/exports/${id}/`);
  const lines = (await (await fetch(download_url)).text()).split('\r\n');
  expect(lines).toHaveLength(ROWS + 2);
  expect(new Set(lines.slice(1, -1).map((line) => /e\d+@x\.example/.exec(line)?.[0])).size).toBe(ROWS);
  expect((await files()).filter((name) => name.includes(id))).toHaveLength(1);
}

describe('an export', () => {
  it('whose server is killed is made whole by the next one, and no half of a file is left', async () => {
    const first = await startServerProcess(environment);
    const id = await start(first);
    await writing(id);
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');
    expect((await state(id)).state).toBe('processing');
    const second = await startServerProcess(environment);
    await expectWhole(second, id);
    expect(await second.stop()).toBe(0);
  });

  it('that an orderly stop interrupts is made by the next server', async () => {
    const first = await startServerProcess(environment);
    const id = await start(first);
    await writing(id);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await startServerProcess(environment);
    await expectWhole(second, id);
    expect(await second.stop()).toBe(0);
  });

  it('that is cancelled while it is written leaves no file', async () => {
    const server = await startServerProcess(environment);
    const id = await start(server);
    await writing(id);
    expect(await ask(server, 'DELETE', `/api/v2/exports/${id}/cancel`)).toMatchObject({ status: 'cancelled' });
    while ((await files()).some((name) => name.includes(id))) await pause();
    expect((await state(id)).state).toBe('cancelled');
    expect(await server.stop()).toBe(0);
  });
});
