/** What keeps a program of the product from its work, told whole by its message to the operator who started it. */
export class OperatorError extends Error {}

/** What every failure of the product is: a stable code, an HTTP status, a sentence for people, and where it happened. */
export class AppError extends Error {
  /** `owner.name`, for example `query.unknown_field`; never changes once published. */
  readonly code: string;
  readonly status: number;
  /** Where in the input: `['where', 'and', 0, 'field']`. */
  readonly path: readonly (string | number)[] | undefined;
  /** Refused fields with their messages, for the dialects that answer `{"<field>": ["…"]}`. */
  readonly fields: Readonly<Record<string, readonly string[]>> | undefined;
  /** What the caller may do: a nearest valid name, seconds to wait. */
  readonly hint: ErrorHint | undefined;

  constructor(code: string, status: number, message: string, more: ErrorDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = status;
    this.path = more.path;
    this.fields = more.fields;
    this.hint = more.hint;
  }
}

export interface ErrorHint {
  /** The valid name nearest to an unknown one. */
  readonly nearest?: string | undefined;
  /** Seconds after which a try may succeed; sent as `Retry-After`. */
  readonly retryAfter?: number | undefined;
}

export interface ErrorDetails {
  readonly path?: readonly (string | number)[] | undefined;
  readonly fields?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly hint?: ErrorHint | undefined;
  readonly cause?: unknown;
}

export interface ErrorSpec {
  readonly status: number;
  /** The sentence, with `{name}` where a value goes. */
  readonly text: string;
}

export type ErrorCatalogue<S extends Record<string, ErrorSpec>> = {
  readonly [K in keyof S]: (values?: Readonly<Record<string, string | number>>, details?: ErrorDetails) => AppError;
} & { readonly $specs: readonly { code: string; status: number; text: string }[] };

/** Declares the errors an owner raises: `errors.not_found({ id })` makes one. `$specs` lists them for documents and tests. */
export function defineErrors<const S extends Record<string, ErrorSpec>>(owner: string, specs: S): ErrorCatalogue<S> {
  const makers = Object.entries(specs).map(([name, { status, text }]) => [
    name,
    (values: Readonly<Record<string, string | number>> = {}, details: ErrorDetails = {}) =>
      new AppError(
        `${owner}.${name}`,
        status,
        text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole)),
        details,
      ),
  ]);
  const $specs = Object.entries(specs).map(([name, spec]) => ({ code: `${owner}.${name}`, ...spec }));
  return { ...Object.fromEntries(makers), $specs } as ErrorCatalogue<S>;
}

/** Errors that belong to no plugin. Texts are those of decision 6; dialects put them into their own envelope. */
export const coreErrors = defineErrors('core', {
  unauthenticated: { status: 401, text: 'Authentication credentials were not provided.' },
  invalid_token: { status: 401, text: 'Given token not valid for any token type' },
  forbidden: { status: 403, text: 'You do not have permission to perform this action.' },
  write_key: { status: 403, text: 'Forbidden' },
  not_found: { status: 404, text: 'Not found.' },
  method_not_allowed: { status: 405, text: 'Method "{method}" not allowed.' },
  malformed_json: { status: 400, text: 'The request body is not valid JSON: {reason}' },
  unsupported_media_type: { status: 415, text: 'Unsupported media type "{type}" in request.' },
  payload_too_large: { status: 413, text: 'The request body is larger than {limit} bytes.' },
  bad_request: { status: 400, text: '{reason}' },
  invalid_parameter: { status: 400, text: '{name}: {reason}' },
  conflict: { status: 409, text: '{reason}' },
  timeout: { status: 503, text: 'The query took too long and was stopped. Please try with simpler filters.' },
  unavailable: { status: 503, text: 'The service is not ready to answer. Please try again shortly.' },
  internal: {
    status: 500,
    text: 'An error occurred while processing the request. Please check your query parameters and try again.',
  },
});
