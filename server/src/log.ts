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
    redact: {
      paths: [...SECRETS, ...SECRETS.map((name) => `*["${name}"]`), ...SECRETS.map((name) => `*.*["${name}"]`)],
      censor: '[redacted]',
    },
  });
}
