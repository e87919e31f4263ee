import type { JobDefinition } from '@contact360/server';
import { forgetOldRequests } from './idempotency.ts';
import { forgetFullBuckets } from './limits.ts';

export const jobs: readonly JobDefinition[] = [
  {
    name: 'admin.clean-up',
    schedule: '37 * * * *',
    run: async (_data, { app }) => {
      await forgetOldRequests(app);
      await forgetFullBuckets(app);
    },
  },
];
