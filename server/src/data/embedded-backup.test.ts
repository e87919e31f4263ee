import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type EmbeddedPostgres, removeEmbedded, startEmbedded, unfinishedRestore } from './embedded.ts';
import { backUp } from './embedded-backup.ts';
import { restore } from './embedded-restore.ts';

const log = () => undefined;
const ACCOUNTS = 1000;

let folder: string;
let home: string;
let postgres: EmbeddedPostgres;
/** A backup of the home. */
let backup: string;
const homes: string[] = [];
const newHome = () => {
  homes.push(path.join(folder, `home${homes.length}`));
  return homes.at(-1)!;
};
const start = (at: string) => startEmbedded({ home: at, port: 0, durable: false, log });

beforeAll(async () => {
  folder = await mkdtemp(path.join(await realpath(os.tmpdir()), `contact360-test-${process.pid}-`));
  home = newHome();
  backup = path.join(folder, 'backup.tar.zst');
  postgres = await start(home);
  await ask(
    postgres.url,
    `create table accounts (id int primary key, amount int not null, note text);
     insert into accounts select n, 100, repeat('x', 500) from generate_series(1, ${ACCOUNTS}) n;
     create table transfers (id int generated always as identity primary key, at timestamptz default now())`,
  );
  for (const name of ['uploads/a.csv', 'secrets/jwt-secret']) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await writeFile(path.join(home, name), name);
  }
  await backUp({ home, file: backup, log });
});
afterAll(async () => {
  await postgres.stop();
  for (const each of homes) await removeEmbedded(each, log);
  await rm(folder, { recursive: true, force: true });
});

