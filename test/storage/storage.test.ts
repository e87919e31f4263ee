import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { type FileStorage, StorageError } from '@contact360/server';
import { openStorage, parseStorageUrl, readSettings } from '@contact360/server/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, dropDatabase, startTestApp } from '../app.ts';
import { download, exported } from '../exports/exports.ts';
import { importCsv } from '../imports/imports.ts';
import { startServerProcess } from '../server-process.ts';
import { type ObjectStorage, startObjectStorage } from './object-storage.ts';

let home: string;
let objects: ObjectStorage;
let storages: Record<'a folder' | 'object storage', FileStorage>;
beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'contact360-storage-'));
  objects = await startObjectStorage();
  storages = {
    'a folder': await openStorage({ CONTACT360_HOME: home, STORAGE_URL: undefined }),
    'object storage': await openStorage({ CONTACT360_HOME: home, STORAGE_URL: objects.url }),
  };
});
afterAll(async () => {
  await objects.stop();
  await rm(home, { recursive: true, force: true });
});

const MIB = 2 ** 20;
async function* pieces(bytes: Buffer, size = 100_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function all(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}
async function keys(storage: FileStorage, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list(prefix)) found.push(key);
  return found.sort();
}

describe.each(['a folder', 'object storage'] as const)('files in %s', (kind) => {
  const sizes: [name: string, size: number][] = [
    ['no bytes', 0],
    ['one byte', 1],
    ['less than a part', 5 * MIB],
    ['exactly a part', 8 * MIB],
    ['exactly two parts', 16 * MIB],
    ['more than two', 17 * MIB + 13],
  ];
  it.each(sizes)('of %s come back as they went in', async (_, size) => {
    const files = storages[kind];
    const bytes = randomBytes(size);
    expect(await files.write('sizes/file.bin', pieces(bytes))).toBe(size);
    expect(await files.size('sizes/file.bin')).toBe(size);
    expect((await all(files.read('sizes/file.bin'))).equals(bytes)).toBe(true);
    const offset = Math.floor(size * 0.7);
    expect((await all(files.read('sizes/file.bin', offset))).equals(bytes.subarray(offset))).toBe(true);
    expect(await all(files.read('sizes/file.bin', size))).toHaveLength(0);
  });

  it('are replaced whole', async () => {
    const files = storages[kind];
    await files.write('replaced/x', pieces(Buffer.from('a longer text')));
    await files.write('replaced/x', pieces(Buffer.from('short')));
    expect(String(await all(files.read('replaced/x')))).toBe('short');
  });

  it('are removed, and removing what is not there is no error', async () => {
    const files = storages[kind];
    await files.write('gone/x', pieces(Buffer.from('x')));
    await files.remove('gone/x');
    await files.remove('gone/x');
    expect(await files.size('gone/x')).toBeUndefined();
    await expect(all(files.read('gone/x'))).rejects.toThrow();
  });

  it('are listed by prefix, with the time of their last change', async () => {
    const files = storages[kind];
    for (const key of ['listed/a.csv', 'listed/b.csv', 'listed-not/c.csv'])
      await files.write(key, pieces(Buffer.of(1)));
    expect(await keys(files, 'listed/')).toEqual(['listed/a.csv', 'listed/b.csv']);
    expect(await keys(files, 'nothing/')).toEqual([]);
    for await (const { changedAt } of files.list('listed/'))
      expect(Math.abs(Date.now() - changedAt.getTime())).toBeLessThan(60_000);
  });

  it.each([1, 20 * MIB])('whose bytes end in a failure after %d are not there', async (size) => {
    const files = storages[kind];
    async function* broken() {
      yield* pieces(randomBytes(size));
      throw new Error('the client went away');
    }
    await expect(files.write('broken/x', broken())).rejects.toThrow('the client went away');
    expect(await files.size('broken/x')).toBeUndefined();
    expect(await keys(files, 'broken/')).toEqual([]);
  });
});

