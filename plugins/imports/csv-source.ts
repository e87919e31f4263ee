import { defineSource } from '@contact360/server';
import { type CsvCheckpoint, type CsvFormat, detectCsvFormat, readCsv } from './csv.ts';

/** CSV: any text that no other source is sure of. */
export const csvSource = defineSource<CsvFormat, CsvCheckpoint>({
  id: 'csv',
  label: 'CSV',
  recognises: () => 'possible',
  inspect: (file) => detectCsvFormat(file.read),
  async *read(file, { format, from, batchRows, batchCharacters }) {
    let columns = from?.columns;
    const options = { batchRows, batchBytes: batchCharacters, ...(from && { from: from.checkpoint }) };
    for await (const { records, checkpoint } of readCsv(file.read, format, options)) {
      columns ??= records.shift()!.cells;
      yield { columns, records, checkpoint };
    }
  },

  describe: ({ encoding, delimiter }) => `${encoding.toUpperCase()}, separated by ${DELIMITERS[delimiter]}`,
});

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };
