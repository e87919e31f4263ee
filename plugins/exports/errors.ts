import { defineErrors } from '@contact360/server';

/** Failures of exports. Texts are those of the original where it had any (schemas 10). */
export const exportErrors = defineErrors('exports', {
  not_found: { status: 404, text: 'Not found.' },
  file_not_found: { status: 404, text: 'Export file not found' },
  token_required: { status: 422, text: 'token: field required' },
  bad_token: { status: 401, text: 'Invalid or expired download token' },
  other_token: { status: 403, text: 'Token does not match export or user' },
  not_ready: { status: 409, text: 'Export is not ready (status: {state})' },
  expired: { status: 410, text: 'Export has expired' },
  not_cancellable: { status: 400, text: 'Cannot cancel a {state} export' },
  storage_full: { status: 507, text: 'The server has no room left for the file. Nothing was kept; try again later.' },
  unfit: { status: 422, text: '{reason}' },
});
