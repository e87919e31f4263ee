import type { AnyEntity, EntityClass, EntitySchema } from '@mikro-orm/core';
import type { TRPCRouterRecord } from '@trpc/server';
import type { App } from './app.ts';
import type { Binding } from './binding.ts';
import type { Caller, RequestInfo } from './caller.ts';
import type { ErrorSpec } from './errors.ts';
import type { JobDefinition } from './jobs/jobs.ts';
import type { RecordType } from './records/record.ts';
import type { PublicRouter } from './trpc.ts';

/** What a plugin brings. Everything is optional but its id; the object is plain data and does no work when made. */
export interface PluginDefinition<Id extends string, R extends TRPCRouterRecord> {
  /** Namespace of its procedures (`contacts.query`), queues, errors and migrations. */
  readonly id: Id;
  /** Ids of plugins that must be listed before it. */
  readonly requires?: readonly string[];
  readonly records?: readonly RecordType[];
  /** Fixed tables, read and written through the ORM. */
  readonly entities?: readonly (EntitySchema | EntityClass<AnyEntity>)[];
  /** Folder of its generated migrations, as `new URL('./migrations/', import.meta.url)`. */
  readonly migrations?: URL;
  readonly errors?: { readonly $specs: readonly ({ readonly code: string } & ErrorSpec)[] };
  /** Procedures, built with `procedures`. */
  readonly router?: R;
  /** REST routes that lead to its procedures, in the dialects it takes part in. */
  readonly bindings?: readonly Binding[];
  readonly jobs?: readonly JobDefinition[];
  /** Recognises credentials of its kind; `undefined` when the request bears none of them. */
  readonly authenticate?: (request: RequestInfo, app: App) => Promise<Caller | undefined>;
  /** What a person who starts the server is told, line by line. Printed to the terminal and never logged: it may be secret. */
  readonly welcome?: (app: App) => Promise<readonly string[]>;
  /** Runs once the database is migrated and before requests are served; what it returns runs at the stop. */
  readonly start?: (app: App) => Promise<(() => Promise<void>) | void>;
}

/** A plugin as configurations hold it: its exact id and router type, and nothing of the server's inner types. */
export interface Plugin<Id extends string = string, R extends TRPCRouterRecord = TRPCRouterRecord> {
  readonly id: Id;
  readonly router?: R;
}

/** Types a plugin exactly. A bare `satisfies` would widen its id to `string` and lose the router's type. */
export function definePlugin<const Id extends string, R extends TRPCRouterRecord = {}>(
  definition: PluginDefinition<Id, R>,
): Plugin<Id, R> {
  return definition;
}

/** An id taken twice turns that entry into an error that says so. */
type Unique<P extends readonly Plugin[], Seen extends string = never> = P extends readonly [
  infer Head extends Plugin,
  ...infer Rest extends readonly Plugin[],
]
  ? [
      Head['id'] extends Seen ? { error: `plugin id taken twice: ${Head['id']}` } : Head,
      ...Unique<Rest, Seen | Head['id']>,
    ]
  : P;

/** Keeps the tuple of plugins, so that the router's type is exact. */
export function definePlugins<const P extends readonly Plugin[]>(plugins: P & Unique<NoInfer<P>>): P {
  return plugins;
}

type RouterRecordOf<P> = P extends Plugin<string, infer R> ? R : never;
type WithRouter<P extends Plugin> = P extends Plugin<string, infer R> ? (keyof R extends never ? never : P) : never;

/** The type of the whole router, for clients. */
export type RouterOf<P extends readonly Plugin[]> = PublicRouter<{
  [Each in WithRouter<P[number]> as Each['id']]: RouterRecordOf<Each>;
}>;
