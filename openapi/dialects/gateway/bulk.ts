import { WireReply, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { readBody, strictObject } from '../../strict-body.ts';
import type { GatewayRecord } from './records.ts';
import { readNewRecord, sentenceOf } from './writes.ts';

const MAX_RECORDS = 10_000;

/** What the procedure answers: rows by their index among those it was given. */
export interface BulkResult {
  readonly created: number;
  readonly updated: number;
  readonly errors: readonly { readonly index: number; readonly message: string }[];
}

/** The records of a bulk write that are sound, with their places in the request, and those that are not. */
export interface Bulk {
  readonly total: number;
  readonly sound: readonly { readonly index: number; readonly values: unknown }[];
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/** `{contacts: […]}` */
export const bulkSchema = ({ record }: GatewayRecord, row: z.ZodType = z.unknown()) =>
  strictObject({ [record.plural]: z.array(row).min(1).max(MAX_RECORDS) });

export function decodeBulk(gateway: GatewayRecord, { body }: WireRequest): Bulk {
  const rows = readBody(bulkSchema(gateway), body)[gateway.record.plural] as unknown[];
  const read = rows.map((row, index) => ({ index, ...readNewRecord(gateway, row) }));
  return {
    total: rows.length,
    sound: read.filter(({ faults }) => faults.size === 0),
    refused: read.flatMap(({ index, faults }) => (faults.size > 0 ? [{ index, reason: sentenceOf(faults) }] : [])),
  };
}

/** 200, or 207 when some records were refused: each by its place in the request. */
export function encodeBulk(
  { total, sound, refused }: Bulk,
  { created, updated, errors: later }: BulkResult,
): WireReply {
  const all = [...refused, ...later.map(({ index, message }) => ({ index: sound[index]!.index, reason: message }))];
  const errors = all
    .sort((a, b) => a.index - b.index)
    .map(({ index, reason }) => ({ index, error: `Validation error: ${reason}` }));
  const data = {
    total_count: total,
    success_count: total - errors.length,
    error_count: errors.length,
    created,
    updated,
    errors,
  };
  return new WireReply({ status: errors.length > 0 ? 207 : 200, body: { data, success: errors.length === 0 } });
}

/** The reply for the API document. */
export const bulkReply = z
  .object({
    data: z.object({
      total_count: z.int(),
      success_count: z.int(),
      error_count: z.int(),
      created: z.int(),
      updated: z.int(),
      errors: z.array(z.object({ index: z.int().describe('Place of the record in the request'), error: z.string() })),
    }),
    success: z.boolean().describe('Whether no record was refused; if some were, the status is 207'),
  })
  .meta({ id: 'GatewayBulkReply' });
