import { TRPCError } from '@trpc/server';
import { z } from 'zod';

/**
 * A body by the schema of its dialect. Its faults are told as those of a procedure's input are: 422, each with its
 * place in the body (decision 7).
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  try {
    return schema.parse(body ?? {});
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new TRPCError({ code: 'BAD_REQUEST', cause: error });
  }
}
