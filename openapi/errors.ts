import type { AppError, Dialect, InputIssue } from '@contact360/server';

export interface ErrorReply {
  readonly status: number;
  readonly body: unknown;
}

/** A failure as a dialect tells it. `issues` are the faults of the input's shape, `input` what was sent. */
export type ErrorEncoder = (error: AppError, issues: readonly InputIssue[] | undefined, input: unknown) => ErrorReply;

/** Errors of legacy, v1, v2 and v3: `{"detail": …}`, refused fields `{"<field>": ["…"]}` (decisions 6 and 7). */
const detailErrors: ErrorEncoder = (error, issues, input) => {
  if (issues) return { status: 422, body: { detail: issues.map((issue) => faultOf(issue, input)) } };
  if (error.fields) return { status: 400, body: error.fields };
  return { status: error.status, body: { detail: sentenceOf(error) } };
};

const v3Errors: ErrorEncoder = (error, issues, input) => {
  if (error.code === 'core.unauthenticated') return { status: 401, body: { detail: 'Not authenticated' } };
  return detailErrors(error, issues, input);
};

/** Errors of the gateway's document, with its ten codes. */
const gatewayErrors: ErrorEncoder = (error, issues, input) => {
  const details =
    issues && Object.fromEntries(issues.map((issue) => [issue.path.join('.') || 'body', faultOf(issue, input).msg]));
  const text =
    error.status === 401
      ? 'Unauthorized: Invalid or missing API key'
      : details
        ? Object.entries(details)
            .map(([field, fault]) => `${field}: ${fault}`)
            .join('; ')
        : sentenceOf(error);
  const status = issues || error.status === 422 ? 400 : error.status;
  const code =
    issues || error.fields
      ? 'VALIDATION_ERROR'
      : (GATEWAY_CODES[status] ?? (status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST'));
  return {
    status,
    body: {
      success: false,
      error: text,
      error_code: status === 409 ? 'CONFLICT' : code,
      message: text,
      ...(details && { details }),
    },
  };
};

const GATEWAY_CODES: Readonly<Record<number, string>> = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'RATE_LIMIT_EXCEEDED',
};

export const errorEncoders: Readonly<Record<Dialect, ErrorEncoder>> = {
  legacy: detailErrors,
  v1: detailErrors,
  v2: detailErrors,
  v3: v3Errors,
  v4: detailErrors,
  gateway: gatewayErrors,
};

/** The dialect that speaks for an address that no route has. */
export function dialectOfPath(path: string): Dialect {
  if (/^\/(contacts|companies)(\/|$)/.test(path)) return 'gateway';
  const version = /^\/api\/(v[1234])(\/|$)/.exec(path)?.[1] as Dialect | undefined;
  return version ?? 'legacy';
}

function sentenceOf(error: AppError): string {
  const at = error.path?.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text ? `${text}.${step}` : step),
    '',
  );
  return at && error.code.startsWith('query.') && error.code !== 'query.bad_cursor'
    ? `${at}: ${error.message}`
    : error.message;
}

/** One fault of a body in the list form that clients know. The schema's issues do not carry what was sent: it is looked up. */
function faultOf(
  { path, message, code }: InputIssue,
  input: unknown,
): { loc: (string | number)[]; msg: string; type: string } {
  const sent = path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | undefined)?.[step],
    input,
  );
  const missing = sent === undefined && code === 'invalid_type';
  return {
    loc: ['body', ...path],
    msg: missing ? 'field required' : message,
    type: missing ? 'value_error.missing' : code === 'invalid_type' ? 'type_error' : 'value_error',
  };
}
