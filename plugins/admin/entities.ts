import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const SCOPES = ['read', 'write'] as const;

/** A key of the gateway. The key itself is not stored. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    /** What people call it. */
    name: p.text(),
    /** SHA-256 of the key, in hex. The key has 256 random bits: nothing slower is needed to keep it from being guessed. */
    hash: p.text().unique('api_keys_hash_unique').hidden(),
    /** How the key begins, to tell keys apart. */
    prefix: p.text(),
    scope: p.enum(SCOPES),
    /** Uuid of the user who made it. */
    createdBy: p.uuid(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    /** To the minute; null until it is used. */
    lastUsedAt: p.datetime().columnType('timestamptz').nullable(),
    revokedAt: p.datetime().columnType('timestamptz').nullable(),
  },
});
export type ApiKey = InferEntity<typeof ApiKey>;

/** The token bucket of a key. Its table is unlogged: after a crash of the database every bucket is full. */
export const RateLimit = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limits',
  properties: {
    keyId: p.uuid().primary(),
    /** When the bucket is full again if nothing more is taken: one figure holds both its level and the time of it. */
    fullAt: p.datetime(6).columnType('timestamptz'),
  },
});

/** A request that bore an `Idempotency-Key`, and the reply it got. */
export const IdempotentRequest = defineEntity({
  name: 'IdempotentRequest',
  tableName: 'idempotent_requests',
  primaryKeys: ['caller', 'key'],
  properties: {
    /** `user:<uuid>` or `key:<uuid>`. */
    caller: p.text().primary(),
    key: p.text().primary(),
    /** SHA-256 of what was asked, in hex. */
    fingerprint: p.text(),
    /** Names the attempt that is answering, so that one that lost its lease stores nothing. */
    attempt: p.uuid(),
    /** Until when the attempt counts as alive; it moves this on while it runs. */
    leasedUntil: p.datetime(6).columnType('timestamptz'),
    /** Null while the first reply is not there. */
    status: p.integer().nullable(),
    headers: p.json<Readonly<Record<string, string>>>().nullable(),
    body: p.text().nullable(),
    createdAt: p.datetime(6).columnType('timestamptz').defaultRaw('now()').index('idempotent_requests_created_at'),
  },
});
