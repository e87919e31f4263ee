import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from '@contact360/server';
import { type Aggregates, type AnalyticsBackend, NotReadyError } from './backend.ts';
import { readSparkRows, tableOf } from './spark-sql.ts';

/** What takes longer is left to another source for now; the job goes on, and its result is there for the next. */
const ANSWER_MS = 10_000;
const JOB_MS = 10 * 60_000;
const LARGEST_OUTPUT = 1024 * 1024;
/** What a job tells serves whatever number is asked for. */
const ROWS = 50;
/** The job sees of the environment what Hadoop's command needs, and nothing of this product's secrets. */
const ENVIRONMENT =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TZ|TMPDIR|JAVA_HOME|(HADOOP|HDFS|YARN|MAPRED|HIVE|SPARK|KRB5)\w*)$/;

/** The settings of a Hadoop job, where both are there. */
export interface HadoopJob {
  readonly bin: string;
  readonly jar: string;
}

/**
 * A Hadoop job: `<CONTACTS_HADOOP_BIN> jar <CONTACTS_HADOOP_JOB_JAR> --table <database.table> --limit <n>`. It writes a
 * line for each figure to its standard output: `total`, `country` or `industry`, the value, and how many contacts,
 * separated by tabs; what else it writes is passed over. One job runs at a time, and what it tells is good for
 * `CONTACTS_ANALYTICS_CACHE_TTL`.
 */
export function hadoopBackend({ bin, jar }: HadoopJob, settings: Settings, answerMs = ANSWER_MS): AnalyticsBackend {
  const stopping = new AbortController();
  let running: Promise<Aggregates> | undefined;
  let last: { readonly found: Aggregates; readonly until: number } | undefined;

  const run = async () => {
    const table = tableOf(settings).join('.');
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(JOB_MS)]);
    const output = await outputOf(bin, ['jar', jar, '--table', table, '--limit', String(ROWS)], signal);
    const found = readSparkRows(rowsOf(output));
    last = { found, until: performance.now() + settings.CONTACTS_ANALYTICS_CACHE_TTL * 1000 };
    return found;
  };
  const start = () => {
    const job = run();
    running = job;
    // What fails after everyone has gone is told to who asks next.
    job.then(
      () => (running = undefined),
      () => undefined,
    );
    return job;
  };

  return {
    source: 'hadoop',
    aggregate: async (limit) => {
      if (last && performance.now() < last.until) return cut(last.found, limit);
      const job = running ?? start();
      const waiting = new AbortController();
      const late = delay(answerMs, 'late' as const, { signal: waiting.signal });
      try {
        const found = await Promise.race([job, late]);
        if (found !== 'late') return cut(found, limit);
      } catch (error) {
        running = undefined;
        throw error;
      } finally {
        waiting.abort();
        late.catch(() => undefined);
      }
      throw new NotReadyError('The Hadoop job is still running');
    },
    stop: async () => {
      stopping.abort();
      await running?.catch(() => undefined);
    },
  };
}

const cut = ({ total, countries, industries }: Aggregates, limit: number): Aggregates => ({
  total,
  countries: countries.slice(0, limit),
  industries: industries.slice(0, limit),
});

const rowsOf = (output: string) =>
  output.split(/\r?\n/).flatMap((line) => {
    const cells = line.split('\t');
    return /^(total|country|industry)$/.test(cells[0]!) ? [cells] : [];
  });

/** Runs a command without a shell; gives what it writes. */
function outputOf(command: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => ENVIRONMENT.test(name)));
    const child = spawn(command, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, complaints] = [child.stdout, child.stderr].map((stream) => {
      const chunks: Buffer[] = [];
      let length = 0;
      stream.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= LARGEST_OUTPUT) chunks.push(chunk);
      });
      return () => (length > LARGEST_OUTPUT ? undefined : Buffer.concat(chunks).toString());
    }) as [() => string | undefined, () => string | undefined];
    child.once('error', reject);
    child.once('close', (code, killed) => {
      const text = output();
      const complaint = complaints()?.trim().split('\n').at(-1)?.slice(0, 200);
      if (code !== 0) reject(new Error(`The Hadoop job ended with ${code ?? killed}: ${complaint || 'no reason'}`));
      else if (text === undefined) reject(new Error('The Hadoop job wrote more than a megabyte'));
      else resolve(text);
    });
  });
}