describe('object storage', () => {
  const files = () => storages['object storage'];
  const refuse = (status: number, code: string) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
    return true;
  };
  afterEach(() => {
    objects.fault = undefined;
  });

  it('keeps its files below the folder of the address', async () => {
    objects.requests.length = 0;
    await files().write('x/y.csv', pieces(Buffer.of(1)));
    expect(objects.requests).toEqual(['PUT /files/here/x/y.csv']);
  });

  it('that has no room left is told as a full disk is, and no parts are left behind', async () => {
    objects.requests.length = 0;
    const full = refuse(507, 'XMinioStorageFull');
    objects.fault = (request, response) => request.url!.includes('partNumber=2') && full(request, response);
    await expect(files().write('full/x', pieces(randomBytes(17 * MIB)))).rejects.toMatchObject({
      name: 'StorageError',
      code: 'ENOSPC',
      message: 'The object storage has no room left',
    });
    expect(objects.requests.at(-1)).toMatch(/^DELETE \/files\/here\/full\/x\?uploadId=/);
  });

  it('that fails for a moment is asked again', async () => {
    const busy = refuse(503, 'SlowDown');
    let failures = 0;
    objects.fault = (request, response) => failures++ < 2 && busy(request, response);
    const bytes = randomBytes(9 * MIB);
    expect(await files().write('busy/x', pieces(bytes))).toBe(bytes.length);
    expect((await all(files().read('busy/x'))).equals(bytes)).toBe(true);
  });

  it('that breaks off a download goes on where it stopped', async () => {
    const bytes = randomBytes(3 * MIB);
    await files().write('cut/x', pieces(bytes));
    let cuts = 0;
    objects.fault = (request, response) => {
      if (request.method !== 'GET' || cuts++ > 0) return false;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, MIB), () => response.destroy());
      return true;
    };
    expect((await all(files().read('cut/x'))).equals(bytes)).toBe(true);
    expect(cuts).toBe(2);
  });

  it('that refuses says why, and no secret', async () => {
    objects.fault = refuse(403, 'AccessDenied');
    const failure = await files()
      .write('x', pieces(Buffer.of(1)))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageError);
    expect((failure as Error).message).toBe('The object storage could not take a file: it answers 403 AccessDenied');
  });

  it.each([
    [
      'is away',
      's3://key:hush@127.0.0.1:1/files?tls=false',
      /^The object storage could not be reached: .*\. Check STORAGE_URL: /,
    ],
    ['has no such bucket', 'nowhere', /no such bucket/],
  ])('that %s stops the start, and no secret is told', async (_, url, message) => {
    const STORAGE_URL = url === 'nowhere' ? objects.url.replace('/files/', '/nowhere/') : url;
    const failure = (await openStorage({ CONTACT360_HOME: home, STORAGE_URL }).catch((error) => error)) as Error;
    expect(failure).toBeInstanceOf(StorageError);
    expect(failure.message).toMatch(message);
    expect(`${failure.stack} ${(failure.cause as Error | undefined)?.stack}`).not.toMatch(/hush|S3RVER/);
  });

  it('ends the process with that one sentence', async () => {
    const STORAGE_URL = objects.url.replace('/files/', '/nowhere/');
    const DATABASE_URL = await createDatabase();
    const failure = await startServerProcess({ DATABASE_URL, STORAGE_URL, CONTACT360_HOME: home }).catch(
      (error: Error) => error.message,
    );
    expect(failure).toMatch(/^The server ended with 1:\n/);
    expect(failure).toMatch(/\nThe object storage of STORAGE_URL has no such bucket\. Create it first\.\n$/);
    await dropDatabase(DATABASE_URL);
  });

  it('serves imports and exports, and nothing is kept at home', async () => {
    // The server of the tests above lists no more once an upload was left unfinished, as it cannot abort them.
    const fresh = await startObjectStorage();
    const app = await startTestApp({ STORAGE_URL: fresh.url });
    try {
      const job = await importCsv(app, 'Email,Title\nada@example.com,CTO\nbroken,CEO');
      expect(job).toMatchObject({ status: 'completed', success_count: 1, error_count: 1 });
      for (const format of ['csv', 'jsonl', 'xlsx']) {
        const made = await exported(app, 'contacts', { filters: {}, format });
        const file = new Uint8Array(await download(app, made.download_url));
        await app.database.query('truncate contacts');
        const back = await importCsv(app, file, { fileName: `export.${format}` });
        expect(back).toMatchObject({ status: 'completed', success_count: 1, report: { created: 1 } });
      }
      expect(await readdir(app.home)).not.toContain('exports');
      expect(await readdir(app.home)).not.toContain('uploads');
    } finally {
      await app.stop();
      await fresh.stop();
    }
  });
});

describe('STORAGE_URL', () => {
  it.each([
    [
      's3://KEY:s%2Fecret@s3.example.com/bucket',
      { endpoint: 'https://s3.example.com/bucket', region: 'us-east-1', secretAccessKey: 's/ecret', prefix: '' },
    ],
    [
      's3://KEY:secret@127.0.0.1:9000/bucket/a/b/?region=eu-central-1&tls=false',
      { endpoint: 'http://127.0.0.1:9000/bucket', region: 'eu-central-1', accessKeyId: 'KEY', prefix: 'a/b/' },
    ],
  ])('%s', (url, place) => {
    expect(parseStorageUrl(url)).toMatchObject(place);
  });

  it.each([
    'https://s3.example.com/bucket',
    's3://s3.example.com/bucket',
    's3://KEY@s3.example.com/bucket',
    's3://KEY:secret@s3.example.com',
    's3://KEY:secret@s3.example.com/bucket?tls=maybe',
    's3://KEY:secret@s3.example.com/bucket?acl=public',
    's3://KEY:%zz@s3.example.com/bucket',
  ])('%s is refused, and not repeated', (url) => {
    const read = () => readSettings({ STORAGE_URL: url }, home);
    expect(read).toThrow('STORAGE_URL must be of the form s3://KEY:SECRET@HOST');
    expect(read).not.toThrow(/s3\.example\.com/);
  });
});
