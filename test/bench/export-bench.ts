import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { contact } from '@contact360/contacts';
import { copyOut } from '@contact360/server';
import { Pool } from 'pg';
import { fill } from './database.ts';
import { median } from './measure.ts';
import { printTable, type Setup, say, signIn } from './setup.ts';

const FORMATS = ['csv', 'jsonl', 'xlsx'] as const;

export interface ExportResult {
  readonly format: string;
  /** Rows a second of the export, from the request until it is completed; the median of the rounds. */
  readonly rate: number;
  /** The same of a bare `COPY TO STDOUT` of the same select without the guard, its bytes thrown away. */
  readonly bare: number;
  /** Megabytes of the greatest resident memory that the server's process has had so far. */
  readonly memory: number;
  /** The same before the first export. */
  readonly idle: number;
}

/** Exports every contact in each format, in turn with the bare COPY. */
export async function benchExports(setup: Setup, { rows, rounds }: { rows: number; rounds: number }) {
  await setup.inProcess(({ app }) => fill(app, rows, say));
  const server = await setup.startServer();
  const token = await signIn(server.url);
  const pool = new Pool({ connectionString: setup.databaseUrl, max: 1 });
  const megabytes = async () => (await server.peakMemory()) / 2 ** 20;
  const idle = await megabytes();
  const results: ExportResult[] = [];
  try {
    for (const format of FORMATS) {
      const rates: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < rounds; round++) {
        bare.push(rows / (await seconds(() => copyBare(pool, rows))));
        rates.push(rows / (await seconds(() => exportAll(server.url, token, format, rows))));
      }
      results.push({ format, rate: median(rates), bare: median(bare), memory: await megabytes(), idle });
      say(`${format}: ${(median(rates) / median(bare)).toFixed(2)} ×`);
    }
    return results;
  } finally {
    await pool.end();
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${server.url}/api/v2/exports/files`, { method: 'DELETE', headers });
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function copyBare(pool: Pool, rows: number): Promise<void> {
  const client = await pool.connect();
  const copy = await copyOut(client, contact, { where: undefined }, 'unguarded');
  await once(copy.bytes.resume(), 'end');
  await copy.idle;
  client.release();
  if (copy.rows() !== rows) throw new Error(`The bare copy gave ${copy.rows()} of ${rows} rows`);
}

async function exportAll(url: string, token: string, format: string, rows: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ filters: {}, format });
  const asked = await fetch(`${url}/api/v2/exports/contacts/export`, { method: 'POST', headers, body });
  const { export_id } = (await asked.json()) as { export_id: string };
  for (;;) {
    const reply = await fetch(`${url}/api/v2/exports/${export_id}/`, { headers });
    const { status, contact_count } = (await reply.json()) as { status: string; contact_count: number };
    if (status === 'completed' && contact_count === rows) return;
    if (status !== 'pending' && status !== 'processing') throw new Error(`An export ended as ${status}`);
    await delay(50);
  }
}

export function printExports(results: readonly ExportResult[]): void {
  printTable([
    ['format', 'rows/s', 'bare COPY', 'ratio', 'idle MB', 'peak MB'],
    ...results.map(({ format, rate, bare, memory, idle }) => [
      format,
      rate.toFixed(),
      bare.toFixed(),
      (rate / bare).toFixed(2),
      idle.toFixed(),
      memory.toFixed(),
    ]),
  ]);
}
