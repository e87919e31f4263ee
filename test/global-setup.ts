import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeEmbedded, startEmbedded } from '../server/src/data/embedded.ts';
import { livePostmaster } from '../server/src/data/embedded-postmaster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the run's PostgreSQL, as its superuser. Each test file makes its own database there. */
    databaseUrl: string;
  }
}

const log = (message: string) => console.error(message);

/** Starts the PostgreSQL of the whole run, in a home that is deleted after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  const home = path.join(os.tmpdir(), `${prefix}${process.pid}-${randomUUID()}`, 'home');
  const postgres = await startEmbedded({ home, port: 0, durable: false, log });
  // Vitest ends at once on Ctrl-C, without the teardown below; the folder goes with the next run.
  const { pid } = (await livePostmaster(postgres.dataDir))!;
  const abandon = () => process.kill(pid, 'SIGQUIT');
  process.once('exit', abandon);
  project.provide('databaseUrl', postgres.url);
  return async () => {
    process.off('exit', abandon);
    await postgres.stop();
    await remove(path.dirname(home));
  };
}

/** Homes for a test stand in folders of this name, the number of their process and something random. */
const prefix = 'contact360-test-';

/** An interrupted run leaves its homes, and a killed one its servers too. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : 0;
    if (!pid) continue;
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue;
      await remove(path.join(os.tmpdir(), name));
    }
  }
}

async function remove(folder: string): Promise<void> {
  await removeEmbedded(path.join(folder, 'home'), log);
  await rm(folder, { recursive: true, force: true });
}
