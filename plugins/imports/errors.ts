import { defineErrors } from '@contact360/server';

/** Failures of imports as a whole; what is wrong with a row is an {@link import('./rows.ts').RowError}. */
export const importErrors = defineErrors('imports', {
  not_found: { status: 404, text: 'Not found.' },
  empty_file: { status: 400, text: 'The submitted file is empty.' },
  too_large: { status: 413, text: 'The file is larger than {limit} bytes.' },
  invalid_mapping: { status: 400, text: 'The mapping cannot be used. {reason}' },
  ended: { status: 409, text: 'The import has ended already: {state}. There is nothing left to cancel.' },
  still_running: {
    status: 409,
    text: 'The import has not ended: {state}. Wait for its end or cancel it, then it can be undone.',
  },
  dry_run_undone: { status: 409, text: 'A dry run writes nothing: there is nothing to undo.' },
  undo_expired: {
    status: 410,
    text: 'The import can no longer be undone: what it changed is kept for {days} days (IMPORT_UNDO_DAYS).',
  },
  storage_full: { status: 507, text: 'The server has no room left for the file. Nothing was kept; try again later.' },
});
