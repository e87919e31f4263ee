import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApp, type TestApp, WRITE_KEYS } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';
import { type ApiDocument, requestsOf } from './fuzz.ts';

/** Requests in `npm test`; `FUZZ_REQUESTS=20000` for the long run. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1000);
const API_KEY = 'a key with all rights';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ API_KEY, MAX_REQUESTS_PER_MINUTE: '1000000', LOG_LEVEL: 'silent' });
  await importCsv(
    app,
    csvOf(
      'Email,Title,Company,Departments,# Employees',
      ...Array.from(
        { length: 50 },
        (_, row) => `f${row}@x.example,Title ${row % 7},Company ${row % 5},"A${row % 3}, B",${row * 10}`,
      ),
    ),
  );
});
afterAll(() => app.stop());

/** These would end the session, take away the caller's rights, or fill the disk with accounts. */
const skipped = (method: string, path: string) =>
  /\/auth\//.test(path) || (method !== 'GET' && path.startsWith('/api/v4/admin/'));

it(`${REQUESTS} requests made from the API document, many of them hostile, are never the server's fault`, async () => {
  const { json: document } = await app.request('GET', '/openapi.json', { token: null });
  const headers = {
    'x-api-key': API_KEY,
    'x-contacts-write-key': WRITE_KEYS.contacts,
    'x-companies-write-key': WRITE_KEYS.companies,
  };
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(requestsOf(document as ApiDocument, skipped), async ({ method, path, body }) => {
      const reply = await app.request(method, path, {
        token: app.adminToken,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
      expect(reply.status, `${method} ${path} ${JSON.stringify(body)}: ${reply.text.slice(0, 200)}`).toBeLessThan(500);
      // Whatever is refused says why, in the error body of its dialect.
      if (reply.status >= 400) expect(reply.json, reply.text).toBeTypeOf('object');
    }),
    { numRuns: REQUESTS },
  );
  // Were everything refused at the door, nothing behind it would have been tried.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS / 10);
}, 1_800_000);
