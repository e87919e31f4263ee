import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { readHeaders } from './capture.ts';
import type { MeasuredServer } from './measured-server.ts';
import { bareKeys, type Read } from './reads.ts';

/** What one server took for one read. */
export interface Figures {
  /** Microseconds of the server process's CPU time per request. */
  readonly cpu: number;
  /** Milliseconds from sending a request to the end of its reply, the median. */
  readonly latency: number;
  /** Requests per second. */
  readonly rate: number;
}

/** Medians over the rounds. */
export interface ReadResult {
  readonly name: string;
  readonly path: string;
  readonly server: Figures;
  readonly bare: Figures;
  /** CPU per request, server to bare: of each round, the least, the median and the greatest. */
  readonly ratio: { readonly median: number; readonly least: number; readonly most: number };
}

export interface Sides {
  readonly server: MeasuredServer;
  readonly bare: MeasuredServer;
  readonly token: string;
}

export interface Effort {
  readonly rounds: number;
  /** Of each server in each round. */
  readonly seconds: number;
  /** Connections, each with one request at a time. */
  readonly connections: number;
  /** Requests to each server before it is measured: compiled code is what serves in the long run. */
  readonly warmUp: number;
}

/** Measures one read on both servers in turn; which goes first changes from round to round. */
export async function measure(
  { server, bare, token }: Sides,
  read: Read,
  index: number,
  { rounds, seconds, connections, warmUp }: Effort,
): Promise<ReadResult> {
  const sides = {
    server: new Side(server, read.path, readHeaders(token), connections),
    bare: new Side(bare, `/${index}`, {}, connections),
  };
  try {
    await compare(sides, read);
    for (const side of Object.values(sides)) await side.warmUp(warmUp);
    const figures: Record<keyof typeof sides, Figures>[] = [];
    for (let round = 0; round < rounds; round++) {
      const first = round % 2 === 0 ? await sides.server.run(seconds) : undefined;
      const second = await sides.bare.run(seconds);
      figures.push({ server: first ?? (await sides.server.run(seconds)), bare: second });
    }
    const ratios = figures.map((each) => each.server.cpu / each.bare.cpu);
    return {
      name: read.name,
      path: read.path,
      server: medians(figures.map((each) => each.server)),
      bare: medians(figures.map((each) => each.bare)),
      ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
    };
  } finally {
    for (const side of Object.values(sides)) await side.close();
  }
}

/** Fails when the two do not read the same rows: then there is nothing to compare. */
async function compare({ server, bare }: { server: Side; bare: Side }, read: Read): Promise<void> {
  const theirs = bareKeys(JSON.parse(await bare.request()));
  const ours = read.keysOf(JSON.parse(await server.request()) as never);
  if (ours.length === 0 || !isDeepStrictEqual(ours, theirs.slice(0, ours.length)))
    throw new Error(`'${read.name}' reads other rows than the bare server:\n${ours.join()}\n${theirs.join()}`);
}

/** One server, asked the same thing over and over on connections that stay open. */
class Side {
  readonly #server: MeasuredServer;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #connections: number;
  readonly #pool: Pool;

  constructor(server: MeasuredServer, path: string, headers: Record<string, string>, connections: number) {
    this.#server = server;
    this.#path = path;
    this.#headers = headers;
    this.#connections = connections;
    this.#pool = new Pool(server.url, { connections, pipelining: 1 });
  }

  async request(): Promise<string> {
    const { statusCode, body } = await this.#pool.request({ path: this.#path, method: 'GET', headers: this.#headers });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${this.#path} answers ${statusCode}: ${text.slice(0, 200)}`);
    return text;
  }

  async warmUp(requests: number): Promise<void> {
    let left = requests;
    const client = async () => {
      while (left-- > 0) await this.request();
    };
    await Promise.all(Array.from({ length: this.#connections }, client));
  }

  async run(seconds: number): Promise<Figures> {
    const latencies: number[] = [];
    const cpuBefore = await this.#server.cpu();
    const start = performance.now();
    const end = start + seconds * 1000;
    const client = async () => {
      for (let sent = performance.now(); sent < end; sent = performance.now()) {
        await this.request();
        latencies.push(performance.now() - sent);
      }
    };
    await Promise.all(Array.from({ length: this.#connections }, client));
    const elapsed = performance.now() - start;
    const cpu = (await this.#server.cpu()) - cpuBefore;
    return {
      cpu: (cpu / latencies.length) * 1e6,
      latency: median(latencies),
      rate: (latencies.length / elapsed) * 1000,
    };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

const medians = (all: readonly Figures[]): Figures => ({
  cpu: median(all.map(({ cpu }) => cpu)),
  latency: median(all.map(({ latency }) => latency)),
  rate: median(all.map(({ rate }) => rate)),
});

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
