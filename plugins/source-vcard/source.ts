import {
  defineSource,
  GrowingColumns,
  inBatches,
  type LinePlace,
  SourceError,
  type SourceFile,
  TOO_MANY_COLUMNS,
} from '@contact360/server';
import { type Card, readCards } from './cards.ts';
import { DamagedCard, propertiesOf } from './properties.ts';
import { valuesOf } from './values.ts';

const MAX_NAME_LENGTH = 1000;

/** Which columns a file has: what any of its cards says. */
interface CardsFormat {
  readonly columns: readonly string[];
}

/** vCard: a card is a record, its row number the line where it begins. */
export const vCardSource = defineSource<CardsFormat, LinePlace>({
  id: 'vcard',
  label: 'vCard (.vcf)',

  recognises: ({ head }) => (/^(?:\xef\xbb\xbf)?\s*BEGIN:VCARD\s/i.test(textOf(head)) ? 'sure' : 'no'),

  async inspect(file) {
    if (isUtf16(await firstBytes(file)))
      throw new SourceError('invalid_encoding', 'The vCard file is UTF-16. Save it as UTF-8 and upload it again.');
    const columns = new GrowingColumns();
    for await (const card of readCards(file)) cellsOf(card, columns);
    return { columns: columns.names };
  },

  read(file: SourceFile, { format, from, ...limits }) {
    return inBatches(recordsOf(file, format, from?.checkpoint), () => format.columns, limits);
  },
});

async function firstBytes(file: SourceFile): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const bytes of file.read()) {
    head = Buffer.concat([head, bytes.subarray(0, 2)]);
    if (head.length >= 2) break;
  }
  return head;
}

const isUtf16 = (bytes: Uint8Array) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) ||
  (bytes[0] === 0xfe && bytes[1] === 0xff) ||
  bytes[0] === 0 ||
  bytes[1] === 0;

const textOf = (head: Buffer) =>
  isUtf16(head)
    ? head
        .toString('latin1')
        .replace(/^(?:\xff\xfe|\xfe\xff)/, '')
        .replaceAll('\0', '')
    : head.toString('latin1');

async function* recordsOf(file: SourceFile, format: CardsFormat, from: LinePlace | undefined) {
  const columns = new GrowingColumns(format.columns);
  for await (const card of readCards(file, from))
    yield { record: { rowNumber: card.line, ...cellsOf(card, columns) }, checkpoint: card.end };
}

function cellsOf({ lines, fault }: Card, columns: GrowingColumns): { cells: string[]; fault?: string } {
  if (fault !== undefined) return { cells: [], fault };
  try {
    const properties = propertiesOf(lines);
    if (properties.some(({ name, text }) => /^(?:X-ADDRESSBOOKSERVER-)?KIND$/.test(name) && /^group$/i.test(text)))
      return { cells: [], fault: 'The card is a group of others, not a person or a company.' };
    const values = valuesOf(properties);
    for (const name of values.keys())
      if (name.length > MAX_NAME_LENGTH) throw new DamagedCard(`A property has a name of ${name.length} characters.`);
    const cells = columns.cellsOf(values);
    return cells ? { cells } : { cells: [], fault: TOO_MANY_COLUMNS };
  } catch (error) {
    if (error instanceof DamagedCard) return { cells: [], fault: error.message };
    throw error;
  }
}
