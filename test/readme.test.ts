import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN, startTestApp, type TestApp } from './app.ts';
import { csvOf, importCsv } from './imports/imports.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const example = new URL('./readme-example.ts', import.meta.url);

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await importCsv(
    app,
    csvOf('Email,Title,Company,# Employees', 'eng@x.example,Software Engineer,Acme,100', 'cto@x.example,CTO,Acme,100'),
  );
});
afterAll(async () => {
  rmSync(example, { force: true });
  await app.stop();
});

it('the example of the SDK in the README does what it shows', async () => {
  const code = /```ts\n(import \{ createClient[\s\S]*?)```/.exec(readme)![1]!;
  const adapted = code.replace('http://127.0.0.1:8000', app.url).replace('admin@contact360.local', ADMIN.email);
  writeFileSync(example, adapted);
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(example)], {
    env: { ...process.env, ADMIN_PASSWORD: ADMIN.password },
  });
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toBe('1 eng@x.example Acme');
  expect(lines[1]).toMatch(/^[0-9a-f-]{36}$/);
  expect(lines).toContain('completed 1');
  expect(lines).toContain('completed 2 2');
  expect(stdout).toContain(',ada@example.com,');
});

it('the curl example signs in, imports and asks as it shows', async () => {
  const paths = [...readme.matchAll(/\$URL(\/\S*?)[" ]/g)].map((match) =>
    match[1]!.replace('<job_id>', '6f1a2b3c-0000-4000-8000-000000000000'),
  );
  expect(paths.length).toBeGreaterThan(3);
  for (const path of paths.filter((each) => each.includes('?') && !each.includes('import'))) {
    expect((await app.request('GET', path)).status, path).toBe(200);
  }
});
