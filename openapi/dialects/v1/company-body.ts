import { company } from '@contact360/companies';
import { resolveField, SYSTEM_FIELDS } from '@contact360/server';
import { z } from 'zod';
import { parseBody } from '../../body.ts';
import { METADATA_FIELDS } from './company-item.ts';

type Name = keyof typeof company.fields;

const schemaOf = (names: readonly Name[]) =>
  Object.fromEntries(
    names.map((name): [string, z.ZodType] => {
      const { schema } = resolveField(company, name).spec;
      return [name, schema.nullable().optional().describe(company.fields[name].description)];
    }),
  );

const own = (Object.keys(company.fields) as Name[]).filter((name) => !(name in SYSTEM_FIELDS));
const shape = {
  ...schemaOf(own),
  metadata: z
    .object(schemaOf(METADATA_FIELDS))
    .nullable()
    .optional()
    .describe('The same fields, as clients send them that know them by this name; they win where both are sent'),
};

/** CompanyCreate (document 004), with every field of a company. */
export const companyCreateSchema = z
  .object({ ...schemaOf(['uuid']), ...shape })
  .meta({ id: 'CompanyCreate', description: 'All fields are optional' });

/** CompanyUpdate: the same fields without the identity. */
export const companyUpdateSchema = z
  .object(shape)
  .meta({ id: 'CompanyUpdate', description: 'Fields that are absent stay as they are, `null` clears' });

/** The values that a body gives; what stands inside `metadata` is the company's own. */
export function decodeCompanyBody(
  schema: typeof companyCreateSchema | typeof companyUpdateSchema,
  body: unknown,
): Record<string, unknown> {
  const { metadata, ...values } = parseBody(schema, body);
  return { ...values, ...metadata };
}
