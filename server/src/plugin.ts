import type { AnyEntity, EntityClass, EntitySchema } from '@mikro-orm/core';
import type { TRPCRouterRecord } from '@trpc/server';
import type { App } from './app.ts';
import type { Binding } from './binding.ts';
import type { Caller, KeyCaller, RequestInfo, UserCaller } from './caller.ts';
import type { AppError, ErrorSpec } from './errors.ts';
import type { JobDefinition } from './jobs/jobs.ts';
import type { RecordType } from './records/record.ts';
import type { DataSource } from './sources/data-source.ts';
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
  /** Kinds of files that can be imported, each made with `defineSource`. */
  readonly sources?: readonly DataSource[];
  /** Recognises credentials, by whom they stand for; `undefined` when the request bears none of them. */
  readonly authenticate?: {
    readonly user?: (request: RequestInfo, app: App) => Promise<UserCaller | undefined>;
    readonly key?: (request: RequestInfo, app: App) => Promise<KeyCaller | undefined>;
  };
  /** Counts what a caller asks against their limit; asked once for each request whose caller matters. */
  readonly limit?: (caller: Caller, calls: number, app: App) => Promise<Allowance | undefined>;
  /** Answers a request that may be sent again with the same key: by `answer` once, then with the reply of then. */
  readonly answerOnce?: (
    app: App,
    request: RepeatableRequest,
    answer: () => Promise<WholeReply>,
  ) => Promise<WholeReply>;
  /** What a person who starts the server is told, line by line. Printed to the terminal and never logged: it may be secret. */
  readonly welcome?: (app: App) => Promise<readonly string[]>;
  /** Runs once the database is migrated and before requests are served; what it returns runs at the stop. */
  readonly start?: (app: App) => Promise<(() => Promise<void>) | void>;
}

/** What is left of a caller's limit. */
export interface Allowance {
  /** Headers that tell of the limit, for the reply. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set when the request is over the limit. */
  readonly refusal?: AppError;
}

/** A request that bears an `Idempotency-Key` (decision 52). */
export interface RepeatableRequest {
  /** Keys of different callers have nothing to do with each other. */
  readonly caller: UserCaller | KeyCaller;
  /** As it was sent, of any length. */
  readonly key: string;
  /** Digest of what is asked, to tell the same request from another one. */
  readonly fingerprint: string;
}

/** A reply as it is sent. */
export interface WholeReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
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
