import { z } from 'zod';
import { type Filter, OPERATORS } from '../query/algebra.ts';
import { operatorsOf } from '../query/check.ts';
import { type Context, procedures } from '../trpc.ts';
import { KINDS, type Kind, parseUuid } from './kinds.ts';
import { fieldPaths, labelOf, type RecordType, resolveField, type ValuesOf } from './record.ts';
import { recordSchemas } from './schemas.ts';
import { recordErrors } from './writer.ts';

const DEFAULT_LIMIT = 25;
const UUID_BATCH = 10_000;

/** The procedures that every record type offers, typed by its field table. */
export function recordProcedures<R extends RecordType>(record: R) {
  const schemas = recordSchemas(record);
  const { reader, writer } = procedures;
  const identity = z.union([z.object({ uuid: z.string() }), z.object({ id: z.int().min(0) })]);
  const include = Object.keys(record.relations);
  const reading = ({ app, reads }: Context) => app.store(record).readingFrom(reads);

  return {
    fields: reader
      .meta({ access: 'reader', summary: `What ${record.plural} can be filtered and ordered by` })
      .output(z.array(fieldSchema))
      .query(() => fieldViews(record)),

    query: reader
      .meta({ access: 'reader', summary: `A page of ${record.plural}` })
      .input(schemas.query)
      .output(schemas.page)
      .query(async ({ ctx, input }) => {
        const store = reading(ctx);
        const where = input.where as Filter | undefined;
        const { count = 'none' } = input;
        const [page, counted] = await Promise.all([
          store.query({ ...input, where, limit: input.limit ?? DEFAULT_LIMIT }),
          count === 'none' ? null : count === 'estimated' && isEmpty(where) ? store.estimate() : store.count(where),
        ]);
        return { ...page, count: counted };
      }),

    count: reader
      .meta({ access: 'reader', summary: `How many ${record.plural} match` })
      .input(
        z.object({
          where: schemas.where,
          estimate: z.boolean().optional().describe('Whether an estimate will do where nothing filters'),
        }),
      )
      .output(z.object({ count: z.int() }))
      .query(async ({ ctx, input }) => {
        const store = reading(ctx);
        const where = input.where as Filter | undefined;
        return { count: input.estimate && isEmpty(where) ? await store.estimate() : await store.count(where) };
      }),

    uuids: reader
      .meta({ access: 'reader', summary: `The uuids of all matching ${record.plural}, newest first, in batches` })
      .input(z.object({ where: schemas.where, limit: z.int().min(1).optional() }))
      .query(async function* ({ ctx, input }): AsyncGenerator<string[]> {
        let batch: string[] = [];
        for await (const uuids of reading(ctx).uuids(input.where as Filter | undefined, input.limit)) {
          batch = batch.concat(uuids);
          if (batch.length >= UUID_BATCH) yield batch.splice(0);
        }
        yield batch;
      }),

    stream: reader
      .meta({ access: 'reader', summary: `All matching ${record.plural} in order, in batches` })
      .input(z.intersection(schemas.query, z.object({})))
      .query(async function* ({ ctx, input }) {
        yield* reading(ctx).stream({ ...input, where: input.where as Filter | undefined });
      }),

    get: reader
      .meta({ access: 'reader', summary: `One ${record.name}, by uuid or row number` })
      .input(identity)
      .output(schemas.row)
      .query(async ({ ctx, input }) => {
        const key = 'uuid' in input ? parseUuid(input.uuid) : input.id;
        const found =
          key === undefined
            ? undefined
            : await reading(ctx).find(typeof key === 'number' ? { id: key } : { uuid: key }, include);
        if (!found) throw recordErrors.not_found();
        return found;
      }),

    values: reader
      .meta({ access: 'reader', summary: `The values that ${record.plural} bear in a field` })
      .input(schemas.values.query)
      .output(z.object({ items: z.array(schemas.values.item), hasMore: z.boolean() }))
      .query(({ ctx, input: { where, limit = DEFAULT_LIMIT, field, ...query } }) =>
        reading(ctx).values(where as Filter | undefined, { ...query, field: resolveField(record, field), limit }),
      ),

    valuesStream: reader
      .meta({ access: 'reader', summary: `All values that ${record.plural} bear in a field, in batches` })
      .input(schemas.values.query)
      .query(async function* ({ ctx, input: { where, field, ...query } }) {
        const store = reading(ctx);
        yield* store.streamValues(where as Filter | undefined, { ...query, field: resolveField(record, field) });
      }),

    search: reader
      .meta({
        access: 'reader',
        summary: `Ranked search in ${record.plural} as one types`,
        description:
          'Tolerates typos; facets count the frequent values among all hits, highlights show why a row was found.',
      })
      .input(
        z.object({
          q: z.string().max(500),
          where: schemas.where,
          limit: z.int().min(1).max(100).optional(),
          offset: z.int().min(0).max(10_000).optional(),
          include: schemas.include,
        }),
      )
      .output(schemas.search)
      .query(async ({ ctx, input: { q, where, limit = DEFAULT_LIMIT, offset = 0, include } }) => ({
        ...(await reading(ctx).search(q, where as Filter | undefined, {
          limit,
          offset,
          ...(include && { include: include as string[] }),
        })),
        engine: 'postgresql' as const,
      })),

    explain: reader
      .meta({
        access: 'reader',
        summary: `What a query on ${record.plural} means and how it is answered`,
        description: 'Nothing is read but the plan.',
      })
      .input(schemas.query)
      .output(schemas.explanation)
      .query(({ ctx, input }) =>
        reading(ctx).explain({
          ...input,
          where: input.where as Filter | undefined,
          limit: input.limit ?? DEFAULT_LIMIT,
        }),
      ),

    create: writer
      .meta({ access: 'writer', summary: `Create a ${record.name}` })
      .input(schemas.write)
      .output(schemas.row)
      .mutation(({ ctx, input }) => ctx.app.store(record).create(input as ValuesOf<R>)),

    update: writer
      .meta({ access: 'writer', summary: `Change a ${record.name}`, description: 'Absent values stay, `null` clears.' })
      .input(z.object({ uuid: uuidInput, values: schemas.write }))
      .output(schemas.row)
      .mutation(({ ctx, input: { uuid, values } }) => ctx.app.store(record).update(uuid, values)),

    upsert: writer
      .meta({ access: 'writer', summary: `Change the ${record.name} with this uuid or unique value, else create it` })
      .input(schemas.write)
      .output(z.object({ row: schemas.row, created: z.boolean() }))
      .mutation(({ ctx, input }) => ctx.app.store(record).upsert(input as ValuesOf<R>)),

    bulk: writer
      .meta({
        access: 'writer',
        summary: `Upsert many ${record.plural}`,
        description: 'A row that is refused does not stop the others.',
      })
      .input(z.object({ rows: z.array(schemas.bulkRow).max(MAX_BULK_ROWS) }))
      .output(z.object({ created: z.int(), updated: z.int(), errors: z.array(bulkError) }))
      .mutation(async ({ ctx, input }) => {
        const { valid, errors } = checkRows(schemas.write, input.rows);
        const { created, updated, faults } =
          valid.length > 0 ? await ctx.app.store(record).bulk(valid) : { created: 0, updated: 0, faults: [] };
        const refused = faults.map(({ index, error }) => ({
          index,
          message: error.message,
          path: [...(error.path ?? [])],
        }));
        return { created, updated, errors: [...errors, ...refused].sort((a, b) => a.index - b.index) };
      }),

    delete: writer
      .meta({ access: 'writer', summary: `Delete a ${record.name}`, description: 'Softly: it is never shown again.' })
      .input(z.object({ uuid: uuidInput }))
      .output(z.object({ uuid: z.string() }))
      .mutation(async ({ ctx, input }) => {
        await ctx.app.store(record).delete(input.uuid);
        return input;
      }),
  };
}

