import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';

let app: TestApp;
let document: {
  paths: Record<string, Record<string, { operationId: string; summary?: string; tags?: string[] }>>;
  'x-error-codes': { code: string; status: number; text: string }[];
};
beforeAll(async () => {
  app = await startTestApp();
  document = (await app.request('GET', '/openapi.json', { token: null })).json;
});
afterAll(() => app.stop());

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result).toMatchObject({ valid: true });
  });

  it('names every operation once, with a summary and a tag', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations.filter(({ summary, tags }) => !summary || !tags?.length)).toEqual([]);
  });

  it('lists every error once', () => {
    const codes = document['x-error-codes'].map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).toEqual(
      expect.arrayContaining(['core.unauthenticated', 'query.unknown_field', 'records.taken', 'imports.not_found']),
    );
  });

  it('is what is committed: `npx vitest run test/contract/document -u` writes it anew', async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../openapi/spec/openapi.json');
  });
});

describe('the documentation page', () => {
  it('is served, and a browser at the root is shown to it', async () => {
    expect((await app.request('GET', '/docs/', { token: null })).status).toBe(200);
    expect(await app.request('GET', '/docs/js/scalar.js', { token: null })).toMatchObject({ status: 200 });
    expect(await app.request('GET', '/docs/nothing', { token: null })).toMatchObject({
      status: 404,
      json: { detail: 'Not found.' },
    });
    const root = await app.request('GET', '/', { token: null, headers: { accept: 'text/html' } });
    expect([301, 302, 303, 307, 308]).toContain(root.status);
    expect(
      (await app.request('GET', '/', { token: null, headers: { accept: 'application/json' } })).json,
    ).toMatchObject({ name: 'Contact360 API', docs: '/docs' });
  });
});
