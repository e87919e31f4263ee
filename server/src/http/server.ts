import cors from '@fastify/cors';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { RequestInfo } from '../caller.ts';
import { AppError, coreErrors } from '../errors.ts';
import type { Log } from '../log.ts';
import { uuidv7 } from '../records/uuid.ts';
import type { Settings } from '../settings.ts';
import { toAppError } from '../trpc.ts';

/** JSON bodies are at most this large (decision 10). */
export const JSON_BODY_BYTES = 16 * 1024 * 1024;
/** A request id is echoed when it is printable ASCII of at most this length (decision 2). */
const REQUEST_ID = /^[\x20-\x7e]{1,200}$/;

/** Sends the reply to a failure outside any route, or to an address that no route has. */
export type ErrorReplier = (request: FastifyRequest, reply: FastifyReply, error: unknown) => FastifyReply;

export interface HttpServer {
  readonly http: FastifyInstance;
  /** Lets a face speak for addresses that no route has; the last one that asks does. */
  readonly replyToErrorsWith: (replier: ErrorReplier) => void;
}

/** The HTTP server without any route: ids, CORS, JSON bodies, access log and the last resort for errors. */
export async function createHttpServer(settings: Settings, log: Log): Promise<HttpServer> {
  let replier: ErrorReplier = sendError;
  const http = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    // One hop: what the nearest proxy says is believed, not what a client wrote before it.
    trustProxy: settings.TRUST_PROXY ? (_address, hop) => hop < 1 : false,
    bodyLimit: JSON_BODY_BYTES,
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const sent = headers['x-request-id'];
      return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : uuidv7();
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2000, querystringParser: parseQuery },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: { maxHeaderSize: 64 * 1024 },
  });
  const origins = settings.CORS_ORIGINS.split(',').map((origin) => origin.trim());
  await http.register(cors, {
    origin: origins.includes('*') ? true : origins,
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'],
    exposedHeaders: [
      'X-Request-Id',
      'X-Cache-Hit',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
      'Retry-After',
    ],
    maxAge: 3600,
  });
  http.removeAllContentTypeParsers();
  http.addContentTypeParser(/^application\/(?:[\w.-]+\+)?json\b/i, { parseAs: 'string' }, parseJson(http));
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (request.raw.url?.includes('%00') || request.raw.url?.includes('\0'))
      throw coreErrors.bad_request({ reason: 'A NUL character is not allowed in the address.' });
  });
  let closing = false;
  http.addHook('preClose', async () => {
    closing = true;
  });
  http.addHook('onResponse', async (request, reply) => {
    // A connection that was busy when the stop began would otherwise be kept open, and with it the server.
    if (closing) setImmediate(() => http.server.closeIdleConnections());
    const details = { status: reply.statusCode, milliseconds: Math.round(reply.elapsedTime * 10) / 10 };
    request.log.info({ ...describe(request), ...details }, 'Request');
  });
  http.setErrorHandler((error, request, reply) => replier(request, reply, error));
  http.setNotFoundHandler((request, reply) => replier(request, reply, coreErrors.not_found()));
  return {
    http,
    replyToErrorsWith: (chosen) => {
      replier = chosen;
    },
  };
}

const describe = ({ method, url }: FastifyRequest) => ({ method, path: url.split('?', 1)[0] });

/** What a face needs to know of a request. */
export function requestInfo(request: FastifyRequest): RequestInfo {
  return {
    id: request.id,
    address: request.ip,
    origin: `${request.protocol}://${request.host}`,
    headers: request.headers,
  };
}

/** Any failure outside or inside a route as the product's error; logged when it is the server's fault. */
export function errorOf(request: FastifyRequest, error: unknown): AppError {
  const known = fromFastify(error) ?? toAppError(error);
  if (known.status >= 500) request.log.error({ ...describe(request), error: known.cause ?? known }, known.message);
  return known;
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown) {
  const { status, message } = errorOf(request, error);
  return reply.code(status).send({ detail: message });
}

function fromFastify(error: unknown): AppError | undefined {
  if (error instanceof AppError || !(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { code, statusCode, message } = error as FastifyError;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return coreErrors.payload_too_large({ limit: JSON_BODY_BYTES });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return coreErrors.unsupported_media_type({ type: message.replace(/^.*: /, '').slice(0, 100) });
    default:
      return statusCode && statusCode < 500 ? new AppError('core.bad_request', statusCode, message) : undefined;
  }
}

function parseJson(http: FastifyInstance) {
  const parse = http.getDefaultJsonParser('error', 'ignore');
  return (request: FastifyRequest, body: string, done: (error: Error | null, body?: unknown) => void) => {
    // Clients that always send a JSON content type send it with an empty body too.
    if (body.trim() === '') return done(null, undefined);
    parse(request, body, (error, value) =>
      done(error ? coreErrors.malformed_json({ reason: error.message.slice(0, 200) }) : null, value),
    );
  };
}

/** A query string as names and texts; a name that is repeated gives a list. */
function parseQuery(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const earlier = query[name];
    query[name] = earlier === undefined ? value : Array.isArray(earlier) ? [...earlier, value] : [earlier, value];
  }
  return query;
}
