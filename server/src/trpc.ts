import {
  initTRPC,
  type TRPCBuiltRouter,
  type TRPCDefaultErrorData,
  TRPCError,
  type TRPCRouterRecord,
} from '@trpc/server';
import type { App } from './app.ts';
import {
  type Access,
  type Anonymous,
  type Caller,
  type KeyCaller,
  mayCall,
  type RequestInfo,
  type UserCaller,
} from './caller.ts';
import type { Credentials } from './context.ts';
import type { Reads } from './data/reads.ts';
import { AppError, coreErrors, type ErrorHint } from './errors.ts';

/** What a procedure is given beside its input. */
export interface Context {
  readonly app: App;
  readonly request: RequestInfo;
  /** Where what the request reads of records is answered. */
  readonly reads: Reads;
  /**
   * Who asks; worked out once, when first wanted. With `only`, credentials of the other kind are not looked at.
   * Rejects when credentials were sent and are not valid, and when the caller is over a limit.
   */
  readonly caller: (only?: Credentials) => Promise<Caller>;
  /** Set where a route answers for who may call it: the procedure behind it then asks no more. */
  readonly admitted?: Caller | undefined;
}

/** What is said of a procedure, for guards, documents and tests. */
export interface Meta {
  readonly access: Access;
  readonly summary?: string;
  readonly description?: string;
}

/** What the typed client sees of an error, under `data`. */
export interface ErrorData extends TRPCDefaultErrorData {
  readonly error: {
    readonly code: string;
    readonly path?: readonly (string | number)[];
    readonly hint?: ErrorHint;
    readonly fields?: Readonly<Record<string, readonly string[]>>;
  };
}

/** What a client may know of the root: no context, so that server types stay out of its declarations. */
export interface PublicRoot {
  ctx: object;
  meta: Meta;
  errorShape: { message: string; code: number; data: ErrorData };
  transformer: false;
}
export type PublicRouter<R extends TRPCRouterRecord> = TRPCBuiltRouter<PublicRoot, R>;

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    errorFormatter: ({ shape, error }) => {
      const { code, status, message, path, hint, fields } = toAppError(error);
      const details = { code, ...(path && { path }), ...(hint && { hint }), ...(fields && { fields }) };
      return {
        ...shape,
        message,
        data: {
          code: shape.data.code,
          httpStatus: status,
          ...(shape.data.path !== undefined && { path: shape.data.path }),
          error: details,
        },
      };
    },
  });

export const { router } = t;

const TRPC_CODES = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  410: 'NOT_FOUND',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
} as const;

/** Any failure of a procedure as the product's error. What is not the caller's fault becomes "internal error". */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof TRPCError) {
    if (error.cause instanceof AppError) return error.cause;
    const issues = issuesOf(error);
    if (issues)
      return new AppError(
        'core.invalid_input',
        422,
        issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; '),
        { cause: error.cause },
      );
    if (error.code === 'NOT_FOUND') return coreErrors.not_found();
    if (error.code === 'METHOD_NOT_SUPPORTED') return coreErrors.method_not_allowed({ method: '' });
    // What recurses over the input ran out of stack.
    if (error.cause instanceof RangeError) return coreErrors.bad_request({ reason: 'The input is nested too deeply.' });
    if (error.code === 'PARSE_ERROR' || error.code === 'BAD_REQUEST')
      return coreErrors.bad_request({ reason: error.message });
    if (error.code === 'UNSUPPORTED_MEDIA_TYPE') return coreErrors.unsupported_media_type({ type: '' });
    if (error.code === 'PAYLOAD_TOO_LARGE') return new AppError('core.payload_too_large', 413, error.message);
  }
  return coreErrors.internal({}, { cause: error });
}

export interface InputIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly code: string;
}

/** The faults that a procedure's input schema found, when that is why it failed. */
export function issuesOf(error: unknown): readonly InputIssue[] | undefined {
  if (!(error instanceof TRPCError) || error.code !== 'BAD_REQUEST') return undefined;
  const { cause } = error;
  return cause && 'issues' in cause ? (cause.issues as InputIssue[]) : undefined;
}

const withErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok && result.error.cause instanceof AppError) {
    const { cause } = result.error;
    throw new TRPCError({
      code: TRPC_CODES[cause.status as keyof typeof TRPC_CODES] ?? 'INTERNAL_SERVER_ERROR',
      message: cause.message,
      cause,
    });
  }
  return result;
});

/** The caller, when they may call a procedure of this access; else 401 or 403. */
export async function authorize(context: Context, access: Access): Promise<Caller> {
  // An open procedure asks nothing of the caller, not even that sent credentials are still good.
  if (access === 'open') return { kind: 'anonymous' };
  if (context.admitted) return context.admitted;
  const caller = await context.caller(access === 'key' || access === 'keyWriter' ? 'key' : undefined);
  if (mayCall(caller, access)) return caller;
  throw caller.kind === 'anonymous' ? coreErrors.unauthenticated() : coreErrors.forbidden();
}

function procedureFor<C extends Caller>(access: Access) {
  return t.procedure
    .meta({ access })
    .use(withErrors)
    .use(async ({ ctx, next }) => {
      const caller = (await authorize(ctx, access)) as C;
      return next({ ctx: { user: caller } });
    });
}

/** Procedure builders by who may call; `ctx.user` is the caller. */
export const procedures = {
  open: procedureFor<Anonymous>('open'),
  user: procedureFor<UserCaller>('user'),
  admin: procedureFor<UserCaller>('admin'),
  reader: procedureFor<UserCaller | KeyCaller>('reader'),
  writer: procedureFor<UserCaller | KeyCaller>('writer'),
};
