import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedOptions, type EmbeddedPostgres, removeEmbedded, startEmbedded } from './embedded.ts';
import { livePostmaster } from './embedded-postmaster.ts';

const isRoot = process.getuid?.() === 0;
const log = () => undefined;

type Cleanup = () => Promise<unknown>;
const cleanUp = async (cleanups: Cleanup[]) => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
};
const afterTest: Cleanup[] = [];
afterEach(() => cleanUp(afterTest));
const afterFile: Cleanup[] = [];
afterAll(() => cleanUp(afterFile));

/** For the tests that do not need a new database. */
let home: string;
beforeAll(async () => {
  home = await newHome(afterFile);
  const { url, stop } = await start(home, { durable: true });
  await query(url, 'create table kept (id int)');
  await stop();
});

/** A home in a folder of its own, which is removed with all that runs there, if not now, by the next run. */
async function newHome(cleanups: Cleanup[], mode = 0o711): Promise<string> {
  const folder = path.join(await realpath(os.tmpdir()), `contact360-test-${process.pid} ${crypto.randomUUID()}`);
  await mkdir(folder);
  await chmod(folder, mode);
  const home = path.join(folder, 'home');
  cleanups.push(async () => {
    await removeEmbedded(home, log);
    await rm(folder, { recursive: true });
  });
  return home;
}

