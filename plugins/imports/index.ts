import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import { definePlugin, type JobDefinition } from '@contact360/server';
import { csvSource } from './csv-source.ts';
import { ImportChange, ImportError, ImportJob, ImportMerge, ImportUpload } from './entities.ts';
import { importErrors } from './errors.ts';
import { IMPORT_QUEUE } from './job.ts';
import { importBindings, legacyImportBindings } from './rest.ts';
import { importsRouter } from './router.ts';
import { runImport } from './run.ts';
import { housekeeping } from './tidy.ts';
import { runUndo, UNDO_QUEUE } from './undo.ts';

export { enqueueImport } from './enqueue.ts';
export { keepFile } from './upload.ts';

/** Imports of files into contacts and companies, by background jobs. */
export const imports = () => {
  const records = [contact, company];
  const importable = new Map(records.map((record) => [record.name as string, record]));
  const job: JobDefinition<{ job: string }> = {
    name: IMPORT_QUEUE,
    concurrency: 2,
    run: (data, context) => runImport(importable, data.job, context),
  };
  const undo: JobDefinition<{ job: string }> = {
    name: UNDO_QUEUE,
    run: (data, context) => runUndo(importable, data.job, context),
  };
  return definePlugin({
    id: 'imports',
    requires: ['contacts', 'companies'],
    entities: [ImportJob, ImportError, ImportUpload, ImportChange, ImportMerge],
    migrations: new URL('./migrations/', import.meta.url),
    errors: importErrors,
    router: importsRouter(records),
    bindings: [...records.flatMap(importBindings), ...legacyImportBindings(contact)],
    jobs: [job as JobDefinition, undo as JobDefinition, housekeeping as JobDefinition],
    sources: [csvSource],
  });
};
