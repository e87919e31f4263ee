import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import {
  type Binding,
  type Caller,
  type FaceHost,
  headerOf,
  type RepeatableRequest,
  type WholeReply,
  WireReply,
  type WireRequest,
} from '@contact360/server';

/** Whether a route heeds `Idempotency-Key`: POSTs of the gateway and writes of v1, uploads apart (decision 52). */
export const isRepeatable = ({ dialect, method, access, multipart }: Binding): boolean =>
  dialect === 'gateway' ? method === 'POST' : dialect === 'v1' && method !== 'GET' && access === 'admin' && !multipart;

/** The request as one that may be sent again, when the route allows it and it bears an `Idempotency-Key`. */
export function repeatableRequest(
  binding: Binding,
  wire: WireRequest,
  caller: Caller | undefined,
): RepeatableRequest | undefined {
  const key = headerOf(wire.info, 'idempotency-key');
  if (key === undefined || !caller || caller.kind === 'anonymous' || !isRepeatable(binding)) return undefined;
  const asked = JSON.stringify([binding.method, binding.path, wire.path, wire.query, wire.body ?? null]);
  return { caller, key, fingerprint: createHash('sha256').update(asked).digest('hex') };
}

/** The reply to a request that may have been answered before. `answer` must tell of failures by its reply. */
export async function answerRepeatable(
  { app, plugins }: FaceHost,
  request: RepeatableRequest,
  answer: () => Promise<WholeReply>,
): Promise<WireReply> {
  const keeper = plugins.find(({ answerOnce }) => answerOnce);
  const { status, headers, body } = keeper ? await keeper.answerOnce!(app, request, answer) : await answer();
  return new WireReply({ status, headers, body });
}

/** A reply as it goes over the wire. */
export async function wholeReply({ status = 200, headers, body }: WireReply): Promise<WholeReply> {
  if (body === undefined || typeof body === 'string') return { status, headers, body };
  const streamed = body !== null && typeof body === 'object' && Symbol.asyncIterator in body;
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: streamed ? await text(body as AsyncIterable<string>) : JSON.stringify(body),
  };
}
