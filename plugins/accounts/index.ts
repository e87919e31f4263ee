import { definePlugin } from '@contact360/server';
import { Session, SignInFailures, User } from './entities.ts';
import { accountErrors } from './errors.ts';
import { ensureAdmin, signInLine } from './first-admin.ts';
import { jobs } from './jobs.ts';
import { bindings } from './rest.ts';
import { router } from './router.ts';
import { accountsOf, startAccounts } from './service.ts';

export { type FirstAdmin, firstAdmin } from './first-admin.ts';
export { type Accounts, accountsOf } from './service.ts';
export { Session, User };

/** Users, sessions and roles. */
export const accounts = () =>
  definePlugin({
    id: 'accounts',
    entities: [User, Session, SignInFailures],
    migrations: new URL('./migrations/', import.meta.url),
    errors: accountErrors,
    router,
    bindings,
    jobs,
    welcome: async (app) => [signInLine(app)],
    authenticate: { user: (request, app) => accountsOf(app).authenticate(request) },
    start: async (app) => {
      await startAccounts(app);
      await ensureAdmin(app);
    },
  });
