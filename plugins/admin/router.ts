import { accountsOf, User } from '@contact360/accounts';
import { coreErrors, procedures } from '@contact360/server';
import type { ApiKey } from './entities.ts';
import {
  createdKeyOutput,
  createKeyInput,
  type KeyOutput,
  keyIdInput,
  keysOutput,
  listUsersInput,
  pageInput,
  queuesOutput,
  type UserOutput,
  updateUserInput,
  userOutput,
  usersOutput,
} from './schemas.ts';
import { adminOf } from './service.ts';
import { findUsers } from './users.ts';

const { admin } = procedures;

/** API keys, users and background jobs, for administrators. */
export const router = {
  createKey: admin
    .meta({ access: 'admin', summary: 'Make an API key; the key is shown this once' })
    .input(createKeyInput)
    .output(createdKeyOutput)
    .mutation(async ({ ctx: { app, user }, input: { name, scope } }) => {
      const { row, key } = await adminOf(app).keys.create(name, scope, user.userId);
      return { ...keyView(row), key };
    }),

  listKeys: admin
    .meta({ access: 'admin', summary: 'API keys, newest first, the revoked ones too' })
    .input(pageInput)
    .output(keysOutput)
    .query(async ({ ctx: { app }, input: { limit, offset } }) => {
      const [rows, total] = await adminOf(app).keys.list(limit, offset);
      return { items: rows.map(keyView), total };
    }),

  revokeKey: admin
    .meta({ access: 'admin', summary: 'End an API key for good, from its next request on' })
    .input(keyIdInput)
    .mutation(({ ctx: { app }, input }) => adminOf(app).keys.revoke(input.id)),

  listUsers: admin
    .meta({ access: 'admin', summary: 'Users, newest first' })
    .input(listUsersInput)
    .output(usersOutput)
    .query(async ({ ctx: { app }, input }) => {
      const [users, total] = await findUsers(app, input);
      return { items: users.map(userView), total };
    }),

  updateUser: admin
    .meta({
      access: 'admin',
      summary: 'Give a user a role, or let them sign in or not',
      description: 'It counts from their next request. Nobody gives a role above their own or switches off themselves.',
    })
    .input(updateUserInput)
    .output(userOutput)
    .mutation(async ({ ctx: { app, user }, input: { id, ...change } }) => {
      await accountsOf(app).update(user, id, change);
      const changed = await app.em().findOne(User, { id });
      if (!changed) throw coreErrors.not_found();
      return userView(changed);
    }),

  listQueues: admin
    .meta({ access: 'admin', summary: 'Background jobs: what waits, runs, succeeded and failed, by kind' })
    .output(queuesOutput)
    .query(async ({ ctx: { app } }) =>
      (await app.jobs.queues()).map(({ oldestWaitingAt, lastFinishedAt, ...queue }) => ({
        ...queue,
        oldestWaitingAt: time(oldestWaitingAt),
        lastFinishedAt: time(lastFinishedAt),
      })),
    ),
};

const time = (date: Date | null | undefined) => date?.toISOString() ?? null;

function keyView({ id, name, prefix, scope, createdBy, createdAt, lastUsedAt, revokedAt }: ApiKey): KeyOutput {
  const times = { createdAt: createdAt.toISOString(), lastUsedAt: time(lastUsedAt), revokedAt: time(revokedAt) };
  return { id, name, prefix, scope, createdBy, ...times };
}

function userView({ id, email, name, role, isActive, createdAt, lastSignInAt }: User): UserOutput {
  return { id, email, name, role, isActive, createdAt: createdAt.toISOString(), lastSignInAt: time(lastSignInAt) };
}
