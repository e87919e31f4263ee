import type { Client } from '@contact360/sdk';
import type { FieldReader } from './filter.ts';

/** The fields of a record type, as the server tells them. */
export type Fields = Awaited<ReturnType<Client['contacts']['fields']>>;

const AMOUNT = /^([+-]?\d+(?:\.\d+)?)([kmb]?)$/i;
const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9 };
/** The field that stands for all that a free-text search looks in. */
const SEARCH = 'search';

/**
 * Reads names and values by the fields there are. A name may be short as long as it can only mean one field: `employees`
 * for `company.employees_count`. A name that is none is left to the server, which knows the nearest.
 */
export function fieldReader(fields: Fields): FieldReader {
  const kinds = new Map(fields.map(({ field, kind }) => [field, kind]));
  const numeric = (field: string) => kinds.get(field) === 'integer' || kinds.get(field) === 'money';
  return {
    resolve: (given) => {
      const name = given.toLowerCase();
      if (kinds.has(name) || name === SEARCH) return name;
      // An own field before one of a related record, a whole word of a name before a part of one.
      const own = (path: string) => !path.includes('.') || name.includes('.');
      const last = (path: string) => (name.includes('.') ? path : path.slice(path.lastIndexOf('.') + 1));
      for (const fits of [
        (path: string) => last(path) === name,
        (path: string) => own(path) && last(path).startsWith(`${name}_`),
        (path: string) => own(path) && last(path).startsWith(name),
        (path: string) => last(path).startsWith(name),
      ]) {
        const found = [...kinds.keys()].filter(fits);
        if (found.length > 1) throw new Error(`'${given}' may be ${found.join(' or ')}: name one of them`);
        if (found.length === 1) return found[0]!;
      }
      return name;
    },
    value: (field, text) => {
      const [, amount, unit] = (numeric(field) && AMOUNT.exec(text.replaceAll('_', ''))) || [];
      return amount === undefined ? text : Number(amount) * MULTIPLES[unit!.toLowerCase()]!;
    },
  };
}
