import { type Logger, pino } from 'pino';
import type { Settings } from './settings.ts';

export type Log = Logger;

/** Fields that are never written, wherever they turn up. */
const SECRETS = [
  'password',
  'token',
  'access_token',
  'refresh_token',
  'authorization',
  'cookie',
  'x-api-key',
  'x-contacts-write-key',
  'x-companies-write-key',
];

/** The structured log of the process: one JSON object a line on standard output. */
export function createLog(settings: Pick<Settings, 'LOG_LEVEL'>): Log {
  return pino({
    level: settings.LOG_LEVEL,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { error: describeError },
    redact: {
      paths: [...SECRETS, ...SECRETS.map((name) => `*["${name}"]`), ...SECRETS.map((name) => `*.*["${name}"]`)],
      censor: '[redacted]',
    },
  });
}

/**
 * An error as it is logged: what happened and where in the code. Members that drivers add are left out but for a
 * code: PostgreSQL's `detail` and `where` quote rows, and with them people's data.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    message,
    ...(code !== undefined && { code }),
    stack,
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}
