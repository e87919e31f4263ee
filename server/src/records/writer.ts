import type { Pool, PoolClient } from 'pg';
import { transaction } from '../data/transaction.ts';
import { type AppError, defineErrors } from '../errors.ts';
import { dropReferences, refreshCopies, writeRows } from './bulk.ts';
import { type UniqueKey, uniqueKeys } from './columns.ts';
import { type Target, TargetIndex } from './identities.ts';
import { type RecordType, resolveField } from './record.ts';
import type { RowChange } from './staged-rows.ts';
import { foldedText } from './text.ts';

export const recordErrors = defineErrors('records', {
  not_found: { status: 404, text: 'Not found.' },
  taken: { status: 409, text: '{record} with this {field} already exists' },
  no_such_relation: { status: 400, text: "no {relation} has the uuid '{uuid}'" },
});

type Values = Readonly<Record<string, unknown>>;

/** A refused row of a bulk write. */
export interface BulkFault {
  readonly index: number;
  readonly error: AppError;
}

/** Somebody else may take a unique value between the look and the write; it is then looked at again. */
const ATTEMPTS = 3;
const UNIQUE_VIOLATION = '23505';

/** Which stored row a written one may fall on. */
type Meant = 'nobody' | 'uuid' | 'uuid or unique value';

/** Relations of other record types that lead to this one: what they copy must follow what is written. */
export interface Dependent {
  readonly record: RecordType;
  readonly relation: string;
}

/** Writes rows of one record type. All ways of writing end in the same resolution of who is meant, and one write. */
export class RecordWriter {
  readonly #pool: Pool;
  readonly #record: RecordType;
  readonly #dependents: readonly Dependent[];
  readonly #unique: readonly UniqueKey[];

  constructor(pool: Pool, record: RecordType, dependents: readonly Dependent[]) {
    this.#pool = pool;
    this.#record = record;
    this.#dependents = dependents;
    this.#unique = uniqueKeys(record);
  }

  /** Writes a new row and gives its uuid; `taken` when its uuid or a unique value is a living row's. */
  create(values: Values): Promise<string> {
    return this.#writeOne(values, 'nobody').then(({ uuid }) => uuid);
  }

  /** Changes the given values of a row: absent ones stay, `null` clears. */
  update(uuid: string, values: Values): Promise<string> {
    return this.#writeOne({ ...values, uuid }, 'uuid').then((target) => target.uuid);
  }

  /** Changes the row with this uuid, else with a unique value of these, else writes a new one. */
  async upsert(values: Values): Promise<{ uuid: string; created: boolean }> {
    const { uuid, id } = await this.#writeOne(values, 'uuid or unique value');
    return { uuid, created: id === null };
  }

