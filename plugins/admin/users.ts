import { User } from '@contact360/accounts';
import type { App } from '@contact360/server';
import type { ListUsersInput } from './schemas.ts';

/** A page of users, newest first, with the number of all that match. */
export function findUsers(
  app: App,
  { search, role, isActive, limit, offset }: ListUsersInput,
): Promise<[User[], number]> {
  const pattern = search && `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  return app.em().findAndCount(
    User,
    {
      ...(role && { role }),
      ...(isActive !== undefined && { isActive }),
      ...(pattern && { $or: [{ name: { $ilike: pattern } }, { email: { $ilike: pattern } }] }),
    },
    { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], limit, offset },
  );
}
