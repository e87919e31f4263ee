import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

/** Document 001: `/api/contacts/`. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  const many = Array.from({ length: 130 }, (_, at) => `N${String(at).padStart(3, '0')},x${at}@many.example,Clerk,,,`);
  await importCsv(
    app,
    csvOf(
      'First Name,Email,Title,Company,# Employees,Keywords',
      'John,john@acme.example,CEO,Acme Corp,100,"enterprise, saas"',
      ...many,
    ),
  );
});
afterAll(() => app.stop());

const get = (path: string, options = {}) => app.request('GET', `/api/contacts/${path}`, { token: null, ...options });

describe('reading', () => {
  it('is open to anyone; an item is flat, with both ids', async () => {
    const { status, json } = await get('?first_name=john');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      next: null,
      previous: null,
      results: [
        {
          id: expect.any(Number),
          uuid: expect.any(String),
          first_name: 'John',
          company: 'Acme Corp',
          employees: 100,
          keywords: 'enterprise, saas',
          city: '',
        },
      ],
      meta: { strategy: 'cursor', count_mode: 'none', count: null, filters_applied: true },
    });
    expect(json.results[0]).not.toHaveProperty('meta_data');
    expect((await get('?first_name=john&include_meta=true')).json.results[0].meta_data).toEqual({});
    expect((await get('?first_name=john&view=simple')).json.results).toEqual(json.results);
    expect((await get('?first_name=john', { token: 'nonsense' })).json).toEqual(json);
  });

  it('gives one contact by its integer id alone', async () => {
    const [item] = (await get('?first_name=john')).json.results;
    const detail = await get(`${item.id}/`);
    expect(detail.json).toEqual({ ...item, meta_data: {} });
    for (const other of [item.uuid, '999999999', '0', '-1', 'abc', '99999999999999999999'])
      expect(await get(`${other}/`)).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
  });

  it('counts', async () => {
    expect((await get('count/')).json).toEqual({ count: 131 });
    expect((await get('count/?title=clerk&email=x12')).json).toEqual({ count: 11 });
    expect((await get('count/?employees_min=100')).json).toEqual({ count: 1 });
  });
});

describe('pages', () => {
  const walk = async (path: string) => {
    const pages: { first_name: string }[][] = [];
    for (let target: string | null = `/api/contacts/${path}`; target; ) {
      const { json } = await app.request('GET', target, { token: null });
      pages.push(json.results);
      target = json.next?.replace(app.url, '') ?? null;
    }
    return pages;
  };

  it('are of 25 unless asked, at most of 100, also with a custom ordering', async () => {
    for (const ordering of ['', 'ordering=first_name&']) {
      expect((await get(`?${ordering}`)).json.results).toHaveLength(25);
      expect((await get(`?${ordering}limit=1000`)).json).toMatchObject({
        next: expect.stringContaining(`${app.url}/api/contacts/?`),
        meta: { page_size: 100, returned_records: 100, page_size_cap: 100 },
      });
    }
    const { json } = await get('?ordering=-first_name&limit=25&offset=25');
    expect(json.next).toBe(`${app.url}/api/contacts/?ordering=-first_name&limit=25&offset=50`);
    expect(json.previous).toBe(`${app.url}/api/contacts/?ordering=-first_name&limit=25&offset=0`);
    expect(json.meta).toMatchObject({ strategy: 'limit-offset', count_mode: 'estimated', count: 131 });
  });

  it('hold every contact once, by cursor and by offset', async () => {
    for (const query of ['', '?page_size=40', '?ordering=title&limit=30']) {
      const pages = await walk(query);
      expect(pages.length).toBeGreaterThan(3);
      const names = pages.flat().map(({ first_name }) => first_name);
      expect(new Set(names).size).toBe(131);
      expect(names).toHaveLength(131);
    }
  });

  it('take old cursors, and refuse broken ones and unknown orderings', async () => {
    expect((await get('?cursor=bz0xMjU=')).json.results).toHaveLength(6);
    expect(await get('?cursor=broken')).toMatchObject({ status: 400, json: { detail: 'Invalid cursor value' } });
    const { status, json } = await get('?ordering=invalid_field');
    expect(status).toBe(400);
    expect(json.detail).toMatch(
      /^Invalid ordering field\(s\): invalid_field\. Valid fields are: created_at, updated_at, employees, annual_revenue, total_funding, latest_funding_amount, first_name/,
    );
    expect(await get('?employees_min=many')).toMatchObject({
      status: 400,
      json: { detail: 'employees_min: must be a whole number' },
    });
  });
});

describe('field lists', () => {
  it('are pages of 25, at most 100', async () => {
    const { json } = await get('title/');
    expect(json.results).toHaveLength(25);
    expect(json.results[0]).toEqual({ id: expect.any(Number), title: 'CEO' });
    expect(json.next).toBe(`${app.url}/api/contacts/title/?limit=25&offset=25`);
    expect((await get('title/?limit=5000')).json.results).toHaveLength(100);
    expect((await get('title/?limit=100&offset=100')).json).toMatchObject({
      next: null,
      previous: `${app.url}/api/contacts/title/?limit=100&offset=0`,
    });
  });

  const lists: [path: string, values: string[]][] = [
    ['title/?distinct=true', ['CEO', 'Clerk']],
    ['title/?distinct=true&search=cl', ['Clerk']],
    ['company/', ['Acme Corp']],
    ['industry/', []],
    ['keywords/', ['enterprise, saas']],
    ['keywords/?separated=true', ['enterprise', 'saas']],
    ['technologies/', []],
    ['company_address/', []],
    ['contact_address/', []],
  ];
  it.each(lists)('%s', async (path, values) => {
    const { status, json } = await get(path);
    expect(status).toBe(200);
    const field = path.split('/')[0]!;
    expect(json.results.map((row: Record<string, string>) => row[field])).toEqual(values);
  });

  it('refuse bad parameters, and are only those of the document', async () => {
    expect(await get('title/?limit=0')).toMatchObject({ status: 400, json: { detail: 'limit: must be at least 1' } });
    expect(await get('title/?distinct=2')).toMatchObject({ status: 400 });
    expect(await get('city/')).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
    expect((await app.request('POST', '/api/contacts/', { body: {} })).status).toBe(405);
  });
});

describe('imports', () => {
  const admin = () => ({ token: app.adminToken });
  const upload = (csv: string, { field = 'file', token = app.adminToken as string | null } = {}) => {
    const form = new FormData();
    form.append(field, new Blob([csv]), 'people.csv');
    return app.request('POST', '/api/contacts/import/', { token, body: form });
  };
  const ended = async (job: number) => {
    for (;;) {
      const { json } = await get(`import/${job}/`, admin());
      if (json.status === 'completed' || json.status === 'failed') return json;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('tell how to upload', async () => {
    expect((await get('import/', admin())).json).toEqual({
      detail: "Upload contacts CSV via POST multipart/form-data with field 'file'.",
    });
  });

  it('answer 201 with an integer job, whose errors are a CSV to download', async () => {
    const reply = await upload(
      csvOf('First Name,Email,Note', 'Good,good@import.example,', 'Bad,"not, an address",Ünïcode'),
    );
    expect(reply.status).toBe(201);
    expect(reply.json).toEqual({ job_id: expect.any(Number) });
    const { job_id: id } = reply.json;
    const job = await ended(id);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const errors = expect.stringMatching(/^errors\/job_[\w-]+_errors\.csv$/);
    expect(job).toEqual({
      id,
      status: 'completed',
      total_rows: 2,
      success_count: 1,
      error_count: 1,
      upload_file_path: expect.stringMatching(/^uploads\/[\w-]+_people\.csv$/),
      error_file_path: errors,
      message: 'Completed',
      started_at: time,
      finished_at: time,
      created_at: time,
      updated_at: time,
      errors_url: `${app.url}/api/contacts/import/${id}/errors/`,
    });
    const file = await app.request('GET', job.errors_url.replace(app.url, ''), admin());
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="${job.error_file_path.replace('errors/', '')}"`,
    );
    expect(file.text).toBe(
      'First Name,Email,Note,row_number,error_code,error_column,error_message\r\nBad,"not, an address",Ünïcode,3,invalid_email,Email,Invalid email format\r\n',
    );
    // Both dialects name the same job, each in its own way.
    const { rows } = await app.app.pool.query('select uuid from import_jobs where id = $1', [id]);
    expect((await app.request('GET', `/api/v1/contacts/import/${rows[0].uuid}/`, admin())).json.error_count).toBe(1);
    expect((await get(`import/${rows[0].uuid}/`, admin())).status).toBe(404);
  });

  it('have no file where there are no errors', async () => {
    const { json } = await upload(csvOf('First Name,Email', 'Fine,fine@import.example'));
    expect(await ended(json.job_id)).toMatchObject({
      error_count: 0,
      error_file_path: '',
      errors_url: `${app.url}/api/contacts/import/${json.job_id}/errors/`,
    });
    expect(await get(`import/${json.job_id}/errors/`, admin())).toMatchObject({
      status: 404,
      json: { detail: 'Not found.' },
    });
  });

  it('refuse what is no upload', async () => {
    expect(await upload('')).toMatchObject({ status: 400, json: { file: ['The submitted file is empty.'] } });
    expect(await upload('a', { field: 'other' })).toMatchObject({
      status: 400,
      json: { file: ['This field is required.'] },
    });
    for (const id of ['999999', '0', 'abc', '99999999999999999999'])
      for (const path of [`import/${id}/`, `import/${id}/errors/`])
        expect(await get(path, admin())).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
  });

  it('are for admins', async () => {
    for (const path of ['import/', 'import/1/', 'import/1/errors/']) {
      expect(await get(path)).toMatchObject({
        status: 401,
        json: { detail: 'Authentication credentials were not provided.' },
      });
      expect(await get(path, { token: app.userToken })).toMatchObject({
        status: 403,
        json: { detail: 'You do not have permission to perform this action.' },
      });
    }
    expect((await upload('a', { token: null })).status).toBe(401);
    expect((await upload('a', { token: app.userToken })).status).toBe(403);
  });
});
