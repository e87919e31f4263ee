/**
 * Measures hot reads of the real server against a bare one that runs the same SQL: `npm run bench -- --help`.
 * Progress goes to standard error, the result to standard output.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type RunningServer, startServer } from '@contact360/server/boot';
import { createLog, readSettings, removeEmbedded, startEmbedded } from '@contact360/server/testing';
import config from '../../contact360.config.ts';
import { type Captured, capture, someContact } from './capture.ts';
import { fill } from './database.ts';
import { measure, type ReadResult } from './measure.ts';
import { startMeasured } from './measured-server.ts';
import { READS, type Read } from './reads.ts';

const HELP = `npm run bench -- [options]
  --rows N         contacts in the table, at N/10 companies (100000)
  --only NAME      one read only; may be repeated
  --rounds N       measurements of each server and read, of which the median counts (25)
  --seconds N      length of each measurement (0.5)
  --connections N  connections, each with one request at a time (8)
  --warm-up N      requests to each server before it is measured (3000)
  --log-level L    LOG_LEVEL of the measured server (warn; the product's default, info, logs each request)
  --profile DIR    write a CPU profile of the measured server there; its figures then include the profiler
  --fresh          build the database anew
  --json           print JSON instead of a table`;

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '0.5' },
    connections: { type: 'string', default: '8' },
    'warm-up': { type: 'string', default: '3000' },
    'log-level': { type: 'string', default: 'warn' },
    profile: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const number = (name: 'rows' | 'rounds' | 'seconds' | 'connections' | 'warm-up', least: number) => {
  const value = Number(options[name]);
  const fits = name === 'seconds' ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (!fits || value < least) fail(`--${name} takes a number from ${least}, not '${options[name]}'`);
  return value;
};
const say = (line: string) => console.error(line);
function fail(line: string): never {
  say(line);
  process.exit(2);
}

if (options.help) {
  console.log(HELP);
  process.exit();
}
const rows = number('rows', 1000);
const effort = {
  rounds: number('rounds', 1),
  seconds: number('seconds', 0.1),
  connections: number('connections', 1),
  warmUp: number('warm-up', 0),
};
const home = path.resolve('.contact360', `bench-${rows}`);

const ADMIN = { email: 'bench@example.com', password: 'bench password' };
const environment = (databaseUrl: string) => ({
  DATABASE_URL: databaseUrl,
  CONTACT360_HOME: home,
  HOST: '127.0.0.1',
  NODE_ENV: 'production',
  LOG_LEVEL: options['log-level'],
  DEMO_DATA: 'false',
  JWT_SECRET: 'the benchmark signs its tokens with this',
  ACCESS_TOKEN_TTL: '7d',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
});

/** What has to be stopped, last first, however the run ends. */
const stops: (() => Promise<unknown>)[] = [];
async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stopAll().finally(() => process.exit(1)));

async function signIn(url: string): Promise<string> {
  const reply = await fetch(`${url}/api/v1/auth/login/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  if (!reply.ok) throw new Error(`Signing in answers ${reply.status}: ${await reply.text()}`);
  return ((await reply.json()) as { access_token: string }).access_token;
}

/** Fills the database and finds out what SQL the reads are, by a server in this process that is then stopped. */
async function prepare(databaseUrl: string): Promise<{ reads: Read[]; captured: Captured[] }> {
  const settings = readSettings(
    { ...environment(databaseUrl), PORT: '0', LOG_LEVEL: 'warn', STATEMENT_TIMEOUT: '1h' },
    home,
  );
  const server: RunningServer = await startServer(config, settings, createLog(settings));
  try {
    await fill(server.app, rows, say);
    const data = { rows, contact: await someContact(server) };
    const all = READS.map((read) => read(data));
    const unknown = options.only.find((name) => all.every((read) => read.name !== name));
    if (unknown !== undefined)
      throw new Error(`There is no read '${unknown}'; there are: ${all.map(({ name }) => name).join(' | ')}`);
    const reads = all.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
    return { reads, captured: await capture(server, reads, await signIn(server.url)) };
  } finally {
    await server.stop();
  }
}

async function run(): Promise<ReadResult[]> {
  if (options.fresh) await removeEmbedded(home, say);
  await mkdir(home, { recursive: true });
  const postgres = await startEmbedded({ home, port: 0, log: say });
  stops.push(postgres.stop);
  const { reads, captured } = await prepare(postgres.url);
  const capturedFile = path.join(home, 'captured.json');
  await writeFile(capturedFile, JSON.stringify(captured, null, 2));

  const server = await startMeasured({
    file: path.resolve('server/bin/serve.ts'),
    environment: environment(postgres.url),
    logFile: path.join(home, 'server.log'),
    nodeOptions: options.profile ? ['--cpu-prof', `--cpu-prof-dir=${path.resolve(options.profile)}`] : [],
  });
  stops.push(server.stop);
  const bare = await startMeasured({
    file: fileURLToPath(new URL('./bare.ts', import.meta.url)),
    environment: { DATABASE_URL: postgres.url, NODE_ENV: 'production', BENCH_CAPTURED: capturedFile },
    logFile: path.join(home, 'bare.log'),
  });
  stops.push(bare.stop);
  const sides = { server, bare, token: await signIn(server.url) };
  const results: ReadResult[] = [];
  for (const [index, read] of reads.entries()) {
    const result = await measure(sides, read, index, effort);
    say(`${read.name}: ${result.ratio.median.toFixed(2)} ×`);
    results.push(result);
  }
  return results;
}

const circumstances = {
  rows,
  companies: Math.floor(rows / 10),
  ...effort,
  logLevel: options['log-level'],
  node: process.version,
  cores: availableParallelism(),
};

function print(results: readonly ReadResult[]): void {
  const { companies, rounds, seconds, connections, warmUp, logLevel, node, cores } = circumstances;
  console.log(
    `${rows} contacts, ${companies} companies; ${rounds} rounds of ${seconds} s on ${connections} connections after ${warmUp} requests; Node ${node}, ${cores} cores, NODE_ENV=production, LOG_LEVEL=${logLevel}`,
  );
  const range = ({ least, most }: ReadResult['ratio']) => `${least.toFixed(2)}–${most.toFixed(2)}`;
  const table: string[][] = [
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
  ];
  const widths = table[1]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    );
}

try {
  const results = await run();
  if (options.json) console.log(JSON.stringify({ ...circumstances, reads: results }, null, 2));
  else print(results);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await stopAll();
}
