import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ADMIN, startTestApp, type TestApp } from '../app.ts';
import { csvOf } from '../imports/imports.ts';
import { buildProgram, runCommand, source, startCommand } from './terminal.ts';

const CONTACTS = 2100;

let app: TestApp;
let folder: string;
/** What is published: it starts faster than the source. */
let program: string;
let environment: Record<string, string>;
const run = (...args: string[]) => runCommand(program, args, environment);
const sessions = () => path.join(folder, 'contact360/sessions.json');
const lines = (text: string) => text.trimEnd().split('\n');

beforeAll(async () => {
  // Below the margin of renewal: every command renews its token first.
  app = await startTestApp({ ACCESS_TOKEN_TTL: '20s', API_KEY: 'a key for programs' });
  folder = await mkdtemp(path.join(os.tmpdir(), 'contact360-cli-'));
  program = await buildProgram(folder);
  environment = { XDG_CONFIG_HOME: folder, CONTACT360_URL: app.url };
  const { status } = await runCommand(
    program,
    ['login', '--email', ADMIN.email, '--password-stdin'],
    environment,
    `${ADMIN.password}\n`,
  );
  expect(status).toBe(0);
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('importing', () => {
  test('a file is uploaded and watched to its end', async () => {
    const file = path.join(folder, 'contacts.csv');
    const rows = Array.from(
      { length: CONTACTS },
      (_, at) => `Ada,Nr ${at},ada${at}@x.example,Engineer ${at},Acme,${at}`,
    );
    await writeFile(
      file,
      csvOf('First Name,Last Name,Email,Title,Company,# Employees', ...rows, 'No,Body,no email,,,'),
    );
    const { status, out, err } = await run('import', file, '--watch');
    expect({ status, out }).toEqual({ status: 0, out: '' });
    const [first, rejected, more] = lines(err);
    expect(first).toBe('✓ 2,101 rows read: created 2,100, updated 0, left 0 as they are; 1 rejected');
    expect(rejected).toBe('  row 2102: Invalid email format');
    const [, job] = /contact360 errors ([\w-]{36}) > rejected\.csv$/.exec(more!)!;
    const errors = await run('errors', job!);
    expect(errors).toMatchObject({ status: 0, err: '' });
    expect(lines(errors.out)).toEqual([
      expect.stringMatching(/^First Name,Last Name,Email,/),
      expect.stringMatching(/^No,Body,no email,/),
    ]);
  });

  test('a dry run shows what an import would do, by the mapping that is given', async () => {
    const file = path.join(folder, 'changed.csv');
    await writeFile(file, csvOf('Email,Title,Notes', 'ada7@x.example,Engineer 7,Head of all', 'new@x.example,,x'));
    const { status, out, err } = await run('import', file, '--dry-run', '--mapping', '{"Title":null,"Notes":"title"}');
    expect(status).toBe(0);
    expect(err).toContain('2 rows read: would create 1, update 1, leave 0 as they are; 0 rejected');
    expect(lines(out)).toEqual([
      'heading\tfield',
      'Email\temail',
      'Title\t(left out)',
      'Notes\ttitle',
      '',
      'row\tfield\tstored\tfile',
      '2\tcontact.title\tEngineer 7\tHead of all',
    ]);
    expect((await run('count', 'email=new@x.example')).out).toBe('0\n');
  });

  test('an import is undone', async () => {
    const file = path.join(folder, 'undone.csv');
    await writeFile(file, csvOf('Email,Title', 'ada7@x.example,Undone', 'undone@x.example,Undone'));
    const job = JSON.parse((await run('import', file, '--watch', '--json')).out);
    expect((await run('count', 'title=undone')).out).toBe('2\n');
    expect(await run('undo', job.uuid)).toMatchObject({
      status: 0,
      err: expect.stringMatching(/^✓ 1 contact removed, 1 contact restored, 0 contacts kept/),
    });
    expect((await run('count', 'title=undone')).out).toBe('0\n');
    expect(await run('cancel', job.uuid)).toMatchObject({
      status: 1,
      err: expect.stringContaining('has ended already'),
    });
  });

  test('for a script the job is the only output', async () => {
    const file = path.join(folder, 'companies.csv');
    await writeFile(file, csvOf('Company,Website', 'Globex,https://globex.example'));
    const { status, out, err } = await run('import', file, '--companies', '--watch', '--json');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ record: 'company', state: 'completed', successCount: 1 });
    const { uuid } = JSON.parse(out);
    expect(JSON.parse((await run('jobs', uuid, '--json')).out).uuid).toBe(uuid);
    expect((await run('jobs')).out).toContain(`${uuid}\timport\tcompany\tcompleted\t1\t0\tcompanies.csv`);
  });

  test('without watching, the job is named', async () => {
    const file = path.join(folder, 'none.csv');
    await writeFile(file, csvOf('Nothing,Known', 'a,b'));
    const { status, err } = await run('import', file);
    const [, job] = /contact360 jobs ([\w-]{36}) --watch/.exec(err)!;
    expect(status).toBe(0);
    const watched = await run('jobs', job!, '--watch');
    expect(watched.status).toBe(1);
    expect(watched.err).toMatch(/^✗ 0 rows read.*\n {2}.*Nothing/s);
  });

  test.each([
    ['no such file', ['import', '/nowhere/x.csv'], 1, /There is no file \/nowhere\/x\.csv/],
    ['a folder', ['import', os.tmpdir()], 2, /is a folder/],
    ['no file named', ['import'], 2, /FILE is missing/],
    ['an import that is none', ['jobs', randomUUID()], 1, /There is no import/],
  ])('%s', async (_, args, status, message) => {
    expect(await run(...args)).toEqual({ status, out: '', err: expect.stringMatching(message) });
  });

  test('an empty file is refused by the server', async () => {
    const file = path.join(folder, 'empty.csv');
    await writeFile(file, '');
    expect(await run('import', file)).toEqual({ status: 1, out: '', err: 'Error: The submitted file is empty.\n' });
  });

  test('Ctrl-C while watching leaves the import to the server, and says so', async () => {
    const uuid = randomUUID();
    await app.app.pool.query(
      `insert into import_jobs (uuid, record, state, file_name, upload_key, message) values ($1, 'contact', 'pending', 'x.csv', 'uploads/x.csv', '')`,
      [uuid],
    );
    const watching = startCommand(program, ['jobs', uuid, '--watch'], environment);
    const asked = once(app.http.server, 'request').then(() => once(app.http.server, 'request'));
    await asked.then(() => once(app.http.server, 'request'));
    watching.kill('SIGINT');
    expect(await watching.ended).toEqual({
      status: 130,
      out: '',
      err: `The import goes on. Watch it again: contact360 jobs ${uuid} --watch\n`,
    });
    expect(await run('cancel', uuid)).toMatchObject({ status: 0, err: '✓ The import is cancelled.\n' });
    expect(await run('jobs', uuid, '--watch')).toMatchObject({ status: 1 });
  });

  test('Ctrl-C while sending gives up', async () => {
    const file = path.join(folder, 'large.csv');
    await writeFile(file, Buffer.alloc(4 << 20, 'a,b\n'));
    const deaf = http.createServer().listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const { port } = deaf.address() as AddressInfo;
    const keyed = { ...environment, CONTACT360_API_KEY: 'x', CONTACT360_URL: `http://127.0.0.1:${port}` };
    const sending = startCommand(program, ['import', file], keyed);
    await once(deaf, 'request');
    sending.kill('SIGINT');
    expect(await sending.ended).toMatchObject({
      status: 130,
      err: 'The upload was given up: nothing is imported.\n',
    });
    deaf.closeAllConnections();
    deaf.close();
  });
});

