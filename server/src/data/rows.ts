import { types as pgTypes } from 'pg';

/** Object identifiers of PostgreSQL's types that records use. */
const OID = { int8: 20, timestamptz: 1184, textArray: 1009 } as const;

/** `2024-01-31 10:20:30.5+00` (what PostgreSQL writes in UTC) → `2024-01-31T10:20:30.500000Z`. */
function isoTimestamp(text: string): string {
  const zone = text.lastIndexOf('+');
  const fraction = text.slice(20, zone);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(6, '0')}Z`;
}

const generalTexts = pgTypes.getTypeParser(OID.textArray as number) as (literal: string) => string[];

/**
 * The elements of a `text[]`. Lists are most of what a page of records is parsed for; this takes a tenth of the time of
 * the general parser, which is left what is rare: escapes, nulls, nested arrays and arrays with bounds.
 */
function parseTexts(literal: string): string[] {
  if (literal[0] !== '{' || literal[1] === '{' || literal.includes('\\')) return generalTexts(literal);
  const elements: string[] = [];
  const end = literal.length - 1;
  for (let start = 1; start < end; ) {
    const quoted = literal[start] === '"';
    const found = quoted ? literal.indexOf('"', start + 1) : literal.indexOf(',', start);
    const stop = found < 0 ? end : found;
    const element = literal.slice(quoted ? start + 1 : start, stop);
    if (!quoted && element === 'NULL') return generalTexts(literal);
    elements.push(element);
    start = quoted ? stop + 2 : stop + 1;
  }
  return elements;
}

/** How values of records are read: row numbers and amounts as numbers, times as ISO 8601 text with microseconds. */
export const recordTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    switch (oid) {
      case OID.int8:
        return Number;
      case OID.timestamptz:
        return isoTimestamp;
      case OID.textArray:
        return parseTexts as (value: string) => unknown;
      default:
        return pgTypes.getTypeParser(oid, format as 'text');
    }
  },
};
