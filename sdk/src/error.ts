import { TRPCClientError } from '@trpc/client';

interface ErrorData {
  readonly httpStatus?: number;
  readonly error?: Pick<Contact360Error, 'code' | 'path' | 'hint' | 'fields'>;
}

/** Why the server refused a call, or why it could not be reached. */
export class Contact360Error extends Error {
  override readonly name = 'Contact360Error';
  /** Stable code, for example `query.unknown_field`; `unreachable` when no reply came. */
  readonly code: string;
  /** HTTP status; 0 when no reply came. */
  readonly status: number;
  /** Where in the input the fault is. */
  readonly path: readonly (string | number)[] | undefined;
  /** What may help: the nearest valid name, seconds to wait. */
  readonly hint: { readonly nearest?: string | undefined; readonly retryAfter?: number | undefined } | undefined;
  /** Refused fields with their messages. */
  readonly fields: Readonly<Record<string, readonly string[]>> | undefined;

  constructor(message: string, status: number, details: ErrorData['error'], cause: unknown) {
    super(message, { cause });
    this.status = status;
    this.code = details?.code ?? 'unreachable';
    this.path = details?.path;
    this.hint = details?.hint;
    this.fields = details?.fields;
  }

  /** The error behind a failed call. What is no failure of a call is returned as it is. */
  static from(error: unknown): unknown {
    if (!(error instanceof TRPCClientError)) return error;
    const { httpStatus = 0, error: details } = (error.data ?? {}) as ErrorData;
    return new Contact360Error(error.message, httpStatus, details, error);
  }
}