describe('asking', () => {
  test('counts, by short and by JSON filters', async () => {
    expect((await run('count')).out).toBe(`${CONTACTS}\n`);
    expect((await run('count', 'title="engineer 7"|engineer 8, company.name?')).out).toBe('2\n');
    expect((await run('count', '--json', '-f', 'last_name~"nr 20", not email:ada207@x')).out).toBe('{"count":110}\n');
    expect((await run('count', '-f', '{"field":"title","operator":"eq","value":"Engineer 7"}')).out).toBe('1\n');
    expect((await run('count', '-c', 'employees>=2k or website~globex')).out).toBe('2\n');
  });

  test('lists for a program that reads tabs', async () => {
    expect(
      await run('query', 'last_name~"nr 20"', '--order', '-title', '-n', '2', '--fields', 'title,company.name'),
    ).toEqual({
      status: 0,
      out: 'title\tcompany.name\nEngineer 2099\tAcme\nEngineer 2098\tAcme\n',
      err: '',
    });
  });

  test('lists everything as JSON, one a line, beyond one page', async () => {
    const { status, out, err } = await run('query', '--all', '--json', '--fields', 'email,company.name');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const rows = lines(out).map((line) => JSON.parse(line));
    expect(new Set(rows.map(({ email }) => email)).size).toBe(CONTACTS);
    expect(rows[0]).toEqual({ email: expect.stringContaining('@x.example'), company: { name: 'Acme' } });
    expect(lines((await run('query', '-n', '1500', '--json')).out)).toHaveLength(1500);
  });

  test('shows one whole, and says when there is nothing', async () => {
    const { uuid } = JSON.parse((await run('query', '-n', '1', '--json')).out);
    expect((await run('get', uuid)).out).toMatch(/^email +ada\d+@x\.example$/m);
    expect((await run('get', uuid)).out).toMatch(/^company\.name +Acme$/m);
    expect(await run('get', randomUUID())).toMatchObject({ status: 1, err: 'Error: Not found.\n' });
    expect(await run('query', 'title=nobody')).toMatchObject({ status: 0, err: 'Nothing matches.\n' });
    expect((await run('fields')).out).toMatch(/^company\.employees_count\tinteger\t/m);
  });

  test.each([
    [
      'a field that is none',
      ['count', 'email?, titel~x'],
      2,
      /did you mean 'title'\?\n\n {2}email\?, titel~x\n {10}\^{5}\n/,
    ],
    ['a value of the wrong kind', ['count', 'employees>=fifty'], 2, /takes a whole number\n\n.*\n {13}\^{5}\n/],
    ['a filter that does not end', ['count', '(title~x'], 2, /not closed/],
    ['JSON that is none', ['count', '{"field"'], 2, /not valid JSON/],
    ['two filters', ['count', 'title~x', '-f', 'title~y'], 2, /twice/],
    ['an ordering that is none', ['query', '--order', 'meta_data'], 2, /cannot be ordered by 'meta_data'/],
    ['an unknown option', ['query', '--limt', '3'], 2, /There is no option --limt/],
    ['an unknown command', ['qurey'], 2, /There is no command 'qurey'/],
    ['a limit that is none', ['query', '-n', 'x'], 2, /--limit takes a whole number from 1/],
    ['too many arguments', ['count', 'title', '~x'], 2, /'~x' is more than/],
    ['no command', [], 2, /contact360 COMMAND/],
  ])('%s', async (_, args, status, message) => {
    expect(await run(...args)).toEqual({ status, out: '', err: expect.stringMatching(message) });
  });

  test('for a script an error is JSON too', async () => {
    const { status, out, err } = await run('count', '--json', 'titel~x');
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(JSON.parse(err)).toEqual({
      error: { code: 'query.unknown_field', message: "unknown field 'titel', did you mean 'title'?" },
    });
  });

  test('what would command the terminal is taken out', async () => {
    const reply = await app.request('POST', '/trpc/contacts.create', {
      token: null,
      headers: { 'x-api-key': 'a key for programs' },
      body: { email: 'esc@y.example', title: 'red \u001b[31m\u202edet', company_id: null },
    });
    expect(reply.status).toBe(200);
    expect((await run('query', 'email=esc@y.example', '--fields', 'title')).out).toBe('title\nred  [31m det\n');
    expect(JSON.parse((await run('query', 'email=esc@y.example', '--json')).out).title).toBe('red \u001b[31m\u202edet');
  });

  test('ends without a word when its reader goes', async () => {
    const listing = startCommand(program, ['query', '--all', '--json'], environment);
    await once(listing.stdout!, 'data');
    listing.stdout!.destroy();
    expect(await listing.ended).toMatchObject({ status: 141, err: '' });
  });

  test('helps', async () => {
    expect((await run('help')).out).toContain('Exit status');
    expect((await run('help', 'filters')).out).toContain('company.employees>=50');
    expect((await run('query', '--help')).out).toContain('--order FIELDS');
  });
});

