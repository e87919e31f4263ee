import { isDeepStrictEqual } from 'node:util';
import { type Changed, saidOver } from '@contact360/server';
import type { Fall } from './identities.ts';
import type { Values } from './rows.ts';

/** A field that a row would change. */
export interface Difference {
  readonly rowNumber: number;
  /** What is changed: `contact` or `company`. */
  readonly record: string;
  readonly uuid: string;
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** Rows by what became of the records they fell on. */
export interface Outcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** A row on its record, with the fields that it changed. */
interface Change {
  readonly fall: Fall;
  readonly made: boolean;
  readonly fields: readonly { readonly field: string; readonly old: unknown; readonly new: unknown }[];
}

/** What became of the rows of a batch: the same whether rows on one record share a batch or not. */
export function outcomeOf(falls: readonly Fall[], changed: ReadonlyMap<number, Changed>): Outcome {
  let created = 0;
  let updated = 0;
  for (const { made, fields } of changesOf(falls, changed)) {
    if (made) created++;
    else if (fields.length > 0) updated++;
  }
  return { created, updated, unchanged: falls.length - created - updated };
}

/** The first fields that rows change of records that `isStored`, in the order of the file. */
export function differencesOf(
  record: string,
  falls: readonly Fall[],
  changed: ReadonlyMap<number, Changed>,
  isStored: (id: number) => boolean,
): Difference[] {
  return [...changesOf(falls, changed)].flatMap(({ fall: { row, target }, made, fields }) =>
    made || target.id === null || !isStored(target.id)
      ? []
      : fields.map((field) => ({ rowNumber: row.source.rowNumber, record, uuid: target.uuid, ...field })),
  );
}

/**
 * What each row changes. Records are written once for all rows of a batch; what each of several rows on one record
 * changes follows from what the record was before, which the journal tells, and what the rows say one after the other.
 */
function* changesOf(falls: readonly Fall[], changed: ReadonlyMap<number, Changed>): Generator<Change> {
  const states = new Map<Fall['target'], Values>();
  for (const fall of falls) {
    const { target, values } = fall;
    const state = states.get(target);
    if (!state && target.id === null) {
      states.set(target, values);
      yield { fall, made: true, fields: [] };
      continue;
    }
    // A field that is not among the changed ones was before as it is now.
    const before: Values = state ?? { ...target.changes, ...changed.get(target.id!)?.old };
    const fields = Object.entries(values).flatMap(([field, value]) => fieldChanges(field, before[field], value));
    states.set(target, saidOver(before, values));
    yield { fall, made: false, fields };
  }
}

function fieldChanges(field: string, old: unknown, value: unknown): Change['fields'] {
  if (value === undefined) return [];
  if (field === 'meta_data') {
    const known = (old ?? {}) as Values;
    return Object.entries(value as Values).flatMap(([key, each]) =>
      isDeepStrictEqual(known[key], each) ? [] : [{ field: `meta_data.${key}`, old: known[key] ?? null, new: each }],
    );
  }
  return isDeepStrictEqual(old ?? null, value) ? [] : [{ field, old: old ?? null, new: value }];
}
