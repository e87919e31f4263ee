/** A file as a data source sees it. Its name and media type are what the uploading client said: hints, no more. */
export interface SourceFile {
  readonly name: string;
  readonly mediaType: string | undefined;
  /** In bytes. */
  readonly size: number;
  /**
   * The bytes from an offset on; none at or after the end. Leaving the loop over them closes the file. The file may lie
   * in object storage, where each call is a request: read on rather than open again.
   */
  readonly read: (offset?: number) => AsyncIterable<Uint8Array>;
}

/** What a source is asked about: the file's hints and its first bytes. */
export interface FileSample extends Omit<SourceFile, 'read'> {
  /** The first {@link SAMPLE_BYTES} bytes, or all there are. */
  readonly head: Buffer;
}

/** One record of a file: a row, a line, a card. */
export interface SourceRecord {
  /**
   * Where a person finds it in the file: the row of a sheet, the line of a text, the how-manieth card. Grows from record
   * to record; at most 2^31 - 1.
   */
  readonly rowNumber: number;
  /**
   * Texts under {@link SourceBatch.columns}, in their order; the last may be left out. They are read as the cells of a
   * CSV file are: numbers as `1234.5`, a list as elements joined by `, ` (one that holds a comma in double quotes, see
   * {@link listCell}), nothing as `''`. Any text but lone surrogates.
   */
  readonly cells: readonly string[];
  /** Why this record cannot be used, as a sentence: the row is rejected with it, and the import goes on. */
  readonly fault?: string;
}

/** Consecutive records, and the place behind them. */
export interface SourceBatch<Checkpoint = unknown> {
  /**
   * The headings of all columns, in every batch the same. They are matched to fields as the headings of a CSV file are:
   * `First Name`, `email`, `company_city`; those that name no field are kept as meta data. A source whose format names
   * them as it goes finds them in `inspect`.
   */
  readonly columns: readonly string[];
  readonly records: readonly SourceRecord[];
  /** From where the reading goes on after these records. JSON; only the source looks inside. Kept with the job. */
  readonly checkpoint: Checkpoint;
}

export interface SourceOptions<Format = unknown, Checkpoint = unknown> {
  /** What `inspect` gave for this file, perhaps in an earlier process. */
  readonly format: Format;
  /** Go on behind this batch, of an earlier reading of the same file. */
  readonly from?: Pick<SourceBatch<Checkpoint>, 'columns' | 'checkpoint'>;
  /** Most records in a batch. */
  readonly batchRows: number;
  /** A batch ends with the record that brings its text to so many characters. */
  readonly batchCharacters: number;
}

/**
 * A kind of file that can be imported. Given to {@link defineSource} and listed in a plugin's `sources`. The suite
 * `test/data-source.ts` checks a source against this contract.
 */
export interface DataSource<Format = unknown, Checkpoint = unknown> {
  /** Kept with jobs: `csv`. Never renamed, as unfinished jobs are gone on with by it. */
  readonly id: string;
  /** As people know the format: `Excel workbook (.xlsx)`. */
  readonly label: string;
  /**
   * Whether a file is of this kind, told by its first bytes. `sure` wins over `possible`, then the source that is
   * listed first does. A text without any mark of its own is a possible CSV.
   */
  readonly recognises: (sample: FileSample) => 'sure' | 'possible' | 'no';
  /**
   * Looks at the whole file as far as the format asks for it, once, before the first record is used. What it finds out
   * is JSON and kept with the job, so that a resumed run reads alike. Throws {@link SourceError}.
   */
  readonly inspect: (file: SourceFile) => Promise<Format>;
  /**
   * The records of a file in order, in memory that does not grow with the file. The first batch comes even when there
   * are columns but no records. What is damaged beyond a record throws {@link SourceError}, after the records before
   * it were given. The same file read from any batch's place gives the same records as in one go.
   */
  readonly read: (
    file: SourceFile,
    options: SourceOptions<Format, Checkpoint>,
  ) => AsyncIterable<SourceBatch<Checkpoint>>;
  /** What of the file is read, where that is not all of it: `sheet "People"`. Shown with the job. */
  readonly describe?: (format: Format) => string | undefined;
}

/** Checks a source's types, and gives it as plugins list it. */
export function defineSource<Format, Checkpoint>(source: DataSource<Format, Checkpoint>): DataSource {
  return source as unknown as DataSource;
}

