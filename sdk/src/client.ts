import { createTRPCUntypedClient, httpBatchStreamLink } from '@trpc/client';
import type {
  AnyTRPCProcedure,
  inferProcedureInput,
  inferTransformedProcedureOutput,
  TRPCRouterRecord,
} from '@trpc/server';
import type { AppRouter } from '../../contact360.plugins.ts';
import { Contact360Error } from './error.ts';

export interface ClientOptions {
  /** Address of the server: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Access token of a sign-in, or what gives one; asked before every request, so that it may be renewed. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** An API key, for programs that have no user. */
  readonly apiKey?: string | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

interface CallOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

type Root = AppRouter['_def']['_config']['$types'];
type Input<P extends AnyTRPCProcedure> = inferProcedureInput<P>;
type Call<P extends AnyTRPCProcedure> =
  undefined extends Input<P>
    ? (input?: Input<P>, options?: CallOptions) => Promise<inferTransformedProcedureOutput<Root, P>>
    : (input: Input<P>, options?: CallOptions) => Promise<inferTransformedProcedureOutput<Root, P>>;
type CallsOf<R extends TRPCRouterRecord> = {
  readonly [K in keyof R]: R[K] extends AnyTRPCProcedure
    ? Call<R[K]>
    : R[K] extends TRPCRouterRecord
      ? CallsOf<R[K]>
      : never;
};

/** Every procedure of the server as a function: `client.contacts.query({ … })`. */
export type Client = CallsOf<AppRouter['_def']['record']>;

/**
 * A client of a Contact360 server, typed by the server's own procedures. Calls made in the same turn travel in one
 * request; replies that are streams are async iterables. Failures reject with {@link Contact360Error}.
 */
export function createClient({ url, token, apiKey, fetch }: ClientOptions): Client {
  const rpc = createTRPCUntypedClient<AppRouter>({
    links: [
      httpBatchStreamLink({
        url: `${url.replace(/\/$/, '')}/trpc`,
        methodOverride: 'POST',
        headers: async () => {
          const value = typeof token === 'function' ? await token() : token;
          return { ...(value && { authorization: `Bearer ${value}` }), ...(apiKey && { 'x-api-key': apiKey }) };
        },
        ...(fetch && { fetch: fetch as never }),
      }),
    ],
  });
  const call = (path: string, input: unknown, options?: CallOptions) =>
    rpc.query(path, input, options).catch((error: unknown) => {
      throw Contact360Error.from(error);
    });
  return proxyOf([], (path, [input, options]) => call(path.join('.'), input, options as CallOptions)) as Client;
}

/** A function whose properties are such functions again: the path of names becomes the procedure's. */
function proxyOf(path: readonly string[], call: (path: readonly string[], args: unknown[]) => unknown): unknown {
  return new Proxy(() => undefined, {
    // `then` must stay absent: awaiting a client would otherwise call a procedure of that name.
    get: (_, name) => (typeof name === 'string' && name !== 'then' ? proxyOf([...path, name], call) : undefined),
    apply: (_, __, args) => call(path, args),
  });
}
