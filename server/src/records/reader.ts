import type { PoolClient } from 'pg';
import { closeCursor, nextRows, openCursor, STREAM_BATCH } from '../data/cursor.ts';
import { translateDatabaseError } from '../data/database-errors.ts';
import type { Reads } from '../data/reads.ts';
import { recordTypes } from '../data/rows.ts';
import type { Filter, Order } from '../query/algebra.ts';
import { type CheckedFilter, type CheckedOrder, checkFilter, checkOrder } from '../query/check.ts';
import { describeFilter, describeOrder } from '../query/describe.ts';
import { type Cursor, decodeCursor, encodeCursor, orderName, orderSql, pageSql } from '../query/page.ts';
import { type QueryPlan, readPlan } from '../query/plan.ts';
import { Compiler, type Statement } from '../query/postgres.ts';
import { type Ask, compilerFor, partsToRead, plannersCount } from '../query/prepare.ts';
import { countSql, storedField } from '../query/stored.ts';
import { storedFilters } from './filter-values.ts';
import { type RecordType, type RowOf, resolveField } from './record.ts';
import { facetsStatement, highlights, rankedSql, searchWords } from './search.ts';
import { shownWith } from './shown.ts';
import { type ValuesQuery, valuesStatement } from './values.ts';

/** A question about one record type. */
export interface Query {
  readonly where?: Filter | undefined;
  /** Newest first when absent. Ties are broken by `id` in the direction of the last field (decision 20). */
  readonly order?: readonly Order[] | undefined;
  readonly limit: number;
  /** Rows to skip; not together with `cursor`. */
  readonly offset?: number | undefined;
  /** A place handed out by an earlier page with the same ordering. */
  readonly cursor?: string | undefined;
  /** Related records to add to each row. */
  readonly include?: readonly string[] | undefined;
}

export type Row<R extends RecordType> = RowOf<R> & {
  [K in keyof R['relations']]?: RowOf<R['relations'][K]['record']> | null;
};

export interface Page<R extends RecordType> {
  readonly items: Row<R>[];
  /** Cursors of the neighbouring pages; `null` where there is none. With `offset`, `next` alone tells whether more follows. */
  readonly next: string | null;
  readonly previous: string | null;
}

/** What a ranked search found. */
export interface SearchResult<R extends RecordType> {
  readonly hits: {
    readonly row: Row<R>;
    readonly score: number;
    readonly highlights: Readonly<Record<string, string>>;
  }[];
  /** Rows that were found in all. */
  readonly found: number;
  /** By field, the values that most hits bear. */
  readonly facets: Readonly<Record<string, { readonly value: string; readonly count: number }[]>>;
}

/** What a query means and how it is answered. */
export interface Explanation extends QueryPlan {
  readonly meaning: string;
  readonly order: string;
}

/** A value of a field, and the row number of a row that bears it. */
export interface FieldValue {
  readonly id: number;
  readonly value: string;
}

/** While a table is smaller than this, an unfiltered count is exact (decision 27). */
const EXACT_COUNT_BELOW = 10_000;
const NEWEST_FIRST: readonly Order[] = [{ field: 'created_at', direction: 'desc' }];

/** Reads the rows of one record type by compiled SQL, from where `reads` says. */
export class RecordReader<R extends RecordType> {
  readonly record: R;
  readonly #reads: Reads;

  constructor(record: R, reads: Reads) {
    this.record = record;
    this.#reads = reads;
  }

