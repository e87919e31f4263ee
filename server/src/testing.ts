/** What tests and tools need of the core beyond what plugins may import. */
export { Migrator } from '@mikro-orm/migrations';
export { MikroORM } from '@mikro-orm/postgresql';
export { type Database, migrate, openDatabase } from './data/database.ts';
export { removeEmbedded, startEmbedded } from './data/embedded.ts';
export { LargeLoad, restoreBeforeMigrations, restoreIndexes } from './data/large-load.ts';
export { openRedis } from './data/redis.ts';
export { openStorage } from './files/open-storage.ts';
export { parseStorageUrl } from './files/storage-url.ts';
export { createLog, type Log } from './log.ts';
export { type CheckedFilter, checkFilter, checkOrder } from './query/check.ts';
export { Compiler } from './query/postgres.ts';
export { columnsOf, copiedColumn, copyColumns, indexesOf } from './records/columns.ts';
export { recordEntity } from './records/entity.ts';
export type { Query } from './records/reader.ts';
export { Store } from './records/store.ts';
export { TEXT_BREAKS, WORD_BREAKS, WORD_GAPS } from './records/text.ts';
export { readSettings, SETTING_NAMES, SettingsError } from './settings.ts';
