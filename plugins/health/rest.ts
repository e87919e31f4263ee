import { type Binding, headerOf, WireReply, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import { aboutOutput, type CheckOutput, checkOutput, type EngineOutput } from './router.ts';

const nothing = () => undefined;
const encodeCheck = (output: CheckOutput) =>
  new WireReply({ status: output.status === 'healthy' ? 200 : 503, body: output });

const engineHealth = z
  .object({
    connectra_enabled: z.boolean(),
    connectra_status: z.enum(['healthy', 'unhealthy']),
    connectra_base_url: z.url().describe('The engine is this server itself'),
    connectra_details: z.object({ status: z.string(), version: z.string(), uptime: z.number() }).nullable(),
    connectra_error: z.string().optional(),
    monitoring_available: z.boolean().describe('Whether figures of queries are kept'),
  })
  .meta({ id: 'VQLHealthResponse' });
const engineStats = z.object({ message: z.string(), note: z.string() }).meta({ id: 'VQLStatsResponse' });

/** `VQLHealthResponse`: the state stands in the body, so the status stays 200. */
const encodeEngine = ({ status, version, uptime, fault }: EngineOutput, { info }: WireRequest) => ({
  connectra_enabled: true,
  connectra_status: status,
  connectra_base_url: info.origin,
  connectra_details: fault ? null : { status: 'ok', version, uptime },
  ...(fault && { connectra_error: fault }),
  monitoring_available: false,
});

const encodeStats = ({ status, fault }: EngineOutput) => ({
  message: fault ? `The query engine is ${status}: ${fault}` : `The query engine is ${status}.`,
  note: 'No figures of queries are kept.',
});

/** Browsers are shown the documentation. */
const encodeRoot = (output: unknown, { info }: WireRequest) => {
  const accept = headerOf(info, 'accept') ?? '';
  const browser = accept.includes('text/html') && !accept.includes('application/json');
  return browser
    ? new WireReply({ status: 302, headers: { location: '/docs', vary: 'accept' } })
    : new WireReply({ headers: { vary: 'accept' }, body: output });
};

const get = (path: Binding['path'], procedure: string, rest: Pick<Binding, 'encode' | 'document'>): Binding => ({
  dialect: 'v1',
  method: 'GET',
  path,
  procedure,
  decode: nothing,
  ...rest,
});

const check = {
  encode: encodeCheck,
  document: {
    summary: 'Whether the server can answer',
    description: '503 with `status: "unhealthy"` while the database does not answer.',
    tag: 'health',
    response: checkOutput,
  },
};
const about = { summary: 'Name and version of the API', tag: 'health', response: aboutOutput };

/** Document 004's root and health endpoints. */
export const bindings: readonly Binding[] = [
  get('/', 'health.about', { encode: encodeRoot, document: about }),
  get('/api/v1/', 'health.about', { document: about }),
  get('/health/', 'health.check', check),
  get('/api/v1/health/', 'health.check', check),
  get('/api/v1/health/vql/', 'health.engine', {
    encode: encodeEngine,
    document: { summary: 'State of the query engine', tag: 'health', response: engineHealth },
  }),
  get('/api/v1/health/vql/stats/', 'health.engine', {
    encode: encodeStats,
    document: { summary: 'Figures of the query engine', tag: 'health', response: engineStats },
  }),
];
