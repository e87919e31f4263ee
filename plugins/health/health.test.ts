import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../../test/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.stop());

const get = (path: string, headers: Record<string, string> = {}) => app.request('GET', path, { token: null, headers });

test.each(['/health', '/health/', '/api/v1/health', '/api/v1/health/'])('%s is healthy', async (path) => {
  const { status, json } = await get(path);
  expect([status, json]).toEqual([200, { status: 'healthy', environment: 'test' }]);
});

test.each([
  ['/', 'application/json'],
  ['/', '*/*'],
  ['/', 'application/json, text/html;q=0.5'],
  ['/api/v1', '*/*'],
  ['/api/v1/', 'text/html'],
])('%s tells a client that accepts %s what it is', async (path, accept) => {
  const { status, json } = await get(path, { accept });
  expect([status, json]).toEqual([200, { name: 'Contact360 API', version: app.app.version, docs: '/docs' }]);
});

test('a browser is led from the root to the documentation', async () => {
  const { status, headers } = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
  expect([status, headers.get('location')]).toEqual([302, '/docs']);
});

test('the query engine is this server', async () => {
  expect((await get('/api/v1/health/vql/')).json).toEqual({
    connectra_enabled: true,
    connectra_status: 'healthy',
    connectra_base_url: app.url,
    connectra_details: { status: 'ok', version: app.app.version, uptime: expect.any(Number) },
    monitoring_available: false,
  });
  expect((await get('/api/v1/health/vql/stats/')).json).toEqual({
    message: 'The query engine is healthy.',
    note: 'No figures of queries are kept.',
  });
});

test('a token that is no longer good does not matter', async () => {
  expect((await app.request('GET', '/health', { token: 'bad' })).status).toBe(200);
});

test('while the database gives no answer the server is unhealthy, and healthy again afterwards', async () => {
  const { pool } = app.app;
  const connections = await Promise.all(Array.from({ length: pool.options.max! }, () => pool.connect()));
  try {
    const [check, engine, stats] = await Promise.all([
      get('/health'),
      get('/api/v1/health/vql/'),
      get('/api/v1/health/vql/stats/'),
    ]);
    expect([check.status, check.json]).toEqual([503, { status: 'unhealthy', environment: 'test' }]);
    const fault = 'The database does not answer.';
    expect([engine.status, engine.json]).toEqual([
      200,
      {
        connectra_enabled: true,
        connectra_status: 'unhealthy',
        connectra_base_url: app.url,
        connectra_details: null,
        connectra_error: fault,
        monitoring_available: false,
      },
    ]);
    expect(stats.json.message).toBe(`The query engine is unhealthy: ${fault}`);
  } finally {
    for (const connection of connections) connection.release();
  }
  expect((await get('/health')).json).toEqual({ status: 'healthy', environment: 'test' });
});