/**
 * A file that cannot be read any further, whatever one does: its job fails with the message, which is a sentence for the
 * person who uploaded it: what is wrong, and what to do.
 */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
  /** Stable, in snake case: `damaged_archive`. */
  readonly code: string;
  /** The record at fault; undefined when the whole file is. */
  readonly rowNumber: number | undefined;

  constructor(code: string, message: string, rowNumber?: number) {
    super(rowNumber === undefined ? message : `Row ${rowNumber}: ${message}`);
    this.code = code;
    this.rowNumber = rowNumber;
  }
}

/** Bytes that sources are shown to recognise a file. */
const SAMPLE_BYTES = 4096;

/** Beginnings of files that people upload by mistake; a source has to be sure of such a file to read it. */
const OTHER_FILES: readonly [signature: string, kind: string][] = [
  ['PK\x03\x04', 'an Excel workbook (.xlsx) or a ZIP archive'],
  ['\xd0\xcf\x11\xe0', 'an old Excel workbook (.xls), or one that is protected by a password'],
  ['\x1f\x8b', 'a gzip archive'],
  ['%PDF-', 'a PDF'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
  ['GIF8', 'a picture'],
];

const kindOfOtherFile = (head: Buffer): string | undefined =>
  OTHER_FILES.find(([signature]) => head.toString('latin1', 0, 8).startsWith(signature))?.[1];

/** The source that reads a file. Throws {@link SourceError} when none does. */
export async function recogniseSource(sources: readonly DataSource[], file: SourceFile): Promise<DataSource> {
  const { name, mediaType, size } = file;
  const sample = { name, mediaType, size, head: await headOf(file) };
  const answers = sources.map((source) => ({ source, answer: source.recognises(sample) }));
  const other = kindOfOtherFile(sample.head);
  const found =
    answers.find(({ answer }) => answer === 'sure') ??
    (other === undefined ? answers.find(({ answer }) => answer === 'possible') : undefined);
  if (found) return found.source;
  const supported = sources.map(({ label }) => label).join(', ');
  throw new SourceError(
    'unknown_kind',
    `The file is ${other ?? 'of no known kind'}. What can be imported: ${supported}.`,
  );
}

async function headOf(file: SourceFile): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of file.read()) {
    head = Buffer.concat([head, chunk.subarray(0, SAMPLE_BYTES - head.length)]);
    if (head.length === SAMPLE_BYTES) break;
  }
  return head;
}

/**
 * Gathers single records into batches. `columns` is asked when there is a batch; each record bears the place behind it.
 * An item without a record says that the columns are known, should there be no record. On an error the records before it are given first.
 */
export async function* inBatches<Checkpoint>(
  records: AsyncIterable<{ readonly record?: SourceRecord; readonly checkpoint: Checkpoint }>,
  columns: () => readonly string[],
  { batchRows, batchCharacters }: Pick<SourceOptions, 'batchRows' | 'batchCharacters'>,
): AsyncGenerator<SourceBatch<Checkpoint>, void, void> {
  let gathered: SourceRecord[] = [];
  let characters = 0;
  let last: { readonly checkpoint: Checkpoint } | undefined;
  const batch = () => {
    given = true;
    const full = { columns: columns(), records: gathered, checkpoint: last!.checkpoint };
    gathered = [];
    characters = 0;
    return full;
  };
  let given = false;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const each of records) {
      last = each;
      if (!each.record) continue;
      gathered.push(each.record);
      characters += 1 + (each.record.fault?.length ?? 0);
      for (const cell of each.record.cells) characters += cell.length + 1;
      if (gathered.length >= batchRows || characters >= batchCharacters) yield batch();
    }
  } catch (error) {
    failure = { error };
  }
  if (gathered.length > 0 || (last && !given)) yield batch();
  if (failure) throw failure.error;
}

/** The cell of a list: elements joined by `, `, one that holds a comma or begins with a quote in double quotes (decision 46). */
export const listCell = (elements: readonly string[]): string =>
  elements.map((element) => (/,|^\s*"/.test(element) ? `"${element.replaceAll('"', '""')}"` : element)).join(', ');

/** What spreadsheets and exports put in front of cells that would run as formulas or lose a leading sign: one apostrophe. */
const GUARD = /^'(?='*[=+\-@\t\r\d])/;

/** The text of a cell without the apostrophe that guards it, if there is one (decisions 39 and 46). */
export const unguarded = (cell: string): string => cell.replace(GUARD, '');

/** The cell of a text that means what it says: {@link unguarded} gives the text again. */
export const literalCell = (text: string): string => (GUARD.test(text) ? `'${text}` : text);
