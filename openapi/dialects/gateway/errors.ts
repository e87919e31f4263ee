import { type AppError, defineErrors, type RecordType } from '@contact360/server';
import { titleOf } from '../../shown-columns.ts';

/** What the gateway refuses, in the words of its document. */
export const gatewayErrors = defineErrors('gateway', {
  invalid_record: { status: 400, text: '{reason}' },
  invalid_uuid: { status: 400, text: 'Invalid UUID format' },
  page_size_exceeded: {
    status: 400,
    text: 'ERR_PAGE_SIZE_EXCEEDED: the requested page size surpasses the maximum allowed limit; consider using pagination with smaller batches',
  },
  page_out_of_range: {
    status: 400,
    text: 'ERR_PAGE_OUT_OF_RANGE: the requested page number is beyond the available range; verify total pages before requesting',
  },
  not_found: { status: 404, text: "{record} with identifier 'specified UUID' not found" },
});

/** A failure of a record's procedure in the gateway's words. */
export const reword =
  (record: RecordType) =>
  (error: AppError): AppError =>
    error.code === 'records.not_found' ? gatewayErrors.not_found({ record: titleOf(record) }) : error;
