import { type App, condition, type Filter, type RecordType, type Row } from '@contact360/server';

/** A relation of another record type that leads to the one that is shown. */
export interface Dependent {
  readonly record: RecordType;
  readonly relation: string;
}

type AnyRow = Row<RecordType>;

/** Records shown of each one that they refer to, the newest; it may have any number of them. */
export const MAX_DEPENDENTS = 25;
/** Asked for at once. Most pages have fewer in all, and are then answered by one query. */
const MAX_TOGETHER = 1000;

/** The newest records that refer to each of the given ones, by uuid. */
export async function newestDependents(
  app: App,
  { record, relation }: Dependent,
  owners: readonly AnyRow[],
): Promise<ReadonlyMap<string, readonly AnyRow[]>> {
  const store = app.store(record);
  const newest = async (where: Filter, limit: number) => (await store.query({ where, limit })).items;
  if (owners.length === 0) return new Map();
  const ids = owners.map(({ id }) => id);
  const together = await newest(condition(`${relation}.id`, 'in', ids), MAX_TOGETHER);
  const { key } = record.relations[relation]!;
  const found = new Map<string, readonly AnyRow[]>(
    Map.groupBy(together, (row) => (row as unknown as Record<string, string>)[key]!),
  );
  for (const { id, uuid } of owners) {
    const rows = found.get(uuid) ?? [];
    // The newest of all are the newest of each, as far as they go; who is cut short is asked again alone.
    const complete = together.length < MAX_TOGETHER || rows.length >= MAX_DEPENDENTS;
    const own = complete ? rows : await newest(condition(`${relation}.id`, 'eq', id), MAX_DEPENDENTS);
    found.set(uuid, own.slice(0, MAX_DEPENDENTS));
  }
  return found;
}
