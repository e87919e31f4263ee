import { type Binding, coreErrors, type FaceHost, queryErrors, recordErrors } from '@contact360/server';
import type { AnyTRPCProcedure } from '@trpc/server';
import type { z } from 'zod';
import { z as zod } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { isRepeatable } from './idempotency.ts';

type Procedures = Readonly<Record<string, AnyTRPCProcedure>>;

/** The OpenAPI 3.1 document of everything that is mounted. */
export function createOpenApiDocument(
  { router, app, plugins }: Pick<FaceHost, 'router' | 'app' | 'plugins'>,
  bindings: readonly Binding[],
) {
  const paths: ZodOpenApiPathsObject = {};
  for (const binding of bindings) {
    paths[binding.path] = {
      ...paths[binding.path],
      [binding.method.toLowerCase()]: operation(binding, router._def.procedures as Procedures),
    };
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Contact360 API',
      version: app.version,
      description: 'Contacts and companies: filter, search, count, import and export.',
    },
    paths,
    // Every failure by its stable code, as the typed client sees it under `code`.
    'x-error-codes': errorCodes(plugins),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a sign-in' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  });
}

/** The catalogue of errors: the core's and every plugin's. */
function errorCodes(plugins: FaceHost['plugins']) {
  const catalogues = [
    coreErrors,
    queryErrors,
    recordErrors,
    ...plugins.flatMap(({ errors }) => (errors ? [errors] : [])),
  ];
  return catalogues.flatMap(({ $specs }) => $specs).map(({ code, status, text }) => ({ code, status, text }));
}

function operation(binding: Binding, procedures: Procedures): ZodOpenApiOperationObject {
  const { document, path, method } = binding;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const procedure = typeof binding.procedure === 'string' ? procedures[binding.procedure] : undefined;
  const { inputs = [], output } = (procedure?._def ?? {}) as {
    inputs?: z.ZodType[];
    output?: z.ZodType & { schema?: z.ZodType };
  };
  const access = binding.access ?? (procedure?._def.meta as { access?: string } | undefined)?.access ?? 'user';
  const body = document.body ?? (method === 'GET' || method === 'DELETE' ? undefined : inputs[0]);
  const response = document.response ?? output?.schema ?? output;
  const status = String(binding.status ?? 200);
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-zA-Z0-9]+/g, '_').replace(/_$/, '')}`,
    summary: document.summary,
    ...(document.description && { description: document.description }),
    tags: [document.tag],
    security: access === 'open' ? [] : [binding.dialect === 'gateway' ? { apiKey: [] } : { bearer: [] }],
    requestParams: {
      ...(names.length > 0 && { path: zod.object(Object.fromEntries(names.map((name) => [name, zod.string()]))) }),
      ...(document.query && { query: document.query }),
      ...(isRepeatable(binding) && { header: idempotencyHeader }),
    },
    ...(binding.multipart
      ? { requestBody: multipartBody(binding.multipart) }
      : body
        ? { requestBody: { content: { 'application/json': { schema: body } } } }
        : {}),
    responses: {
      [status]: {
        description: 'Success',
        ...(status !== '204' && {
          content: { [document.mediaType ?? 'application/json']: { schema: response ?? zod.unknown() } },
        }),
      },
      '4XX': {
        description: 'Refused',
        content: { 'application/json': { schema: errorSchemas[binding.dialect === 'gateway' ? 'gateway' : 'detail'] } },
      },
    },
  };
}

const errorSchemas = {
  detail: zod
    .looseObject({
      detail: zod.unknown().optional().describe('What was wrong; a list of faults when the shape of the body was'),
    })
    .meta({ id: 'Error' }),
  gateway: zod
    .object({
      success: zod.literal(false),
      error: zod.string(),
      error_code: zod.string(),
      message: zod.string(),
      details: zod.record(zod.string(), zod.string()).optional(),
    })
    .meta({ id: 'GatewayError' }),
};

const idempotencyHeader = zod.object({
  'Idempotency-Key': zod
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('With it the request may be sent again: for 24 hours the same key and body get the first reply'),
});

const multipartBody = ({ field, fields = {} }: NonNullable<Binding['multipart']>) => ({
  required: true as const,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: [field],
        properties: {
          [field]: { type: 'string' as const, contentMediaType: 'application/octet-stream' },
          ...Object.fromEntries(
            Object.entries(fields).map(([name, description]) => [name, { type: 'string' as const, description }]),
          ),
        },
      },
    },
  },
});
