import type { TRPCRouterRecord } from '@trpc/server';
import type { FastifyInstance } from 'fastify';
import type { App } from './app.ts';
import { memoryCache } from './cache/memory-cache.ts';
import { redisCache } from './cache/redis-cache.ts';
import type { AnyPlugin, Config, FaceHost } from './config.ts';
import { createContext } from './context.ts';
import { type MigrationFolder, migrate, openDatabase } from './data/database.ts';
import { type EmbeddedPostgres, startEmbedded } from './data/embedded.ts';
import { createNotifications } from './data/notifications.ts';
import { openReadSources } from './data/reads.ts';
import { createDataVersions } from './data/versions.ts';
import { openStorage } from './files/open-storage.ts';
import { createHttpServer, type HttpServer, requestInfo } from './http/server.ts';
import { coreJobs } from './jobs/core-jobs.ts';
import { createJobs } from './jobs/jobs.ts';
import { createLog, type Log } from './log.ts';
import { recordEntity } from './records/entity.ts';
import type { RecordType } from './records/record.ts';
import { Store } from './records/store.ts';
import type { Dependent } from './records/writer.ts';
import { homeSecrets, type Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { router } from './trpc.ts';
import { VERSION } from './version.ts';

/** A server that is up. */
export interface RunningServer {
  readonly app: App;
  readonly http: FastifyInstance;
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  /** What plugins tell the person who started the server. */
  readonly welcome: () => Promise<string[]>;
  /** Answers what is in flight, hands jobs back, closes connections and stops an embedded database. */
  readonly stop: () => Promise<void>;
}

/** Folders of migrations: the core's own, then each plugin's in order. */
export function migrationFolders(plugins: Config['plugins']): MigrationFolder[] {
  const own = (plugins as readonly AnyPlugin[]).flatMap(({ id, migrations }) =>
    migrations ? [{ owner: id, folder: migrations }] : [],
  );
  return [{ owner: 'core', folder: new URL('./data/migrations/', import.meta.url) }, ...own];
}

/**
 * Starts everything, in order: database, migrations, jobs, plugins, faces. What fails stops what was started. Without
 * `listen` no request is served: the process is there for its jobs.
 */
export async function startServer(
  config: Config,
  settings: Settings,
  log: Log = createLog(settings),
  listen = true,
): Promise<RunningServer> {
  const plugins = config.plugins as readonly AnyPlugin[];
  checkPlugins(plugins);
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const embedded = settings.DATABASE_URL ? undefined : await embed(settings, log);
    if (embedded) stops.push(() => embedded.stop());
    const url = settings.DATABASE_URL ?? embedded!.url;
    const applied = await migrate(url, migrationFolders(plugins));
    if (applied.length > 0) log.info({ migrations: applied }, 'The database was migrated');
    const records = plugins.flatMap((plugin) => plugin.records ?? []);
    const database = await openDatabase(
      url,
      [...records.map(recordEntity), ...plugins.flatMap((plugin) => plugin.entities ?? [])],
      settings,
    );
    stops.push(database.close);
    const sources = openReadSources(database.pool, settings, log);
    stops.push(sources.close);
    const notifications = createNotifications(url, log);
    stops.push(notifications.stop);
    const dataVersions = await createDataVersions(notifications, database.pool);
    const secrets = homeSecrets(settings.CONTACT360_HOME);
    const redis = settings.REDIS_URL ? await shareRedis(settings.REDIS_URL, url, settings, secrets, log) : undefined;
    if (redis) stops.push(redis.stop);
    const memory = memoryCache(dataVersions);
    const jobs = createJobs(url, log);
    const files = await openStorage(settings);
    const stores = new Map<RecordType, Store<RecordType>>();
    const app: App = {
      settings,
      log,
      pool: database.pool,
      em: () => database.orm.em.fork(),
      reads: sources.reads,
      store: <R extends RecordType>(record: R) => {
        if (!stores.has(record))
          stores.set(record, new Store(database.pool, record, dependentsOf(record, records), dataVersions.changed));
        return stores.get(record) as unknown as Store<R>;
      },
      jobs,
      files,
      sources: plugins.flatMap((plugin) => plugin.sources ?? []),
      cache: redis ? redisCache(redis, dataVersions, memory) : memory,
      redis,
      notifications,
      dataVersions,
      secrets,
      version: VERSION,
    };
    stops.push(jobs.stop);
    await jobs.start(app, [...coreJobs(records), ...plugins.flatMap((plugin) => plugin.jobs ?? [])], settings.WORKERS);
    const server = await createHttpServer(settings, log);
    const { http } = server;
    for (const plugin of plugins) {
      const stopPlugin = await plugin.start?.(app);
      if (stopPlugin) stops.push(stopPlugin);
    }
    // Requests in flight are answered before anything they use is taken down.
    stops.push(() => http.close());
    if (listen) await mountFaces(config, plugins, app, server);
    const address = listen ? await http.listen({ host: settings.HOST, port: settings.PORT }) : '';
    const welcome = async () => (await Promise.all(plugins.map((plugin) => plugin.welcome?.(app) ?? []))).flat();
    return { app, http, url: address, welcome, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Redis under a name that all processes of this installation come to: they sign with one secret and have one database. */
async function shareRedis(redis: string, database: string, { JWT_SECRET }: Settings, secrets: Secrets, log: Log) {
  const secret = JWT_SECRET ?? (await secrets.get('jwt-secret'));
  // Its library takes memory and time to load that most installations need not spend.
  const { installationOf, openRedis } = await import('./data/redis.ts');
  return openRedis(redis, installationOf(secret, new URL(database).pathname), log);
}

/** Which relations of which records lead to the given one. */
function dependentsOf(record: RecordType, records: readonly RecordType[]): Dependent[] {
  return records.flatMap((each) =>
    Object.entries(each.relations).flatMap(([relation, { record: of }]) =>
      of === record ? [{ record: each, relation }] : [],
    ),
  );
}

function embed(settings: Settings, log: Log): Promise<EmbeddedPostgres> {
  return startEmbedded({ home: settings.CONTACT360_HOME, log: (message) => log.info(message) });
}

/** Faults of a configuration, by name, before anything runs. */
function checkPlugins(plugins: readonly AnyPlugin[]): void {
  const seen = new Set<string>();
  for (const { id, requires = [] } of plugins) {
    if (seen.has(id)) throw new Error(`Plugin '${id}' is listed twice in contact360.plugins.ts; remove one.`);
    const missing = requires.find((each) => !seen.has(each));
    if (missing)
      throw new Error(`Plugin '${id}' requires '${missing}': list it before '${id}' in contact360.plugins.ts.`);
    seen.add(id);
  }
  const owners = new Map<string, string>();
  for (const { id, sources = [] } of plugins) {
    for (const source of sources) {
      const owner = owners.get(source.id);
      if (owner !== undefined)
        throw new Error(`Plugins '${owner}' and '${id}' both bring a data source '${source.id}'; remove one.`);
      owners.set(source.id, id);
    }
  }
}

async function mountFaces(config: Config, plugins: readonly AnyPlugin[], app: App, server: HttpServer): Promise<void> {
  const records: TRPCRouterRecord = Object.fromEntries(
    plugins.flatMap(({ id, router }) => (router ? [[id, router]] : [])),
  );
  const contextOf: FaceHost['contextOf'] = (request, reply, calls = 1) =>
    createContext({
      app,
      plugins,
      request: requestInfo(request),
      calls,
      setHeaders: (headers) => void reply.headers(headers),
    });
  for (const face of config.faces) await face.mount({ app, ...server, plugins, router: router(records), contextOf });
}
