import type { ClientOptions } from './client.ts';
import { Contact360Error } from './error.ts';

/**
 * A request to a REST path, signed in as the client's options say. Gives any reply with a status under 400; otherwise
 * rejects with {@link Contact360Error} whose code is `code`, as these replies bear none.
 */
export async function request(
  { url, token, apiKey, fetch = globalThis.fetch }: ClientOptions,
  path: string,
  { code, headers, ...init }: RequestInit & { code: string; headers?: Readonly<Record<string, string>> },
): Promise<Response> {
  const value = typeof token === 'function' ? await token() : token;
  try {
    const reply = await fetch(url.replace(/\/$/, '') + path, {
      ...init,
      headers: {
        ...headers,
        ...(value && { authorization: `Bearer ${value}` }),
        ...(apiKey && { 'x-api-key': apiKey }),
      },
    });
    if (reply.ok) return reply;
    throw Contact360Error.ofReply(reply.status, await reply.json(), code);
  } catch (error) {
    throw Contact360Error.from(error);
  }
}
