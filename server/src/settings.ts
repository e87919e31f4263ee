import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { OperatorError } from './errors.ts';
import { parseStorageUrl, STORAGE_URL_FORM } from './files/storage-url.ts';
import { nearestName } from './records/text.ts';

const TRUE = ['true', '1', 'yes', 'y', 'on', 't'];
const FALSE = ['false', '0', 'no', 'n', 'off', 'f'];

/** A truth value as people write it (decision 9), or `undefined`. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined;
}

const boolean = z.string().transform((text, context) => {
  const value = parseBoolean(text);
  if (value === undefined) context.addIssue(`must be true or false, not '${text}'`);
  return value ?? false;
});

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
/** A duration such as `30m`, `7d`, `500ms` or a bare number of seconds; as seconds. */
const duration = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  if (!match || Number(match[1]) <= 0) context.addIssue(`must be a duration such as 30s, 30m or 7d, not '${text}'`);
  return match ? Number(match[1]) * UNITS[match[2] ?? 's']! : 0;
});

const SIZES: Record<string, number> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
/** A size such as `10GiB`, `500MB` (powers of 1024) or a bare number of bytes; as bytes. */
const size = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text.trim());
  if (!match) context.addIssue(`must be a size such as 10GiB or a number of bytes, not '${text}'`);
  return match ? Math.floor(Number(match[1]) * SIZES[(match[2] || 'b').toLowerCase()]!) : 0;
});

const integer = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  z.string().transform((text, context) => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || value < minimum || value > maximum)
      context.addIssue(`must be a whole number from ${minimum} to ${maximum}, not '${text}'`);
    return value;
  });

const postgresUrl = z.string().regex(/^postgres(ql)?:\/\/./, 'must be a postgres:// URL');
const secret = z.string().min(1);

function isThriftHost(text: string): boolean {
  if (!URL.canParse(`thrift://${text}`)) return false;
  const { hostname, pathname } = new URL(`thrift://${text}`);
  return hostname !== '' && pathname === '';
}

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname } = new URL(text);
  return /^rediss?:$/.test(protocol) && hostname !== '' && /^\/?\d*$/.test(pathname);
}

