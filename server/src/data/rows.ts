import { types as pgTypes } from 'pg';

/** Object identifiers of PostgreSQL's types that records use. */
const OID = { int8: 20, timestamptz: 1184, textArray: 1009 } as const;

/** `2024-01-31 10:20:30.5+00` (what PostgreSQL writes in UTC) → `2024-01-31T10:20:30.500000Z`. */
export function isoTimestamp(text: string): string {
  const zone = text.lastIndexOf('+');
  const fraction = text.slice(20, zone);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(6, '0')}Z`;
}

/** How values of records are read: row numbers and amounts as numbers, times as ISO 8601 text with microseconds. */
export const recordTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    switch (oid) {
      case OID.int8:
        return Number;
      case OID.timestamptz:
        return isoTimestamp;
      default:
        return pgTypes.getTypeParser(oid, format as 'text');
    }
  },
};

/** Sort keys travel in cursors as the database wrote them. */
export const textTypes = { getTypeParser: () => (value: string) => value };
