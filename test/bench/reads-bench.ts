import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Captured, capture, someContact } from './capture.ts';
import { fill } from './database.ts';
import { type Effort, measure, type ReadResult } from './measure.ts';
import { startMeasured } from './measured-server.ts';
import { READS, type Read } from './reads.ts';
import { printTable, type Setup, say, signIn } from './setup.ts';

export interface ReadsOptions {
  readonly rows: number;
  readonly only: readonly string[];
  readonly effort: Effort;
  /** Folder for a CPU profile of the server. */
  readonly profile: string | undefined;
}

/** Measures the processor time of hot reads against a bare server that runs the same SQL. */
export async function benchReads(setup: Setup, options: ReadsOptions): Promise<ReadResult[]> {
  const { reads, captured } = await prepare(setup, options);
  const capturedFile = path.join(setup.home, 'captured.json');
  await writeFile(capturedFile, JSON.stringify(captured, null, 2));
  const { profile } = options;
  const server = await setup.startServer({
    nodeOptions: profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`] : [],
  });
  const bare = await startMeasured({
    file: fileURLToPath(new URL('./bare.ts', import.meta.url)),
    environment: { DATABASE_URL: setup.databaseUrl, NODE_ENV: 'production', BENCH_CAPTURED: capturedFile },
    logFile: path.join(setup.home, 'bare.log'),
  });
  setup.stops.push(bare.stop);
  const sides = { server, bare, token: await signIn(server.url) };
  const results: ReadResult[] = [];
  for (const [index, read] of reads.entries()) {
    const result = await measure(sides, read, index, options.effort);
    say(`${read.name}: ${result.ratio.median.toFixed(2)} ×`);
    results.push(result);
  }
  return results;
}

/** Fills the database and finds out what SQL the reads are. */
function prepare(setup: Setup, { rows, only }: ReadsOptions): Promise<{ reads: Read[]; captured: Captured[] }> {
  return setup.inProcess(async (server) => {
    await fill(server.app, rows, say);
    const data = { rows, contact: await someContact(server) };
    const all = READS.map((read) => read(data));
    const unknown = only.find((name) => all.every((read) => read.name !== name));
    if (unknown !== undefined)
      throw new Error(`There is no read '${unknown}'; there are: ${all.map(({ name }) => name).join(' | ')}`);
    const reads = all.filter(({ name }) => only.length === 0 || only.includes(name));
    return { reads, captured: await capture(server, reads, await signIn(server.url)) };
  });
}

export function printReads(results: readonly ReadResult[]): void {
  const range = ({ least, most }: ReadResult['ratio']) => `${least.toFixed(2)}–${most.toFixed(2)}`;
  printTable([
    ['', 'CPU µs/request', '', 'CPU ratio', '', 'latency ms', '', 'requests/s', ''],
    ['read', 'server', 'bare', 'median', 'range', 'server', 'bare', 'server', 'bare'],
    ...results.map(({ name, server, bare, ratio }) => [
      name,
      ...[server, bare].map(({ cpu }) => cpu.toFixed()),
      ratio.median.toFixed(2),
      range(ratio),
      ...[server, bare].map(({ latency }) => latency.toFixed(2)),
      ...[server, bare].map(({ rate }) => rate.toFixed()),
    ]),
  ]);
}
