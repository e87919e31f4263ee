import { definePlugin } from '@contact360/server';
import { company } from './fields.ts';
import { router } from './router.ts';

export { domainOf } from './domain.ts';
export { company };

/** Companies: the record type that contacts belong to. */
export const companies = () =>
  definePlugin({ id: 'companies', records: [company], migrations: new URL('./migrations/', import.meta.url), router });