  /** One page of rows, with the cursors of its neighbours. */
  async query(query: Query): Promise<Page<R>> {
    const order = this.#order(query.order);
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, order);
    // One row more than the page tells whether another page follows.
    const { statement, read } = await this.#pageStatement({ ...query, limit: query.limit + 1 }, order, cursor);
    const rows = await this.#run(statement);
    const more = rows.length > query.limit;
    if (more) rows.pop();
    if (cursor?.before) rows.reverse();
    const place = (row: unknown[] | undefined, before: boolean) =>
      row ? encodeCursor({ order: orderName(order), keys: row.slice(-order.length) as string[], before }) : null;
    const hasNext = cursor?.before ? true : more;
    const hasPrevious = cursor ? (cursor.before ? more : true) : (query.offset ?? 0) > 0;
    return {
      items: rows.map(read),
      next: hasNext ? place(rows.at(-1), false) : null,
      previous: hasPrevious ? place(rows[0], true) : null,
    };
  }

  /** Every matching row in order, in batches read through a database cursor: memory stays flat. */
  async *stream(
    query: Omit<Query, 'limit' | 'cursor'> & { readonly limit?: number | undefined },
  ): AsyncGenerator<Row<R>[]> {
    const order = this.#order(query.order);
    const { statement, read } = await this.#pageStatement(
      { ...query, limit: query.limit ?? Number.POSITIVE_INFINITY },
      order,
      undefined,
    );
    for await (const rows of this.#cursor(statement)) yield rows.map(read);
  }

  /** The uuids of all matching rows, newest first, in batches. */
  async *uuids(where: Filter | undefined, limit?: number): AsyncGenerator<string[]> {
    const filter = this.#check(where);
    const compiler = await compilerFor(this.record, filter, this.#ask);
    const condition = compiler.where(filter);
    const order = orderSql(this.#order(undefined), (each) => compiler.orderKey(each));
    const cut = limit === undefined ? '' : ` limit ${compiler.parameters.add(limit)}`;
    const statement = compiler.statement(
      `select t.uuid from ${compiler.from} where ${condition} order by ${order}${cut}`,
    );
    for await (const rows of this.#cursor(statement)) yield rows.map((row) => row[0] as string);
  }

  /** How many living rows match, exactly. */
  async count(where?: Filter): Promise<number> {
    const filter = this.#check(where);
    const compiler =
      filter && storedField(filter) ? new Compiler(this.record) : await compilerFor(this.record, filter, this.#ask);
    const rows = await this.#run(compiler.statement(countSql(compiler, filter)));
    return rows[0]![0] as number;
  }

  /** How many living rows there are: the planner's estimate, exact while the table is small (decision 27). */
  async estimate(): Promise<number> {
    const estimate = await plannersCount(this.record, this.#ask);
    return estimate < EXACT_COUNT_BELOW ? this.count() : estimate;
  }

  /** One living row by its uuid or its row number; `undefined` when there is none. */
  async find(
    identity: { uuid: string } | { id: number },
    include: readonly string[] = [],
  ): Promise<Row<R> | undefined> {
    const where: Filter =
      'uuid' in identity
        ? { field: 'uuid', operator: 'eq', value: identity.uuid }
        : { field: 'id', operator: 'eq', value: identity.id };
    const { items } = await this.query({ where, include, limit: 1, order: [{ field: 'id', direction: 'asc' }] });
    return items[0];
  }

  /** The values that matching rows bear in a field, one page of them. */
  async values(
    where: Filter | undefined,
    query: ValuesQuery & { limit: number },
  ): Promise<{ items: FieldValue[]; hasMore: boolean }> {
    const rows = await this.#run(this.#valuesStatement(where, { ...query, limit: query.limit + 1 }));
    return { items: rows.slice(0, query.limit).map(readValue), hasMore: rows.length > query.limit };
  }

  /** All of them, in batches. */
  async *streamValues(where: Filter | undefined, query: ValuesQuery): AsyncGenerator<FieldValue[]> {
    for await (const rows of this.#cursor(this.#valuesStatement(where, query))) yield rows.map(readValue);
  }

  /** Rows that resemble a text as one types it, the most alike first, with the frequent values among all hits. */
  async search(
    text: string,
    where: Filter | undefined,
    { limit, offset, include = [] }: { limit: number; offset: number; include?: readonly string[] },
  ): Promise<SearchResult<R>> {
    const words = searchWords(text);
    if (words.length === 0) return { hits: [], found: 0, facets: {} };
    const everyRow = await this.#isSmall();
    const ranked = (compiler: Compiler, shown: readonly string[] = []) =>
      rankedSql(compiler, this.record, words, { condition: compiler.where(this.#check(where)), everyRow, shown });
    const compiler = new Compiler(this.record);
    const sql = ranked(compiler);
    const cut = `limit ${compiler.parameters.add(limit)} offset ${compiler.parameters.add(offset)}`;
    const facetCompiler = new Compiler(this.record);
    const [found, facets] = await Promise.all([
      this.#run(
        compiler.statement(`select id, score, count(*) over () from (${sql}) hits order by score desc, id desc ${cut}`),
      ),
      this.#run(facetsStatement(facetCompiler, this.record, ranked(facetCompiler, storedFilters(this.record)))),
    ]);
    const ids = found.map(([id]) => id as number);
    const { items } = await this.query({
      where: { field: 'id', operator: 'in', value: ids },
      limit: limit + 1,
      include,
    });
    const rows = new Map(items.map((row) => [row.id, row]));
    const hits = found.flatMap(([id, score]) => {
      const row = rows.get(id as number);
      return row
        ? [{ row, score: Math.round((score as number) * 1000) / 1000, highlights: highlights(this.record, row, words) }]
        : [];
    });
    const counted: Record<string, { value: string; count: number }[]> = {};
    for (const [field, value, count] of facets as [string, string, number][])
      counted[field] = [...(counted[field] ?? []), { value, count }];
    return { hits, found: (found[0]?.[2] as number | undefined) ?? 0, facets: counted };
  }

  /** Whether a look at every row that a search may be about takes moments only. */
  async #isSmall(): Promise<boolean> {
    const related = (this.record.search.relations ?? []).map((name) => this.record.relations[name]!.record);
    const rows = await this.#run({
      text: 'select max(reltuples)::bigint from pg_class join unnest($1::text[]) as name on oid = to_regclass(name)',
      values: [[this.record, ...related].map(({ table }) => `${table}_created_at_key`)],
    });
    return (rows[0]![0] as number) < EXACT_COUNT_BELOW;
  }

  /** What a query means, how it will be answered and what that is expected to cost. Nothing is read but the plan. */
  async explain(query: Query): Promise<Explanation> {
    const order = this.#order(query.order);
    const filter = this.#check(query.where);
    const { statement } = await this.#pageStatement(query, order, undefined);
    const rows = await this.#run({ ...statement, text: `explain (format json) ${statement.text}` });
    const plan = readPlan(rows[0]![0]);
    return {
      meaning: `${this.record.plural} where ${filter ? describeFilter(filter) : 'everything'}`.replace(
        / where everything$/,
        ': all of them',
      ),
      order: describeOrder(order),
      ...plan,
    };
  }

  #valuesStatement(where: Filter | undefined, query: ValuesQuery): Statement {
    const compiler = new Compiler(this.record);
    return valuesStatement(compiler, where && compiler.where(this.#check(where)), query);
  }

  #check(where: Filter | undefined): CheckedFilter | undefined {
    return where && checkFilter(this.record, where);
  }

  #order(order: readonly Order[] = NEWEST_FIRST): CheckedOrder[] {
    const checked = checkOrder(this.record, order.length > 0 ? order : NEWEST_FIRST);
    const last = checked.at(-1)!;
    return last.field.path === 'id'
      ? checked
      : [...checked, { field: resolveField(this.record, 'id'), direction: last.direction }];
  }

  /**
   * Picks the page's ids first and joins what is shown afterwards: an index alone can then answer the first part
   * (deep offsets), and the join touches only the page's rows.
   */
  async #pageStatement(query: Query, order: readonly CheckedOrder[], cursor: Cursor | undefined) {
    const filter = this.#check(query.where);
    const compiler = await compilerFor(this.record, filter, this.#ask);
    const parts = Number.isFinite(query.limit) ? await partsToRead(this.record, filter, this.#ask) : [filter];
    const page = pageSql(compiler, parts, order, { ...query, cursor });
    const shown = shownWith(this.record, query.include);
    const outer = orderSql(order, (_, index) => `page.k${index}`, cursor?.before);
    const text = `select ${shown.columns.join(', ')}, ${order.map((_, index) => `page.k${index}::text`).join(', ')} from (${page}) page join ${this.record.table} t on t.id = page.id ${shown.joins} order by ${outer}`;
    return { statement: compiler.statement(text), read: (row: unknown[]) => shown.read(row) as Row<R> };
  }

  readonly #ask: Ask = (statement) => this.#run(statement);

  async #run(statement: Statement): Promise<unknown[][]> {
    try {
      const result = await this.#reads.run((pool) =>
        pool.query<unknown[]>({ ...statement, rowMode: 'array', types: recordTypes }),
      );
      return result.rows;
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  async *#cursor(statement: Statement): AsyncGenerator<unknown[][]> {
    let client: PoolClient | undefined;
    let failure: unknown;
    try {
      let rows: unknown[][];
      ({ client, rows } = await this.#reads.run((pool) => openCursor(pool, statement)));
      for (;;) {
        if (rows.length > 0) yield rows;
        if (rows.length < STREAM_BATCH) break;
        rows = await nextRows(client);
      }
    } catch (error) {
      failure = error;
      throw translateDatabaseError(error);
    } finally {
      if (client) await closeCursor(client, failure);
    }
  }
}

const readValue = (row: unknown[]): FieldValue => ({ id: row[0] as number, value: row[1] as string });
