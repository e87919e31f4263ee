import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { runImport } from '../../plugins/imports/run.ts';
import type { TestApp, TestReply } from '../app.ts';

/** Uploads a file and waits until its import has ended. */
export async function importCsv(
  app: TestApp,
  csv: string | Uint8Array<ArrayBuffer>,
  options: Omit<UploadOptions, 'field' | 'token'> = {},
) {
  const reply = await upload(app, csv, options);
  if (reply.status !== 202) throw new Error(`The upload was refused: ${reply.status} ${reply.text}`);
  return ended(app, reply.json.job_id, options.plural);
}

/** Imports a file in batches of a test's choice, on an app without workers, and gives the job at its end. */
export async function importInBatches(
  app: TestApp,
  csv: string,
  { batchRows, ...options }: Pick<UploadOptions, 'plural' | 'query'> & { batchRows: number },
) {
  const { json } = await upload(app, csv, options);
  const importable = new Map([contact, company].map((record) => [record.name as string, record]));
  await runImport(importable, json.job_id, { app: app.app, signal: new AbortController().signal }, batchRows);
  return ended(app, json.job_id, options.plural);
}

export interface UploadOptions {
  plural?: string;
  fileName?: string;
  /** Name of the form's field that holds the file. */
  field?: string;
  token?: string | null;
  /** Written before the file. */
  before?: Record<string, string>;
  /** Written behind the file. */
  behind?: Record<string, string>;
  query?: string;
}

/** Uploads a file as a multipart form. */
export function upload(
  app: TestApp,
  csv: string | Uint8Array<ArrayBuffer>,
  {
    plural = 'contacts',
    fileName = 'contacts.csv',
    field = 'file',
    token = app.adminToken,
    before = {},
    behind = {},
    query = '',
  }: UploadOptions = {},
): Promise<TestReply> {
  const form = new FormData();
  for (const [name, value] of Object.entries(before)) form.append(name, value);
  form.append(field, new Blob([csv]), fileName);
  for (const [name, value] of Object.entries(behind)) form.append(name, value);
  return app.request('POST', `/api/v1/${plural}/import/${query}`, { token, body: form });
}

/** The job once it has ended. */
export async function ended(app: TestApp, job: string, plural = 'contacts') {
  for (;;) {
    const { json } = await app.request('GET', `/api/v1/${plural}/import/${job}/?include_errors=true`, {
      token: app.adminToken,
    });
    if (json.status === 'completed' || json.status === 'failed') return json;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A CSV text of the given rows under the given header. */
export const csvOf = (header: string, ...rows: string[]) => [header, ...rows].join('\n');
