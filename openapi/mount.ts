import { Readable } from 'node:stream';
import {
  AppError,
  authorize,
  type Binding,
  type Context,
  coreErrors,
  errorOf,
  type FaceHost,
  issuesOf,
  parseBoolean,
  type Reads,
  requestInfo,
  WireReply,
  type WireRequest,
} from '@contact360/server';
import multipart from '@fastify/multipart';
import { type AnyTRPCProcedure, callTRPCProcedure } from '@trpc/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { dialectOfPath, errorEncoders } from './errors.ts';
import { answerRepeatable, repeatableRequest, wholeReply } from './idempotency.ts';
import { ReplyCache } from './reply-cache.ts';
import { MULTIPART_LIMITS, receiveUpload } from './uploads.ts';

/** Mounts every binding as a route, answers 405 on known paths, and speaks each dialect's errors. */
export async function mountBindings(host: FaceHost, bindings: readonly Binding[]): Promise<void> {
  const { http, app } = host;
  await http.register(multipart, { limits: { ...MULTIPART_LIMITS, fileSize: app.settings.MAX_UPLOAD_BYTES } });
  const cache = app.settings.CONTACTS_CACHE_ENABLED ? new ReplyCache(app) : undefined;
  host.replyToErrorsWith((request, reply, error) => fail(request, reply, error));
  for (const binding of bindings) {
    http.route({
      method: binding.method,
      url: routePath(binding.path),
      handler: (request, reply) => answer(host, cache, binding, request, reply),
    });
  }
  mountWrongMethods(host, bindings);
}

const routePath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1').replace(/(.)\/$/, '$1');

function mountWrongMethods({ http }: FaceHost, bindings: readonly Binding[]): void {
  const known = Map.groupBy(bindings, ({ path }) => routePath(path));
  for (const [url, of] of known) {
    const allowed = new Set<string>(of.map(({ method }) => method));
    http.route({
      method: (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => !allowed.has(method)),
      url,
      exposeHeadRoute: false,
      handler: (request, reply) => {
        reply.header('allow', [...allowed].sort().join(', '));
        return fail(request, reply, coreErrors.method_not_allowed({ method: request.method }), of[0]);
      },
    });
  }
}

async function answer(
  host: FaceHost,
  cache: ReplyCache | undefined,
  binding: Binding,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  // Until it is decoded, the input is what was sent: a decoder's complaints are about that.
  let input = request.body;
  try {
    const context = host.contextOf(request, reply);
    const wire = wireOf(host, request, context.reads);
    // Who may not call is told so before anything is read of what was asked.
    const admitted = binding.access && (await authorize(context, binding.access));
    const procedure = procedureOf(
      host,
      typeof binding.procedure === 'string' ? binding.procedure : binding.procedure(wire),
    );
    if (!admitted) await authorize(context, procedure.access);
    binding.guard?.(wire);
    const opened = cache?.placeOf(binding, wire);
    const place = opened instanceof Promise ? await opened : opened;
    const kept = place?.find();
    if (kept) return await send(reply, kept);
    const perform = async () => {
      const upload = binding.multipart && (await receiveUpload(request, binding.multipart.field));
      input = binding.decode
        ? await binding.decode(upload ? { ...wire, upload } : wire)
        : { ...wire.query, ...(wire.body as object | undefined), ...wire.path };
      const output = await call(
        host,
        procedure,
        { ...context, reads: wire.reads, ...(admitted && { admitted }) },
        input,
        request,
      );
      return wireReply(binding.encode ? await binding.encode(output as never, wire) : output, binding);
    };
    const repeatable = repeatableRequest(binding, wire, admitted);
    if (place) return await send(reply, place.keep(await perform()));
    if (!repeatable) return await send(reply, await perform());
    const performWhole = () =>
      perform()
        .then(wholeReply)
        .catch((error) => wholeReply(failure(request, error, binding, input)));
    return await send(reply, await answerRepeatable(host, repeatable, performWhole));
  } catch (error) {
    return fail(request, reply, error, binding, input);
  }
}

function wireOf({ app }: FaceHost, request: FastifyRequest, byDefault: Reads): WireRequest {
  const query = request.query as WireRequest['query'];
  const replica = parseBoolean([query.use_replica].flat().at(-1) ?? '');
  return {
    info: requestInfo(request),
    path: request.params as Record<string, string>,
    query,
    body: request.body,
    url: request.url,
    app,
    reads: replica === undefined ? byDefault : app.reads({ replica }),
  };
}

function procedureOf({ router }: FaceHost, path: string) {
  const procedure = (router._def.procedures as Record<string, AnyTRPCProcedure>)[path];
  if (!procedure) throw new Error(`A binding leads to '${path}', which no plugin has`);
  return {
    path,
    type: procedure._def.type,
    access: (procedure._def.meta as { access: Parameters<typeof authorize>[1] }).access,
  };
}

function call(
  { router }: FaceHost,
  { path, type }: ReturnType<typeof procedureOf>,
  ctx: Context,
  input: unknown,
  request: FastifyRequest,
): Promise<unknown> {
  return callTRPCProcedure({
    router,
    path,
    type,
    ctx,
    getRawInput: async () => input,
    signal: request.signal,
    batchIndex: 0,
  });
}

function wireReply(encoded: unknown, binding: Binding): WireReply {
  const { status, headers, body } = encoded instanceof WireReply ? encoded : new WireReply({ body: encoded });
  return new WireReply({ status: status ?? binding.status ?? 200, headers, body });
}

async function send(reply: FastifyReply, { status = 200, headers, body }: WireReply) {
  reply.code(status).headers(headers);
  if (body !== null && typeof body === 'object' && Symbol.asyncIterator in body) {
    if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8');
    return reply.send(await startedStream(body as AsyncIterable<string | Uint8Array>));
  }
  return reply.send(body);
}

/** A stream whose first part is there already, so that what fails at once is still an error reply and not a broken body. */
async function startedStream(chunks: AsyncIterable<string | Uint8Array>): Promise<Readable> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  return Readable.from(
    (async function* () {
      try {
        for (let part = first; !part.done; part = await iterator.next()) yield part.value;
      } finally {
        await iterator.return?.();
      }
    })(),
    { objectMode: false },
  );
}

function fail(request: FastifyRequest, reply: FastifyReply, error: unknown, binding?: Binding, input?: unknown) {
  const { status = 500, headers, body } = failure(request, error, binding, input);
  return reply.code(status).headers(headers).send(body);
}

/** A failure in the words of the route's dialect. */
function failure(request: FastifyRequest, error: unknown, binding?: Binding, input?: unknown): WireReply {
  const dialect = binding?.dialect ?? dialectOfPath(request.url.split('?', 1)[0]!);
  const encode = errorEncoders[dialect];
  const issues = issuesOf(error);
  const known = issues ? new AppError('core.invalid_input', 422, 'The input is not valid') : errorOf(request, error);
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if (known.status === 401 && dialect !== 'gateway') headers['www-authenticate'] = 'Bearer';
  if (known.hint?.retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(known.hint.retryAfter));
  const { status, body } = encode(binding?.reword?.(known) ?? known, issues, input);
  return new WireReply({ status, headers, body });
}