/** Every environment variable, once. What is absent takes the default named in its description. */
const SCHEMA = z.object({
  HOST: z.string().min(1).default('127.0.0.1').describe('Address the server listens on'),
  PORT: integer(0, 65_535).prefault('8000').describe('Port the server listens on; 0 picks a free one and prints it'),
  CONTACT360_HOME: z
    .string()
    .min(1)
    .default('.contact360')
    .describe('Folder of the embedded database, uploads, exports and the secrets made at first start'),
  DATABASE_URL: postgresUrl.optional().describe('A PostgreSQL 15 or later of your own; without it one is embedded'),
  CONTACTS_REPLICA_URL: postgresUrl.optional().describe('A read replica'),
  DB_CONTACTS_REPLICA_URL: postgresUrl.optional().describe('Another name of CONTACTS_REPLICA_URL'),
  CONTACTS_REPLICA_ALIAS: z.string().default('contacts_replica').describe('A name of the replica, for logs'),
  CONTACTS_DEFAULT_REPLICA_READ: boolean.prefault('false').describe('Whether reads prefer the replica'),
  CONTACTS_CACHE_ENABLED: boolean.prefault('true').describe('Whether list, field and analytics replies are cached'),
  CONTACTS_LIST_CACHE_TTL: duration.prefault('60s').describe('How long a list reply may be served again'),
  CONTACTS_FIELD_CACHE_TTL: duration.prefault('300s').describe('How long a field list may be served again'),
  CONTACTS_ANALYTICS_CACHE_TTL: duration
    .prefault('300s')
    .describe('How long an analytics snapshot may be served again'),
  CONTACTS_THRIFT_HOST: z
    .string()
    .refine(isThriftHost, 'must be host:port, or user:password@host:port?auth=noSasl with what is needed of it')
    .optional()
    .describe('Spark Thrift server (HiveServer2) for analytics; port 10000 unless given'),
  CONTACTS_LIVY_URL: z.url().optional().describe('Livy server for analytics'),
  CONTACTS_HIVE_TABLE: z.string().optional().describe('Hive table that Spark reads'),
  CONTACTS_HIVE_DATABASE: z.string().optional().describe('Hive database that Spark reads'),
  CONTACTS_HADOOP_BIN: z.string().optional().describe("Hadoop's command, which runs the job for analytics"),
  CONTACTS_HADOOP_JOB_JAR: z.string().optional().describe('Jar of the Hadoop job for analytics'),
  TYPESENSE_URL: z.url().optional().describe('Typesense server for ranked search; without it PostgreSQL searches'),
  TYPESENSE_API_KEY: secret.optional().describe('Key of the Typesense server'),
  REDIS_URL: z
    .string()
    .refine(isRedisUrl, 'must be a URL such as redis://user:password@host:6379/0, with % codes for signs like @ and /')
    .optional()
    .describe('Shared cache and rate limits for several processes'),
  DEMO_DATA: boolean.prefault('true').describe('Whether a new embedded database is filled with demo data'),
  ADMIN_EMAIL: z.email().default('admin@contact360.local').describe('Sign-in of the first SuperAdmin'),
  ADMIN_PASSWORD: z
    .string()
    .min(8)
    .max(128)
    .optional()
    .describe('Password of the first SuperAdmin; made and printed once when absent'),
  JWT_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('Signs access and refresh tokens; made once and kept in the home folder when absent'),
  API_KEY: secret.optional().describe("The gateway's first key, with all rights"),
  MAX_REQUESTS_PER_MINUTE: integer(1).prefault('60').describe('Requests per minute of each gateway key'),
  CONTACTS_WRITE_KEY: secret.optional().describe('Value of X-Contacts-Write-Key; without it such writes are off'),
  COMPANIES_WRITE_KEY: secret.optional().describe('Value of X-Companies-Write-Key; without it such writes are off'),
  WORKERS: boolean.prefault('true').describe('Whether this process runs background jobs'),
  ACCESS_TOKEN_TTL: duration.prefault('30m').describe('Life of an access token'),
  REFRESH_TOKEN_TTL: duration.prefault('7d').describe('Life of a refresh token'),
  MAX_UPLOAD_BYTES: size.prefault('10GiB').describe('Largest file that may be uploaded'),
  IMPORT_UNDO_DAYS: integer(0, 3650).prefault('30').describe('Days during which an import can be undone'),
  STATEMENT_TIMEOUT: duration.prefault('30s').describe('Time limit of a query'),
  STORAGE_URL: z
    .string()
    .refine((text) => parseStorageUrl(text) !== undefined, `must be of the form ${STORAGE_URL_FORM}`)
    .optional()
    .describe(
      `Object storage (S3 or compatible) where uploads and exports are kept: ${STORAGE_URL_FORM}; the home folder when absent`,
    ),
  CORS_ORIGINS: z
    .string()
    .default('*')
    .describe('Origins that browsers may call from, separated by commas; * is every origin'),
  TRUST_PROXY: boolean.prefault('false').describe('Whether X-Forwarded-* headers of a proxy are believed'),
  ALLOW_SELF_PROMOTION: boolean.prefault('false').describe('Whether any user may make themselves an admin'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
  NODE_ENV: z.string().default('development').describe('Name of the environment, shown by the health check'),
});

export type Settings = Readonly<z.output<typeof SCHEMA>>;
export const SETTING_NAMES = Object.keys(SCHEMA.shape);

/** A fault in the settings: the start stops and prints the message. */
export class SettingsError extends OperatorError {
  override name = 'SettingsError';
}

/**
 * Reads the settings from the environment and, for names that it does not set, from `.env` in `directory`.
 * Throws {@link SettingsError} for a malformed value, and for an unknown name in `.env` (other programs' variables are
 * welcome in the environment). An empty value counts as absent.
 */
export function readSettings(environment: NodeJS.ProcessEnv = process.env, directory = process.cwd()): Settings {
  const file = path.join(directory, '.env');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const faults = Object.keys(fromFile)
    .filter((name) => !SETTING_NAMES.includes(name))
    .map((name) => {
      const nearest = nearestName(name, SETTING_NAMES);
      return `${name} in .env is no setting${nearest ? `; did you mean ${nearest}?` : ''}`;
    });
  const given = Object.entries({ ...fromFile, ...environment }).filter(
    ([name, value]) => SETTING_NAMES.includes(name) && value !== undefined && value !== '',
  );
  const result = SCHEMA.safeParse(Object.fromEntries(given));
  if (!result.success) faults.push(...result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  if (faults.length > 0)
    throw new SettingsError(`The settings cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  const settings = result.data!;
  if (settings.DATABASE_URL && settings.NODE_ENV === 'production' && !settings.JWT_SECRET) {
    throw new SettingsError(
      'JWT_SECRET must be set when DATABASE_URL is and NODE_ENV is production: every process has to sign with the same secret.',
    );
  }
  return { ...settings, CONTACT360_HOME: path.resolve(directory, settings.CONTACT360_HOME) };
}
