import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import type { Log } from '../log.ts';

/** An answer that takes longer is done without. */
const ANSWER_MS = 250;
/** How often a Redis that has not answered is tried again, and after how many vain tries over a new connection. */
const PROBE_MS = 1000;
const VAIN_PROBES = 5;
/** How long a start waits for the first connection; it goes on without. */
const START_MS = 2000;
const LONGEST_RETRY_MS = 5000;

export type RedisReply = Buffer | number | null | readonly RedisReply[];

/** A Redis that processes share. It may be away at any time: nothing may depend on its being there. */
export interface Redis {
  /** Sends a command; texts are replied as bytes. `undefined` where Redis is away, refuses or takes too long. */
  readonly ask: (...command: (string | Buffer)[]) => Promise<RedisReply | undefined>;
  /** Whether it can be asked now. */
  readonly ready: () => boolean;
  /** Number of the connection: another one after each break, over which Redis may have forgotten what it was told. */
  readonly connection: () => number;
  /** The name of this installation's key. */
  readonly key: (name: string) => string;
  readonly stop: () => Promise<void>;
}

/**
 * Connects to a Redis, and again whenever the connection breaks. `installation` tells apart the keys of several
 * installations in one Redis. That it is away is logged once, and once that it is back.
 */
export async function openRedis(url: string, installation: string, log: Log): Promise<Redis> {
  const refusals = new Set<string>();
  let away = false;
  let usable = false;
  let stopped = false;
  let connection = 0;

  const failed = (error: unknown) => {
    usable = false;
    if (!away && !stopped) log.warn({ error: messageOf(error) }, 'Redis is away: this process does without it');
    away = true;
  };
  const answered = () => {
    usable = true;
    if (away) log.info('Redis is back');
    away = false;
  };
  const connect = () => {
    const fresh = createClient({
      url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: START_MS,
        reconnectStrategy: (retries) => Math.min(100 * 2 ** Math.min(retries, 10), LONGEST_RETRY_MS),
      },
      commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    });
    fresh.on('error', failed);
    fresh.on('ready', () => {
      connection++;
      answered();
    });
    return { fresh, connected: fresh.connect().then(() => undefined, failed) };
  };
  let { fresh: client, connected } = connect();
  const drop = () => {
    if (client.isOpen) client.destroy();
  };
  /** Waits for a Redis that is connected and silent; a broken connection is opened again by the client itself. */
  const probe = async () => {
    for (let vain = 0; !stopped && !usable && client.isReady; ) {
      await delay(PROBE_MS, undefined, { ref: false });
      const answer = await inTime(client.sendCommand(['PING'])).catch(() => undefined);
      if (answer !== undefined) answered();
      else if (++vain === VAIN_PROBES) {
        drop();
        ({ fresh: client, connected } = connect());
      }
    }
  };
  await Promise.race([connected, delay(START_MS, undefined, { ref: false })]);

  return {
    ready: () => usable,
    connection: () => connection,
    key: (name) => `contact360:${installation}:${name}`,
    ask: async (...command) => {
      if (!usable) return undefined;
      try {
        return await inTime(client.sendCommand<RedisReply>(command));
      } catch (error) {
        if (error instanceof ErrorReply) {
          const refusal = messageOf(error);
          if (!refusals.has(refusal)) log.warn({ error: refusal, command: command[0] }, 'Redis refuses a command');
          refusals.add(refusal);
        } else if (usable) {
          failed(error);
          void probe();
        }
        return undefined;
      }
    },
    stop: async () => {
      stopped = true;
      drop();
    },
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Names an installation by what all its processes have in common, without telling it. */
export const installationOf = (secret: string, database: string): string =>
  createHmac('sha256', secret).update(`redis ${database}`).digest('hex').slice(0, 16);

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis gave no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
