import type { App } from '@contact360/server';
import { FallbackChain } from './backend.ts';
import { livyBackend } from './livy.ts';

const chains = new WeakMap<App, FallbackChain>();

/** Sets up the big-data backends that the settings name; gives what lets go of them. */
export async function startAnalytics(app: App): Promise<() => Promise<void>> {
  const { settings, log } = app;
  const chain = new FallbackChain(
    settings.CONTACTS_LIVY_URL ? [livyBackend(settings.CONTACTS_LIVY_URL, settings)] : [],
    log,
  );
  chains.set(app, chain);
  return () => chain.stop();
}

/** The big-data backends of a running server. */
export const chainOf = (app: App): FallbackChain => chains.get(app)!;
