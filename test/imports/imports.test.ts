import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, ended, importCsv, upload } from './imports.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ MAX_UPLOAD_BYTES: '200000' });
});
afterAll(() => app.stop());

const one = async (email: string) => {
  const { json } = await app.request('GET', `/api/v1/contacts/?email=${encodeURIComponent(email)}&include_meta=true`);
  expect(json.results).toHaveLength(1);
  return json.results[0];
};
const snapshot = async () => {
  const { rows } = await app.database.query(
    'select md5(string_agg(t::text, chr(10) order by id)) as contacts from contacts t',
  );
  return rows[0].contacts as string;
};

describe('a real file', () => {
  const extract = readFileSync(new URL('../data/us-state-legislators-extract.csv', import.meta.url));

  it('is imported with its rejected rows reported, and importing it again changes nothing', async () => {
    const job = await importCsv(app, extract, { fileName: 'legislators.csv' });
    expect(job).toMatchObject({
      status: 'completed',
      message: 'Completed',
      total_rows: 46,
      success_count: 40,
      error_count: 6,
    });
    expect(job.upload_file_path).toMatch(/^uploads\/[0-9a-f-]{36}_legislators\.csv$/);
    expect(job.error_file_path).toBe(`errors/job_${job.job_id}_errors.csv`);
    expect(job.errors).toHaveLength(6);
    expect(job.errors[0]).toMatchObject({
      error_message: 'Invalid email format',
      error_column: 'Email',
      row_data: { Country: 'United States' },
    });
    const before = await snapshot();
    const again = await importCsv(app, extract);
    expect(again).toMatchObject({ status: 'completed', total_rows: 46, success_count: 40, error_count: 6 });
    expect(await snapshot()).toBe(before);
  });

  it('writes the rejected rows to a file of their own', async () => {
    const job = await importCsv(app, extract);
    const text = readFileSync(`${app.home}/${job.error_file_path}`, 'utf8');
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^First Name,Last Name,.*,row_number,error_code,error_column,error_message$/);
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/,invalid_email,Email,Invalid email format$/);
  });
});

describe('rows', () => {
  const header = 'First Name,Last Name,Email,# Employees,Person Linkedin Url,Company,Website';
  const rejected: [name: string, header: string, row: string, message: string, column: string | null][] = [
    ['an email without a host', header, 'A,B,nobody,,,,', 'Invalid email format', 'Email'],
    ['a web address for an email', header, 'A,B,https://example.com/form,,,,', 'Invalid email format', 'Email'],
    ['a number that is none', header, 'A,B,n1@example.com,many,,,', 'Invalid number: employees', '# Employees'],
    ['too many cells', header, 'A,B,n2@example.com,1,,,,x,y', 'Row has 9 cells, header has 7', null],
    ['nothing to tell it by', header, 'A,,,,,Acme,', 'Missing required field: email', null],
    ['a uuid that is none', 'UUID,Email', 'not-a-uuid,n3@example.com', 'Invalid value: uuid takes a UUID', 'UUID'],
    [
      'an unknown company',
      'Email,Company ID',
      'n4@example.com,6f1a2b3c-0000-4000-8000-000000000000',
      'Unknown company: no company has the uuid 6f1a2b3c-0000-4000-8000-000000000000',
      null,
    ],
    [
      'a NUL character',
      'Email,Title',
      'n5@example.com,a\0b',
      'Invalid character: Title holds a NUL character',
      'Title',
    ],
  ];
  it.each(rejected)('with %s are rejected, and the job goes on', async (_name, head, row, message, column) => {
    const job = await importCsv(
      app,
      csvOf(
        head,
        row,
        head.startsWith('UUID')
          ? ',good@example.com'
          : head
              .split(',')
              .map((each) => (each === 'Email' ? 'good@example.com' : ''))
              .join(','),
      ),
    );
    expect(job).toMatchObject({ status: 'completed', total_rows: 2, success_count: 1, error_count: 1 });
    expect(job.errors).toMatchObject([{ row_number: 2, error_message: message, error_column: column }]);
  });

  const read: [name: string, header: string, row: string, item: object][] = [
    [
      'numbers as people write them',
      'Email,# Employees,Annual Revenue,Total Funding,Website',
      'c1@n.example,"1,234",$10M,1.5K,n.example',
      { employees: 1234, annual_revenue: 10_000_000, total_funding: 1500 },
    ],
    [
      'placeholders and guarded cells',
      'Email,Title,Work Direct Phone,Stage',
      "c2@n.example,_,'+1 234-567,'=1+1",
      { title: '', work_direct_phone: '+1 234-567', stage: '=1+1' },
    ],
    [
      'lists, elements with commas in quotes',
      'Email,Departments',
      'c3@n.example,"Sales, ""R&D, Labs"", sales,,Legal"',
      { departments: 'Sales, R&D, Labs, Legal' },
    ],
    [
      'a full name, split at its last space',
      'Email,Full Name',
      'c4@n.example,Anna Maria van Berg',
      { first_name: 'Anna Maria van', last_name: 'Berg' },
    ],
    [
      'snake-case names',
      'email,first_name,company_city,company,person_linkedin_url',
      'c5@n.example,Zoë,Köln,Snake GmbH,https://linkedin.com/in/zoe',
      {
        first_name: 'Zoë',
        company_city: 'Köln',
        company: 'Snake GmbH',
        person_linkedin_url: 'https://linkedin.com/in/zoe',
      },
    ],
    [
      'website and social pages as the company’s',
      'Email,Company,Website,Facebook Url,Twitter Url',
      'c6@n.example,Web Co,https://www.Web-Co.example/x,https://fb.example/w,https://tw.example/w',
      { website: 'https://www.Web-Co.example/x', facebook_url: 'https://fb.example/w' },
    ],
    [
      'unknown columns into meta_data',
      'Email,Shoe Size,Batch',
      'c7@n.example,42,W12',
      { meta_data: { 'Shoe Size': '42', Batch: 'W12' } },
    ],
    ['text in Unicode NFC, trimmed', 'Email,Last Name', 'c8@n.example,"  Pe\u0301rez "', { last_name: 'Pérez' }],
  ];
  it.each(read)('are read with %s', async (_name, head, row, item) => {
    expect(await importCsv(app, csvOf(head, row))).toMatchObject({
      status: 'completed',
      success_count: 1,
      error_count: 0,
    });
    expect(await one(row.split(',')[0]!)).toMatchObject(item);
  });
});

