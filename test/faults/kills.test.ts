import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { indexesOf, removeEmbedded, startEmbedded } from '@contact360/server/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN } from '../app.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';

/** Kills in this run; a long one: `FAULTS=50 FAULTS_SEED=1 npx vitest run test/faults/kills`. */
const FAULTS = Number(process.env.FAULTS ?? 5);
const SEED = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31));
/** Other programs may keep the machine busy. */
const TIMEOUT = 120_000 + FAULTS * 60_000;
const ROWS = 6000;
/** So many set indexes aside when the table holds few. */
const LARGE_ROWS = 25_000;

let home: string;
let postgres: Awaited<ReturnType<typeof startEmbedded>>;
let environment: Record<string, string>;
let api: ServerProcess;
let worker: ServerProcess;
let random: () => number;

beforeAll(async () => {
  console.log(`${FAULTS} faults, FAULTS_SEED=${SEED}`);
  random = randomOf(SEED);
  home = await mkdtemp(path.join(os.tmpdir(), 'contact360-kills-'));
  // A server of its own: what is killed must be durable, and nobody else's.
  postgres = await startEmbedded({ home: path.join(home, 'database'), port: 0, log: () => undefined });
  environment = {
    DATABASE_URL: postgres.url,
    CONTACT360_HOME: path.join(home, 'home'),
    LOG_LEVEL: 'warn',
    DEMO_DATA: 'false',
    JWT_SECRET: 'a secret of the tests that is long enough',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  await startApi();
  await startWorker();
});
afterAll(async () => {
  await worker?.stop('SIGKILL');
  await api?.stop('SIGKILL');
  await postgres?.stop();
  await removeEmbedded(path.join(home, 'database'), () => undefined);
  await rm(home, { recursive: true, force: true });
});

const startApi = async () => {
  api = await untilDone(() => startServerProcess({ ...environment, WORKERS: 'false' }));
};
const startWorker = async () => {
  worker = await untilDone(() => startServerProcess(environment, { jobsOnly: true }));
};

/** A sequence of numbers from 0 to 1 that follows from the seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FAULT_KINDS: Readonly<Record<string, () => Promise<void>>> = {
  worker: async () => {
    await worker.stop('SIGKILL');
    await startWorker();
  },
  api: async () => {
    await api.stop('SIGKILL');
    await startApi();
  },
  // PostgreSQL ends every session and recovers when one of its processes is killed.
  session: async () => {
    const { rows } = await ask<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'contact360' order by state = 'active' desc, random() limit 1",
    );
    if (rows[0]) process.kill(rows[0].pid, 'SIGKILL');
  },
  // The embedded server is started again by whoever uses it.
  postgres: async () => {
    const { rows } = await ask<{ pid: number }>(
      "select split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid",
    );
    process.kill(rows[0]!.pid, 'SIGKILL');
  },
};

/** Tries until it works: what it needs may just have been killed. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(200);
    }
  }
}

/** Asks the database on a connection of its own. */
const ask = <Row extends object>(sql: string, values: unknown[] = []) =>
  untilDone(async () => {
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.query<Row>(sql, values);
    } finally {
      await client.end().catch(() => undefined);
    }
  });

/** Something long that a client asks for. */
interface Work {
  readonly about: string;
  /** A fault comes within this time after the job was asked for, or after the fault before it. */
  readonly withinMs: number;
  /** Asks for it, and gives the id of the job. */
  readonly start: (name: string) => Promise<string>;
  readonly hasEnded: (job: string) => Promise<boolean>;
  /** Expects that the outcome is whole. */
  readonly check: (name: string, job: string) => Promise<void>;
}

