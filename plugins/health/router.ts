import { procedures } from '@contact360/server';
import { z } from 'zod';
import { databaseFault } from './database-check.ts';

const state = z.enum(['healthy', 'unhealthy']);
export const checkOutput = z.object({ status: state, environment: z.string() }).meta({ id: 'Health' });
export const engineOutput = z.object({
  status: state,
  version: z.string(),
  uptime: z.number().describe('Seconds since this process started'),
  fault: z.string().nullable().describe('Why it is not healthy'),
});
export const aboutOutput = z.object({ name: z.string(), version: z.string(), docs: z.string() }).meta({ id: 'About' });

export type CheckOutput = z.output<typeof checkOutput>;
export type EngineOutput = z.output<typeof engineOutput>;

/** Whether the server can answer, and what it is. */
export const router = {
  check: procedures.open
    .meta({ access: 'open', summary: 'Whether the server can answer: it is healthy while its database answers' })
    .output(checkOutput)
    .query(async ({ ctx: { app } }) => ({
      status: (await databaseFault(app)) ? ('unhealthy' as const) : ('healthy' as const),
      environment: app.settings.NODE_ENV,
    })),

  engine: procedures.open
    .meta({ access: 'open', summary: 'State of the query engine, which is this server and its PostgreSQL' })
    .output(engineOutput)
    .query(async ({ ctx: { app } }) => {
      const fault = (await databaseFault(app)) ?? null;
      return {
        status: fault ? ('unhealthy' as const) : ('healthy' as const),
        version: app.version,
        uptime: Math.round(process.uptime()),
        fault,
      };
    }),

  about: procedures.open
    .meta({ access: 'open', summary: 'Name and version of the server, and where its documentation is' })
    .output(aboutOutput)
    .query(({ ctx: { app } }) => ({ name: 'Contact360 API', version: app.version, docs: '/docs' })),
};
