import type { Pool } from 'pg';
import { translateDatabaseError } from '../data/database-errors.ts';
import { primaryReads, type Reads } from '../data/reads.ts';
import { RecordReader, type Row } from './reader.ts';
import type { RecordType, ValuesOf } from './record.ts';
import { type Dependent, RecordWriter, recordErrors } from './writer.ts';

/** Reads and writes the rows of one record type. What it reads comes from the primary. */
export class Store<R extends RecordType> extends RecordReader<R> {
  readonly #dependents: readonly Dependent[];
  readonly #writer: RecordWriter;
  readonly #changed: ((tables: readonly string[]) => Promise<void>) | undefined;

  /** `changed` is told the tables that a committed write may have changed. */
  constructor(
    pool: Pool,
    record: R,
    dependents: readonly Dependent[] = [],
    changed?: (tables: readonly string[]) => Promise<void>,
  ) {
    super(record, primaryReads(pool));
    this.#dependents = dependents;
    this.#changed = changed;
    this.#writer = new RecordWriter(pool, record, dependents);
  }

  /** The reading part of this store, answered where `reads` says. */
  readingFrom(reads: Reads): RecordReader<R> {
    return new RecordReader(this.record, reads);
  }

  /** Writes a new row; see {@link RecordWriter}. */
  async create(values: ValuesOf<R>): Promise<Row<R>> {
    return this.#written(await this.#writing(this.#writer.create(values)));
  }

  async update(uuid: string, values: ValuesOf<R>): Promise<Row<R>> {
    return this.#written(await this.#writing(this.#writer.update(uuid, values)));
  }

  async upsert(values: ValuesOf<R>): Promise<{ row: Row<R>; created: boolean }> {
    const { uuid, created } = await this.#writing(this.#writer.upsert(values));
    return { row: await this.#written(uuid), created };
  }

  bulk(rows: readonly { index: number; values: ValuesOf<R> }[]): ReturnType<RecordWriter['bulk']> {
    return this.#writing(this.#writer.bulk(rows));
  }

  delete(uuid: string): Promise<void> {
    return this.#writing(this.#writer.delete(uuid));
  }

  /** A row as it is after its write. It may be gone again already. */
  async #written(uuid: string): Promise<Row<R>> {
    const row = await this.find({ uuid }, Object.keys(this.record.relations));
    if (!row) throw recordErrors.not_found();
    return row;
  }

  async #writing<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      await this.#changed?.([this.record.table, ...this.#dependents.map(({ record }) => record.table)]);
      return result;
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }
}