describe('exporting', () => {
  test('what is exported is imported again and changes nothing', async () => {
    const file = path.join(folder, 'all.csv');
    const { status, out, err } = await run('export', 'email~x.example', '--out', file);
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toBe(`✓ ${CONTACTS.toLocaleString('en-US')} contacts exported to ${file}\n`);
    const again = await run('import', file, '--dry-run');
    expect(again.err).toContain('would create 0, update 0, leave 2,100 as they are; 0 rejected');
  });

  test('a filter picks, and a pipe gets the file alone', async () => {
    const { status, out, err } = await run('export', '-f', 'last_name="nr 7"|"nr 8"', '--format', 'jsonl');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(lines(out)).toHaveLength(2);
    const book = path.join(folder, 'companies.xlsx');
    const made = JSON.parse((await run('export', '--companies', 'name=globex', '--out', book, '--json')).out);
    expect(made).toMatchObject({ record: 'company', format: 'xlsx', done: 1, file: book });
    expect(made).not.toHaveProperty('token');
    expect((await readFile(book)).subarray(0, 2).toString()).toBe('PK');
    expect((await run('jobs', made.id)).out).toContain(`${made.id}\texport\tcompany\tcompleted\t1`);
  });

  test.each([
    ['a format that is none', ['export', '--out', 'x.pdf'], 2, /no format 'pdf'/],
    ['a filter that is none', ['export', 'titel~x', '--out', 'x.csv'], 2, /did you mean 'title'\?\n\n {2}titel/],
    ['a folder that is none', ['export', 'title=none', '--out', '/nowhere/x.csv'], 1, /There is no file \/nowhere/],
    ['an export that has ended', ['cancel', randomUUID()], 1, /There is no import or export/],
  ])('%s', async (_, args, status, message) => {
    expect(await run(...args)).toEqual({ status, out: '', err: expect.stringMatching(message) });
  });

  const APOLLO_URL = 'https://app.apollo.io/#/people?personTitles[]=CEO';

  /** Asks a server that answers as told, and gives what it was asked. */
  async function askApollo(status: number, answer: object, ...options: string[]) {
    const asked: string[] = [];
    const server = http
      .createServer(async (message, reply) => {
        asked.push(`${message.method} ${message.url} ${await text(message)}`);
        reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      })
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const keyed = { ...environment, CONTACT360_API_KEY: 'x', CONTACT360_URL: `http://127.0.0.1:${port}` };
    const outcome = await runCommand(program, ['apollo', APOLLO_URL, ...options], keyed);
    server.close();
    return { asked, outcome };
  }

  it('is told when a server reads no Apollo.io addresses', async () => {
    const { outcome } = await askApollo(404, { detail: 'Not found.' });
    expect(outcome).toMatchObject({ status: 1, err: expect.stringContaining('without that plugin') });
  });

  // The shape of the reply is that of document 004.
  it('is shown what an Apollo.io address asks for, and what of it was left aside', async () => {
    const found = { first_name: 'Ada', last_name: 'Lovelace', title: 'CEO', company: 'X', email: 'ada@x.example' };
    const answer = {
      next: null,
      previous: null,
      results: [found],
      apollo_url: APOLLO_URL,
      mapping_summary: {
        total_apollo_parameters: 10,
        mapped_parameters: 8,
        unmapped_parameters: 2,
        mapped_parameter_names: ['personTitles[]'],
        unmapped_parameter_names: ['sortByField', 'qKeywords'],
      },
      unmapped_categories: [],
    };
    const { asked, outcome } = await askApollo(200, answer, '--limit', '5');
    expect(asked).toEqual([`POST /api/v2/apollo/contacts/?limit=5 {"url":"${APOLLO_URL}"}`]);
    expect(outcome).toEqual({
      status: 0,
      out: 'first_name\tlast_name\ttitle\tcompany\temail\tcountry\nAda\tLovelace\tCEO\tX\tada@x.example\t\n',
      err: '8 of 10 parameters apply; left aside: sortByField, qKeywords\n',
    });
    expect(JSON.parse((await askApollo(200, answer, '--json')).outcome.out)).toEqual(found);
  });
});

