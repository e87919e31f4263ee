import { normalizeText, ROLES } from '@contact360/server';
import { z } from 'zod';
import { SCOPES } from './entities.ts';

const scope = z.enum(SCOPES);
const moment = z.iso.datetime();

/** Names are at most this many characters. */
const MAX_NAME = 255;
const text = z
  .string()
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character')
  .overwrite(normalizeText);
const name = text
  .refine((value) => value !== '', { error: 'This field may not be blank.', abort: true })
  .refine((value) => [...value].length <= MAX_NAME, `String should have at most ${MAX_NAME} characters`)
  .meta({ maxLength: MAX_NAME });

export const createKeyInput = z.object({
  name: name.describe('What people call the key'),
  scope: scope.default('read').describe('`read`: queries; `write`: writes too'),
});

export const keyOutput = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe('How the key begins'),
  scope,
  createdBy: z.uuid().describe('Uuid of the user who made it'),
  createdAt: moment,
  lastUsedAt: moment.nullable().describe('To the minute; null until it is used'),
  revokedAt: moment.nullable().describe('Null while it works'),
});
export const createdKeyOutput = keyOutput.extend({ key: z.string().describe('The key, shown this once') });

export const pageInput = z.object({
  limit: z.int().min(1).max(1000).default(100),
  offset: z.int().min(0).max(2_147_483_647).default(0),
});
export const keysOutput = z.object({ items: z.array(keyOutput), total: z.int() });
export const keyIdInput = z.object({ id: z.uuid() });

export const listUsersInput = pageInput.extend({
  search: text.optional().describe('A part of the name or email, in any case'),
  role: z.enum(ROLES).optional(),
  isActive: z.boolean().optional(),
});
export const userOutput = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  isActive: z.boolean().describe('Whether the user may sign in'),
  createdAt: moment,
  lastSignInAt: moment.nullable(),
});
export const usersOutput = z.object({ items: z.array(userOutput), total: z.int() });
export const updateUserInput = z.object({
  id: z.uuid(),
  role: z.enum(ROLES).optional(),
  isActive: z.boolean().optional().describe('`false` ends all sessions of the user'),
});

const queueOutput = z.object({
  name: z.string(),
  schedule: z.string().nullable().describe('Cron expression (UTC), for jobs that are sent by themselves'),
  waiting: z.int(),
  running: z.int(),
  completed: z.int().describe('Of the last 7 days'),
  failed: z.int().describe('Given up, of the last 7 days'),
  oldestWaitingAt: moment.nullable().describe('Since when the oldest waiting job could have been run'),
  lastFinishedAt: moment.nullable(),
});
export const queuesOutput = z.array(queueOutput);

export type KeyOutput = z.output<typeof keyOutput>;
export type CreatedKeyOutput = z.output<typeof createdKeyOutput>;
export type KeysOutput = z.output<typeof keysOutput>;
export type UserOutput = z.output<typeof userOutput>;
export type UsersOutput = z.output<typeof usersOutput>;
export type ListUsersInput = z.output<typeof listUsersInput>;
export type QueuesOutput = z.output<typeof queuesOutput>;
