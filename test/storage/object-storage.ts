import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import S3rver from 's3rver';

/** Answers a request in the server's place, or lets it through by `false`. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface ObjectStorage {
  /** `s3://…`, as `STORAGE_URL` takes it. */
  readonly url: string;
  /** `METHOD path?query` of the requests so far. */
  readonly requests: string[];
  /** What to answer in the server's place from now on. */
  fault: Fault | undefined;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a server of S3's protocol behind a gate that takes notes and makes faults. Aborting an upload, which the server
 * cannot, is answered as S3 does: 204.
 */
export async function startObjectStorage(): Promise<ObjectStorage> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'contact360-s3-'));
  const buckets = [{ name: 'files' }];
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: buckets });
  const { port } = await server.run();
  const gate = createServer((incoming, response) => {
    storage.requests.push(`${incoming.method} ${incoming.url}`);
    if (storage.fault?.(incoming, response)) return void incoming.resume();
    if (incoming.method === 'DELETE' && incoming.url!.includes('uploadId=')) return void response.writeHead(204).end();
    const { method, url, headers } = incoming;
    const passed = request({ port, host: '127.0.0.1', method, path: url, headers }, (reply) => {
      response.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(response);
    });
    incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const storage: ObjectStorage = {
    url: `s3://S3RVER:S3RVER@127.0.0.1:${(gate.address() as AddressInfo).port}/files/here?tls=false`,
    requests: [],
    fault: undefined,
    stop: async () => {
      gate.closeAllConnections();
      gate.close();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return storage;
}
