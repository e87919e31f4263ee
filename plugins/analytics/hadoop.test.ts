import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readSettings } from '@contact360/server/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestApp } from '../../test/app.ts';
import { csvOf, importCsv } from '../../test/imports/imports.ts';
import type { AnalyticsBackend } from './backend.ts';
import { hadoopBackend } from './hadoop.ts';

const settings = readSettings({ CONTACTS_HIVE_DATABASE: 'crm', CONTACTS_ANALYTICS_CACHE_TTL: '1h' }, '/nowhere');
const OUTPUT = [
  'INFO map 100%',
  'total\t\t70000',
  'country\tChile\t20000',
  'country\tFrance\t30000',
  'industry\tIT\t5',
];
const told = OUTPUT.map((line) => `printf '%s\\n' '${line}'`).join('\n');

/** Commands in the place of Hadoop's: shell scripts that note how they were called and do as they are told. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'contact360-hadoop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const backends: AnalyticsBackend[] = [];
afterEach(async () => {
  for (const backend of backends.splice(0)) await backend.stop!();
});

let scripts = 0;
async function command(body: string) {
  const bin = path.join(folder, `hadoop ${++scripts}`);
  await writeFile(bin, `#!/bin/sh\n{ printf '%s|' "$@"; echo; } >> '${bin}.calls'\nenv > '${bin}.env'\n${body}\n`);
  await chmod(bin, 0o755);
  return {
    bin,
    calls: async () => (await readFile(`${bin}.calls`, 'utf8')).trim().split('\n'),
    environment: () => readFile(`${bin}.env`, 'utf8'),
  };
}
function backend(bin: string, answerMs = 5000, more = {}) {
  const made = hadoopBackend({ bin, jar: 'top contacts.jar' }, { ...settings, ...more }, answerMs);
  backends.push(made);
  return made;
}

describe('a Hadoop job', () => {
  it('is told the table and tells its figures, which serve for a while', async () => {
    const { bin, calls } = await command(told);
    const hadoop = backend(bin);
    expect(await hadoop.aggregate(1)).toEqual({
      total: 70_000,
      countries: [{ value: 'France', total: 30_000 }],
      industries: [{ value: 'IT', total: 5 }],
    });
    expect((await hadoop.aggregate(10)).countries).toHaveLength(2);
    expect(await calls()).toEqual(['jar|top contacts.jar|--table|crm.contacts|--limit|50|']);
  });

  it('is run again when what it told is too old', async () => {
    const { bin, calls } = await command(told);
    const hadoop = backend(bin, 5000, { CONTACTS_ANALYTICS_CACHE_TTL: 0.001 });
    await hadoop.aggregate(1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await hadoop.aggregate(1);
    expect(await calls()).toHaveLength(2);
  });

  it('sees nothing of this product’s secrets', async () => {
    vi.stubEnv('JWT_SECRET', 'not for others');
    vi.stubEnv('DATABASE_URL', 'postgres://u:p@h/d');
    vi.stubEnv('HADOOP_CONF_DIR', '/etc/hadoop');
    const { bin, environment } = await command(told);
    await backend(bin).aggregate(1);
    vi.unstubAllEnvs();
    expect(await environment()).toContain('HADOOP_CONF_DIR=/etc/hadoop');
    expect(await environment()).not.toMatch(/JWT_SECRET|DATABASE_URL|not for others/);
  });

  it('that takes long is left to go on, once, and answers who asks when it is done', async () => {
    const gate = path.join(folder, 'gate');
    const { bin, calls } = await command(`while [ ! -e '${gate}' ]; do sleep 0.02; done\n${told}`);
    const hadoop = backend(bin, 100);
    await expect(hadoop.aggregate(1)).rejects.toThrow('still running');
    await expect(hadoop.aggregate(1)).rejects.toThrow('still running');
    await writeFile(gate, '');
    await vi.waitFor(async () => expect((await hadoop.aggregate(1)).total).toBe(70_000));
    expect(await calls()).toHaveLength(1);
  });

  it('that fails after everyone has gone tells it to the next, and is then run again', async () => {
    const { bin, calls } = await command('sleep 0.3\necho out of memory >&2\nexit 3');
    const hadoop = backend(bin, 100);
    await expect(hadoop.aggregate(1)).rejects.toThrow('still running');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(hadoop.aggregate(1)).rejects.toThrow('The Hadoop job ended with 3: out of memory');
    await expect(hadoop.aggregate(1)).rejects.toThrow('still running');
    expect(await calls()).toHaveLength(2);
  });

  it('is ended with the server', async () => {
    const { bin } = await command(`echo $$ > '${path.join(folder, 'pid')}'\nexec sleep 60`);
    const hadoop = backend(bin, 300);
    await expect(hadoop.aggregate(1)).rejects.toThrow('still running');
    const pid = Number(await readFile(path.join(folder, 'pid'), 'utf8'));
    await hadoop.stop!();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  it.each([
    ['that is not there', undefined, /ENOENT/],
    ['that says nothing', 'exit 0', /no total/],
    ['that tells no counts', "printf 'total\\t\\tmany\\n'", /no counts/],
    ['that is killed', 'kill -9 $$', /ended with SIGKILL/],
    ['that floods', 'head -c 2000000 /dev/zero', /more than a megabyte/],
  ])('%s fails', async (_, body, fault) => {
    const bin = body === undefined ? path.join(folder, 'nothing') : (await command(body)).bin;
    await expect(backend(bin).aggregate(1)).rejects.toThrow(fault);
  });
});

describe('the snapshot', () => {
  it('is by Hadoop, and within the request by PostgreSQL when that fails', async () => {
    const gate = path.join(folder, 'broken');
    const { bin } = await command(`[ -e '${gate}' ] && exit 1\n${told}`);
    const app = await startTestApp({
      CONTACTS_HADOOP_BIN: bin,
      CONTACTS_HADOOP_JOB_JAR: 'contacts.jar',
      CONTACTS_ANALYTICS_CACHE_TTL: '1ms',
      LOG_LEVEL: 'silent',
    });
    try {
      await importCsv(app, csvOf('First Name,Email,Country', 'Ann,ann@x.example,France'));
      const snapshot = async () =>
        (await app.request('GET', '/api/contacts/analytics/', { headers: { 'cache-control': 'no-cache' } })).json;
      expect(await snapshot()).toMatchObject({ source: 'hadoop', total_contacts: 70_000, hadoop_job_configured: true });
      await writeFile(gate, '');
      expect(await snapshot()).toMatchObject({ source: 'postgresql', total_contacts: 1, hadoop_job_configured: true });
    } finally {
      await app.stop();
    }
  });
});
