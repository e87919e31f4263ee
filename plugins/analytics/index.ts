import { definePlugin } from '@contact360/server';
import { bindings } from './rest.ts';
import { router } from './router.ts';
import { startAnalytics } from './service.ts';

/** Aggregates of all contacts, by PostgreSQL or by the big-data services that are configured. */
export const analytics = () =>
  definePlugin({ id: 'analytics', requires: ['contacts', 'companies'], router, bindings, start: startAnalytics });
