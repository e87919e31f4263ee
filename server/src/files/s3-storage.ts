import { setTimeout as delay } from 'node:timers/promises';
import { S3mini, S3ServiceError } from 's3mini';
import { type FileStorage, StorageError } from './storage.ts';
import type { S3Place } from './storage-url.ts';

/** Bytes of a part of an upload, two of which are in memory; S3 takes at most 10,000 parts of at least 5 MiB. */
const PART_BYTES = 8 * 2 ** 20;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
const NO_ROOM = /storagefull|insufficientstorage|quota|nospace/i;

/** Files in S3-compatible object storage. Rejects with {@link StorageError} when it cannot be reached or has no such bucket. */
export async function openS3Storage(place: S3Place): Promise<FileStorage> {
  const s3 = new S3mini(place);
  const nameOf = (key: string) => place.prefix + key;
  const found = await telling('be reached', () => s3.listObjectsPaged('/', place.prefix, 1)).catch((error: Error) => {
    throw new StorageError(`${error.message}. Check STORAGE_URL: host, key, secret and region.`, { cause: error });
  });
  if (!found) throw new StorageError('The object storage of STORAGE_URL has no such bucket. Create it first.');

  const writeParts = async (name: string, parts: AsyncIterable<Buffer>): Promise<number> => {
    const upload = await telling('begin a file', () => s3.getMultipartUploadId(name));
    try {
      const uploaded: { partNumber: number; etag: string }[] = [];
      let size = 0;
      for await (const part of parts) {
        const number = uploaded.length + 1;
        uploaded.push(await telling('take a part of a file', () => s3.uploadPart(name, upload, part, number)));
        size += part.length;
      }
      await telling('finish a file', () => s3.completeMultipartUpload(name, upload, uploaded));
      // A failure may come under status 200, as the reply begins before the parts are put together.
      if ((await sizeOf(s3, name)) !== size) throw new StorageError('The object storage did not finish a file');
      return size;
    } catch (error) {
      await s3.abortMultipartUpload(name, upload).catch(() => undefined);
      throw error;
    }
  };

  return {
    write: async (key, bytes) => {
      const parts = inParts(bytes);
      const { value: first = Buffer.alloc(0) } = await parts.next();
      const second = await parts.next();
      if (!second.done) return writeParts(nameOf(key), joined([first, second.value], parts));
      await telling('take a file', () => s3.putObject(nameOf(key), first));
      return first.length;
    },
    read: async function* (key, offset = 0) {
      let at = offset;
      for (let attempt = 1; ; attempt++) {
        const reply = await telling('give a file', () => openAt(s3, nameOf(key), at));
        try {
          for await (const chunk of (reply?.body ?? []) as AsyncIterable<Uint8Array>) {
            at += chunk.length;
            yield chunk;
          }
          return;
        } catch (error) {
          // The connection broke: what is missing is asked for again.
          if (attempt === ATTEMPTS) throw new StorageError('The object storage broke off a file', { cause: error });
        }
      }
    },
    size: (key) => sizeOf(s3, nameOf(key)),
    remove: async (key) => {
      await telling('remove a file', () => s3.deleteObject(nameOf(key)));
    },
    list: async function* (prefix) {
      for (let token: string | undefined; ; ) {
        const page = await telling('list files', () => s3.listObjectsPaged('/', nameOf(prefix), 1000, token));
        for (const { Key, LastModified } of page?.objects ?? [])
          yield { key: Key.slice(place.prefix.length), changedAt: new Date(LastModified) };
        token = page?.nextContinuationToken;
        if (!token) return;
      }
    },
  };
}

/** Bytes in pieces of a part's size, the last one smaller. */
async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < PART_BYTES) continue;
    const all = Buffer.concat(chunks);
    const whole = length - (length % PART_BYTES);
    for (let at = 0; at < whole; at += PART_BYTES) yield all.subarray(at, at + PART_BYTES);
    chunks = [all.subarray(whole)];
    length -= whole;
  }
  if (length > 0) yield Buffer.concat(chunks);
  return undefined;
}

async function* joined(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

/** The bytes of an object from an offset on; `undefined` when there are none. */
async function openAt(s3: S3mini, name: string, offset: number): Promise<Response | undefined> {
  try {
    return await s3.getObjectRaw(name, offset === 0, offset);
  } catch (error) {
    if (statusOf(error) === 416) return undefined;
    throw error;
  }
}

async function sizeOf(s3: S3mini, name: string): Promise<number | undefined> {
  return telling('look at a file', async () => {
    try {
      return await s3.getContentLength(name);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  });
}

/** The failure that the library wraps into others. */
function serviceError(error: unknown): S3ServiceError | undefined {
  if (error instanceof S3ServiceError) return error;
  return error instanceof Error && error.cause instanceof S3ServiceError ? error.cause : undefined;
}
const statusOf = (error: unknown) => serviceError(error)?.status;

/** Does what may be done again, several times while the storage fails, and tells what the last failure was about. */
async function telling<T>(what: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const service = serviceError(error);
      if (service && (service.status === 507 || NO_ROOM.test(service.serviceCode ?? '')))
        throw Object.assign(new StorageError('The object storage has no room left', { cause: error }), {
          code: 'ENOSPC',
        });
      const passing = !service || service.status >= 500 || service.status === 429;
      if (passing && attempt < ATTEMPTS) {
        await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
        continue;
      }
      const why = service ? `it answers ${service.status} ${service.serviceCode ?? ''}`.trim() : reasonOf(error);
      throw new StorageError(`The object storage could not ${what}: ${why}`, { cause: error });
    }
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
}
