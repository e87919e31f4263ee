import { z } from 'zod';
import type { Filter } from '../query/algebra.ts';
import { procedures } from '../trpc.ts';
import { parseUuid } from './kinds.ts';
import type { RecordType, ValuesOf } from './record.ts';
import { recordSchemas } from './schemas.ts';
import { recordErrors } from './store.ts';

const DEFAULT_LIMIT = 25;
const UUID_BATCH = 10_000;

/** The procedures that every record type offers, typed by its field table. */
export function recordProcedures<R extends RecordType>(record: R) {
  const schemas = recordSchemas(record);
  const { user, writer } = procedures;
  const identity = z.union([z.object({ uuid: z.string() }), z.object({ id: z.int().min(0) })]);
  const include = Object.keys(record.relations);

  return {
    query: user
      .meta({ access: 'user', summary: `A page of ${record.plural}` })
      .input(schemas.query)
      .output(schemas.page)
      .query(async ({ ctx, input }) => {
        const store = ctx.app.store(record);
        const where = input.where as Filter | undefined;
        const { count = 'none' } = input;
        const [page, counted] = await Promise.all([
          store.query({ ...input, where, limit: input.limit ?? DEFAULT_LIMIT }),
          count === 'none' ? null : count === 'estimated' && isEmpty(where) ? store.estimate() : store.count(where),
        ]);
        return { ...page, count: counted };
      }),

    count: user
      .meta({ access: 'user', summary: `How many ${record.plural} match` })
      .input(
        z.object({
          where: schemas.where,
          estimate: z.boolean().optional().describe('Whether an estimate will do where nothing filters'),
        }),
      )
      .output(z.object({ count: z.int() }))
      .query(async ({ ctx, input }) => {
        const store = ctx.app.store(record);
        const where = input.where as Filter | undefined;
        return { count: input.estimate && isEmpty(where) ? await store.estimate() : await store.count(where) };
      }),

    uuids: user
      .meta({ access: 'user', summary: `The uuids of all matching ${record.plural}, newest first, in batches` })
      .input(z.object({ where: schemas.where, limit: z.int().min(1).optional() }))
      .query(async function* ({ ctx, input }): AsyncGenerator<string[]> {
        let batch: string[] = [];
        for await (const uuids of ctx.app.store(record).uuids(input.where as Filter | undefined, input.limit)) {
          batch = batch.concat(uuids);
          if (batch.length >= UUID_BATCH) yield batch.splice(0);
        }
        yield batch;
      }),

    stream: user
      .meta({ access: 'user', summary: `All matching ${record.plural} in order, in batches` })
      .input(z.intersection(schemas.query, z.object({})))
      .query(async function* ({ ctx, input }) {
        yield* ctx.app.store(record).stream({ ...input, where: input.where as Filter | undefined });
      }),

    get: user
      .meta({ access: 'user', summary: `One ${record.name}, by uuid or row number` })
      .input(identity)
      .output(schemas.row)
      .query(async ({ ctx, input }) => {
        const key = 'uuid' in input ? parseUuid(input.uuid) : input.id;
        const found =
          key === undefined
            ? undefined
            : await ctx.app.store(record).find(typeof key === 'number' ? { id: key } : { uuid: key }, include);
        if (!found) throw recordErrors.not_found();
        return found;
      }),

    create: writer
      .meta({ access: 'writer', summary: `Create a ${record.name}` })
      .input(schemas.values)
      .output(schemas.row)
      .mutation(({ ctx, input }) => ctx.app.store(record).create(input as ValuesOf<R>)),
  };
}

const isEmpty = (where: Filter | undefined) => where === undefined || Object.keys(where).length === 0;
