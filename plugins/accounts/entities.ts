import { ROLES } from '@contact360/server';
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** What is told by mail, unless the user chooses otherwise. */
const DEFAULT_NOTIFICATIONS: Readonly<Record<string, unknown>> = { weeklyReports: true, newLeadAlerts: true };

/** A person who can sign in. */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    /** In lower case: addresses compare without case (decision 49). */
    email: p.text().unique('users_email_unique'),
    /** argon2id, with its parameters and salt. */
    passwordHash: p.text().hidden(),
    role: p.enum(ROLES).default('FreeUser'),
    /** Whether the user may sign in. */
    isActive: p.boolean().default(true),
    jobTitle: p.text().nullable(),
    bio: p.text().nullable(),
    timezone: p.text().nullable(),
    avatarUrl: p.text().nullable(),
    notifications: p.json<Readonly<Record<string, unknown>>>().onCreate(() => DEFAULT_NOTIFICATIONS),
    lastSignInAt: p.datetime().columnType('timestamptz').nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    /** Null until the first change of the profile; signing in changes nothing. */
    updatedAt: p.datetime().columnType('timestamptz').nullable(),
  },
});
export type User = InferEntity<typeof User>;

/** A sign-in. Its id names the family of tokens that come from it. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(User).deleteRule('cascade').index('sessions_user'),
    /** The only refresh token that is good; an earlier one is a sign of theft. */
    refreshTokenId: p.uuid(),
    /** Where the sign-in came from, as the client told it. */
    geolocation: p.json<Readonly<Record<string, unknown>>>().nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    /** When the refresh token expires. */
    expiresAt: p.datetime().columnType('timestamptz').index('sessions_expires_at'),
    revokedAt: p.datetime().columnType('timestamptz').nullable(),
  },
});
export type Session = InferEntity<typeof Session>;

/** Failed sign-ins of an account from an address, counted from the first one of the window. */
export const SignInFailures = defineEntity({
  name: 'SignInFailures',
  tableName: 'sign_in_failures',
  properties: {
    account: p.text().primary(),
    address: p.text().primary(),
    failures: p.integer(),
    since: p.datetime().columnType('timestamptz'),
  },
});
