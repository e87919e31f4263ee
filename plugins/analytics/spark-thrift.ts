import type { Settings } from '@contact360/server';
import type { AnalyticsBackend } from './backend.ts';
import { type HiveAddress, hiveRows } from './hive-server.ts';
import { readSparkRows, sparkSql } from './spark-sql.ts';

/** An answer that takes longer is left to another source. */
const ANSWER_MS = 10_000;
const DEFAULT_PORT = 10_000;

/** Spark SQL by Spark's Thrift server, which speaks HiveServer2's protocol; Hive's own server answers as well. */
export const sparkThriftBackend = (host: string, settings: Settings, answerMs = ANSWER_MS): AnalyticsBackend => ({
  source: 'spark-thrift',
  aggregate: async (limit) =>
    readSparkRows(await hiveRows(addressOf(host), sparkSql(settings, limit), AbortSignal.timeout(answerMs))),
});

/** Reads `[user[:password]@]host[:port][?auth=noSasl]`. */
export function addressOf(text: string): HiveAddress {
  const url = new URL(`thrift://${text}`);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port ? Number(url.port) : DEFAULT_PORT,
    user: decodeURIComponent(url.username) || 'contact360',
    // Servers that ask for no password want to be sent one all the same.
    password: decodeURIComponent(url.password) || 'none',
    sasl: url.searchParams.get('auth')?.toLowerCase() !== 'nosasl',
  };
}
