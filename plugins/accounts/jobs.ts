import type { JobDefinition } from '@contact360/server';
import { Session } from './entities.ts';
import { forgetOldFailures } from './sign-in-failures.ts';

export const jobs: readonly JobDefinition[] = [
  {
    name: 'accounts.clean-up',
    schedule: '23 * * * *',
    run: async (_data, { app }) => {
      await app.em().nativeDelete(Session, { expiresAt: { $lt: new Date() } });
      await forgetOldFailures(app);
    },
  },
];
