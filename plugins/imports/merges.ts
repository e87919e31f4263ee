import { foldAccents, type PoolClient, type RecordType } from '@contact360/server';
import type { Fall } from './identities.ts';
import type { Job } from './job.ts';

/** A row that fell on the record of an earlier row of its file under another name (decision 40). It is no error. */
export interface Merge {
  readonly rowNumber: number;
  readonly earlierRow: number;
  readonly uuid: string;
  readonly name: string;
  readonly earlierName: string;
}

/** The fields that are a record's name, with the keys that they are found by. */
const namesOf = (record: RecordType): readonly (readonly [field: string, key: string])[] =>
  record.fields.first_name
    ? [
        ['first_name', 'first'],
        ['last_name', 'last'],
      ]
    : [['name', 'name']];

/** The last row that gave a record a name, and the name it had then. */
interface Named {
  readonly row: number;
  readonly parts: readonly (string | undefined)[];
}

/** A row that is a merge if an earlier batch of the file named its record. */
interface Suspect {
  readonly id: number;
  readonly merge: Omit<Merge, 'earlierRow' | 'earlierName'>;
}

/** What the names that the rows of a batch give tell by themselves. */
export interface NamesGiven {
  readonly merges: readonly Merge[];
  readonly suspects: readonly Suspect[];
}

/**
 * Looks for rows of a batch that give another first or last name than their record has by an earlier row of the file.
 * Names are compared without case and accents; a row that gives no name is no other name. The number of the last row that
 * named a record is noted with it, for the journal.
 */
export function compareNames(record: RecordType, falls: readonly Fall[]): NamesGiven {
  const names = namesOf(record);
  const last = new Map<Fall['target'], Named>();
  const merges: Merge[] = [];
  const suspects: Suspect[] = [];
  for (const { row, target, values, known } of falls) {
    const given = names.map(([field]) => values[field] as string | undefined);
    if (given.every((part) => part === undefined)) continue;
    const { rowNumber } = row.source;
    const earlier = last.get(target);
    const stored = names.map(([, key]) => known?.[key]);
    if (given.some((part, at) => part !== undefined && stored[at] !== undefined && !isName(part, stored[at]))) {
      const merge = { rowNumber, uuid: target.uuid, name: joined(given) };
      if (earlier) merges.push({ ...merge, earlierRow: earlier.row, earlierName: joined(earlier.parts) });
      else if (target.id !== null) suspects.push({ id: target.id, merge });
    }
    const parts = given.map((part, at) => part ?? earlier?.parts[at] ?? plainOf(stored[at]));
    last.set(target, { row: rowNumber, parts });
    target.note = rowNumber;
  }
  return { merges, suspects };
}

/** All merged rows of a batch: earlier batches left the numbers of their rows in the journal. */
export async function findMerges(
  client: PoolClient,
  job: Job,
  record: RecordType,
  { merges, suspects }: NamesGiven,
): Promise<Merge[]> {
  if (suspects.length === 0) return [...merges];
  const { rows } = await client.query<{ id: string; note: number; name: string }>(
    `select c.id, c.note, concat_ws(' ', ${namesOf(record)
      .map(([field]) => `t.${field}`)
      .join(', ')}) as name
     from import_changes c join ${record.table} t on t.id = c.id
     where c.journal = $1 and c.record = $2 and c.id = any($3::bigint[]) and c.note is not null`,
    [job.id, record.name, suspects.map(({ id }) => id)],
  );
  const earlier = new Map(rows.map(({ id, note, name }) => [Number(id), { earlierRow: note, earlierName: name }]));
  const found = suspects.flatMap(({ id, merge }) => (earlier.has(id) ? [{ ...merge, ...earlier.get(id)! }] : []));
  return [...merges, ...found].sort((a, b) => a.rowNumber - b.rowNumber);
}

/** The accent-free form of a folded key. */
const plainOf = (folded: string | undefined) => folded?.split('\u0001').at(-1);
const isName = (given: string, folded: string | undefined) => foldAccents(given) === plainOf(folded);
const joined = (parts: readonly (string | undefined)[]) => parts.filter((part) => part !== undefined).join(' ');

/** Keeps the merged rows of a batch, in its transaction. */
export async function writeMerges(client: PoolClient, { id }: Job, merges: readonly Merge[]): Promise<void> {
  if (merges.length === 0) return;
  await client.query(
    `insert into import_merges (job_id, row_number, earlier_row, uuid, name, earlier_name)
     select $1, * from unnest($2::int[], $3::int[], $4::uuid[], $5::text[], $6::text[])`,
    [
      id,
      merges.map(({ rowNumber }) => rowNumber),
      merges.map(({ earlierRow }) => earlierRow),
      merges.map(({ uuid }) => uuid),
      merges.map(({ name }) => name),
      merges.map(({ earlierName }) => earlierName),
    ],
  );
}
