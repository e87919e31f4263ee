// `npm test`: the checks of the source, then every test. Arguments go to Vitest, which then runs alone:
// `npm test -- contacts`. The last line printed is `N passed, N failed`: each test counts, and each check.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const checks = [
  { title: 'types', tool: 'tsc', args: ['-p', 'tsconfig.json'] },
  { title: 'format and lint', tool: 'biome', args: ['ci', '--colors=off', '.'] },
  { title: 'unused code and dependencies', tool: 'knip', args: ['--no-config-hints'] },
  {
    title: 'directions of imports',
    tool: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', 'server', 'sdk', 'openapi', 'plugins', 'test'],
  },
];

const running = new Set();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    for (const { pid } of running) process.kill(-pid, signal);
  });
}

/** Runs a tool of the project; `output` is what it printed, unless that goes straight to the terminal. */
function run(tool, args, stdio) {
  return new Promise((resolve, reject) => {
    // A group of its own: it gets a signal from here, once, and not from the terminal as well.
    const child = spawn(path.join('node_modules/.bin', tool), args, { stdio, detached: true });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, output });
    });
  });
}

const result = { passed: 0, failed: 0 };
const count = (passed) => (passed ? result.passed++ : result.failed++);

async function check({ title, tool, args }) {
  const begun = performance.now();
  const { code, output } = await run(tool, args, ['ignore', 'pipe', 'pipe']);
  if (interrupted) return;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${code === 0 ? '✓' : '✗'} ${title} (${seconds} s)`);
  if (code !== 0) console.log(`${output.trimEnd()}\n`);
  count(code === 0);
}

/** Runs Vitest, whose own report goes to the terminal. */
async function test(args) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'contact360-report-'));
  try {
    const file = path.join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run('vitest', ['run', ...reporters, ...args], 'inherit');
    const report = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
    const unloadable = (report?.testResults ?? []).filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
    );
    const passed = report?.numPassedTests ?? 0;
    const failed = (report?.numFailedTests ?? 0) + unloadable.length;
    result.passed += passed;
    result.failed += failed;
    // An error outside any test, a run that was cut short, or not one test.
    if ((code !== 0 && failed === 0) || passed + failed === 0) count(false);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const args = process.argv.slice(2);
if (args.length === 0) {
  const queue = [...checks];
  const work = async () => {
    for (let next = queue.shift(); next && !interrupted; next = queue.shift()) await check(next);
  };
  await Promise.all(Array.from({ length: Math.min(2, os.availableParallelism()) }, work));
}
if (!interrupted) await test(args);
if (interrupted) result.failed++;
console.log(`\n${result.passed} passed, ${result.failed} failed`);
process.exitCode = result.failed > 0 ? 1 : 0;
