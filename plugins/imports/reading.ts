import {
  type App,
  type DataSource,
  recogniseSource,
  type SourceBatch,
  SourceError,
  type SourceFile,
} from '@contact360/server';
import type { FileFacts, Job } from './job.ts';

/** Memory of a batch's text is bounded by about this much, whatever the rows are like. */
const BATCH_CHARACTERS = 1024 * 1024;

/** A batch of the job's file; the first one with what the job is to keep about the file. */
export interface FileBatch extends SourceBatch {
  readonly facts: FileFacts | undefined;
}

/**
 * The file of a job, from where the job stands: by the source that the job began with, else by the one that recognises
 * it. Throws {@link SourceError}.
 */
export async function* readFile(app: App, job: Job, batchRows: number): AsyncGenerator<FileBatch, void, void> {
  const file = await fileOf(app, job);
  const source = job.source === null ? await recogniseSource(app.sources, file) : sourceNamed(app, job.source);
  const format = job.source === null ? await source.inspect(file) : job.format;
  const from = job.checkpoint === null ? undefined : { columns: job.header!, checkpoint: job.checkpoint };
  const options = { format, batchRows, batchCharacters: BATCH_CHARACTERS, ...(from && { from }) };
  let isKnown = from !== undefined;
  for await (const batch of source.read(file, options)) {
    yield { ...batch, facts: isKnown ? undefined : { source: source.id, format, header: batch.columns } };
    isKnown = true;
  }
}

async function fileOf(app: App, job: Job): Promise<SourceFile> {
  const size = await app.files.size(job.upload_key);
  if (size === undefined)
    throw new SourceError('file_missing', 'The uploaded file is no longer in the storage. Upload it again.');
  return {
    name: job.file_name,
    mediaType: job.media_type ?? undefined,
    size,
    read: (offset) => app.files.read(job.upload_key, offset),
  };
}

/** How a file is read, in words: `Excel workbook (.xlsx), sheet "People"`. */
export function readAs(app: App, id: string, format: unknown): string {
  const source = app.sources.find((each) => each.id === id);
  return source ? [source.label, source.describe?.(format)].filter(Boolean).join(', ') : id;
}

function sourceNamed(app: App, id: string): DataSource {
  const source = app.sources.find((each) => each.id === id);
  if (source) return source;
  const message = `The file is read by the data source '${id}', which is no longer installed.`;
  throw new SourceError('source_missing', `${message} List its plugin in contact360.plugins.ts and upload it again.`);
}
