import type { App } from '@contact360/server';
import { ApiKeys } from './keys.ts';
import { RateLimits } from './limits.ts';

/** What this plugin keeps of a running server. */
export interface Admin {
  readonly keys: ApiKeys;
  readonly limits: RateLimits;
}

const running = new WeakMap<App, Admin>();

export async function startAdmin(app: App): Promise<void> {
  const keys = new ApiKeys(app);
  await keys.listen();
  running.set(app, { keys, limits: new RateLimits(app) });
}

/** The keys and limits of a running server. */
export function adminOf(app: App): Admin {
  const admin = running.get(app);
  if (!admin) throw new Error('The admin plugin has not started');
  return admin;
}
