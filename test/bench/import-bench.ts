import { createReadStream, createWriteStream, openAsBlob, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { apolloCsv, type DemoFile } from '@contact360/demo';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { readHeaders } from './capture.ts';
import { printTable, type Setup, say, signIn } from './setup.ts';

const SEED = 360;
const TABLES = ['contacts', 'companies'] as const;
/** Each of the reads is asked so often while an import runs, whatever the others take. */
const READ_EVERY_MS = 250;
const HOT_READS = [
  '/api/v1/contacts/',
  '/api/v1/contacts/?title=manager&email_status=Verified',
  '/api/v1/contacts/?ordering=last_name&limit=25',
  '/api/v1/contacts/?search=smith',
];

interface Load {
  readonly rows: number;
  readonly seconds: number;
  /** Of all PostgreSQL's processes and, for an import, the worker's. Linux only. */
  readonly cpu: number;
}

export interface ImportResult {
  readonly name: string;
  readonly imported: Load;
  /** Raw COPY of the same rows; absent for the import beside which the hot lists are asked for. */
  readonly copied?: Load;
  /** Milliseconds of the hot lists while the import ran. */
  readonly reads?: { readonly median: number; readonly p95: number; readonly count: number };
  /** Bytes that the worker has held at most so far. */
  readonly peakMemory: number;
}

/**
 * Imports files as a client uploads them, by a worker in a process of its own, and copies what came of them into
 * tables of the same columns and indexes. First a file into an empty database, then one of which half the rows are
 * stored already under other values.
 */
export async function benchImport(
  setup: Setup,
  { rows, upserts, profile }: { rows: number; upserts: number; profile: string | undefined },
): Promise<ImportResult[]> {
  const api = await setup.startServer({ environment: { WORKERS: 'false' } });
  const worker = await setup.startServer({
    environment: { WORKERS: 'true' },
    nodeOptions: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`],
  });
  const token = await signIn(api.url);
  const database = new Client({ connectionString: setup.databaseUrl });
  await database.connect();
  setup.stops.push(() => database.end());
  const companies = Math.max(1, Math.floor(rows / 10));
  const measure = async (load: () => Promise<number>): Promise<Load> => {
    const [cpuBefore, before] = [await cpu(), performance.now()];
    const loaded = await load();
    return { rows: loaded, seconds: (performance.now() - before) / 1000, cpu: (await cpu()) - cpuBefore };
  };
  const cpu = async () => (await postgresCpu(database)) + (await worker.cpu());
  const copies = new Copies(database, setup.home);
  const importing = async (file: Omit<DemoFile, 'companies' | 'seed'>) => {
    const csv = path.join(setup.home, 'bench.csv');
    await pipeline(apolloCsv({ ...file, companies, seed: SEED }), createWriteStream(csv));
    return measure(() => importFile(api.url, token, csv));
  };
  const compared = async (name: string, file: Omit<DemoFile, 'companies' | 'seed'>): Promise<ImportResult> => {
    const imported = await importing(file);
    say(`${name}: imported in ${imported.seconds.toFixed(1)} s`);
    await copies.save(imported.rows);
    const copied = await measure(() => copies.load());
    say(`${name}: copied in ${copied.seconds.toFixed(1)} s`);
    return { name, imported, copied, peakMemory: await worker.peakMemory() };
  };
  const first = await compared('first load', { contacts: rows });
  const half = Math.floor(upserts / 2);
  await database.query(
    `update contacts set title = 'Former ' || title, stage = 'Former' where id > (select max(id) from contacts) - $1`,
    [half],
  );
  await database.query('vacuum (analyze) contacts, companies');
  const second = await compared('upserts', { contacts: upserts, start: rows - half });
  const stopReading = startReading(api.url, token);
  const imported = await importing({ contacts: upserts, start: rows + upserts });
  const latencies = (await stopReading()).toSorted((one, other) => one - other);
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  const reads = { median: at(0.5), p95: at(0.95), count: latencies.length };
  return [first, second, { name: 'beside readers', imported, reads, peakMemory: await worker.peakMemory() }];
}

async function importFile(url: string, token: string, file: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const body = new FormData();
  body.append('file', await openAsBlob(file), 'bench.csv');
  const reply = await fetch(`${url}/api/v1/contacts/import/`, { method: 'POST', headers, body });
  const { job_id } = (await reply.json()) as { job_id: string };
  for (;;) {
    const asked = await fetch(`${url}/api/v1/contacts/import/${job_id}/`, { headers });
    const job = (await asked.json()) as { status: string; message: string; total_rows: number; error_count: number };
    if (job.status === 'completed' && job.error_count === 0) return job.total_rows;
    if (job.status === 'completed' || job.status === 'failed')
      throw new Error(`The import ended with ${job.error_count} rejected rows: ${job.message}`);
    await delay(200);
  }
}

/** Asks for the hot lists until it is stopped; gives how many milliseconds each reply took. */
function startReading(url: string, token: string): () => Promise<number[]> {
  const latencies: number[] = [];
  let stopped = false;
  const read = async (target: string, after: number) => {
    await delay(after);
    while (!stopped) {
      const sent = performance.now();
      const reply = await fetch(url + target, { headers: readHeaders(token) });
      await reply.text();
      if (!reply.ok) throw new Error(`${target} answers ${reply.status} while an import runs`);
      latencies.push(performance.now() - sent);
      await delay(Math.max(0, READ_EVERY_MS - (performance.now() - sent)));
    }
  };
  const readers = Promise.all(HOT_READS.map((target, at) => read(target, (at * READ_EVERY_MS) / HOT_READS.length)));
  readers.catch(() => undefined);
  return async () => {
    stopped = true;
    await readers;
    return latencies;
  };
}

/** Tables of the same columns and indexes without triggers, and the rows that go into them. */
class Copies {
  readonly #database: Client;
  readonly #home: string;

  constructor(database: Client, home: string) {
    this.#database = database;
    this.#home = home;
  }

  /** Takes what was imported last out of the copies and into files. */
  async save(rows: number): Promise<void> {
    for (const table of TABLES) {
      await this.#database.query(`create table if not exists copied_${table} (like ${table} including all)`);
      const since =
        table === 'contacts'
          ? `where id in (select id from contacts order by updated_at desc, id desc limit ${rows})`
          : `where updated_at >= (select min(updated_at) from (select updated_at from contacts order by updated_at desc limit ${rows}) c)`;
      await this.#database.query(`delete from copied_${table} where uuid in (select uuid from ${table} ${since})`);
      const select = `copy (select ${await this.#columns(table)} from ${table} ${since} order by id) to stdout`;
      await pipeline(this.#database.query(copyTo(select)), createWriteStream(this.#fileOf(table)));
      await this.#database.query(`vacuum (analyze) copied_${table}`);
    }
  }

  /** Copies the rows in, and gives the number of contacts. */
  async load(): Promise<number> {
    let contacts = 0;
    for (const table of TABLES) {
      const into = this.#database.query(copyFrom(`copy copied_${table} (${await this.#columns(table)}) from stdin`));
      await pipeline(createReadStream(this.#fileOf(table)), into);
      if (table === 'contacts') contacts = into.rowCount;
    }
    return contacts;
  }

  #fileOf = (table: string) => path.join(this.#home, `${table}.copy`);

  async #columns(table: string): Promise<string> {
    const { rows } = await this.#database.query<{ name: string }>(
      "select quote_ident(attname) as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'id' order by attnum",
      [table],
    );
    return rows.map(({ name }) => name).join(', ');
  }
}

const TICKS = 100;

/** Seconds of CPU time that all processes of the server have taken, ended ones included. */
async function postgresCpu(database: Client): Promise<number> {
  if (process.platform !== 'linux') return Number.NaN;
  const { rows } = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
  const fields = (pid: number | string) => {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return text.slice(text.lastIndexOf(')') + 2).split(' ');
    } catch {
      return [];
    }
  };
  const postmaster = fields(rows[0]!.pid)[1]!;
  const own = (stat: string[]) => Number(stat[11]) + Number(stat[12]);
  const ended = Number(fields(postmaster)[13]) + Number(fields(postmaster)[14]);
  const living = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(fields);
  return (
    (ended + living.filter(([, parent]) => parent === postmaster).reduce((sum, stat) => sum + own(stat), 0)) / TICKS
  );
}

export function printImport(results: readonly ImportResult[]): void {
  const rate = ({ rows, seconds }: Load) => rows / seconds;
  const each = (
    imported: Load,
    copied: Load | undefined,
    of: (load: Load) => number,
    ratio: (a: number, b: number) => number,
  ) => [
    of(imported).toFixed(),
    copied ? of(copied).toFixed() : '',
    copied ? ratio(of(imported), of(copied)).toFixed(2) : '',
  ];
  printTable([
    ['', 'rows', 'rows/s', '', '', 'CPU s', '', '', 'hot lists ms', '', 'worker'],
    ['', '', 'import', 'COPY', 'ratio', 'import', 'COPY', 'ratio', 'median', 'p95', 'peak MB'],
    ...results.map(({ name, imported, copied, reads, peakMemory }) => [
      name,
      String(imported.rows),
      ...each(imported, copied, rate, (a, b) => a / b),
      ...each(
        imported,
        copied,
        ({ cpu }) => cpu,
        (a, b) => b / a,
      ),
      reads?.median.toFixed() ?? '',
      reads?.p95.toFixed() ?? '',
      (peakMemory / 2 ** 20).toFixed(),
    ]),
  ]);
}