  #writeOne(values: Values, meant: Meant): Promise<Target> {
    return this.#write(async (client) => {
      const { targets, faults } = await this.#resolve(client, [values], meant);
      if (faults[0]) throw faults[0].error;
      await this.#apply(client, targets);
      return targets[0]!;
    });
  }

  /** Upserts many rows; those that are refused do not stop the others. */
  bulk(
    rows: readonly { index: number; values: Values }[],
  ): Promise<{ created: number; updated: number; faults: BulkFault[] }> {
    return this.#write(async (client) => {
      const { targets, faults } = await this.#resolve(
        client,
        rows.map(({ values }) => values),
        'uuid or unique value',
      );
      const { created } = await this.#apply(client, targets);
      const told = faults.map(({ index, error }) => ({ index: rows[index]!.index, error }));
      // Rows that fell on one record count one by one, as each of them was carried out.
      return { created, updated: rows.length - faults.length - created, faults: told };
    });
  }

  /** Soft-deletes a row; rows that refer to it are left without it (decision 17). */
  delete(uuid: string): Promise<void> {
    return transaction(this.#pool, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `update ${this.#record.table} set deleted_at = now(), updated_at = now() where uuid = $1 and deleted_at is null returning id`,
        [uuid],
      );
      if (!rows[0]) throw recordErrors.not_found();
      for (const { record, relation } of this.#dependents)
        await dropReferences(client, record, relation, Number(rows[0].id));
    });
  }

  async #write<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction(this.#pool, work);
      } catch (error) {
        if (attempt === ATTEMPTS || (error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
      }
    }
  }

  async #apply(client: PoolClient, targets: Iterable<RowChange>) {
    const written = await writeRows(client, this.#record, targets);
    for (const { record, relation } of this.#dependents) await refreshCopies(client, record, relation, written.updated);
    return written;
  }

  /** Finds the record that each row falls on. */
  async #resolve(
    client: PoolClient,
    rows: readonly Values[],
    meant: Meant,
  ): Promise<{ targets: Target[]; faults: BulkFault[] }> {
    const completed = rows.map((row) => withoutEmpty(this.#record.complete(row)));
    const index = new TargetIndex(['uuid', ...this.#unique.map(({ name }) => name)]);
    index.addStored(await this.#load(client, completed));
    const related = await this.#loadRelated(client, completed);
    const faults: BulkFault[] = [];
    for (const [at, values] of completed.entries()) {
      const error = this.#relationFault(values, related) ?? this.#resolveOne(index, values, meant);
      if (error) faults.push({ index: at, error });
    }
    return { targets: [...index.touched], faults };
  }

  #resolveOne(index: TargetIndex, values: Values, meant: Meant): AppError | undefined {
    const { uuid, ...changes } = values;
    const keys = this.#keysOf(values);
    const owners = this.#unique.map(({ name }) => [name, index.find(name, keys[name])] as const);
    const bearer = index.find('uuid', uuid as string | undefined);
    if (bearer && meant === 'nobody') return this.#taken('uuid');
    if (!bearer && meant === 'uuid') return recordErrors.not_found();
    const owner = meant === 'uuid or unique value' ? owners.find(([, each]) => each)?.[1] : undefined;
    const found = bearer ?? owner;
    const taken = owners.find(([, each]) => each && each !== found);
    if (taken) return this.#taken(taken[0]);
    index.apply(found, uuid as string | undefined, changes, keys);
    return undefined;
  }

  #keysOf(values: Values): Record<string, string | undefined> {
    return Object.fromEntries(
      this.#unique.map(({ name }) => [name, values[name] == null ? undefined : foldedText(values[name] as string)]),
    );
  }

  async #load(client: PoolClient, rows: readonly Values[]) {
    const { table } = this.#record;
    const unique = this.#unique;
    const columns = ['id', 'uuid', ...unique.map(({ name, column }) => `${column} as ${name}`)].join(', ');
    const by = ['uuid = any($1::uuid[])', ...unique.map(({ column }, at) => `${column} = any($${at + 2})`)];
    const found = await client.query<Record<string, string | null>>(
      `${by.map((condition) => `select ${columns} from ${table} where deleted_at is null and ${condition}`).join(' union ')} order by id`,
      [
        rows.flatMap(({ uuid }) => (uuid ? [uuid] : [])),
        ...unique.map(({ name }) => rows.flatMap((row) => this.#keysOf(row)[name] ?? [])),
      ],
    );
    return found.rows.map(({ id, uuid, ...keys }) => ({
      id: Number(id),
      uuid: uuid!,
      keys: Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, value ?? undefined])),
    }));
  }

  /** Uuids of related records that the rows name, locked so that they cannot go before the rows are written. */
  async #loadRelated(client: PoolClient, rows: readonly Values[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const found = new Map<string, ReadonlySet<string>>();
    for (const { key, record } of Object.values(this.#record.relations)) {
      const named = [...new Set(rows.flatMap((row) => (row[key] ? [row[key]] : [])))];
      const { rows: living } = await client.query<{ uuid: string }>(
        `select uuid from ${record.table} where uuid = any($1::uuid[]) and deleted_at is null for share`,
        [named],
      );
      found.set(key, new Set(living.map(({ uuid }) => uuid)));
    }
    return found;
  }

  #relationFault(values: Values, related: ReadonlyMap<string, ReadonlySet<string>>): AppError | undefined {
    for (const [relation, { key }] of Object.entries(this.#record.relations)) {
      const uuid = values[key] as string | null | undefined;
      if (uuid && !related.get(key)!.has(uuid))
        return recordErrors.no_such_relation(
          { relation, uuid },
          { path: [key], fields: { [key]: [`No ${relation} has this uuid.`] } },
        );
    }
    return undefined;
  }

  #taken(field: string): AppError {
    const record = this.#record.name[0]!.toUpperCase() + this.#record.name.slice(1);
    return recordErrors.taken(
      { record, field },
      { path: [field], fields: { [field]: [`${record} with this ${field} already exists.`] } },
    );
  }
}

/** An empty text or list says that there is no value. */
function withoutEmpty(values: Values): Values {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value === '' || (Array.isArray(value) && value.length === 0) ? null : value]),
  );
}
