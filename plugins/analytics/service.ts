import type { App } from '@contact360/server';
import { FallbackChain } from './backend.ts';
import { livyBackend } from './livy.ts';

const chains = new WeakMap<App, FallbackChain>();

/** Sets up the big-data backends that the settings name; gives what lets go of them. */
export async function startAnalytics(app: App): Promise<() => Promise<void>> {
  const { settings, log } = app;
  for (const name of ['CONTACTS_THRIFT_HOST', 'CONTACTS_HADOOP_JOB_JAR'] as const)
    if (settings[name]) log.warn(`${name} is set, but analytics cannot ask it yet: another source answers`);
  const chain = new FallbackChain(
    settings.CONTACTS_LIVY_URL ? [livyBackend(settings.CONTACTS_LIVY_URL, settings)] : [],
    log,
  );
  chains.set(app, chain);
  return () => chain.stop();
}

/** The big-data backends of a running server. */
export const chainOf = (app: App): FallbackChain => chains.get(app)!;
