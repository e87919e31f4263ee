import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { definePlugin, type JobDefinition, type RecordType } from '@contact360/server';
import { cleanUp } from './clean-up.ts';
import { Export } from './entities.ts';
import { exportErrors } from './errors.ts';
import { router } from './router.ts';
import { EXPORT_QUEUE, runExport } from './run.ts';

export { FORMATS } from './formats.ts';
export { MAX_UUIDS } from './router.ts';
export type { ExportView } from './views.ts';

/** Exports of contacts and companies to files. */
export const exports = () => {
  const exportable = new Map<string, RecordType>([contact, company].map((record) => [record.name, record]));
  const job: JobDefinition<{ export: string }> = {
    name: EXPORT_QUEUE,
    run: (data, context) => runExport(exportable, data.export, context),
  };
  return definePlugin({
    id: 'exports',
    requires: ['contacts', 'companies'],
    entities: [Export],
    migrations: new URL('./migrations/', import.meta.url),
    errors: exportErrors,
    router,
    jobs: [job as JobDefinition, cleanUp],
  });
};
