import type { Client, ClientOptions } from './client.ts';
import { Contact360Error } from './error.ts';

export type ImportJob = Awaited<ReturnType<Client['imports']['get']>>;

export interface ImportFileOptions {
  /** What the rows become: contacts (the default) or companies. */
  readonly record?: 'contact' | 'company';
  readonly fileName?: string;
}

const PATHS = { contact: 'contacts', company: 'companies' } as const;

/** Uploads a CSV file and gives the id of the job that imports it. Needs an admin's token. */
export async function importFile(
  { url, token, fetch = globalThis.fetch }: ClientOptions,
  file: Blob,
  { record = 'contact', fileName = 'upload.csv' }: ImportFileOptions = {},
): Promise<string> {
  const form = new FormData();
  form.append('file', file, fileName);
  const value = typeof token === 'function' ? await token() : token;
  const reply = await fetch(`${url.replace(/\/$/, '')}/api/v1/${PATHS[record]}/import/`, {
    method: 'POST',
    body: form,
    headers: value ? { authorization: `Bearer ${value}` } : {},
  });
  const body = (await reply.json()) as { job_id?: string; detail?: unknown; file?: string[] };
  if (body.job_id) return body.job_id;
  throw new Contact360Error(
    String(body.detail ?? body.file?.join(' ') ?? reply.statusText),
    reply.status,
    { code: 'imports.refused', path: undefined, hint: undefined, fields: body.file && { file: body.file } },
    body,
  );
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
