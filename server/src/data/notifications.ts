import { Client } from 'pg';
import type { Log } from '../log.ts';

/** Messages between the processes of one installation, over PostgreSQL's LISTEN and NOTIFY. */
export interface Notifications {
  /**
   * Calls `heard` with the payload of every message of the channel. `lost` is called when messages may have been
   * missed (the connection broke): whoever keeps copies of data forgets them then.
   */
  readonly listen: (channel: string, heard: (payload: string) => void, lost: () => void) => Promise<void>;
  /** Whether messages that are sent now arrive. */
  readonly listening: () => boolean;
  readonly stop: () => Promise<void>;
}

const RETRY_MS = 1000;

/** Listens on one dedicated connection and opens it again when it breaks. To send: `select pg_notify(channel, payload)`. */
export function createNotifications(url: string, log: Log): Notifications {
  const listeners = new Map<string, { heard: (payload: string) => void; lost: () => void }[]>();
  let client: Client | undefined;
  let listening = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  const connect = async () => {
    const fresh = new Client({ connectionString: url, application_name: 'contact360-notifications', keepAlive: true });
    fresh.on('notification', ({ channel, payload = '' }) => {
      for (const { heard } of listeners.get(channel) ?? []) heard(payload);
    });
    // `on`: a connection that is ended by the server reports it twice, and an error nobody hears ends the process.
    fresh.on('error', (error) => log.warn({ error: error.message }, 'The connection for notifications broke'));
    fresh.once('end', () => {
      if (client !== fresh || stopped) return;
      client = undefined;
      listening = false;
      forget();
      reconnectSoon();
    });
    await fresh.connect();
    client = fresh;
    for (const channel of listeners.keys()) await fresh.query(`listen ${channel}`);
    // Messages sent before LISTEN took hold are gone.
    forget();
    listening = client === fresh;
  };
  const forget = () => {
    for (const { lost } of [...listeners.values()].flat()) lost();
  };
  const reconnectSoon = () => {
    if (stopped) return;
    retry = setTimeout(() => {
      connect().catch((error: Error) => {
        log.warn({ error: error.message }, 'No connection for notifications yet');
        reconnectSoon();
      });
    }, RETRY_MS);
  };

  return {
    listen: async (channel, heard, lost) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), { heard, lost }]);
      if (client) await client.query(`listen ${channel}`);
      else await connect();
    },
    listening: () => listening,
    stop: async () => {
      stopped = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
