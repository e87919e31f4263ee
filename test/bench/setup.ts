import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type RunningServer, startServer } from '@contact360/server/boot';
import { createLog, readSettings, removeEmbedded, startEmbedded } from '@contact360/server/testing';
import config from '../../contact360.config.ts';
import { type MeasuredServer, startMeasured } from './measured-server.ts';

export interface SetupOptions {
  /** Names the folder that is kept between runs. */
  readonly name: string;
  /** Builds the database anew. */
  readonly fresh: boolean;
  readonly logLevel: string;
}

/** A database of the benchmark's own, and servers on it. */
export interface Setup {
  readonly home: string;
  readonly databaseUrl: string;
  /** Has work done with a server in this process, which is then stopped. */
  readonly inProcess: <T>(work: (server: RunningServer) => Promise<T>) => Promise<T>;
  /** Starts the product as `npm start` runs it, in a process of its own; stopped with the setup. */
  readonly startServer: (options?: {
    readonly nodeOptions?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  }) => Promise<MeasuredServer>;
  /** What has to be stopped, last first, however the run ends. */
  readonly stops: (() => Promise<unknown>)[];
  readonly stop: () => Promise<void>;
}

const ADMIN = { email: 'bench@example.com', password: 'bench password' };

export const say = (line: string) => console.error(line);

/** As `npm start` runs the server. */
const { SERVER_OPTIONS, SERVER_ENVIRONMENT } = (await import(
  new URL('../../server/bin/server-options.mjs', import.meta.url).href
)) as {
  SERVER_OPTIONS: string[];
  SERVER_ENVIRONMENT: Record<string, string>;
};

/** Starts the database in a folder of its own below `.contact360`. */
export async function setUp({ name, fresh, logLevel }: SetupOptions): Promise<Setup> {
  const home = path.resolve('.contact360', name);
  const stops: Setup['stops'] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => stop().finally(() => process.exit(1)));
  if (fresh) await removeEmbedded(home, say);
  await mkdir(home, { recursive: true });
  const postgres = await startEmbedded({ home, port: 0, log: say });
  stops.push(postgres.stop);
  const environment = {
    DATABASE_URL: postgres.url,
    CONTACT360_HOME: home,
    HOST: '127.0.0.1',
    NODE_ENV: 'production',
    LOG_LEVEL: logLevel,
    DEMO_DATA: 'false',
    JWT_SECRET: 'the benchmark signs its tokens with this',
    ACCESS_TOKEN_TTL: '7d',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  return {
    home,
    databaseUrl: postgres.url,
    stops,
    stop,
    inProcess: async (work) => {
      const settings = readSettings({ ...environment, PORT: '0', LOG_LEVEL: 'warn', STATEMENT_TIMEOUT: '1h' }, home);
      const server = await startServer(config, settings, createLog(settings));
      try {
        return await work(server);
      } finally {
        await server.stop();
      }
    },
    startServer: async ({ nodeOptions = [], environment: more } = {}) => {
      const server = await startMeasured({
        file: path.resolve('server/bin/serve.ts'),
        environment: { ...environment, ...SERVER_ENVIRONMENT, ...more },
        logFile: path.join(home, 'server.log'),
        nodeOptions: [...SERVER_OPTIONS, ...nodeOptions],
      });
      stops.push(server.stop);
      return server;
    },
  };
}

/** Signs the benchmark's administrator in; gives the access token. */
export async function signIn(url: string): Promise<string> {
  const reply = await fetch(`${url}/api/v1/auth/login/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  if (!reply.ok) throw new Error(`Signing in answers ${reply.status}: ${await reply.text()}`);
  return ((await reply.json()) as { access_token: string }).access_token;
}

/** Prints a table to standard output, its first column to the left and the others to the right. */
export function printTable(table: readonly (readonly string[])[]): void {
  const columns = Math.max(...table.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...table.map((line) => (line[column] ?? '').length)),
  );
  for (const line of table)
    console.log(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    );
}