describe('identity (decision 40)', () => {
  it('finds a contact by email in any case, and empty cells never erase', async () => {
    await importCsv(app, csvOf('Email,First Name,Title', 'ID1@x.example,Ada,CTO'));
    await importCsv(app, csvOf('Email,First Name,Title', 'id1@X.example,,CEO'));
    expect(await one('id1@x.example')).toMatchObject({ first_name: 'Ada', title: 'CEO', email: 'id1@X.example' });
  });

  it('finds a contact by LinkedIn address where the email is new, and takes the email over', async () => {
    await importCsv(app, csvOf('Email,Person Linkedin Url,First Name', 'id2@x.example,https://linkedin.com/in/id2,Bo'));
    await importCsv(app, csvOf('Email,Person Linkedin Url', 'id2-new@x.example,https://LinkedIn.com/in/id2'));
    expect(await one('id2-new@x.example')).toMatchObject({ first_name: 'Bo' });
    expect((await app.request('GET', '/api/v1/contacts/count/?email=id2@x.example')).json.count).toBe(0);
  });

  it('finds a contact that gives neither by its names and company', async () => {
    const csv = csvOf(
      'First Name,Last Name,Company,Title',
      'Cy,Nameson,Names Inc,A',
      'Cy,Nameson,Other Inc,B',
      'CY,NAMESON,names inc,C',
    );
    expect(await importCsv(app, csv)).toMatchObject({ success_count: 3 });
    await importCsv(app, csv);
    const { json } = await app.request('GET', '/api/v1/contacts/?last_name=nameson&ordering=title&limit=10');
    expect(json.results.map((item: { title: string; company: string }) => [item.title, item.company])).toEqual([
      ['B', 'Other Inc'],
      ['C', 'names inc'],
    ]);
  });

  it('lets later rows of one file update earlier ones', async () => {
    await importCsv(
      app,
      csvOf('Email,Title,City', 'id4@x.example,First,Rome', 'id4@x.example,Second,', 'id4@x.example,,Oslo'),
    );
    expect(await one('id4@x.example')).toMatchObject({ title: 'Second', city: 'Oslo' });
  });

  it('tells companies apart by domain, lets a nameless-domain company take one, and links by email domain', async () => {
    await importCsv(app, csvOf('Email,Company', 'id5@corp5.example,Corp Five'));
    await importCsv(
      app,
      csvOf(
        'Email,Company,Website,# Employees',
        'id5@corp5.example,Corp Five,www.corp5.example,10',
        'id5b@corp5.example,Corp Five,other5.example,20',
      ),
    );
    await importCsv(app, csvOf('Email,Title', 'id5c@corp5.example,X', 'id5d@gmail.com,Y'));
    expect(await one('id5@corp5.example')).toMatchObject({ company: 'Corp Five', employees: 10 });
    expect(await one('id5b@')).toMatchObject({ employees: 20, website: 'other5.example' });
    expect(await one('id5c@')).toMatchObject({ company: 'Corp Five', employees: 10 });
    expect(await one('id5d@')).toMatchObject({ company: '' });
    const { rows } = await app.database.query(
      "select normalized_domain from companies where name = 'Corp Five' order by 1",
    );
    expect(rows.map((row) => row.normalized_domain)).toEqual(['corp5.example', 'other5.example']);
  });

  it('refuses an email that another contact bears', async () => {
    await importCsv(
      app,
      csvOf(
        'UUID,Email',
        '11111111-1111-4111-8111-111111111111,id6a@x.example',
        '22222222-2222-4222-8222-222222222222,id6b@x.example',
      ),
    );
    const job = await importCsv(app, csvOf('UUID,Email', '11111111-1111-4111-8111-111111111111,id6b@x.example'));
    expect(job.errors).toMatchObject([{ error_message: 'Taken: the email belongs to another contact' }]);
  });

  it('refreshes what contacts copy of a company that changes', async () => {
    await importCsv(
      app,
      csvOf('Email,Company,Website,# Employees', 'id7a@c7.example,C7,c7.example,5', 'id7b@c7.example,C7,c7.example,'),
    );
    await importCsv(app, csvOf('Website,# Employees,Email', 'c7.example,700,id7c@c7.example'));
    const { json } = await app.request('GET', '/api/v1/contacts/count/?email=c7.example&employees_min=700');
    expect(json.count).toBe(3);
  });
});

