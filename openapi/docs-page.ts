import { coreErrors, type FaceHost } from '@contact360/server';
import { type FastifyInstance, fastify } from 'fastify';

const PATH = '/docs';

/** The documentation page: the document and nothing that calls home. */
const CONFIGURATION = {
  url: '/openapi.json',
  title: 'Contact360 API',
  authentication: { preferredSecurityScheme: 'bearer' },
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  telemetry: false,
} as const;

/** Mounts the page. It is loaded when somebody looks at it: its scripts take 40 MB, and most processes are never asked. */
export function mountDocsPage({ http }: FaceHost): void {
  let loaded: Promise<FastifyInstance> | undefined;
  for (const url of [PATH, `${PATH}/*`]) {
    http.get(url, async (request, reply) => {
      loaded ??= load();
      const { statusCode, headers, rawPayload } = await (await loaded).inject({ url: request.url });
      if (statusCode === 404) throw coreErrors.not_found();
      return reply.code(statusCode).headers(headers).send(rawPayload);
    });
  }
}

async function load(): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const page = fastify();
  await page.register(scalar, { routePrefix: PATH, configuration: CONFIGURATION });
  return page;
}
