import type { Pool } from 'pg';
import type { Notifications } from './notifications.ts';

/** Channel on which PostgreSQL tells the table of a record type that a committed transaction has written to. */
const CHANNEL = 'data_changed';

/** What the triggers of every record table call, once for each statement. */
export const ANNOUNCE_FUNCTION = `create function announce_change() returns trigger language plpgsql as $$ begin perform pg_notify('${CHANNEL}', TG_TABLE_NAME); return null; end $$`;

/** The trigger that announces changes of a table, as the ORM's entities declare it. */
export function announceTrigger(table: string) {
  const name = `${table}_announce`;
  const expression = `create trigger ${name} after insert or update or delete on ${table} for each statement execute function announce_change()`;
  const events: ('insert' | 'update' | 'delete')[] = ['insert', 'update', 'delete'];
  return { name, timing: 'after' as const, events, forEach: 'statement' as const, expression };
}

/**
 * What this process knows of the versions of the record tables, so that what was read may be served again until it is
 * written over (decision 28). A change is counted when this process has committed it, and when PostgreSQL tells of it,
 * whoever made it. Versions are taken before a read: what was committed while it ran is then never taken to be in it.
 */
export interface DataVersions {
  /** A text that is another one once a change of any of the tables is known; `undefined` while changes may be missed. */
  readonly of: (tables: readonly string[]) => string | undefined;
  /** Counts a change that this process has committed, ahead of its announcement; done when whoever shares versions knows. */
  readonly changed: (tables: readonly string[]) => Promise<void>;
  /** Tells every process of a change that no trigger sees: new statistics, which unfiltered counts come from. */
  readonly announce: (tables: readonly string[]) => Promise<void>;
  /** Calls `heard` with the tables of every change that is counted, and with `undefined` when some may have been missed. */
  readonly onChange: (heard: (tables: readonly string[] | undefined) => Promise<void>) => void;
}

export async function createDataVersions(notifications: Notifications, pool: Pool): Promise<DataVersions> {
  const versions = new Map<string, number>();
  const listeners: ((tables: readonly string[] | undefined) => Promise<void>)[] = [];
  // Part of every version: begins anew after a time in which nothing was heard.
  let period = 0;
  const tell = async (tables: readonly string[] | undefined) => {
    for (const heard of listeners) await heard(tables);
  };
  const changed = (tables: readonly string[]) => {
    for (const table of tables) versions.set(table, (versions.get(table) ?? 0) + 1);
    return tell(tables);
  };
  const missed = () => {
    period++;
    void tell(undefined);
  };
  await notifications.listen(CHANNEL, (table) => void changed([table]), missed);
  return {
    of: (tables) =>
      notifications.listening() ? [period, ...tables.map((table) => versions.get(table) ?? 0)].join('.') : undefined,
    changed,
    announce: async (tables) => {
      await pool.query('select pg_notify($1, t) from unnest($2::text[]) t', [CHANNEL, tables]);
      await changed(tables);
    },
    onChange: (heard) => void listeners.push(heard),
  };
}