describe('companies', () => {
  it('are imported by the same code', async () => {
    const job = await importCsv(
      app,
      csvOf(
        'Company,Website,# Employees,Industry,City,Founded',
        'Solo,solo.example,3,"Software, Media",Riga,2011',
        ',,5,,,',
        'Named only,,1,,,',
      ),
      { plural: 'companies' },
    );
    expect(job).toMatchObject({ status: 'completed', total_rows: 3, success_count: 2, error_count: 1 });
    expect(job.errors).toMatchObject([{ row_number: 3, error_message: 'Missing required field: name' }]);
    const { rows } = await app.database.query(
      "select name, normalized_domain, employees_count, industries, city, meta_data from companies where name = 'Solo'",
    );
    expect(rows).toEqual([
      {
        name: 'Solo',
        normalized_domain: 'solo.example',
        employees_count: '3',
        industries: ['Software', 'Media'],
        city: 'Riga',
        meta_data: { Founded: '2011' },
      },
    ]);
  });
});

describe('a file of companies', () => {
  it('refreshes what contacts copy of them', async () => {
    await importCsv(app, csvOf('Email,Company,Website,# Employees', 'co1@co1.example,Co One,co1.example,5'));
    await importCsv(app, csvOf('Company,Website,# Employees', 'Co 1,co1.example,4321'), { plural: 'companies' });
    const { json } = await app.request('GET', '/api/v1/contacts/?employees_min=4321&ordering=-company&limit=5');
    expect(json.results).toMatchObject([{ email: 'co1@co1.example', company: 'Co 1', employees: 4321 }]);
  });
});

