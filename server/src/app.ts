import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Cache } from './cache/cache.ts';
import type { Notifications } from './data/notifications.ts';
import type { ReadSources } from './data/reads.ts';
import type { Redis } from './data/redis.ts';
import type { DataVersions } from './data/versions.ts';
import type { FileStorage } from './files/storage.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Log } from './log.ts';
import type { RecordType } from './records/record.ts';
import type { Store } from './records/store.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import type { DataSource } from './sources/data-source.ts';

/** The running server, as plugins and faces use it. */
export interface App {
  readonly settings: Settings;
  readonly log: Log;
  /** The connections of the process; for SQL that the ORM does not write. */
  readonly pool: Pool;
  /** A fresh unit of work on the fixed tables. */
  readonly em: () => EntityManager;
  /** Where a request's reads are answered: the primary, or the replica where that is wanted and there is one. */
  readonly reads: ReadSources['reads'];
  readonly store: <R extends RecordType>(record: R) => Store<R>;
  readonly jobs: Jobs;
  readonly files: FileStorage;
  /** The kinds of files that can be imported, in the order of the plugins that bring them. */
  readonly sources: readonly DataSource[];
  /** What is made of record tables and may be given again: in Redis where there is one, else in memory. */
  readonly cache: Cache;
  /** What processes share beside the database, where `REDIS_URL` is set. */
  readonly redis: Redis | undefined;
  readonly notifications: Notifications;
  readonly dataVersions: DataVersions;
  readonly secrets: Secrets;
  /** Version of the product. */
  readonly version: string;
}
