import type { Client, ClientOptions } from './client.ts';
import { request } from './rest.ts';

export type ImportJob = Awaited<ReturnType<Client['imports']['get']>>;

export interface ImportFileOptions {
  /** What the rows become: contacts (the default) or companies. */
  readonly record?: 'contact' | 'company';
  readonly fileName?: string;
  /** Writes nothing: the job's `report` tells what the import would do. */
  readonly dryRun?: boolean;
  /** What headings of the file are to mean: a field, `meta_data`, or null to leave the column out. */
  readonly mapping?: Readonly<Record<string, string | null>>;
  /** Told how many bytes of the request have left. Node.js only: browsers send no streams over HTTP/1.1. */
  readonly onProgress?: (bytes: number) => void;
  /** Gives the upload up. */
  readonly signal?: AbortSignal;
}

const PATHS = { contact: 'contacts', company: 'companies' } as const;

/** Uploads a file and gives the id of the job that imports it. Needs an admin's token. */
export async function importFile(
  options: ClientOptions,
  file: Blob,
  { record = 'contact', fileName = 'upload.csv', dryRun, mapping, onProgress, signal }: ImportFileOptions = {},
): Promise<string> {
  const form = new FormData();
  if (mapping) form.append('mapping', JSON.stringify(mapping));
  form.append('file', file, fileName);
  const reply = await request(options, `/api/v1/${PATHS[record]}/import/${dryRun ? '?dry_run=true' : ''}`, {
    method: 'POST',
    code: 'imports.refused',
    ...(onProgress ? counted(form, onProgress) : { body: form }),
    ...(signal && { signal }),
  });
  return ((await reply.json()) as { job_id: string }).job_id;
}

/** A form as the body of a request, telling how much of it has left. */
function counted(form: FormData, onProgress: (bytes: number) => void) {
  const { body, headers } = new Response(form);
  let sent = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      sent += chunk.byteLength;
      onProgress(sent);
      controller.enqueue(chunk);
    },
  });
  return {
    body: body!.pipeThrough(counter),
    // Asked for by `fetch` where the body is a stream; not every library of types knows it.
    duplex: 'half' as const,
    headers: { 'content-type': headers.get('content-type')! },
  };
}

/** Gives the state of an import again and again until it has ended; the last one is its result. */
export async function* watchImport(
  client: Client,
  job: string,
  { record = 'contact', everyMs = 500 }: { record?: 'contact' | 'company'; everyMs?: number } = {},
): AsyncGenerator<ImportJob> {
  for (;;) {
    const state = await client.imports.get({ record, job });
    yield state;
    if (state.state !== 'pending' && state.state !== 'running') return;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
