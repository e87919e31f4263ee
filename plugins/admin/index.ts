import { definePlugin } from '@contact360/server';
import { ApiKey, IdempotentRequest, RateLimit } from './entities.ts';
import { adminErrors } from './errors.ts';
import { answerOnce } from './idempotency.ts';
import { jobs } from './jobs.ts';
import { bindings } from './rest.ts';
import { router } from './router.ts';
import { adminOf, startAdmin } from './service.ts';

/** API keys with their limits, requests that may be repeated, and what administrators see and change. */
export const admin = () =>
  definePlugin({
    id: 'admin',
    requires: ['accounts'],
    entities: [ApiKey, RateLimit, IdempotentRequest],
    migrations: new URL('./migrations/', import.meta.url),
    errors: adminErrors,
    router,
    bindings,
    jobs,
    authenticate: { key: (request, app) => adminOf(app).keys.authenticate(request) },
    limit: async (caller, calls, app) =>
      caller.kind === 'key' ? adminOf(app).limits.take(caller.keyId, calls) : undefined,
    answerOnce,
    start: startAdmin,
  });
