import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type DataSource,
  recogniseSource,
  type SourceBatch,
  SourceError,
  type SourceFile,
  type SourceRecord,
} from '@contact360/server';
import { describe, expect, it } from 'vitest';

/** A file that the source reads, and what is in it. */
export interface Sample {
  /** What is particular about it. */
  readonly about: string;
  /** The name it is uploaded under; it must be recognised without it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Its records: the row number, and the cells that have something in them by heading. A string is a part of a fault. */
  readonly records: readonly (readonly [rowNumber: number, cells: Readonly<Record<string, string>> | string])[];
}

/** A file that the source recognises and cannot read to its end. */
export interface DamagedSample {
  readonly about: string;
  readonly bytes: Uint8Array;
  /** Of the {@link SourceError}. */
  readonly code: string;
  readonly message: RegExp;
  /** Row at fault, where it is one. */
  readonly rowNumber?: number;
  /** How many records come before. */
  readonly before?: number;
}

export interface DataSourceSuite {
  readonly samples: readonly Sample[];
  readonly damaged: readonly DamagedSample[];
  /** Files of other kinds, which the source must not be sure of. */
  readonly others: Readonly<Record<string, Uint8Array>>;
  /** A file of so many records, for the use of memory: at least some megabytes. */
  readonly large: { readonly records: number; readonly file: SourceFile };
}

const LIMITS = { batchRows: 1000, batchCharacters: 1024 * 1024 };
/** What a large file may leave behind in memory while it is read. */
const RETAINED_BYTES = 12 * 1024 * 1024;
/** Ways in which a sample is damaged; fewer of a long one. */
const DAMAGES = 60;
const LONG_DAMAGES = 6;
const LONG = 200_000;

/**
 * What any data source must do, as tests: call it in a test file of your own. A sample is worth giving for each thing
 * that your format can have: other encodings, line ends, empty fields, long cells, a file without records.
 */
export function testDataSource(source: DataSource, { samples, damaged, others, large }: DataSourceSuite): void {
  describe(`data source '${source.id}'`, () => {
    describe.each(samples)('$about', ({ name, bytes, records }) => {
      it('is recognised by its bytes, whatever its name', async () => {
        for (const each of [name, 'upload', 'people.csv'])
          expect(await recogniseSource([source], fileOf(bytes, { name: each }))).toBe(source);
      });

      it('gives its records with their row numbers', async () => {
        const { given, error } = await readWhole(source, fileOf(bytes));
        expect(error).toBeUndefined();
        expect(given.map(plainly)).toEqual(records.map(([rowNumber, cells]) => [rowNumber, plain(cells)]));
      });

      it('gives the same records however the bytes and batches are cut', async () => {
        const whole = await readWhole(source, fileOf(bytes));
        for (const [sizes, batchRows] of [
          [[bytes.length > LONG ? 1009 : 1], 1],
          [[3, 1, 7], 2],
          [[64, 0, 5], 1000],
        ] as const) {
          const cut = await readWhole(source, fileOf(bytes, { sizes }), { ...LIMITS, batchRows });
          expect(cut.error).toBeUndefined();
          expect(cut.given.map(plainly)).toEqual(whole.given.map(plainly));
          expect(cut.columns).toEqual(whole.columns);
          for (const { records } of cut.batches) expect(records.length).toBeLessThanOrEqual(batchRows);
        }
        const small = await readWhole(source, fileOf(bytes), { batchRows: 1000, batchCharacters: 1 });
        for (const { records } of small.batches) expect(records.length).toBeLessThanOrEqual(1);
      });

      it('goes on from every checkpoint with the next record, none lost and none repeated', async () => {
        for (const batchRows of [1, 3]) {
          const whole = await readWhole(source, fileOf(bytes), { ...LIMITS, batchRows });
          let before = 0;
          for (const { columns, records, checkpoint } of whole.batches) {
            before += records.length;
            const from = { columns, checkpoint };
            expect(asJson(from)).toEqual(from);
            const rest = await readWhole(source, fileOf(bytes), { ...LIMITS, batchRows, from: asJson(from) });
            expect(rest.error).toBeUndefined();
            expect(rest.given.map(plainly)).toEqual(whole.given.slice(before).map(plainly));
          }
        }
      });

      it('gives batches as the contract says', async () => {
        const { batches } = await readWhole(source, fileOf(bytes), { ...LIMITS, batchRows: 2 });
        expect(batches.length).toBeGreaterThan(0);
        const columns = batches[0]!.columns;
        let last = 0;
        for (const batch of batches) {
          expect(batch.columns).toEqual(columns);
          for (const { rowNumber, cells, fault } of batch.records) {
            expect(rowNumber).toBeGreaterThan(last);
            last = rowNumber;
            for (const cell of cells) expect(cell.isWellFormed()).toBe(true);
            if (fault !== undefined) expect(fault).toMatch(/^[A-Z](?:.|\s){10,}[.!…]$/);
          }
        }
        for (const heading of columns) expect(heading.isWellFormed() && !heading.includes('\0')).toBe(true);
        expect(last).toBeLessThan(2 ** 31);
      });

      it('is closed whether it is read to its end or not', async () => {
        const whole = watched(fileOf(bytes, { sizes: [16] }));
        await readWhole(source, whole.file);
        expect(whole.open()).toBe(0);
        const left = watched(fileOf(bytes, { sizes: [16] }));
        const format = await source.inspect(left.file);
        expect(left.open()).toBe(0);
        for await (const _ of source.read(left.file, { ...LIMITS, format, batchRows: 1 })) break;
        expect(left.open()).toBe(0);
      });

      it('is read or refused in words when any of it is damaged or missing', async () => {
        const random = randomNumbers(bytes.length);
        for (let turn = bytes.length > LONG ? DAMAGES - LONG_DAMAGES : 0; turn < DAMAGES; turn++) {
          const hurt = Buffer.from(bytes);
          for (let hits = random(3) + 1; hits > 0; hits--) hurt[random(hurt.length)] = random(256);
          const file = watched(fileOf(turn % 2 === 0 ? hurt : hurt.subarray(0, random(hurt.length))));
          const { error, given } = await readWhole(source, file.file);
          expectInWords(error);
          expect(given.every((each, index) => index === 0 || each.rowNumber > given[index - 1]!.rowNumber)).toBe(true);
          expect(file.open()).toBe(0);
        }
      });

      it('fails as its storage fails', async () => {
        const failure = new Error('the storage is away');
        const file = fileOf(bytes);
        const read = async function* (offset = 0) {
          yield* fileOf(bytes.subarray(0, bytes.length >> 1)).read(offset);
          throw failure;
        };
        const { error } = await readWhole(source, { ...file, read });
        expect(error).toBe(failure);
      });
    });

    it.each(damaged)('refuses $about', async ({ bytes, code, message, rowNumber, before = 0 }) => {
      expect(await recogniseSource([source], fileOf(bytes))).toBe(source);
      const { error, given } = await readWhole(source, fileOf(bytes));
      expectInWords(error);
      expect(error).toMatchObject({ code, rowNumber });
      expect((error as SourceError).message).toMatch(message);
      if (rowNumber !== undefined) expect((error as SourceError).message).toMatch(`Row ${rowNumber}: `);
      expect(given).toHaveLength(before);
    });

    it.each(Object.entries(others))('is not sure of %s', (_, bytes) => {
      const head = Buffer.from(bytes).subarray(0, 4096);
      for (const name of ['upload', samples[0]!.name])
        expect(source.recognises({ name, mediaType: undefined, size: bytes.length, head })).not.toBe('sure');
    });

    it('reads a large file in memory that does not grow with it', async () => {
      const { file, records } = large;
      expect(file.size).toBeGreaterThan(4 * 1024 * 1024);
      const before = retained();
      const format = await source.inspect(file);
      let count = 0;
      for await (const batch of source.read(file, { ...LIMITS, format })) {
        count += batch.records.length;
        if (count % 20_000 < LIMITS.batchRows) expect(retained() - before).toBeLessThan(RETAINED_BYTES);
      }
      expect(count).toBe(records);
    });
  });
}

