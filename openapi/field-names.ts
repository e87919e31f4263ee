import {
  AppError,
  type Condition,
  checkFilter,
  condition,
  type FieldRef,
  type Operator,
  type RecordType,
  resolveField,
  SYSTEM_FIELDS,
} from '@contact360/server';
import { type BodyPath, bodyErrors, faulty, unknownName } from './strict-body.ts';

/** The names by which a dialect calls the fields of a record type. */
export class FieldNames {
  readonly record: RecordType;
  readonly #paths: ReadonlyMap<string, string>;

  /** `paths`: name → path in the query algebra; where a name is given twice, the first counts. */
  constructor(record: RecordType, paths: Iterable<readonly [name: string, path: string]>) {
    this.record = record;
    const first = new Map<string, string>();
    for (const [name, path] of paths) if (!first.has(name)) first.set(name, path);
    this.#paths = first;
  }

  get names(): readonly string[] {
    return [...this.#paths.keys()];
  }

  has(name: string): boolean {
    return this.#paths.has(name);
  }

  /** The field of a name that a caller gave; refuses an unknown one with the nearest that exists. */
  find(name: unknown, at: BodyPath, what = 'field'): FieldRef {
    if (name === undefined || name === null || name === '') throw faulty({ path: at, reason: `${what} is required` });
    if (typeof name !== 'string') throw faulty({ path: at, reason: `must be the name of a ${what}` });
    const path = this.#paths.get(name);
    if (path === undefined) throw faulty({ path: at, reason: unknownName(what, name, this.#paths.keys()) });
    return resolveField(this.record, path);
  }
}

/** The stored fields of a record type, row number and uuid first and the times last, as records are shown. */
export function storedFields(record: RecordType): string[] {
  const own = Object.keys(record.fields).filter((name) => !(name in SYSTEM_FIELDS));
  return ['id', 'uuid', ...own, 'created_at', 'updated_at'];
}

/** Fields that items of a list have unless columns are chosen: what an import left over is shown with details (decision 14). */
export const listFields = (record: RecordType): string[] =>
  storedFields(record).filter((name) => record.fields[name]!.kind !== 'json');

/** `company_name` → `company.name` for every given field of every related record (decision 33). */
export function relatedNames(record: RecordType, fieldsOf: (related: RecordType) => readonly string[]) {
  return Object.entries(record.relations).flatMap(([relation, { record: related }]) =>
    fieldsOf(related).map((name): [string, string] => [`${relation}_${name}`, `${relation}.${name}`]),
  );
}

/** What the wire calls the parts of a condition. */
export interface WireCondition {
  readonly record: RecordType;
  /** The field as the caller named it. */
  readonly name: string;
  /** Where the value stands, given what the core adds for a value within it. */
  readonly valueAt: (within: BodyPath) => BodyPath;
}

/**
 * A condition whose value fits its field; what does not is told in the wire's names and places. `undefined` when it
 * asks for nothing, as a text without words does.
 */
export function conditionOf(
  ref: FieldRef,
  operator: Operator,
  value: unknown,
  { record, name, valueAt }: WireCondition,
): Condition | undefined {
  const made = condition(ref.path, operator, value);
  try {
    const checked = checkFilter(record, made, []);
    return checked.type === 'and' && checked.parts.length === 0 ? undefined : made;
  } catch (error) {
    if (!(error instanceof AppError) || error.code === bodyErrors.invalid().code) throw error;
    const [, ...within] = error.path ?? [];
    throw faulty({ path: valueAt(within), reason: error.message.replaceAll(`'${ref.path}'`, `'${name}'`) });
  }
}
