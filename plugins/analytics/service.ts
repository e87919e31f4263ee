import type { App } from '@contact360/server';
import { FallbackChain } from './backend.ts';
import { hadoopBackend } from './hadoop.ts';
import { livyBackend } from './livy.ts';
import { sparkThriftBackend } from './spark-thrift.ts';

const chains = new WeakMap<App, FallbackChain>();

/** Sets up the big-data backends that the settings name; gives what lets go of them. */
export async function startAnalytics(app: App): Promise<() => Promise<void>> {
  const { settings, log } = app;
  const { CONTACTS_THRIFT_HOST: thrift, CONTACTS_LIVY_URL: livy } = settings;
  const { CONTACTS_HADOOP_BIN: bin, CONTACTS_HADOOP_JOB_JAR: jar } = settings;
  if (!bin !== !jar)
    log.warn(
      `${bin ? 'CONTACTS_HADOOP_BIN' : 'CONTACTS_HADOOP_JOB_JAR'} is set without the other of the two: no Hadoop`,
    );
  const backends = [
    ...(thrift ? [sparkThriftBackend(thrift, settings)] : []),
    ...(livy ? [livyBackend(livy, settings)] : []),
    ...(bin && jar ? [hadoopBackend({ bin, jar }, settings)] : []),
  ];
  const chain = new FallbackChain(backends, log);
  chains.set(app, chain);
  return () => chain.stop();
}

/** The big-data backends of a running server. */
export const chainOf = (app: App): FallbackChain => chains.get(app)!;
