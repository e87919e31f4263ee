export { defineRecord, field, type Field, type PathOf, type RecordType, type RowOf, type ValueAt, type ValuesOf } from './records/record.ts';
