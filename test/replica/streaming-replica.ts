import { randomUUID } from 'node:crypto';
import { appendFile, chmod, chown, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { type EmbeddedPostgres, removeEmbedded, startEmbedded } from '../../server/src/data/embedded.ts';
import { findPlace } from '../../server/src/data/embedded-place.ts';
import {
  freePort,
  launchPostmaster,
  livePostmaster,
  stopPostmaster,
} from '../../server/src/data/embedded-postmaster.ts';

/** A PostgreSQL with a streaming replica, in folders that `remove` deletes. */
export interface ReplicatedPostgres {
  readonly primaryUrl: string;
  readonly replicaUrl: string;
  readonly stopReplica: () => Promise<void>;
  readonly startReplica: () => Promise<void>;
  /** Makes the replica stay where it is (or go on), as one under load would lag. */
  readonly holdReplay: (held: boolean) => Promise<void>;
  /** Resolves when the replica has all that is committed on the primary now. */
  readonly caughtUp: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

const log = () => undefined;

export async function startReplicated(): Promise<ReplicatedPostgres> {
  const homeOf = () => path.join(os.tmpdir(), `contact360-test-${process.pid}-${randomUUID()}`);
  const [primaryHome, replicaHome] = [homeOf(), homeOf()];
  const primary = await startEmbedded({ home: primaryHome, port: 0, durable: false, log });
  await mkdir(replicaHome, { mode: 0o755 });
  const place = await findPlace(replicaHome);
  await copyCluster(primary, place);
  const port = await freePort();
  const urlOf = Object.assign(new URL(primary.url), { port: String(port) }).href;
  const start = async () => {
    const outcome = await launchPostmaster(place, port, path.join(replicaHome, 'postgres.log'), log);
    if (outcome !== 'started') throw new Error(`The replica did not start: ${outcome}`);
  };
  const stop = async () => {
    const postmaster = await livePostmaster(place.dataDir);
    if (postmaster) await stopPostmaster(postmaster.pid, place.dataDir, log);
  };
  await start();
  return {
    primaryUrl: primary.url,
    replicaUrl: urlOf,
    startReplica: start,
    stopReplica: stop,
    holdReplay: async (held) => {
      await ask(urlOf, `select pg_wal_replay_${held ? 'pause' : 'resume'}()`);
      // Pausing is only asked for at first.
      while (held && (await ask(urlOf, 'select pg_get_wal_replay_pause_state()')) !== 'paused');
    },
    caughtUp: async () => {
      // Where the log is written lags behind a commit that does not wait for the disk; where it is inserted does not.
      const place = await ask(primary.url, 'select pg_current_wal_insert_lsn()');
      while ((await ask(urlOf, `select pg_last_wal_replay_lsn() >= '${place}'`)) !== true);
    },
    remove: async () => {
      await stop();
      await primary.stop();
      await removeEmbedded(primaryHome, log);
      await rm(path.dirname(place.dataDir), { recursive: true, force: true });
      await rm(replicaHome, { recursive: true, force: true });
    },
  };
}

/** Copies a running server's data folder between the start and the stop of a backup, as a standby of it. */
async function copyCluster(primary: EmbeddedPostgres, { dataDir, account }: Awaited<ReturnType<typeof findPlace>>) {
  const { hostname, port, username, password } = new URL(primary.url);
  await withClient(primary.url, async (client) => {
    await client.query(`select pg_backup_start('replica', fast => true)`);
    await cp(primary.dataDir, dataDir, {
      recursive: true,
      filter: (file) => !/^postmaster\.(pid|opts)$/.test(path.basename(file)),
    });
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await writeFile(path.join(dataDir, 'backup_label'), rows[0]!.labelfile);
  });
  const conninfo = `host=${hostname} port=${port} user=${username} password=${password}`;
  await appendFile(path.join(dataDir, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  await writeFile(path.join(dataDir, 'standby.signal'), '');
  await chmod(dataDir, 0o700);
  if (!account) return;
  for (const entry of ['.', ...(await readdir(dataDir, { recursive: true }))])
    await chown(path.join(dataDir, entry), account.uid, account.gid);
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** The single value that a query gives. */
const ask = (url: string, sql: string) =>
  withClient(url, async (client) => (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows[0]![0]);
