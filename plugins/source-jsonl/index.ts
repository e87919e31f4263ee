import { definePlugin } from '@contact360/server';
import { jsonLinesSource } from './source.ts';

/** Imports of JSON Lines (`.jsonl`, `.ndjson`): one object per line. */
export const jsonLines = () => definePlugin({ id: 'source-jsonl', sources: [jsonLinesSource] });
