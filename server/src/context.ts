import type { App } from './app.ts';
import { type Caller, headerOf, type RequestInfo } from './caller.ts';
import type { AnyPlugin } from './config.ts';
import { translateDatabaseError } from './data/database-errors.ts';
import type { Context } from './trpc.ts';

/** Looked at in this order: whoever sends a token and a key is the user, save where only keys count. */
const CREDENTIALS = ['user', 'key'] as const;
export type Credentials = (typeof CREDENTIALS)[number];

/** What a request's context is made of. */
export interface ContextOptions {
  readonly app: App;
  readonly plugins: readonly AnyPlugin[];
  readonly request: RequestInfo;
  /** Procedures that the request calls; limits count them. */
  readonly calls: number;
  /** Called before the caller is known to anyone else. */
  readonly setHeaders: (headers: Readonly<Record<string, string>>) => void;
}

/** Whether the client asks for a reply that no cache has kept. */
export const wantsFresh = (request: RequestInfo): boolean =>
  /\bno-cache\b/i.test(headerOf(request, 'cache-control') ?? '');

/** The context of one request. Its caller is told only when they are within their limits. */
export function createContext({ app, plugins, request, calls, setHeaders }: ContextOptions): Context {
  const authenticate = async (kinds: readonly Credentials[]): Promise<Caller> => {
    for (const kind of kinds)
      for (const { authenticate } of plugins) {
        const found = await authenticate?.[kind]?.(request, app);
        if (found) return found;
      }
    return { kind: 'anonymous' };
  };
  const admit = async (kinds: readonly Credentials[]) => {
    const caller = await authenticate(kinds);
    for (const { limit } of plugins) {
      const allowance = await limit?.(caller, calls, app);
      if (!allowance) continue;
      setHeaders(allowance.headers);
      if (allowance.refusal) throw allowance.refusal;
    }
    return caller;
  };
  const callers = new Map<Credentials | undefined, Promise<Caller>>();
  // Who wants it fresh is answered by the primary, which is never behind (document 000, scalability).
  const replica = app.settings.CONTACTS_DEFAULT_REPLICA_READ && !wantsFresh(request);
  return {
    app,
    request,
    reads: app.reads({ replica }),
    caller: (only) => {
      const known = callers.get(only);
      if (known) return known;
      const caller = admit(only ? [only] : CREDENTIALS).catch((error: unknown) => {
        throw translateDatabaseError(error);
      });
      callers.set(only, caller);
      return caller;
    },
  };
}
