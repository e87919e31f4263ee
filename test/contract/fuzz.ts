import fc from 'fast-check';

/** As much of an OpenAPI document as requests are made from. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

const UUID = '6f1a2b3c-0000-4000-8000-000000000000';

/** Values that programs trip over. */
const HOSTILE = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  Number('9007199254740993'),
  2 ** 63,
  '',
  ' ',
  '0',
  '-1',
  'null',
  'true',
  'NaN',
  '1e400',
  "'; drop table contacts; --",
  '%',
  '_',
  '\\',
  '%_\\%',
  '[',
  '(',
  '(?:',
  '.*',
  '\u0000',
  '\u0001\u001e\u001f',
  '\ud800',
  '\ufeff',
  '𝒳'.repeat(50),
  'é'.normalize('NFD'),
  'x'.repeat(10_000),
  '"',
  '"a',
  '""',
  ',',
  ',,,',
  '2024-01-01',
  '2024-02-30T25:00:00Z',
  '9999-12-31T23:59:59Z',
  '0000-00-00',
  '+010000-01-01',
  UUID,
  'bz0yNQ==',
  'WzAsIi1jcmVhdGVkX2F0LC1pZCIsbnVsbCwiMSJd',
  '__proto__',
  'constructor',
  'toString',
  [],
  {},
  [[]],
  [null],
  { $gt: 1 },
  { field: 'title' },
  { and: [{ or: [{}] }] },
);
/** Words that mean something here, so that many requests get past the first check. */
const MEANINGFUL = fc.constantFrom<unknown>(
  'cto',
  'created_at',
  '-created_at',
  'title',
  'company',
  'company_name',
  'employees_count',
  'departments',
  'contains',
  'eq',
  'in',
  'gte',
  'exact',
  'shuffle',
  'substring',
  'contact',
  'Verified',
  'simple',
  'desc',
  'AND',
  25,
  1,
  2,
  'ada@example.com',
);

/** Requests made from the document: valid, nearly valid and hostile ones. */
export function requestsOf(
  document: ApiDocument,
  skipped: (method: string, path: string) => boolean,
): fc.Arbitrary<FuzzRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const made = operations
    .filter(({ method, path }) => !skipped(method, path))
    .map(({ method, path, operation }) => {
      const inQuery = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
      const query = fc.array(
        inQuery.length > 0
          ? fc
              .constantFrom(...inQuery)
              .chain(({ name, schema }) => fc.tuple(fc.constant(name), anyValue(document, schema)))
          : fc.tuple(fc.constant('x'), HOSTILE),
        { maxLength: 5 },
      );
      const schema = operation.requestBody?.content['application/json']?.schema;
      const body = schema
        ? fc.option(anyValue(document, schema), { nil: undefined, freq: 20 })
        : fc.constant(undefined);
      const segments = fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constant(UUID) },
          fc.constantFrom('1', '0', '-1', 'x', '99999999999999999999', '%', "'", '\u0001', 'é'),
        ),
        { minLength: 4, maxLength: 4 },
      );
      return fc.tuple(segments, query, body).map(([values, pairs, content]): FuzzRequest => {
        let index = 0;
        const target = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(values[index++ % values.length]!));
        const search = pairs
          .map(
            ([name, value]) =>
              `${encodeURIComponent(name)}=${encodeURIComponent(wellFormed(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')))}`,
          )
          .join('&');
        return {
          method,
          path: search ? `${target}?${search}` : target,
          ...(content !== undefined && { body: content }),
        };
      });
    });
  return fc.oneof(...made);
}

/** `encodeURIComponent` refuses half a surrogate pair; a client that is not JavaScript might send its bytes. */
const wellFormed = (text: string) => text.toWellFormed();

function anyValue(document: ApiDocument, schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  const right = rightValue(document, schema, depth);
  return fc.oneof(
    { weight: 8, arbitrary: right },
    { weight: 1, arbitrary: MEANINGFUL },
    { weight: 1, arbitrary: HOSTILE },
  );
}

function rightValue(document: ApiDocument, schema: Schema | undefined, depth: number): fc.Arbitrary<unknown> {
  if (!schema || depth > 5) return fc.oneof(MEANINGFUL, HOSTILE);
  if (schema.$ref)
    return rightValue(document, document.components?.schemas?.[schema.$ref.split('/').at(-1)!], depth + 1);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives) return fc.oneof(...alternatives.map((each) => rightValue(document, each, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(
        ([name, each]) => [name, anyValue(document, each, depth + 1)] as const,
      );
      if (members.length === 0)
        return fc.dictionary(fc.constantFrom('title', 'country', 'created_at', 'x'), fc.oneof(MEANINGFUL, HOSTILE), {
          maxKeys: 2,
        });
      return fc.record(Object.fromEntries(members), { requiredKeys: [] });
    }
    case 'array':
      return fc.array(anyValue(document, schema.items, depth + 1), { maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: 0, max: 100 }), fc.double({ noNaN: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'string':
      return fc.oneof(
        MEANINGFUL,
        fc.string({ maxLength: 12 }),
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.emailAddress(),
        fc.uuid(),
      );
    default:
      return fc.oneof(MEANINGFUL, HOSTILE);
  }
}
