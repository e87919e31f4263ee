import { Client, type PoolClient } from 'pg';
import { PgBoss } from 'pg-boss';
import type { App } from '../app.ts';
import type { Log } from '../log.ts';

/** A kind of background job. */
export interface JobDefinition<Data extends object = never> {
  /** Name of its queue: `plugin.job`. */
  readonly name: string;
  /**
   * Does the work. A rejection has the job tried again, so what can never succeed must be recorded and resolve.
   * Work that can be interrupted looks at `signal` between its steps and calls `throwIfAborted`; it is then handed back.
   */
  readonly run: (data: Data, context: JobContext) => Promise<void>;
  /** Jobs of this kind that one process runs at the same time; 1 when absent. */
  readonly concurrency?: number;
  /** Cron expression (UTC) for a job that is sent by itself. */
  readonly schedule?: string;
}

export interface JobContext {
  readonly app: App;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

export interface Jobs {
  /** Sends a job; with a client, in that client's transaction: no commit, no job. */
  readonly send: (name: string, data: object, client?: PoolClient) => Promise<void>;
  /** What there is to do and what was done, for each kind of job, by name. */
  readonly queues: () => Promise<QueueState[]>;
}

export interface QueueState {
  readonly name: string;
  /** Cron expression (UTC). */
  readonly schedule: string | null;
  readonly waiting: number;
  readonly running: number;
  /** Of the last 7 days, as are the failed. */
  readonly completed: number;
  /** Given up after all tries. */
  readonly failed: number;
  /** Since when the oldest waiting job could have run. */
  readonly oldestWaitingAt: Date | null;
  readonly lastFinishedAt: Date | null;
}

export interface JobRunner extends Jobs {
  /** Makes the queues; with `work`, runs their jobs in this process. */
  readonly start: (app: App, definitions: readonly JobDefinition[], work: boolean) => Promise<void>;
  /** Interrupts running jobs and hands them back. */
  readonly stop: () => Promise<void>;
}

const SCHEMA = 'jobs';
/** A job that is handed back or lost is tried again at once; the limit only stops one that kills every worker. */
const QUEUE_OPTIONS = {
  retryLimit: 200,
  retryDelay: 1,
  expireInSeconds: 23 * 3600,
  notify: true,
  deleteAfterSeconds: 7 * 86_400,
};
const SWEEP_MS = 2000;
/** A job counts as lost only after this: its worker may be about to lock it. */
const SWEEP_GRACE_SECONDS = 3;
const STOP_TIMEOUT_MS = 20_000;

/**
 * Background jobs by pg-boss. Beside pg-boss's own bookkeeping, a worker holds a session lock on each job it runs: when
 * the process dies the database drops the lock at once, and the next sweep of any process hands the job to another
 * (heartbeats would take from 15 seconds to a minute).
 */
export function createJobs(url: string, log: Log): JobRunner {
  const boss = new PgBoss({
    connectionString: url,
    schema: SCHEMA,
    application_name: 'contact360-jobs',
    max: 4,
    useListenNotify: true,
  });
  const stopping = new AbortController();
  const running = new Set<string>();
  let known: readonly JobDefinition[] = [];
  let locks: Client | undefined;
  let sweeper: NodeJS.Timeout | undefined;
  boss.on('error', (error) => log.warn({ error: error.message }, 'Job queue'));
  boss.on('warning', (warning) => log.warn({ warning: warning.message }, 'Job queue'));

  const lockKey = 'hashtextextended($1, 360)';
  const connectLocks = async () => {
    const client = new Client({ connectionString: url, application_name: 'contact360-job-locks', keepAlive: true });
    client.on('error', (error) => log.warn({ error: error.message }, 'The connection that holds job locks broke'));
    client.once('end', () => {
      if (locks === client) locks = undefined;
    });
    await client.connect();
    return client;
  };
  let turn: Promise<unknown> = Promise.resolve();
  /** Asks on the connection that holds the locks, which answers one question at a time. */
  const askLocks = <Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]> => {
    const asked = turn.then(async () => {
      locks ??= await connectLocks();
      return (await locks.query<Row>(sql, [...values])).rows;
    });
    turn = asked.catch(() => undefined);
    return asked;
  };
  const tryLock = async (id: string) =>
    (await askLocks<{ locked: boolean }>(`select pg_try_advisory_lock(${lockKey}) as locked`, [id]))[0]!.locked;
  const unlock = (id: string) => askLocks(`select pg_advisory_unlock(${lockKey})`, [id]);

