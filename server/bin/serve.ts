/** Runs the server until it is told to stop. `--jobs-only` runs workers without listening for requests. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startServer } from '../src/boot.ts';
import type { Config } from '../src/config.ts';
import { OperatorError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { readSettings } from '../src/settings.ts';

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

/** Asked for before the start is done, a stop follows right behind it: nothing is left half up. */
const stopping = Promise.withResolvers<NodeJS.Signals>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stopping.resolve);

try {
  const jobsOnly = process.argv.includes('--jobs-only');
  const settings = readSettings(jobsOnly ? { ...process.env, WORKERS: 'true' } : process.env);
  const log = createLog(settings);
  const { default: config } = (await import(pathToFileURL(path.resolve('contact360.config.ts')).href)) as {
    default: Config;
  };
  const server = await startServer(config, settings, log, !jobsOnly);
  const lines = jobsOnly
    ? ['Running background jobs; requests are served by other processes.']
    : [`API            ${server.url}/api/v1/`, `Documentation  ${server.url}/docs`, ...(await server.welcome())];
  console.log(`\n  Contact360 ${server.app.version} is ready.\n\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
  // What only the start needed goes back to the system: a tenth of all.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });

  const signal = await stopping.promise;
  log.info({ signal }, 'Stopping: answering what is in flight, handing jobs back');
  await server.stop().catch((error: unknown) => {
    log.error({ error }, 'The stop was not clean');
    process.exit(1);
  });
  process.exit(0);
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    fail(`The address is in use by another program: ${message}. Set PORT to another port; 0 picks a free one.`);
  if (error instanceof OperatorError) fail(message);
  throw error;
}