async function start(home: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbedded({ home, port: 0, durable: false, log, ...options });
  afterTest.push(() => postgres.stop());
  return postgres;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

async function pidOf({ dataDir }: EmbeddedPostgres): Promise<number> {
  const postmaster = await livePostmaster(dataDir);
  if (!postmaster) throw new Error('PostgreSQL does not run');
  return postmaster.pid;
}

/** Starts a server of `home` in a process of its own, and returns that process once the server runs. */
async function startInProcess(home: string): Promise<ChildProcess> {
  const module = new URL('./embedded.ts', import.meta.url).href;
  const code = `const { startEmbedded } = await import(${JSON.stringify(module)});
    const postgres = await startEmbedded({ home: ${JSON.stringify(home)}, port: 0, durable: false, log() {} });
    process.on('message', () => postgres.stop().then(() => process.disconnect()));
    process.send('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  afterTest.push(async () => child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

describe('a home', () => {
  test('gets a database once, and has it again after each start', async () => {
    const home = await newHome(afterTest);
    const first = await start(home, { durable: true });
    expect(first.started).toBe(true);
    await query(first.url, 'create table kept (id int); insert into kept values (1)');
    await first.stop();
    expect(await livePostmaster(first.dataDir)).toBeUndefined();

    const second = await start(home);
    expect(second.started).toBe(true);
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 1 }]);
  });

  test('is opened by two starts at the same time', async () => {
    const home = await newHome(afterTest);
    const both = await Promise.all([start(home), start(home)]);
    expect(both.map(({ started }) => started).sort()).toEqual([false, true]);
    expect(both[0].url).toBe(both[1].url);
    expect((await readdir(home)).sort()).toEqual(['postgres', 'postgres-password', 'postgres.log']);
  });

  test('keeps secrets to its owner', async () => {
    const home = await newHome(afterTest);
    await start(home);
    const mode = async (name: string) => ((await stat(path.join(home, name))).mode & 0o777).toString(8);
    expect(await mode('postgres-password')).toBe('600');
    expect(await mode('postgres.log')).toBe('600');
    expect(await mode('postgres')).toBe('700');
  });

  test('which only its owner may enter is served all the same, and again', async () => {
    const home = await newHome(afterTest, 0o700);
    const first = await start(home);
    expect(first.dataDir === path.join(home, 'postgres')).toBe(!isRoot);
    await query(first.url, 'create table kept (id int)');
    await first.stop();
    const second = await start(home);
    expect(second.dataDir).toBe(first.dataDir);
    expect(await query(second.url, 'select id from kept')).toEqual([]);
  });
});

describe('the server', () => {
  test('asks for a password and listens on the loopback interface alone', async () => {
    const postgres = await start(home);
    const url = new URL(postgres.url);
    url.password = 'wrong';
    await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
    expect(await query(postgres.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  test('finds letters in every alphabet', async () => {
    const postgres = await start(home);
    await query(postgres.url, 'create extension if not exists pg_trgm');
    const [row] = await query(
      postgres.url,
      `select cardinality(show_trgm('Москва')) as n, lower('ÄÉ') as lower, version() as version`,
    );
    expect(row).toMatchObject({ n: 7, lower: 'äé', version: expect.stringContaining('PostgreSQL 18') });
  });

  test.each([
    { durable: true, fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
    { durable: false, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  ])('that is durable: $durable has fsync $fsync', async ({ durable, ...settings }) => {
    const postgres = await start(home, { durable });
    const names = Object.keys(settings).map((name) => `current_setting('${name}') as ${name}`);
    expect(await query(postgres.url, `select ${names.join(', ')}`)).toEqual([settings]);
  });

  test('takes another port when the one asked for is taken', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    afterTest.push(() => new Promise((resolve) => taken.close(resolve)));
    const { port } = taken.address() as net.AddressInfo;
    const postgres = await start(home, { port });
    expect(new URL(postgres.url).port).not.toBe(String(port));
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('runs until its last user leaves', async () => {
    const first = await start(home);
    const second = await start(home);
    expect(second).toMatchObject({ started: false, url: first.url });
    await first.stop();
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.stop();
    expect(await livePostmaster(second.dataDir)).toBeUndefined();
  });

  test('of a killed process is taken over, and stopped, by the next', async () => {
    const killed = await startInProcess(home);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const next = await start(home);
    expect(next.started).toBe(false);
    await next.stop();
    expect(await livePostmaster(next.dataDir)).toBeUndefined();
  });

  test('is not stopped by a process while another uses it', async () => {
    const here = await start(home);
    const other = await startInProcess(home);
    other.send('stop');
    await once(other, 'exit');
    expect(await query(here.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('that is killed under its user is started again on the same port', async () => {
    const postgres = await start(home, { durable: true });
    const pid = await pidOf(postgres);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await query(postgres.url, 'select id from kept')).toEqual([]), 30_000);
    expect(await pidOf(postgres)).not.toBe(pid);
    await postgres.stop();
    expect(await livePostmaster(postgres.dataDir)).toBeUndefined();
  });

  test('that was killed with its user recovers', async () => {
    const killed = await startInProcess(home);
    const dataDir = path.join(home, 'postgres');
    const postmaster = await livePostmaster(dataDir);
    killed.kill('SIGKILL');
    process.kill(postmaster?.pid ?? 0, 'SIGKILL');
    expect((await start(home)).started).toBe(true);
  });
});

describe('a pid file left behind', () => {
  async function leftBehind(change: (text: string) => string): Promise<string> {
    const { dataDir, stop } = await start(home);
    const file = path.join(dataDir, 'postmaster.pid');
    const text = await readFile(file, 'utf8');
    await stop();
    await writeFile(file, change(text), { mode: 0o600 });
    if (isRoot) {
      const { uid, gid } = await stat(dataDir);
      await chown(file, uid, gid);
    }
    return home;
  }
  const withPid = (pid: number) => leftBehind((text) => text.replace(/^\d+/, String(pid)));

  async function expectStart(home: string) {
    const postgres = await start(home);
    expect(postgres.started).toBe(true);
    expect(await query(postgres.url, 'select id from kept')).toEqual([]);
  }

  test('by a process that is gone does not matter', async () => {
    await expectStart(await leftBehind((text) => text));
  });

  test('whose number another program has now does not matter', async () => {
    await expectStart(await withPid(process.ppid));
  });

  test('whose process is a zombie does not matter', async () => {
    // The shell is replaced by a program that never asks for the end of the child it inherits.
    const parent = spawn('/bin/sh', ['-c', 'true & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    afterTest.push(async () => parent.kill('SIGKILL'));
    const [pid] = (await once(parent.stdout!, 'data')) as [Buffer];
    await expectStart(await withPid(Number(pid)));
  });

  test.each([
    ['empty', ''],
    ['full of zeros', '\0'.repeat(80)],
  ])('that is %s does not matter', async (_, content) => {
    await expectStart(await leftBehind(() => content));
  });
});

describe('what is wrong is said, with the mend', () => {
  /** Stops a server and leaves its home with a file changed; the file is put back after the test. */
  async function change(file: (postgres: EmbeddedPostgres) => string, content?: string): Promise<void> {
    const postgres = await start(home);
    await postgres.stop();
    const name = file(postgres);
    const before = await readFile(name);
    afterTest.push(() => writeFile(name, before));
    await (content === undefined ? rm(name) : writeFile(name, content));
  }

  test('data of another major version', async () => {
    await change(({ dataDir }) => path.join(dataDir, 'PG_VERSION'), '17\n');
    await expect(start(home)).rejects.toThrow(/was made by PostgreSQL 17.*brings PostgreSQL 18.*DATABASE_URL/);
  });

  test('a password that is not that of the database', async () => {
    await change(() => path.join(home, 'postgres-password'), 'another');
    await expect(start(home)).rejects.toThrow(/postgres-password is not that of the database.*Put the right one back/);
  });

  test('a password that is gone', async () => {
    await change(() => path.join(home, 'postgres-password'));
    await expect(start(home)).rejects.toThrow(/postgres-password is missing.*Put it back/);
  });

  test('settings the server refuses', async () => {
    await change(({ dataDir }) => path.join(dataDir, 'postgresql.auto.conf'), 'shared_buffers = nonsense\n');
    await expect(start(home)).rejects.toThrow(/PostgreSQL did not start:.*shared_buffers.*postgres\.log/s);
  });

  test('a home that cannot be made', async () => {
    const file = path.join(import.meta.filename, 'home');
    await expect(start(file)).rejects.toThrow(/cannot be used: ENOTDIR.*embedded\.test\.ts/);
  });

  test('data that stood elsewhere and is gone', async () => {
    const other = await newHome(afterTest);
    await mkdir(other);
    const pointer = path.join(other, 'postgres-location.json');
    await writeFile(pointer, JSON.stringify({ home: other, dataDir: path.join(other, 'gone') }));
    await expect(start(other)).rejects.toThrow(/stood in .*gone, which is gone.*delete .*postgres-location\.json/);
    await rm(pointer);
  });

  test('a home that is a copy of one whose data stands elsewhere', async () => {
    const [original, copy] = [await newHome(afterTest), await newHome(afterTest)];
    for (const each of [original, copy]) {
      await mkdir(each);
      const file = path.join(each, 'postgres-location.json');
      await writeFile(file, JSON.stringify({ home: original, dataDir: path.dirname(original) }));
      afterTest.push(() => rm(file));
    }
    await expect(start(copy)).rejects.toThrow(/is a copy of .* Delete .*postgres-location\.json/);
  });
});
