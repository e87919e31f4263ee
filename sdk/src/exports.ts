import type { Client, ClientOptions } from './client.ts';
import { Contact360Error } from './error.ts';
import { request } from './rest.ts';

export type Export = Awaited<ReturnType<Client['exports']['get']>>;

/** Gives the state of an export again and again until it has ended; the last one is its result. */
export async function* watchExport(client: Client, id: string, { everyMs = 500 } = {}): AsyncGenerator<Export> {
  for (;;) {
    const state = await client.exports.get({ id });
    yield state;
    if (!['pending', 'processing'].includes(state.state)) return;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** The file of a completed export as a stream of bytes. Rejects with `exports.not_ready` while there is none. */
export async function downloadExport(
  { url, fetch }: ClientOptions,
  { id, token, state }: Pick<Export, 'id' | 'token' | 'state'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ReadableStream<Uint8Array>> {
  if (token === null)
    throw new Contact360Error(`The export has no file (${state}).`, 409, { code: 'exports.not_ready' });
  const path = `/api/v2/exports/${id}/download?token=${encodeURIComponent(token)}`;
  // The token of the file suffices; that of a user may end while a long file is under way.
  const reply = await request({ url, fetch }, path, { code: 'exports.refused', ...(signal && { signal }) });
  return reply.body!;
}
