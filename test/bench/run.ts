/**
 * Measures the product: `npm run bench -- --help`. Progress goes to standard error, the result to standard output.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { benchExports, printExports } from './export-bench.ts';
import { benchImport, printImport } from './import-bench.ts';
import { benchQueries, printQueries } from './queries-bench.ts';
import { benchReads, printReads } from './reads-bench.ts';
import { type Setup, say, setUp } from './setup.ts';

const HELP = `npm run bench -- [reads | queries | import | export] [options]
  reads            processor time of hot reads, against a bare server that runs the same SQL (the default)
  queries          times of the queries to watch, against the best SQL known for each
  import           rows per second against raw COPY of the same rows into the same indexed tables
  export           exports of every contact, against a bare COPY TO STDOUT of the same select without the injection guard

  --rows N         contacts in the table, at N/10 companies (100000)
  --only NAME      one read only (reads), or what has this in its name (queries); may be repeated
  --rounds N       measurements of each read, query or format, of which the median counts (25)
  --log-level L    LOG_LEVEL of the measured server (warn; the product's default, info, logs each request)
  --fresh          build the database anew
  --json           print JSON instead of a table
reads:
  --seconds N      length of each measurement (0.5)
  --connections N  connections, each with one request at a time (8)
  --warm-up N      requests to each server before it is measured (3000)
  --profile DIR    write a CPU profile of the measured server there; its figures then include the profiler
queries:
  --plans          tell the plan of each query
import:
  --upserts N      rows of the second file, half of which change stored contacts (a tenth of --rows)`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '100000' },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '0.5' },
    connections: { type: 'string', default: '8' },
    'warm-up': { type: 'string', default: '3000' },
    'log-level': { type: 'string', default: 'warn' },
    profile: { type: 'string' },
    plans: { type: 'boolean', default: false },
    upserts: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const number = (name: 'rows' | 'rounds' | 'seconds' | 'connections' | 'warm-up' | 'upserts', least: number) => {
  const value = Number(options[name]);
  const fits = name === 'seconds' ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (!fits || value < least) fail(`--${name} takes a number from ${least}, not '${options[name]}'`);
  return value;
};
function fail(line: string): never {
  say(line);
  process.exit(2);
}

/** Each gives what is printed as JSON, and prints the same as a table. */
const benches: Readonly<Record<string, (setup: Setup) => Promise<{ results: unknown; print: () => void }>>> = {
  reads: async (setup) => {
    const effort = {
      rounds: number('rounds', 1),
      seconds: number('seconds', 0.1),
      connections: number('connections', 1),
      warmUp: number('warm-up', 0),
    };
    const { only, profile } = options;
    const results = await benchReads(setup, { rows: number('rows', 1000), only, effort, profile });
    return { results, print: () => printReads(results) };
  },
  queries: async (setup) => {
    const { only, plans: withPlans } = options;
    const results = await benchQueries(setup, {
      rows: number('rows', 1000),
      only,
      rounds: number('rounds', 1),
      withPlans,
    });
    return { results, print: () => printQueries(results) };
  },
  import: async (setup) => {
    const upserts = options.upserts === undefined ? Math.floor(rows / 10) : number('upserts', 2);
    const results = await benchImport(setup, { rows: number('rows', 1000), upserts, profile: options.profile });
    return { results, print: () => printImport(results) };
  },
  export: async (setup) => {
    const results = await benchExports(setup, { rows: number('rows', 1001), rounds: number('rounds', 1) });
    return { results, print: () => printExports(results) };
  },
};

if (options.help) {
  console.log(HELP);
  process.exit();
}
const [name = 'reads'] = positionals;
const bench = benches[name];
if (!bench || positionals.length > 1) fail(`There is no benchmark '${positionals.join(' ')}'; --help lists them`);

const rows = number('rows', 1000);
const fresh = options.fresh || name === 'import';
const setup = await setUp({
  name: name === 'import' ? 'bench-import' : `bench-${rows}`,
  fresh,
  logLevel: options['log-level'],
});
try {
  const { results, print } = await bench(setup);
  const circumstances = { ...options, rows, node: process.version, cores: availableParallelism() };
  if (options.json) console.log(JSON.stringify({ bench: name, ...circumstances, results }, null, 2));
  else {
    console.log(
      `${name}: ${rows} contacts; ${options.rounds} rounds; Node ${process.version}, ${circumstances.cores} cores, NODE_ENV=production, LOG_LEVEL=${options['log-level']}`,
    );
    print();
  }
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
} finally {
  await setup.stop();
}