const fieldSchema = z.object({
  field: z.string().describe('As filters and orderings name it: `title`, `company.name`'),
  label: z.string().describe('The field, for people'),
  description: z.string(),
  kind: z.enum(Object.keys(KINDS) as [Kind, ...Kind[]]),
  operators: z.array(z.enum(OPERATORS)),
  ordered: z.boolean().describe('Whether rows can be ordered by it'),
});

function fieldViews(record: RecordType): z.output<typeof fieldSchema>[] {
  return fieldPaths(record).map((path) => {
    const ref = resolveField(record, path);
    const { description } = ref.computed ?? ref.record.fields[ref.name]!;
    const ordered = ref.spec.comparison !== 'none';
    return { field: path, label: labelOf(ref), description, kind: ref.kind, operators: [...operatorsOf(ref)], ordered };
  });
}

const MAX_BULK_ROWS = 10_000;
const uuidInput = z
  .string()
  .refine((text) => parseUuid(text) !== undefined, 'Invalid UUID format')
  .overwrite((text) => parseUuid(text) ?? text);
const bulkError = z.object({ index: z.int(), message: z.string(), path: z.array(z.union([z.string(), z.int()])) });

/** Checks each row of a bulk write on its own, so that one fault is told of one row. */
function checkRows<V>(schema: z.ZodType<V>, rows: readonly unknown[]) {
  const valid: { index: number; values: V }[] = [];
  const errors: z.output<typeof bulkError>[] = [];
  for (const [index, row] of rows.entries()) {
    const result = schema.safeParse(row);
    if (result.success) valid.push({ index, values: result.data });
    else {
      const [{ path, message }] = result.error.issues as [z.core.$ZodIssue];
      errors.push({
        index,
        message: [path.join('.'), message].filter(Boolean).join(': '),
        path: path as (string | number)[],
      });
    }
  }
  return { valid, errors };
}

const isEmpty = (where: Filter | undefined) => where === undefined || Object.keys(where).length === 0;
