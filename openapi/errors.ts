import type { AppError, Dialect, InputIssue } from '@contact360/server';
import { bodyErrors, placeOf } from './strict-body.ts';

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
  if (isBodyFault(error)) return { status: 400, body: { detail: `Invalid VQL query: ${sentenceOf(error)}` } };
  return detailErrors(error, issues, input);
};

/** Errors of the gateway's document, with its ten codes. */
const gatewayErrors: ErrorEncoder = (error, issues, input) => {
  const details = issues ? issueDetails(issues, input) : faultDetails(error);
  const text = GATEWAY_TEXTS[error.status] ?? (issues ? listed(details!) : sentenceOf(error));
  return {
    status: error.status === 422 ? 400 : error.status,
    body: {
      success: false,
      error: text,
      error_code: gatewayCode(error),
      message: text,
      ...(details && { details }),
    },
  };
};

type Details = Readonly<Record<string, string>>;

const issueDetails = (issues: readonly InputIssue[], input: unknown): Details =>
  Object.fromEntries(issues.map((issue) => [placeOf(issue.path) || 'body', faultOf(issue, input).msg]));

function faultDetails(error: AppError): Details | undefined {
  const { fields, path, message } = error;
  if (fields) return Object.fromEntries(Object.entries(fields).map(([field, faults]) => [field, faults.join('; ')]));
  return path && error.status < 500 ? { [placeOf(path)]: message } : undefined;
}

const listed = (details: Details) =>
  Object.entries(details)
    .map(([field, fault]) => `${field}: ${fault}`)
    .join('; ');

/** Failures that the document words in one way, whatever they came from. */
const GATEWAY_TEXTS: Readonly<Record<number, string>> = {
  401: 'Unauthorized: Invalid or missing API key',
  429: 'Rate limit exceeded. Please try again later.',
  500: 'An unexpected error occurred',
};

const GATEWAY_CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMIT_EXCEEDED',
};

/** 503 is what the core makes of a database that is away or too slow. */
function gatewayCode({ code, status }: AppError): string {
  if (status >= 500) return status === 503 ? 'DATABASE_ERROR' : 'INTERNAL_ERROR';
  const general = status !== 400 || GENERAL_FAULTS.has(code);
  return GATEWAY_CODES[status] ?? (general ? 'BAD_REQUEST' : 'VALIDATION_ERROR');
}

/** Refusals that are about the request as a whole and not about anything in it. */
const GENERAL_FAULTS: ReadonlySet<string> = new Set(['core.malformed_json', 'core.bad_request']);

const isBodyFault = ({ code }: AppError) => code === bodyErrors.invalid().code || isQueryFault(code);
const isQueryFault = (code: string) => code.startsWith('query.') && code !== 'query.bad_cursor';

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
  return error.path && isQueryFault(error.code) ? `${placeOf(error.path)}: ${error.message}` : error.message;
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
