import { AppError, coreErrors } from '../errors.ts';

/** PostgreSQL's error codes that mean something to a caller. */
const SQLSTATE = {
  uniqueViolation: '23505',
  tooDeep: '54001',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  cannotConnect: '57P03',
} as const;

/**
 * A database error as the caller's: a unique value that another write took meanwhile, a value nested too deeply, a
 * query that ran out of time, a database that is away. `taken` names the value by its constraint, where it is known. Others are returned as they are and end as "internal error".
 */
export function translateDatabaseError(
  error: unknown,
  taken: (constraint: string) => AppError | undefined = () => undefined,
): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case SQLSTATE.uniqueViolation:
      return (
        taken(String((error as { constraint?: string }).constraint)) ??
        coreErrors.conflict(
          { reason: 'Another write took a unique value meanwhile. Please try again.' },
          { cause: error },
        )
      );
    case SQLSTATE.tooDeep:
      return coreErrors.bad_request({ reason: 'A value is nested too deeply.' }, { cause: error });
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
