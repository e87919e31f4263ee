import { restoreIndexes } from '../data/large-load.ts';
import { refreshCount } from '../data/statistics.ts';
import { foldFilterDeltas } from '../records/filter-values.ts';
import type { RecordType } from '../records/record.ts';
import type { JobDefinition } from './jobs.ts';

/** Jobs of the core itself. */
export function coreJobs(records: readonly RecordType[]): JobDefinition[] {
  return [
    {
      name: 'core.fold-filter-values',
      schedule: '* * * * *',
      run: (_data, { app }) => foldFilterDeltas(app.pool),
    },
    {
      // The load that set them aside may never have come to its end.
      name: 'core.restore-indexes',
      schedule: '* * * * *',
      run: (_data, { app }) => restoreIndexes(app.pool, app.log),
    },
    {
      // Unfiltered counts are the planner's estimate, which may be at most 5 minutes old (decision 27).
      name: 'core.refresh-statistics',
      schedule: '*/5 * * * *',
      run: async (_data, { app }) => {
        for (const { table } of records) {
          const { rows } = await app.pool.query<{ changed: boolean }>(
            'select n_mod_since_analyze > 0 as changed from pg_stat_user_tables where relid = to_regclass($1)',
            [table],
          );
          if (rows[0]?.changed) await refreshCount(app.pool, table);
        }
      },
    },
  ];
}
