import { definePlugin } from '@contact360/server';
import { vCardSource } from './source.ts';

/** Imports of vCard files (`.vcf`), versions 2.1, 3.0 and 4.0, as address books write them. */
export const vCard = () => definePlugin({ id: 'source-vcard', sources: [vCardSource] });
