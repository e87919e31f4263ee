import { definePlugin, type RecordType } from '@contact360/server';
import { filtersRouter } from './router.ts';

/** The registry of filters and the values that records bear in them. */
export const filters = (records: readonly RecordType[]) =>
  definePlugin({ id: 'filters', router: filtersRouter(records) });