/** A file of these bytes, read in chunks of these sizes in turn. */
export function fileOf(
  bytes: Uint8Array,
  { name = 'upload', sizes = [64 * 1024] as readonly number[] }: { name?: string; sizes?: readonly number[] } = {},
): SourceFile {
  return {
    name,
    mediaType: undefined,
    size: bytes.length,
    async *read(offset = 0) {
      for (let turn = 0, start = offset; start < bytes.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        yield bytes.subarray(start, start + size);
        start += size;
      }
    },
  };
}

/** A file that is made as it is read, of parts that the same call gives again. */
export function fileOfParts(parts: () => Iterable<Uint8Array>): SourceFile {
  let size = 0;
  for (const part of parts()) size += part.length;
  return {
    name: 'upload',
    mediaType: undefined,
    size,
    async *read(offset = 0) {
      let start = 0;
      for (const part of parts()) {
        if (start + part.length > offset) yield part.subarray(Math.max(0, offset - start));
        start += part.length;
      }
    },
  };
}

interface Reading {
  readonly batches: readonly SourceBatch[];
  readonly given: readonly {
    readonly rowNumber: number;
    readonly record: SourceRecord;
    readonly columns: readonly string[];
  }[];
  readonly columns: readonly string[];
  readonly error: unknown;
}

/** Reads a file from its inspection to its end, or to the error that ends it. */
export async function readWhole(
  source: DataSource,
  file: SourceFile,
  options: Partial<Parameters<DataSource['read']>[1]> = {},
): Promise<Reading> {
  const batches: SourceBatch[] = [];
  let error: unknown;
  try {
    const format = asJson(await source.inspect(file));
    for await (const batch of source.read(file, { ...LIMITS, format, ...options })) batches.push(batch);
  } catch (thrown) {
    error = thrown;
  }
  const columns = batches.at(-1)?.columns ?? [];
  const given = batches.flatMap(({ records }) =>
    records.map((record) => ({ rowNumber: record.rowNumber, record, columns })),
  );
  return { batches, given, columns, error };
}

/** A record's cells that have something in them, by heading; of a record with a fault, that. */
export function plainly({ rowNumber, record: { cells, fault }, columns }: Reading['given'][number]) {
  const named = cells.flatMap((cell, index) => (cell === '' ? [] : [[columns[index] ?? `beyond ${index}`, cell]]));
  return [rowNumber, fault ?? Object.fromEntries(named)];
}

const plain = (cells: Readonly<Record<string, string>> | string) =>
  typeof cells === 'string' ? expect.stringContaining(cells) : cells;

const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function expectInWords(error: unknown): void {
  if (error === undefined) return;
  if (!(error instanceof SourceError)) throw error;
  expect(error.code).toMatch(/^[a-z][a-z_]+$/);
  expect(error.message).toMatch(/^(Row \d+: )?[A-Za-z](?:.|\s){10,}[.!…]$/);
}

/** Counts the streams of a file that are open. */
function watched(file: SourceFile): { file: SourceFile; open: () => number } {
  let open = 0;
  const read = async function* (offset?: number) {
    open++;
    try {
      yield* file.read(offset);
    } finally {
      open--;
    }
  };
  return { file: { ...file, read }, open: () => open };
}

/** The same numbers in every run, for the same seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = (seed + 1) * 2654435761;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(below, 1);
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that stay in memory once everything unused is gone. */
function retained(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
