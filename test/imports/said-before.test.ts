import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importInBatches } from './imports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ WORKERS: 'false' });
});
afterAll(() => app.stop());
beforeEach(async () => {
  await app.database.query('truncate contacts, companies');
});

/** Imports rows that say how many employees Acme has, each in a batch of its own; gives what is stored in the end. */
async function employeesAfter(said: readonly number[]) {
  const rows = said.map((employees, at) => `p${at}@acme.example,Acme,https://acme.example,${employees}`);
  const job = await importInBatches(app, csvOf('Email,Company,Website,# Employees', ...rows), { batchRows: 1 });
  expect(job).toMatchObject({ status: 'completed', success_count: said.length });
  const { rows: stored } = await app.database.query('select employees_count::int as employees from companies');
  return stored.map(({ employees }) => employees);
}

it.each([[[10, 10, 10, 10]], [[10, 20, 20, 10]], [[10, 20, 10, 20, 10, 10, 10]], [[10, 10, 10, 20]]])(
  'what rows of several batches say of a company, %j, counts in the order of the file',
  async (said) => {
    expect(await employeesAfter(said)).toEqual([said.at(-1)]);
  },
);

it('a company that another has changed meanwhile is told again', async () => {
  await app.database.query(`
    create function meddle() returns trigger language plpgsql as $$ begin
      if new.total_rows = 5 and old.total_rows = 4 then update companies set employees_count = 99; end if; return new; end $$;
    create trigger meddle after update on import_jobs for each row execute function meddle()`);
  expect(await employeesAfter([10, 10, 10, 10, 10])).toEqual([99]);
  await app.database.query('truncate contacts, companies');
  expect(await employeesAfter([10, 10, 10, 10, 10, 10])).toEqual([10]);
  await app.database.query('drop function meddle cascade');
});
