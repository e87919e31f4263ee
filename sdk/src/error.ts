import { TRPCClientError } from '@trpc/client';

interface ErrorData {
  readonly httpStatus?: number;
  readonly error?: Pick<Contact360Error, 'code' | 'path' | 'hint' | 'fields'>;
}

/** Why the server refused a call, or why it could not be reached. */
export class Contact360Error extends Error {
  override readonly name = 'Contact360Error';
  /**
   * Stable code, for example `query.unknown_field`; `unreachable` when no reply came, `unreadable` when what came is
   * none of this server, `aborted` when the caller gave up.
   */
  readonly code: string;
  /** HTTP status; 0 when no reply came, or none that could be read. */
  readonly status: number;
  /** Where in the input the fault is. */
  readonly path: readonly (string | number)[] | undefined;
  /** What may help: the nearest valid name, seconds to wait. */
  readonly hint: { readonly nearest?: string | undefined; readonly retryAfter?: number | undefined } | undefined;
  /** Refused fields with their messages. */
  readonly fields: Readonly<Record<string, readonly string[]>> | undefined;

  constructor(
    message: string,
    status: number,
    details: Partial<NonNullable<ErrorData['error']>> & { code: string },
    cause?: unknown,
  ) {
    super(message, { cause });
    this.status = status;
    this.code = details.code;
    this.path = details.path;
    this.hint = details.hint;
    this.fields = details.fields;
  }

  /** The error behind a failed call or request. What is no failure of one is returned as it is. */
  static from(error: unknown): unknown {
    const reasons = [...causesOf(error)];
    // Renewing the token is a call of its own, which may be what failed.
    const own = reasons.find((each) => each instanceof Contact360Error);
    if (own) return own;
    if (error instanceof TRPCClientError) {
      const { httpStatus = 0, error: details } = (error.data ?? {}) as ErrorData;
      if (details) return new Contact360Error(error.message, httpStatus, details, error);
    }
    if (reasons.some(({ name }) => name === 'AbortError'))
      return new Contact360Error('The call was given up.', 0, { code: 'aborted' }, error);
    // The message of `fetch` is the same whatever went wrong; the reason is the last of its causes.
    const failed = reasons.find(({ message }) =>
      /^(fetch failed|Failed to fetch|Load failed|terminated)/.test(message),
    );
    if (failed) {
      const { message, code } = reasons.at(-1) as Error & { code?: string };
      return new Contact360Error(`The server cannot be reached: ${message || code}`, 0, { code: 'unreachable' }, error);
    }
    if (!(error instanceof TRPCClientError || error instanceof SyntaxError)) return error;
    const message = `What came is no reply of a Contact360 server: ${error.message}`;
    return new Contact360Error(message, 0, { code: 'unreadable' }, error);
  }

  /** The error that a REST reply tells of (decision 6): `{"detail": "…"}`, or messages by field. */
  static ofReply(status: number, body: unknown, code: string): Contact360Error {
    const { detail, ...fields } = (body ?? {}) as { detail?: unknown } & Record<string, string[]>;
    const texts = typeof detail === 'string' ? [detail] : Object.values(fields).flat();
    const message = texts.join(' ') || JSON.stringify(detail ?? body);
    return new Contact360Error(message, status, { code, ...(detail === undefined && { fields }) }, body);
  }
}

function* causesOf(error: unknown): Generator<Error> {
  for (let at = error; at instanceof Error; at = at.cause) {
    yield at;
    // A host with several addresses: each attempt failed, for reasons of which one will do.
    if (at instanceof AggregateError) yield* at.errors.slice(0, 1);
  }
}
