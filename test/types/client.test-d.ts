import type { Client } from '@contact360/sdk';
import { expectTypeOf } from 'vitest';

declare const client: Client;

// What a caller sees of a contact.
const page = await client.contacts.query({
  where: {
    and: [
      { field: 'title', operator: 'contains', value: 'cto' },
      {
        or: [
          { field: 'company.employees_count', operator: 'gte', value: 50 },
          { field: 'departments', operator: 'eq', value: 'Sales' },
        ],
      },
      { not: { field: 'email', operator: 'exists' } },
      { field: 'search', operator: 'words', value: 'berlin' },
    ],
  },
  order: [{ field: 'company.name', direction: 'desc' }],
  include: ['company'],
});
const contact = page.items[0]!;
expectTypeOf(contact.id).toEqualTypeOf<number>();
expectTypeOf(contact.uuid).toEqualTypeOf<string>();
expectTypeOf(contact.title).toEqualTypeOf<string | null>();
expectTypeOf(contact.departments).toEqualTypeOf<string[] | null>();
expectTypeOf(contact.company?.employees_count).toEqualTypeOf<number | null | undefined>();
expectTypeOf(page.next).toEqualTypeOf<string | null>();
expectTypeOf(await client.contacts.count({})).toEqualTypeOf<{ count: number }>();
expectTypeOf(await client.contacts.uuids({})).toExtend<AsyncIterable<string[]>>();

// What does not compile: a wrong field, operator, type of value, ordering, relation, or procedure.
// @ts-expect-error no such field
client.contacts.query({ where: { field: 'titel', operator: 'eq', value: 'x' } });
// @ts-expect-error no such related field
client.contacts.query({ where: { field: 'company.employes', operator: 'eq', value: 1 } });
// @ts-expect-error a number is not compared with a text
client.contacts.query({ where: { field: 'company.employees_count', operator: 'gt', value: '50' } });
// @ts-expect-error a number has no substrings
client.contacts.query({ where: { field: 'company.employees_count', operator: 'contains', value: '5' } });
// @ts-expect-error a list has no order to compare by
client.contacts.query({ where: { field: 'departments', operator: 'gt', value: 'a' } });
// @ts-expect-error `in` takes a list
client.contacts.query({ where: { field: 'title', operator: 'in', value: 'CTO' } });
// @ts-expect-error no such operator
client.contacts.query({ where: { field: 'title', operator: 'like', value: 'CTO' } });
// @ts-expect-error no such ordering
client.contacts.query({ order: [{ field: 'nothing', direction: 'asc' }] });
// @ts-expect-error companies have no company
client.companies.query({ include: ['company'] });
// @ts-expect-error wrong type of a written value
client.contacts.create({ departments: 'Sales' });
// @ts-expect-error no such procedure
client.contacts.destroy({});