describe('a backup', () => {
  test('under writes holds one moment of the database, and the files of it', async () => {
    const file = path.join(folder, 'busy.tar.zst');
    let busy = true;
    const writing = Array.from({ length: 3 }, async () => {
      for (let turn = 0; busy; turn++) {
        const [from, to] = [random(), random()];
        await ask(
          postgres.url,
          `begin; select 1 from accounts where id in (${from}, ${to}) order by id for update;
           update accounts set amount = amount - 1, note = note || '.' where id = ${from};
           update accounts set amount = amount + 1 where id = ${to};
           insert into transfers default values; commit`,
        );
        if (turn % 5 === 0) await ask(postgres.url, turn % 10 ? 'checkpoint' : 'vacuum accounts');
      }
    });
    const before = await count(postgres.url);
    await backUp({ home, file, log });
    const after = await count(postgres.url);
    busy = false;
    await Promise.all(writing);

    const target = newHome();
    await restore({ home: target, file, log });
    const restored = await start(target);
    const [row] = await ask(
      restored.url,
      `select count(*)::int as accounts, sum(amount)::int as amount, (select count(*)::int from transfers) as transfers from accounts`,
    );
    expect(row).toMatchObject({ accounts: ACCOUNTS, amount: ACCOUNTS * 100 });
    expect(row!.transfers).toBeGreaterThanOrEqual(before);
    expect(row!.transfers).toBeLessThanOrEqual(after);
    // It is written to as any other.
    await ask(restored.url, 'insert into transfers default values');
    expect(await count(restored.url)).toBe((row!.transfers as number) + 1);
    await restored.stop();
    expect(await readFile(path.join(target, 'uploads/a.csv'), 'utf8')).toBe('uploads/a.csv');
    expect(await readFile(path.join(target, 'secrets/jwt-secret'), 'utf8')).toBe('secrets/jwt-secret');
  });

  test('is for its owner alone, and leaves nothing behind', async () => {
    expect((await stat(backup)).mode & 0o777).toBe(0o600);
    expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await ask(postgres.url, 'select slot_name from pg_replication_slots')).toEqual([]);
  });

  test('replaces a file only when told to', async () => {
    await expect(backUp({ home, file: backup, log })).rejects.toThrow(/exists; --force/);
    await backUp({ home, file: backup, force: true, log });
    await expect(backUp({ home, file: '/nowhere/x', log })).rejects.toThrow(/no folder \/nowhere/);
    await expect(backUp({ home: newHome(), file: path.join(folder, 'none'), log })).rejects.toThrow(/no database/);
  });

  test('that is killed leaves no file of its name, and a server that can be backed up', async () => {
    const file = path.join(folder, 'killed.tar.zst');
    await killed(program('backup', home, file), () => exists(`${file}.partial`));
    expect(await exists(file)).toBe(false);
    await backUp({ home, file, log });
    expect(await exists(`${file}.partial`)).toBe(false);
    expect((await readdir(home)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('a restore', () => {
  test('of a file that is cut off, changed or none touches nothing', async () => {
    const whole = await readFile(backup);
    const middle = Math.floor(whole.length / 2);
    const faults: [string, Buffer, RegExp][] = [
      ['empty', Buffer.alloc(0), /is no backup/],
      ['foreign', Buffer.from('a,b\n1,2\n'), /is no backup/],
      ['begun', whole.subarray(0, 100), /is no backup|not whole/],
      ['half', whole.subarray(0, middle), /not whole/],
      ['nearly', whole.subarray(0, -100), /not whole/],
      [
        'changed',
        Buffer.concat([whole.subarray(0, middle), Buffer.from([whole[middle]! ^ 1]), whole.subarray(middle + 1)]),
        /not whole/,
      ],
    ];
    const target = newHome();
    await mkdir(target);
    for (const [name, bytes, message] of faults) {
      const file = path.join(folder, name);
      await writeFile(file, bytes);
      await expect(restore({ home: target, file, log }), name).rejects.toThrow(message);
      expect(await readdir(target), name).toEqual([]);
    }
    await expect(restore({ home: target, file: path.join(folder, 'missing'), log })).rejects.toThrow(/ENOENT/);
    expect((await readdir(folder)).filter((name) => name.includes('.new-'))).toEqual([]);
  });

  test('that is killed counts for nothing, and can be repeated', async () => {
    const target = newHome();
    const soFar = async () => (await readdir(target).catch(() => [])).some((name) => name.startsWith('.restore-'));
    await killed(program('restore', target, backup), soFar);
    expect(await exists(path.join(target, 'postgres'))).toBe(false);
    await restore({ home: target, file: backup, log });
    expect((await readdir(target)).filter((name) => name.startsWith('.'))).toEqual([]);
    // The server does not run: it is started for the time of the backup.
    const cold = path.join(folder, 'cold.tar.zst');
    await backUp({ home: target, file: cold, log });

    // Cut short while the parts changed places.
    await writeFile(unfinishedRestore(target), '');
    await rm(path.join(target, 'postgres-password'));
    await expect(start(target)).rejects.toThrow(/cut short.*npm run restore/);
    await restore({ home: target, file: cold, log });
    const restored = await start(target);
    expect(await ask(restored.url, 'select count(*)::int as n from accounts')).toEqual([{ n: ACCOUNTS }]);
    await restored.stop();
  });

  test('refuses a home in use, and replaces it only when told to and when it is stopped', async () => {
    await expect(restore({ home, file: backup, log })).rejects.toThrow(/holds a database already.*--force/);
    await expect(restore({ home, file: backup, force: true, log })).rejects.toThrow(/is running\. Stop it/);
    const target = newHome();
    const first = await start(target);
    await ask(first.url, 'create table gone ()');
    await first.stop();
    await mkdir(path.join(target, 'uploads'));
    await writeFile(path.join(target, 'uploads/gone.csv'), '');
    await restore({ home: target, file: backup, force: true, log });
    const restored = await start(target);
    expect(await ask(restored.url, `select to_regclass('gone') as gone`)).toEqual([{ gone: null }]);
    await restored.stop();
    expect(await readdir(path.join(target, 'uploads'))).toEqual(['a.csv']);
    expect((await readdir(folder)).filter((name) => name.includes('.new-'))).toEqual([]);
  });
});

it('leaves a database of one’s own to PostgreSQL’s tools', async () => {
  const environment = { DATABASE_URL: 'postgres://localhost/x', CONTACT360_HOME: home };
  for (const [args, tool] of [
    [['x'], 'pg_dump'],
    [['--restore', 'x'], 'pg_restore'],
  ] as const)
    await expect(run(args, environment)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(tool) });
  await expect(run([], environment)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Name one file'),
  });
});

const script = path.join(import.meta.dirname, '../../bin/backup.ts');
const run = (args: readonly string[], environment: Record<string, string>) =>
  promisify(execFile)(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    cwd: folder,
  });

function program(command: 'backup' | 'restore', at: string, file: string): ChildProcess {
  return spawn(process.execPath, [script, ...(command === 'restore' ? ['--restore'] : []), file], {
    env: { PATH: process.env.PATH, CONTACT360_HOME: at },
    cwd: folder,
    stdio: 'ignore',
  });
}

/** Kills a process as soon as it has come so far. */
async function killed(child: ChildProcess, soFar: () => Promise<boolean>): Promise<void> {
  const ended = once(child, 'exit');
  while (!(await soFar())) if (child.exitCode !== null) throw new Error('It ended before');
  child.kill('SIGKILL');
  await ended;
}

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
const random = () => 1 + Math.floor(Math.random() * ACCOUNTS);

async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

const count = async (url: string) => (await ask(url, 'select count(*)::int as n from transfers'))[0]!.n as number;
