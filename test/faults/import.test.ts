import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { indexesOf } from '@contact360/server/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, createDatabase } from '../app.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';

const ROWS = 30_000;
/** Other programs may keep the machine busy. */
const TIMEOUT = 180_000;
let home: string;
let environment: Record<string, string>;
let database: Client;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'contact360-faults-'));
  const url = await createDatabase();
  environment = {
    DATABASE_URL: url,
    CONTACT360_HOME: home,
    LOG_LEVEL: 'info',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  database = new Client({ connectionString: url });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await rm(home, { recursive: true, force: true });
});

/** A file with a rejected row in every hundred; its companies come again and again. */
function file(name: string): string {
  const lines = ['First Name,Last Name,Email,Company,Title'];
  for (let row = 0; row < ROWS; row++)
    lines.push(
      `F${row},L${row},${row % 100 === 7 ? 'broken' : `${name}${row}@x.example`},Company ${name} ${row % 601},Title ${row % 40}`,
    );
  return lines.join('\n');
}

async function signIn({ url }: ServerProcess): Promise<string> {
  const reply = await fetch(`${url}/api/v1/auth/login/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  return ((await reply.json()) as { access_token: string }).access_token;
}

async function startImport(server: ServerProcess, name: string): Promise<string> {
  const form = new FormData();
  form.append('file', new Blob([file(name)]), `${name}.csv`);
  const reply = await fetch(`${server.url}/api/v1/contacts/import/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await signIn(server)}` },
    body: form,
  });
  return ((await reply.json()) as { job_id: string }).job_id;
}

const state = async (job: string) =>
  (
    await database.query(
      'select state, message, total_rows, success_count, error_count from import_jobs where uuid = $1',
      [job],
    )
  ).rows[0];

async function until(job: string, reached: (job: { state: string; total_rows: number }) => boolean): Promise<void> {
  while (!reached(await state(job))) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The tables have the indexes that they began with. */
async function expectIndexes(): Promise<void> {
  const { rows } = await database.query(
    "select (select count(*)::int from set_aside_indexes) as missing, (select count(*)::int from pg_indexes where tablename in ('contacts', 'companies')) as there",
  );
  const wanted = [contact, company].flatMap((record) => ['pkey', ...indexesOf(record)]);
  expect(rows[0]).toEqual({ missing: 0, there: wanted.length });
}

async function expectWhole(job: string, name: string): Promise<void> {
  await until(job, ({ state }) => state === 'completed' || state === 'failed');
  expect(await state(job)).toEqual({
    state: 'completed',
    message: 'Completed',
    total_rows: ROWS,
    success_count: ROWS * 0.99,
    error_count: ROWS / 100,
  });
  const { rows } = await database.query(
    "select count(*)::int as contacts, count(distinct email)::int as emails from contacts where email like $1 || '%@x.example'",
    [name],
  );
  expect(rows[0]).toEqual({ contacts: ROWS * 0.99, emails: ROWS * 0.99 });
  const errors = await database.query(
    'select count(*)::int as errors, min(row_number) as first from import_errors e join import_jobs j on j.id = e.job_id where j.uuid = $1',
    [job],
  );
  expect(errors.rows[0]).toEqual({ errors: ROWS / 100, first: 9 });
  const companies = await database.query('select count(*)::int as companies from companies where name like $1', [
    `Company ${name} %`,
  ]);
  expect(companies.rows[0].companies).toBe(601);
  await expectIndexes();
}

describe('an import whose worker is killed', () => {
  it('is finished by the next one, nothing lost or doubled', { timeout: TIMEOUT }, async () => {
    const first = await startServerProcess(environment);
    const job = await startImport(first, 'killed');
    await until(job, ({ total_rows }) => total_rows >= 5000);
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');
    expect((await state(job)).state).toBe('running');
    const second = await startServerProcess(environment);
    await expectWhole(job, 'killed');
    expect(await second.stop()).toBe(0);
  });

  it('goes on after an orderly stop, which hands it back between two batches', { timeout: TIMEOUT }, async () => {
    const first = await startServerProcess(environment);
    const job = await startImport(first, 'stopped');
    await until(job, ({ total_rows }) => total_rows >= 5000);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect((await state(job)).state).toBe('running');
    const second = await startServerProcess(environment);
    await expectWhole(job, 'stopped');
    expect(await second.stop()).toBe(0);
  });
});

describe('an orderly stop', () => {
  it('answers what is in flight', async () => {
    const server = await startServerProcess(environment);
    const token = await signIn(server);
    const asked = fetch(`${server.url}/api/v1/contacts/count/uuids/`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const stopped = server.stop('SIGTERM');
    const reply = await asked;
    expect(reply.status).toBe(200);
    const { count, uuids } = (await reply.json()) as { count: number; uuids: string[] };
    expect(uuids).toHaveLength(count);
    expect(await stopped).toBe(0);
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
