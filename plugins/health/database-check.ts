import type { App } from '@contact360/server';

/** A database that answers later than this is of no use to a request. */
const PATIENCE_MS = 2000;

const underWay = new WeakMap<App, Promise<string | undefined>>();

/** Why the database does not answer, or `undefined` when it does. Questions asked at the same time share one query. */
export function databaseFault(app: App): Promise<string | undefined> {
  let check = underWay.get(app);
  if (!check) {
    check = ask(app).finally(() => underWay.delete(app));
    underWay.set(app, check);
  }
  return check;
}

async function ask(app: App): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    await Promise.race([app.pool.query('select 1'), late]);
    return undefined;
  } catch (error) {
    app.log.warn({ error: (error as Error).message }, 'The health check did not reach the database');
    return 'The database does not answer.';
  } finally {
    clearTimeout(timer);
  }
}
