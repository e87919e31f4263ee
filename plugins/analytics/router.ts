import { procedures } from '@contact360/server';
import { z } from 'zod';
import { postgresqlBackend } from './postgresql.ts';
import { chainOf } from './service.ts';

/** Countries and industries that are told at most. */
export const MAX_LIMIT = 50;
const DEFAULT_LIMIT = 10;

export const analyticsInput = z.object({
  limit: z
    .int()
    .min(1)
    .max(MAX_LIMIT)
    .default(DEFAULT_LIMIT)
    .describe(`Countries and industries to tell, at most ${MAX_LIMIT}`),
});
export const analyticsOutput = z
  .object({
    total_contacts: z.int(),
    top_countries: z.array(z.object({ country: z.string(), total: z.int() })),
    top_industries: z
      .array(z.object({ industry: z.string(), total: z.int() }))
      .describe("Contacts by their company's industries"),
    hadoop_job_configured: z.boolean(),
    generated_at: z.string().describe('ISO 8601, UTC'),
    limit: z.int(),
    source: z.enum(['postgresql', 'spark-thrift', 'spark-livy', 'hadoop']).describe('What answered'),
  })
  .meta({ id: 'AnalyticsSnapshot' });

/** What the contacts add up to (decision 30). */
export const router = {
  contacts: procedures.reader
    .meta({ access: 'reader', summary: 'How many contacts there are, and in which countries and industries most are' })
    .input(analyticsInput)
    .output(analyticsOutput)
    .query(async ({ ctx: { app, reads }, input: { limit } }) => {
      const { settings } = app;
      const found = await chainOf(app).aggregate(limit, postgresqlBackend(reads));
      return {
        total_contacts: found.total,
        top_countries: found.countries.map(({ value, total }) => ({ country: value, total })),
        top_industries: found.industries.map(({ value, total }) => ({ industry: value, total })),
        hadoop_job_configured: Boolean(settings.CONTACTS_HADOOP_BIN && settings.CONTACTS_HADOOP_JOB_JAR),
        generated_at: new Date().toISOString().replace(/\.\d+/, ''),
        limit,
        source: found.source,
      };
    }),
};
