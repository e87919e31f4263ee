import { definePlugin, type RecordType } from '@contact360/server';
import { filterErrors, filtersRouter } from './router.ts';

/** The registry of filters and the values that records bear in them. */
export const filters = (records: readonly RecordType[]) =>
  definePlugin({ id: 'filters', errors: filterErrors, router: filtersRouter(records) });