async function request(method: string, target: string, body?: FormData | string): Promise<Response> {
  const signedIn = await fetch(`${api.url}/api/v1/auth/login/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  if (!signedIn.ok) throw new Error(`Signing in answers ${signedIn.status}`);
  const { access_token } = (await signedIn.json()) as { access_token: string };
  const reply = await fetch(api.url + target, {
    method,
    headers: {
      authorization: `Bearer ${access_token}`,
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
  if (!reply.ok) throw new Error(`${target} answers ${reply.status}: ${await reply.text()}`);
  return reply;
}

interface FileKind {
  readonly plural: 'contacts' | 'companies';
  readonly header: string;
  readonly rowOf: (name: string, row: number) => string;
}

const isBad = (row: number) => row % 100 === 7;
const CONTACTS: FileKind = {
  plural: 'contacts',
  header: 'First Name,Last Name,Email,Company,Title',
  rowOf: (name, row) =>
    [
      `F${row}`,
      `L${row}`,
      isBad(row) ? 'broken' : `${name}-${row}@x.example`,
      `At ${name} ${row % 61}`,
      'Engineer',
    ].join(),
};
const COMPANIES: FileKind = {
  plural: 'companies',
  header: 'Company Name,Website,# Employees',
  rowOf: (name, row) => [`Company ${name} ${row}`, `${name}-${row}.example`, isBad(row) ? 'many' : row].join(),
};

/** An import in which every hundredth row is rejected. */
function importing(
  about: string,
  { plural, header, rowOf }: FileKind,
  { rows = ROWS, dryRun = false, withinMs = 1500 } = {},
): Work {
  const good = rows * 0.99;
  return {
    about,
    withinMs,
    start: async (name) => {
      const lines = Array.from({ length: rows }, (_, row) => rowOf(name, row));
      const form = new FormData();
      form.append('file', new Blob([[header, ...lines].join('\n')]), `${name}.csv`);
      const reply = await request('POST', `/api/v1/${plural}/import/?dry_run=${dryRun}`, form);
      return ((await reply.json()) as { job_id: string }).job_id;
    },
    hasEnded: (job) => isSo('select finished_at is not null and tidied as so from import_jobs where uuid = $1', job),
    check: async (name, job) => {
      const { rows: jobs } = await ask<{ id: number }>(
        'select id, state, message, total_rows, success_count, created_count, error_count from import_jobs where uuid = $1',
        [job],
      );
      expect(jobs[0]).toMatchObject({
        state: 'completed',
        message: 'Completed',
        total_rows: rows,
        success_count: good,
        created_count: good,
        error_count: rows - good,
      });
      expect(await written(plural, name)).toEqual(
        dryRun ? { records: 0, distinct: 0 } : { records: good, distinct: good },
      );
      const { rows: errors } = await ask(
        'select count(*)::int as errors, count(distinct row_number)::int as distinct, sum((row_number % 100 = 9)::int)::int as right from import_errors where job_id = $1',
        [jobs[0]!.id],
      );
      expect(errors[0]).toEqual({ errors: rows - good, distinct: rows - good, right: rows - good });
    },
  };
}

const isSo = (sql: string, job: string) => ask<{ so: boolean }>(sql, [job]).then(({ rows }) => rows[0]!.so);

/** The records that a file of that name has made. */
async function written(plural: 'contacts' | 'companies', name: string): Promise<object> {
  const key = plural === 'contacts' ? 'email' : 'website';
  const { rows } = await ask<object>(
    `select count(*)::int as records, count(distinct ${key})::int as distinct from ${plural} where ${key} like $1 and deleted_at is null`,
    [`%${name}-%`],
  );
  return rows[0]!;
}

async function untilEnded(work: Work, job: string): Promise<void> {
  while (!(await work.hasEnded(job))) await delay(100);
}

/** Takes back an import that nothing has disturbed. */
function undoing(done: Work): Work {
  return {
    about: `undoing ${done.about}`,
    withinMs: 600,
    start: async (name) => {
      const job = await untilDone(() => done.start(name));
      await untilEnded(done, job);
      await untilDone(async () => {
        // It answers when all is undone, or a while after; whoever kills does not wait for that.
        request('POST', `/api/v1/contacts/import/${job}/undo/`).catch(() => undefined);
        await delay(50);
        if (!(await isSo('select undo is not null as so from import_jobs where uuid = $1', job)))
          throw new Error('The undoing has not begun');
      });
      return job;
    },
    hasEnded: (job) => isSo("select undo ->> 'state' = 'completed' as so from import_jobs where uuid = $1", job),
    check: async (name, job) => {
      const { rows } = await ask<{ counts: object }>(
        "select undo -> 'counts' as counts from import_jobs where uuid = $1",
        [job],
      );
      const nothing = { restored: 0, kept: 0 };
      expect(rows[0]!.counts).toEqual({
        contact: { ...nothing, removed: ROWS * 0.99 },
        company: { ...nothing, removed: 61 },
      });
      expect(await written('contacts', name)).toEqual({ records: 0, distinct: 0 });
    },
  };
}

const loading = importing('a large load', CONTACTS, { rows: LARGE_ROWS, withinMs: 2500 });
const LARGE_LOAD: Work = {
  ...loading,
  start: async (name) => {
    await ask('with gone as (delete from contacts) delete from companies');
    return loading.start(name);
  },
};

const EXPORTING: Work = {
  about: 'exporting contacts',
  withinMs: 600,
  start: async () => {
    const filters = JSON.stringify({ filters: { field: 'email', operator: 'contains', value: '-' } });
    const reply = await request('POST', '/api/v2/exports/contacts/export', filters);
    return ((await reply.json()) as { export_id: string }).export_id;
  },
  hasEnded: (job) => isSo('select finished_at is not null as so from exports where id = $1', job),
  check: async (_name, job) => {
    const { rows } = await ask<{ state: string; message: string | null; total: number; done: number }>(
      "select state, message, done, (select count(*)::int from contacts where email like '%-%' and deleted_at is null) as total from exports where id = $1",
      [job],
    );
    expect(rows[0]).toMatchObject({ state: 'completed', message: null, done: rows[0]!.total });
    const shown = (await (await request('GET', `/api/v2/exports/${job}/`)).json()) as { download_url: string };
    const { pathname, search } = new URL(shown.download_url);
    const text = await (await fetch(api.url + pathname + search)).text();
    const emails = text.split('\n').flatMap((line) => /[\w-]+@x\.example/.exec(line)?.[0] ?? []);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails).toHaveLength(rows[0]!.total);
  },
};

const WORKS: readonly Work[] = [
  LARGE_LOAD,
  importing('importing contacts', CONTACTS),
  EXPORTING,
  importing('importing companies', COMPANIES),
  importing('a dry run', CONTACTS, { dryRun: true }),
  undoing(importing('importing contacts', CONTACTS)),
];

const relations = () =>
  ask<{ name: string }>(
    "select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'S', 'v') and n.nspname not like 'pg_temp%' and n.nspname not like 'pg_toast%' order by 1",
  ).then(({ rows }) => rows.map(({ name }) => name));

it(
  'whatever is killed, every job ends with exact counts and leaves nothing behind',
  async () => {
    const tables = await relations();
    // Few faults meet few of the works: others in each run.
    const first = Math.floor(random() * WORKS.length);
    for (let done = 0, round = 0; done < FAULTS; round++) {
      const work = WORKS[(first + round) % WORKS.length]!;
      const name = `r${round}x`;
      const job = await untilDone(() => work.start(name));
      for (let hit = 1 + Math.floor(random() * 3); hit > 0 && done < FAULTS; hit--) {
        await delay(random() * work.withinMs);
        const kind = Object.keys(FAULT_KINDS)[Math.floor(random() * 4)]!;
        const late = await work.hasEnded(job);
        console.log(`fault ${done + 1}: ${kind} in round ${round}, ${work.about}${late ? ', after its end' : ''}`);
        await FAULT_KINDS[kind]!();
        done++;
      }
      await untilEnded(work, job);
      await untilDone(() => work.check(name, job));
    }
    const { rows } = await ask(
      "select (select count(*)::int from set_aside_indexes) as missing, (select count(*)::int from pg_indexes where tablename in ('contacts', 'companies')) as there",
    );
    const wanted = [contact, company].flatMap((record) => ['pkey', ...indexesOf(record)]);
    expect(rows[0]).toEqual({ missing: 0, there: wanted.length });
    expect(await relations()).toEqual(tables);
    // Uploads are gone with their jobs; those that were under way when the API was killed are noted for housekeeping.
    const { rows: noted } = await ask<{ key: string }>('select key from import_uploads');
    const { rows: files } = await ask<{ key: string }>('select file_key as key from exports');
    const kept = await readdir(environment.CONTACT360_HOME!, { recursive: true, withFileTypes: true });
    const left = kept
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(environment.CONTACT360_HOME!, path.join(entry.parentPath, entry.name)))
      .filter((file) => /^(uploads|exports)\//.test(file) || file.endsWith('.partial'))
      .filter((file) => [...noted, ...files].every(({ key }) => !file.startsWith(key)));
    expect(left).toEqual([]);
  },
  TIMEOUT,
);