describe('signing in', () => {
  test('the tokens are kept for their owner alone', async () => {
    expect((await stat(sessions())).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(sessions()))).mode & 0o777).toBe(0o700);
    expect(await readFile(sessions(), 'utf8')).not.toContain(ADMIN.password);
    expect((await run('whoami')).out).toBe(`${ADMIN.email} (SuperAdmin) at ${app.url}\n`);
  });

  test('commands that run at once share one sign-in, though each renews it', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => run('count')));
    expect(outcomes.map(({ status, err }) => ({ status, err }))).toEqual(Array(4).fill({ status: 0, err: '' }));
    expect((await run('count')).status).toBe(0);
  });

  test('the last server signed in to is the one asked', async () => {
    const { CONTACT360_URL: _, ...without } = environment;
    expect((await runCommand(program, ['whoami'], without)).out).toContain(app.url);
  });

  test('a program without a user has a key', async () => {
    const keyed = {
      XDG_CONFIG_HOME: path.join(folder, 'none'),
      CONTACT360_URL: app.url,
      CONTACT360_API_KEY: 'a key for programs',
    };
    expect((await runCommand(program, ['count', 'title=none'], keyed)).out).toBe('0\n');
    expect(await runCommand(program, ['jobs'], keyed)).toMatchObject({ status: 5 });
    expect(await runCommand(program, ['count'], { ...keyed, CONTACT360_API_KEY: 'wrong' })).toMatchObject({
      status: 4,
    });
  });

  test.each([
    ['a wrong password', ['login', '-e', ADMIN.email, '--password', 'wrong'], 4, /Invalid email or password/],
    ['no password and no terminal', ['login', '-e', ADMIN.email], 2, /--password-stdin/],
    ['no email and no terminal', ['login'], 2, /--email/],
    ['an address that is none', ['count', '--url', 'http://'], 2, /not the address of a server/],
    [
      'a server never signed in to',
      ['count', '--url', 'other.example:1'],
      4,
      /not signed in to http:\/\/other.example:1:/,
    ],
  ])('%s', async (_, args, status, message) => {
    expect(await run(...args)).toEqual({ status, out: '', err: expect.stringMatching(message) });
  });

  test('a plain user may read and not import', async () => {
    const user = { ...environment, XDG_CONFIG_HOME: path.join(folder, 'user') };
    const login = ['login', '--email', 'user@example.com', '--password', 'correct horse battery'];
    expect((await runCommand(program, login, user)).status).toBe(0);
    expect((await runCommand(program, ['count', 'title=none'], user)).out).toBe('0\n');
    expect((await runCommand(program, ['jobs'], user)).err).toBe('There are none.\n');
    expect(await runCommand(program, ['import', path.join(folder, 'contacts.csv')], user)).toMatchObject({
      status: 5,
      err: expect.stringContaining('administrator'),
    });
  });

  test('a sign-in that is over, or damaged, asks for a new one', async () => {
    const other = { ...environment, XDG_CONFIG_HOME: path.join(folder, 'over') };
    const file = path.join(folder, 'over/contact360/sessions.json');
    const login = () =>
      runCommand(program, ['login', '-e', ADMIN.email], { ...other, CONTACT360_PASSWORD: ADMIN.password });
    expect((await login()).status).toBe(0);
    const kept = await readFile(file, 'utf8');
    expect((await runCommand(program, ['logout'], other)).status).toBe(0);
    expect((await runCommand(program, ['whoami'], other)).status).toBe(4);
    await writeFile(file, kept);
    expect(await runCommand(program, ['count'], other)).toMatchObject({
      status: 4,
      err: expect.stringContaining('contact360 login'),
    });
    await writeFile(file, kept.slice(0, 40));
    await chmod(file, 0o644);
    expect(await runCommand(program, ['count'], other)).toMatchObject({
      status: 4,
      err: expect.stringContaining('is damaged'),
    });
    await rm(file);
    expect((await login()).status).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('a server that is away', () => {
  const asking = (url: string) =>
    runCommand(program, ['login', '-e', 'a@b.example', '--password', 'x', '--url', url], environment);

  it('is told in a sentence', async () => {
    const closed = http.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    expect(await asking(`http://127.0.0.1:${port}`)).toEqual({
      status: 3,
      out: '',
      err: expect.stringMatching(
        /^Error: http:\S+ does not answer \(.*ECONNREFUSED.*\)\. Is the server running\?.*\n$/,
      ),
    });
  });

  it('so is one that is another program', async () => {
    const other = http
      .createServer((_, reply) => reply.writeHead(502).end('<html>Bad gateway</html>'))
      .listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const outcome = await asking(`127.0.0.1:${port}`);
    other.close();
    expect(outcome).toMatchObject({ status: 3, err: expect.stringContaining('not as a Contact360 server does') });
  });
});

it('runs from the repository as it is, and is a program of its own when it is published', async () => {
  expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(await runCommand(source, ['count', 'title=none'], environment)).toEqual({ status: 0, out: '0\n', err: '' });
});
