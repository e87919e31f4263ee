import { definePlugin } from '@contact360/server';
import { loadDemo } from './load.ts';

export { apolloAccountsCsv, apolloCsv, type DemoFile } from './generate.ts';

/** Synthetic contacts and companies in a new embedded database, so that there is something to look at. */
export const demo = () =>
  definePlugin({
    id: 'demo',
    requires: ['imports'],
    start: async (app) => {
      const { DEMO_DATA, DATABASE_URL } = app.settings;
      if (!DEMO_DATA || DATABASE_URL !== undefined) return;
      // Nobody waits for demo data: the start goes on, and only the stop waits until the files are queued.
      const loading = loadDemo(app).catch((error: unknown) =>
        app.log.error({ error }, 'The demo data could not be loaded; the next start tries again'),
      );
      return async () => {
        await loading;
      };
    },
  });