  const runOwned = async (id: string, work: () => Promise<void>) => {
    if (!(await tryLock(id))) throw new Error('The job is still owned by another worker');
    running.add(id);
    try {
      await work();
    } finally {
      running.delete(id);
      await unlock(id);
    }
  };

  /** Hands back jobs that are marked as running but that nobody holds. */
  const sweep = async () => {
    const active = await askLocks<{ id: string; name: string }>(
      `select id::text, name from ${SCHEMA}.job where state = 'active' and started_on < now() - make_interval(secs => $1) and not id::text = any($2)`,
      [SWEEP_GRACE_SECONDS, [...running]],
    );
    for (const { id, name } of active) {
      if (!(await tryLock(id))) continue;
      try {
        await boss.fail(name, id, { message: 'The worker was lost' });
        log.info({ job: id, queue: name }, 'A job whose worker was lost is handed to another');
      } finally {
        await unlock(id);
      }
    }
  };
  const sweepAgain = () => {
    sweeper = setTimeout(() => {
      sweep()
        .catch((error: Error) => log.warn({ error: error.message }, 'Looking for lost jobs failed; trying again'))
        .finally(() => {
          if (!stopping.signal.aborted) sweepAgain();
        });
    }, SWEEP_MS);
  };

  return {
    send: async (name, data, client) => {
      const db = client && { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      await boss.send(name, data, db ? { db } : {});
    },
    queues: async () => {
      const count = (...states: string[]) =>
        `count(*) filter (where state in (${states.map((state) => `'${state}'`).join(', ')}))::int`;
      const { rows } = await boss.getDb().executeSql(
        `select name, ${count('created', 'retry')} as waiting, ${count('active')} as running,
          ${count('completed')} as completed, ${count('failed')} as failed,
          min(start_after) filter (where state in ('created', 'retry')) as "oldestWaitingAt", max(completed_on) as "lastFinishedAt"
         from ${SCHEMA}.job where name = any($1) group by name`,
        [known.map(({ name }) => name)],
      );
      const empty = { waiting: 0, running: 0, completed: 0, failed: 0, oldestWaitingAt: null, lastFinishedAt: null };
      const states = new Map((rows as QueueState[]).map((row) => [row.name, row]));
      return known
        .map(({ name, schedule = null }) => ({ ...empty, ...states.get(name), name, schedule }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    start: async (app, definitions, work) => {
      known = definitions;
      await boss.start();
      for (const { name, schedule } of definitions) {
        await boss.createQueue(name, QUEUE_OPTIONS);
        if (schedule) await boss.schedule(name, schedule);
      }
      if (!work) return;
      await sweep();
      sweepAgain();
      for (const { name, run, concurrency = 1 } of definitions) {
        await boss.work<object>(
          name,
          { localConcurrency: concurrency, notifyPollingIntervalSeconds: 5, pollingIntervalSeconds: 1 },
          async ([job]) => {
            const { id, data } = job!;
            try {
              await runOwned(id, () =>
                (run as JobDefinition<object>['run'])(data ?? {}, { app, signal: stopping.signal }),
              );
            } catch (error) {
              if (!stopping.signal.aborted)
                log.error({ job: id, queue: name, error }, 'A job failed and will be tried again');
              throw error;
            }
          },
        );
      }
    },
    stop: async () => {
      stopping.abort(new Error('The server is stopping'));
      clearTimeout(sweeper);
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS, close: true });
      await locks?.end();
    },
  };
}
