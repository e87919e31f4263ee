import { definePlugin } from '@contact360/server';
import { xlsxSource } from './source.ts';

/** Imports of Excel workbooks (`.xlsx`). */
export const xlsx = () => definePlugin({ id: 'source-xlsx', sources: [xlsxSource] });
