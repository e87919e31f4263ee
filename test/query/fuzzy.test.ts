import { type Client, createClient } from '@contact360/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startTestApp();
  client = createClient({ url: app.url, token: app.userToken });
  const titles = ['Software Engineer', 'Sofware Enginer', 'Soft Ware', 'CTO', 'COT', 'IT Director', 'Ingénieur', 'VP'];
  await importCsv(app, csvOf('Email,Title', ...titles.map((title, index) => `f${index}@x.example,${title}`)));
});
afterAll(() => app.stop());

describe('words with typos (decision 36)', () => {
  const cases: [text: string, titles: string[]][] = [
    ['software', ['Software Engineer', 'Sofware Enginer']],
    ['sotfware', ['Software Engineer', 'Sofware Enginer']],
    ['engineer software', ['Software Engineer', 'Sofware Enginer']],
    ['cto', ['COT', 'CTO']],
    ['ctoo', ['CTO']],
    ['ITs', ['IT Director']],
    ['it', ['IT Director']],
    ['ti', []],
    ['vpp', ['VP']],
    ['ingenieru', ['Ingénieur']],
    ['direktorr', ['IT Director']],
    ['dyrektorr', []],
  ];
  it.each(cases)('%s', async (text, expected) => {
    const { items } = await client.contacts.query({
      where: { field: 'title', operator: 'words', value: { text, unit: 'whole', fuzzy: true } },
      order: [{ field: 'title', direction: 'asc' }],
    });
    expect(items.map(({ title }) => title)).toEqual(expected);
  });
});
