import type { Log } from '@contact360/server';

/** What the contacts add up to. */
export interface Aggregates {
  readonly total: number;
  /** The values that most contacts bear, most first. */
  readonly countries: readonly ValueCount[];
  /** By the industries of their companies. */
  readonly industries: readonly ValueCount[];
}

export interface ValueCount {
  readonly value: string;
  readonly total: number;
}

export type Source = 'postgresql' | 'spark-thrift' | 'spark-livy' | 'hadoop';

/** Something that can add up the contacts. */
export interface AnalyticsBackend {
  readonly source: Source;
  /** Rejects when it cannot answer, or not soon enough. */
  readonly aggregate: (limit: number) => Promise<Aggregates>;
  /** Gives back what it holds elsewhere. */
  readonly stop?: () => Promise<void>;
}

/** A backend that is on its way up: it is asked again the next time. */
export class NotReadyError extends Error {
  override name = 'NotReadyError';
}

/** A backend that failed is left alone for so long: nobody waits for it in vain again and again. */
const REST_MS = 30_000;

/** Asks backends in order until one answers; the last one's failure is the caller's (decision 30). */
export class FallbackChain {
  readonly #backends: readonly AnalyticsBackend[];
  readonly #log: Log;
  readonly #restingUntil = new Map<AnalyticsBackend, number>();

  constructor(backends: readonly AnalyticsBackend[], log: Log) {
    this.#backends = backends;
    this.#log = log;
  }

  async aggregate(limit: number, last: AnalyticsBackend): Promise<Aggregates & { readonly source: Source }> {
    for (const backend of this.#backends) {
      if ((this.#restingUntil.get(backend) ?? 0) > performance.now()) continue;
      try {
        return { ...(await backend.aggregate(limit)), source: backend.source };
      } catch (error) {
        const ready = !(error instanceof NotReadyError);
        if (ready) this.#restingUntil.set(backend, performance.now() + REST_MS);
        const details = { source: backend.source, error };
        this.#log[ready ? 'warn' : 'info'](details, 'Analytics are answered by another source');
      }
    }
    return { ...(await last.aggregate(limit)), source: last.source };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#backends.map((backend) =>
        backend.stop?.().catch((error) => {
          this.#log.warn({ source: backend.source, error }, 'Analytics could not give back what they held');
        }),
      ),
    );
  }
}
