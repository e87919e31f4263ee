import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { headerOf, WireReply, type WireRequest } from '@contact360/server';

/** A stored file, as the procedure that allows its download tells it. */
interface StoredFile {
  readonly key: string;
  readonly fileName: string;
  readonly size: number;
  readonly mediaType: string;
  readonly compressible: boolean;
}

/** Whether a client takes gzip (RFC 9110, 12.5.3). */
function acceptsGzip(acceptEncoding: string): boolean {
  const codings = acceptEncoding.split(',').map((each) => {
    const [name, ...parameters] = each
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return { name, wanted: quality === undefined || Number(quality.slice(2)) > 0 };
  });
  return (codings.find(({ name }) => name === 'gzip') ?? codings.find(({ name }) => name === '*'))?.wanted ?? false;
}

/** The file as an attachment, streamed, compressed for who accepts that. */
export function fileReply({ key, fileName, size, mediaType, compressible }: StoredFile, { app, info }: WireRequest) {
  const gzip = compressible && acceptsGzip(headerOf(info, 'accept-encoding') ?? '');
  const bytes = app.files.read(key);
  return new WireReply({
    headers: {
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'private, no-store',
      ...(gzip ? { 'content-encoding': 'gzip' } : { 'content-length': String(size) }),
    },
    // What ends the one ends the other: a failure reaches the reply, a client that leaves closes the file.
    body: gzip ? pipeline(Readable.from(bytes, { objectMode: false }), createGzip(), () => undefined) : bytes,
  });
}
