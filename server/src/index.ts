export { Migration } from '@mikro-orm/migrations';
export type { PoolClient } from 'pg';
export type { App } from './app.ts';
export {
  type Binding,
  type BindingDocument,
  type CacheFamily,
  type Dialect,
  type Method,
  type Upload,
  WireReply,
  type WireRequest,
} from './binding.ts';
export type { Cache, CacheEntry, CachePlace } from './cache/cache.ts';
export {
  type Access,
  type Caller,
  headerOf,
  isAdmin,
  type KeyCaller,
  mayCall,
  type RequestInfo,
  ROLES,
  type Role,
  type UserCaller,
} from './caller.ts';
export { type AnyPlugin, type Config, defineConfig, type Face, type FaceHost } from './config.ts';
export { wantsFresh } from './context.ts';
export { translateDatabaseError } from './data/database-errors.ts';
export { LargeLoad, restoreIndexes } from './data/large-load.ts';
export type { Notifications } from './data/notifications.ts';
export type { Reads } from './data/reads.ts';
export type { Redis } from './data/redis.ts';
export { learnColumns, refreshStatistics } from './data/statistics.ts';
export { transaction, transactionOn } from './data/transaction.ts';
export type { DataVersions } from './data/versions.ts';
export { AppError, coreErrors, defineErrors, type ErrorCatalogue, type ErrorHint } from './errors.ts';
export { type FileStorage, StorageError, type StoredFile } from './files/storage.ts';
export { clearingUp } from './files/young-garbage.ts';
export { rpc } from './http/rpc.ts';
export { errorOf, JSON_BODY_BYTES, requestInfo } from './http/server.ts';
export type { JobContext, JobDefinition, Jobs } from './jobs/jobs.ts';
export type { Log } from './log.ts';
export {
  type Allowance,
  definePlugin,
  definePlugins,
  type Plugin,
  type PluginDefinition,
  type RepeatableRequest,
  type RouterOf,
  type WholeReply,
} from './plugin.ts';
export {
  and,
  type Condition,
  condition,
  type Filter,
  not,
  OPERATORS,
  type Operator,
  type Order,
  or,
  SEARCH_FIELD,
} from './query/algebra.ts';
export { checkFilter, LIMITS, operatorsOf, queryErrors } from './query/check.ts';
export { cursorAfter, cursorKeys } from './query/page.ts';
export { refreshCopies, type Written, writeRows, writeStaged } from './records/bulk.ts';
export { columnsOf } from './records/columns.ts';
export {
  type CopiedColumn,
  type Copy,
  type CopyLayout,
  copiedColumns,
  copyOut,
  copyProgress,
  countPicked,
  type Picked,
  readCells,
  withLineEnds,
} from './records/copy-out.ts';
export { type FilterValue, filterValues } from './records/filter-values.ts';
export { type StoredKeys, saidOver, type Target, TargetIndex } from './records/identities.ts';
export type { Changed, Journal } from './records/journal.ts';
export { isEmail, KINDS, type Kind, type KindValues, parseTimestamp, parseUuid } from './records/kinds.ts';
export { recordProcedures } from './records/procedures.ts';
export type { Page, Row } from './records/reader.ts';
export {
  defineRecord,
  type Field,
  type FieldRef,
  field,
  findField,
  labelOf,
  lengthFault,
  type PathOf,
  type RecordType,
  type RowOf,
  resolveField,
  SYSTEM_FIELDS,
  type ValueAt,
  type ValuesOf,
} from './records/record.ts';
export { type QueryInput, type QueryOutput, recordSchemas, type TypedFilter } from './records/schemas.ts';
export { encodeRows, type RowChange, RowEncoder, stageRows } from './records/staged-rows.ts';
export type { Store } from './records/store.ts';
export { foldAccents, foldedList, foldedText, nearestName, normalizeText } from './records/text.ts';
export { type UndonePart, undoPart } from './records/undo.ts';
export { uuidv7 } from './records/uuid.ts';
export { recordErrors } from './records/writer.ts';
export { parseBoolean, type Settings } from './settings.ts';
export {
  type DataSource,
  defineSource,
  type FileSample,
  inBatches,
  listCell,
  literalCell,
  recogniseSource,
  type SourceBatch,
  SourceError,
  type SourceFile,
  type SourceOptions,
  type SourceRecord,
  unguarded,
} from './sources/data-source.ts';
export { GrowingColumns, TOO_MANY_COLUMNS } from './sources/growing-columns.ts';
export { type Line, type LinePlace, readLines } from './sources/lines.ts';
export { authorize, type Context, type InputIssue, issuesOf, type Meta, procedures, toAppError } from './trpc.ts';
export { inTurns } from './turns.ts';