describe('files', () => {
  const failing: [name: string, content: string | Uint8Array<ArrayBuffer>, message: RegExp][] = [
    [
      'no known column',
      'foo,bar\n1,2',
      /^The file has no known column\. Found: 'foo', 'bar'\. Expected columns such as /,
    ],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 1, 2, 3]), /./],
    ['an Excel workbook', 'PK\x03\x04rest', /Excel/],
    ['a quote that is never closed', 'Email\n"a@b.example\n', /quote/],
  ];
  it.each(failing)('with %s fail with a message', async (_name, content, message) => {
    const job = await importCsv(app, content);
    expect(job).toMatchObject({ status: 'failed', success_count: 0 });
    expect(job.message).toMatch(message);
  });

  it('with a header only complete with no row', async () => {
    expect(await importCsv(app, 'First Name,Email\n')).toMatchObject({
      status: 'completed',
      total_rows: 0,
      error_file_path: null,
    });
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeffEmail,City\nenc1@x.example,Köln')],
    ['UTF-16', Buffer.from('\ufeffEmail,City\nenc2@x.example,Köln', 'utf16le')],
    ['Windows-1252, semicolons and CRLF', Buffer.from('Email;City\r\nenc3@x.example;K\xf6ln\r\n', 'latin1')],
    ['tabs and old Mac line ends', Buffer.from('Email\tCity\renc4@x.example\tKöln\r')],
  ])('in %s are read', async (_name, content) => {
    const email = /enc\d/.exec(content.toString('latin1').replaceAll('\0', ''))![0];
    expect(await importCsv(app, new Uint8Array(content))).toMatchObject({ status: 'completed', success_count: 1 });
    expect(await one(`${email}@x.example`)).toMatchObject({ city: 'Köln' });
  });

  it('are refused when empty, missing, nameless or too large', async () => {
    expect(await upload(app, '')).toMatchObject({ status: 400, json: { file: ['The submitted file is empty.'] } });
    expect(await upload(app, 'x', { field: 'other' })).toMatchObject({
      status: 400,
      json: { file: ['This field is required.'] },
    });
    expect(await app.request('POST', '/api/v1/contacts/import/', { token: app.adminToken, body: {} })).toMatchObject({
      status: 400,
      json: { file: ['This field is required.'] },
    });
    const boundary = { 'content-type': 'multipart/form-data; boundary=x' };
    const nameless = '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nEmail\r\n--x--\r\n';
    expect(
      await app.request('POST', '/api/v1/contacts/import/', {
        token: app.adminToken,
        body: nameless,
        headers: boundary,
      }),
    ).toMatchObject({ status: 422 });
    expect(await upload(app, 'x'.repeat(200_001))).toMatchObject({
      status: 413,
      json: { detail: 'The file is larger than 200000 bytes.' },
    });
    expect(
      await app.request('POST', '/api/v1/contacts/import/', {
        token: app.adminToken,
        body: '--x\r\nbroken',
        headers: boundary,
      }),
    ).toMatchObject({ status: 400 });
  });
});

describe('two imports at once', () => {
  it('make each record once', async () => {
    const rows = (city: string) =>
      Array.from({ length: 300 }, (_, index) => `twin${index}@t.example,${city},Twin ${index % 7}`);
    const jobs = await Promise.all(
      ['Bonn', 'Graz', 'Metz'].map((city) => upload(app, csvOf('Email,City,Company', ...rows(city)))),
    );
    for (const { json } of jobs)
      expect(await ended(app, json.job_id)).toMatchObject({ status: 'completed', success_count: 300, error_count: 0 });
    expect((await app.request('GET', '/api/v1/contacts/count/?email=@t.example')).json.count).toBe(300);
    const { rows: companies } = await app.database.query(
      "select count(*)::int as count from companies where name like 'Twin %'",
    );
    expect(companies[0].count).toBe(7);
  });
});

describe('the endpoints', () => {
  it('give instructions, list jobs, and know no other job', async () => {
    const token = app.adminToken;
    expect(await app.request('GET', '/api/v1/contacts/import/', { token })).toMatchObject({
      status: 200,
      json: { message: 'Upload a CSV file via POST to /api/v1/contacts/import/ to start a background import job.' },
    });
    const { json: jobs } = await app.request('GET', '/api/v1/contacts/import/jobs/?limit=2', { token });
    expect(jobs).toHaveLength(2);
    expect(jobs[0].created_at >= jobs[1].created_at).toBe(true);
    for (const id of ['01234567-89ab-4def-8123-456789abcdef', 'abc', '0']) {
      expect(await app.request('GET', `/api/v1/contacts/import/${id}/`, { token })).toMatchObject({
        status: 404,
        json: { detail: 'Not found.' },
      });
      expect(await app.request('GET', `/api/v1/contacts/import/${id}/errors/`, { token })).toMatchObject({
        status: 404,
      });
    }
    const clean = await importCsv(app, csvOf('Email', 'clean@x.example'));
    expect(await app.request('GET', `/api/v1/contacts/import/${clean.job_id}/errors/`, { token })).toMatchObject({
      status: 200,
      json: [],
    });
    expect(clean).toMatchObject({
      error_file_path: null,
      started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it('are for admins', async () => {
    expect(await app.request('GET', '/api/v1/contacts/import/')).toMatchObject({
      status: 403,
      json: { detail: 'You do not have permission to perform this action.' },
    });
    expect(await upload(app, 'Email\nx@y.example', { token: null })).toMatchObject({
      status: 401,
      json: { detail: 'Authentication credentials were not provided.' },
    });
  });
});
