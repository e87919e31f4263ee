import { AppError, coreErrors } from '../errors.ts';

/** PostgreSQL's error codes that mean something to a caller. */
const SQLSTATE = {
  uniqueViolation: '23505',
  queryCanceled: '57014',
  outOfRange: '22003',
  tooComplex: '54001',
  adminShutdown: '57P01',
  cannotConnect: '57P03',
} as const;

/**
 * A database error as the caller's: a unique value that is taken, a query that ran out of time. Others are returned as
 * they are and end as "internal error", logged whole.
 */
export function translateDatabaseError(
  error: unknown,
  taken: (constraint: string) => AppError | undefined = () => undefined,
): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) return error;
  const { code, constraint } = error as Error & { code: unknown; constraint?: string };
  switch (code) {
    case SQLSTATE.uniqueViolation:
      return (constraint && taken(constraint)) || error;
    case SQLSTATE.queryCanceled:
      return coreErrors.timeout({}, { cause: error });
    case SQLSTATE.adminShutdown:
    case SQLSTATE.cannotConnect:
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return coreErrors.unavailable({}, { cause: error });
    default:
      return error;
  }
}
