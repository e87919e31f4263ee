import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createClient } from '@redis/client';

/** A program that speaks Redis's protocol, if this machine has one. */
export const redisProgram = ['redis-server', 'valkey-server'].find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Why tests are skipped where there is none. */
export const WITHOUT_REDIS = redisProgram ? '' : ' (skipped: neither redis-server nor valkey-server is on the PATH)';

export interface RedisServer {
  readonly url: string;
  /** Sends commands to it. */
  readonly client: Awaited<ReturnType<typeof connectTo>>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

const connectTo = (url: string) =>
  createClient({ url })
    .on('error', () => undefined)
    .connect();

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a Redis that keeps nothing on disk. */
export async function startRedis(port: number, ...more: string[]): Promise<RedisServer> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more];
  const child: ChildProcess = spawn(redisProgram!, settings, { stdio: 'ignore' });
  const password = more[more.indexOf('--requirepass') + 1];
  const url = `redis://${more.includes('--requirepass') ? `:${password}@` : ''}127.0.0.1:${port}`;
  const client = await connectTo(url);
  return {
    url,
    client,
    signal: (name) => void child.kill(name),
    stop: async () => {
      client.destroy();
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
