import { coreErrors } from '../errors.ts';
import { Compiler } from '../query/postgres.ts';
import { type FieldRef, type RecordType, resolveField } from './record.ts';

const known = new WeakMap<RecordType, Map<string, Shown>>();

/** What a record's rows are shown with, along with these relations; worked out once. */
export function shownWith(record: RecordType, include: readonly string[] = []): Shown {
  const names = [...new Set(include)];
  const byNames = known.get(record) ?? new Map<string, Shown>();
  known.set(record, byNames);
  const shown = byNames.get(names.join()) ?? new Shown(record, names);
  byNames.set(names.join(), shown);
  return shown;
}

/** The columns that a row is shown with, and how a row of values becomes an object. */
class Shown {
  readonly columns: string[] = [];
  readonly joins: string;
  readonly #own: FieldRef[];
  readonly #related: { name: string; fields: FieldRef[] }[];

  constructor(record: RecordType, include: readonly string[]) {
    const compiler = new Compiler(record);
    const paths = (of: RecordType) => [...Object.keys(of.fields), ...Object.keys(of.computed)];
    this.#own = paths(record).map((path) => resolveField(record, path));
    this.#related = include.map((name) => {
      const relation = record.relations[name];
      if (!relation) throw coreErrors.bad_request({ reason: `'${name}' is no relation of ${record.name}` });
      return { name, fields: paths(relation.record).map((path) => resolveField(record, `${name}.${path}`)) };
    });
    for (const ref of [...this.#own, ...this.#related.flatMap(({ fields }) => fields)])
      this.columns.push(compiler.value(ref));
    this.joins = compiler.from.replace(/^\S+ t ?/, '');
  }

  read(values: unknown[]): Record<string, unknown> {
    const row: Record<string, unknown> = {};
    let at = 0;
    for (const { name } of this.#own) row[name] = values[at++];
    for (const { name, fields } of this.#related) {
      const related: Record<string, unknown> = {};
      for (const field of fields) related[field.name] = values[at++];
      row[name] = related.id === null ? null : related;
    }
    return row;
  }
}
