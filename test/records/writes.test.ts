import { type Client, Contact360Error, createClient } from '@contact360/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../app.ts';
import { csvOf, importCsv } from '../imports/imports.ts';

let app: TestApp;
let admin: Client;
let user: Client;
beforeAll(async () => {
  app = await startTestApp();
  admin = createClient({ url: app.url, token: app.adminToken });
  user = createClient({ url: app.url, token: app.userToken });
});
afterAll(() => app.stop());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof Contact360Error ? error.code : error),
  );
const UNKNOWN = '6f1a2b3c-0000-4000-8000-000000000000';

describe('values that an index could not hold', () => {
  // Random letters: what repeats is compressed, and fits.
  const text = (length: number) => Array.from({ length }, () => String.fromCharCode(97 + Math.random() * 26)).join('');
  const LONGEST = 2600;
  const cases: [string, string, unknown, number][] = [
    ['a title', 'title', text(LONGEST + 1), LONGEST + 1],
    ['a title with accents, which is kept twice', 'title', `é${text(LONGEST / 2)}`, LONGEST + 4],
    ['a country, by which many are counted at once', 'country', text(401), 401],
    ['an element of a list', 'departments', ['Sales', text(LONGEST + 1)], LONGEST + 1],
  ];

  it.each(cases)('are refused, with the length that is allowed: %s', async (_, field, value, bytes) => {
    const refused = admin.contacts.create({ email: 'long@acme.example', [field]: value });
    const most = field === 'country' ? '400' : '2,600';
    await expect(refused).rejects.toThrow(`is too long: ${bytes.toLocaleString('en')} bytes, at most ${most}`);
  });

  it('are rejected row by row in a file; all others are stored and found', async () => {
    const [longest, tooLong] = [text(LONGEST), text(LONGEST + 1)];
    const csv = csvOf(
      'Email,Title,Company,Notes,Website',
      ['fits@long.example', longest, text(LONGEST), text(1_000_000), `https://${text(300)}.example`].join(),
      `title@long.example,${tooLong}`,
      `name@long.example,,${tooLong}`,
    );
    const job = await importCsv(app, csv);
    expect(job).toMatchObject({ status: 'completed', success_count: 1, error_count: 2 });
    expect(job.errors.map(({ error_message: message }: { error_message: string }) => message)).toEqual([
      'title is too long: 2,601 bytes, at most 2,600',
      'company is too long: 2,601 bytes, at most 2,600',
    ]);
    const { items } = await user.contacts.query({ where: { field: 'title', operator: 'eq', value: longest } });
    expect(items.map(({ email }) => email)).toEqual(['fits@long.example']);
  });
});

describe('create, update, upsert, delete', () => {
  it('write what they are given and answer with the row as it is', async () => {
    const company = await admin.companies.create({
      name: 'Acme',
      website: 'https://www.Acme.example/about',
      employees_count: 10,
    });
    expect(company).toMatchObject({ name: 'Acme', normalized_domain: 'acme.example', employees_count: 10 });
    const contact = await admin.contacts.create({
      first_name: 'Ada',
      email: 'Ada@acme.example',
      company_id: company.uuid,
      departments: ['R&D'],
    });
    expect(contact).toMatchObject({ first_name: 'Ada', company: { name: 'Acme' }, departments: ['R&D'] });
    const changed = await admin.contacts.update({
      uuid: contact.uuid,
      values: { first_name: null, title: 'CTO', departments: [] },
    });
    expect(changed).toMatchObject({
      id: contact.id,
      first_name: null,
      title: 'CTO',
      departments: null,
      email: 'Ada@acme.example',
    });
    expect(changed.updated_at > contact.updated_at).toBe(true);
    expect(await admin.contacts.upsert({ email: 'ADA@ACME.example', city: 'Rome' })).toMatchObject({
      created: false,
      row: { id: contact.id, city: 'Rome', title: 'CTO' },
    });
    expect(await admin.contacts.upsert({ email: 'new@acme.example' })).toMatchObject({ created: true });
    expect(await admin.contacts.delete({ uuid: contact.uuid })).toEqual({ uuid: contact.uuid });
    expect(await codeOf(user.contacts.get({ uuid: contact.uuid }))).toBe('records.not_found');
    expect(await codeOf(admin.contacts.delete({ uuid: contact.uuid }))).toBe('records.not_found');
    expect(await admin.contacts.create({ email: 'ada@acme.example', uuid: contact.uuid })).toMatchObject({
      uuid: contact.uuid,
    });
  });

  it('keep what contacts copy of their company right', async () => {
    const company = await admin.companies.create({ name: 'Copied', employees_count: 5 });
    const contact = await admin.contacts.create({ email: 'copy@x.example', company_id: company.uuid });
    const count = async (least: number) =>
      (
        await user.contacts.count({
          where: {
            and: [
              { field: 'company.employees_count', operator: 'gte', value: least },
              { field: 'email', operator: 'eq', value: 'copy@x.example' },
            ],
          },
        })
      ).count;
    await admin.companies.update({ uuid: company.uuid, values: { employees_count: 900 } });
    expect(await count(900)).toBe(1);
    await admin.contacts.update({ uuid: contact.uuid, values: { company_id: null } });
    expect(await count(1)).toBe(0);
    await admin.contacts.update({ uuid: contact.uuid, values: { company_id: company.uuid } });
    await admin.companies.delete({ uuid: company.uuid });
    expect(await user.contacts.get({ uuid: contact.uuid })).toMatchObject({ company_id: null, company: null });
    expect(await count(1)).toBe(0);
  });

  it('refuse what cannot be', async () => {
    const { uuid } = await admin.contacts.create({ email: 'taken@x.example' });
    const other = await admin.contacts.create({ email: 'other@x.example' });
    await admin.companies.create({ name: 'D', website: 'taken.example' });
    expect(await codeOf(admin.contacts.create({ email: 'TAKEN@x.example' }))).toBe('records.taken');
    expect(await codeOf(admin.contacts.create({ uuid }))).toBe('records.taken');
    expect(await codeOf(admin.contacts.update({ uuid: other.uuid, values: { email: 'taken@x.example' } }))).toBe(
      'records.taken',
    );
    expect(await codeOf(admin.companies.create({ name: 'E', website: 'http://www.taken.example' }))).toBe(
      'records.taken',
    );
    expect(await codeOf(admin.contacts.update({ uuid: UNKNOWN, values: { title: 'x' } }))).toBe('records.not_found');
    // An unknown uuid is nobody, whoever bears the email.
    const hijack = { uuid: UNKNOWN, values: { email: 'taken@x.example', first_name: 'Hijacked' } };
    expect(await codeOf(admin.contacts.update(hijack))).toBe('records.not_found');
    expect(await user.contacts.get({ uuid })).toMatchObject({ first_name: null });
    await expect(admin.companies.create({ website: 'http://taken.example/' })).rejects.toMatchObject({
      fields: { normalized_domain: ['Company with this normalized_domain already exists.'] },
    });
    expect(await codeOf(admin.contacts.update({ uuid, values: { company_id: UNKNOWN } }))).toBe(
      'records.no_such_relation',
    );
    expect(await codeOf(admin.contacts.update({ uuid: 'x', values: {} }))).toBe('core.invalid_input');
    expect(await codeOf(user.contacts.create({ email: 'user@x.example' }))).toBe('core.forbidden');
    expect(await codeOf(user.contacts.delete({ uuid }))).toBe('core.forbidden');
  });

  it('make a record once when asked many times at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => codeOf(admin.contacts.create({ email: 'race@x.example' }))),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['done', 'records.taken']));
    const upserts = await Promise.all(
      Array.from({ length: 12 }, (_, index) => admin.contacts.upsert({ email: 'race2@x.example', title: `T${index}` })),
    );
    expect(new Set(upserts.map(({ row }) => row.id)).size).toBe(1);
  });
});

describe('bulk', () => {
  it('writes the good rows and tells of each bad one', async () => {
    const { uuid } = await admin.contacts.create({ email: 'bulk0@x.example', title: 'Old', city: 'Bonn' });
    const rows = [
      { email: 'bulk1@x.example', title: 'One' },
      { uuid, title: null, email: 'bulk0@x.example' },
      { email: 'nonsense' },
      { email: 'bulk1@x.example', city: 'Graz' },
      { email: 'bulk2@x.example', company_id: UNKNOWN },
      'text',
      { uuid, email: 'bulk1@x.example' },
    ];
    const result = await admin.contacts.bulk({ rows: rows as never });
    expect(result).toEqual({
      created: 1,
      updated: 2,
      errors: [
        { index: 2, message: 'email: Invalid email format', path: ['email'] },
        { index: 4, message: `no company has the uuid '${UNKNOWN}'`, path: ['company_id'] },
        { index: 5, message: expect.stringMatching(/expected object/), path: [] },
        { index: 6, message: 'Contact with this email already exists', path: ['email'] },
      ],
    });
    expect(
      (
        await user.contacts.query({
          where: { field: 'email', operator: 'contains', value: 'bulk' },
          order: [{ field: 'email', direction: 'asc' }],
        })
      ).items,
    ).toMatchObject([
      { email: 'bulk0@x.example', title: null, city: 'Bonn' },
      { email: 'bulk1@x.example', title: 'One', city: 'Graz' },
    ]);
  });

  it('takes 10,000 rows at once', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      email: `many${index}@x.example`,
      title: `Title ${index % 10}`,
    }));
    expect(await admin.contacts.bulk({ rows })).toEqual({ created: 10_000, updated: 0, errors: [] });
    expect(await admin.contacts.bulk({ rows })).toEqual({ created: 0, updated: 10_000, errors: [] });
    expect(await codeOf(admin.contacts.bulk({ rows: [...rows, {}] }))).toBe('core.invalid_input');
  });
});

describe('field lists', () => {
  beforeAll(async () => {
    await importCsv(
      app,
      csvOf(
        'Email,Title,Departments,Company',
        'v1@v.example,Chief,"Sales, Legal",Vee',
        'v2@v.example,chief,sales,',
        'v3@v.example,Émigré,,vee',
        'v4@v.example,,,',
      ),
    );
  });
  const where = { field: 'email', operator: 'contains', value: '@v.example' } as const;
  const cases: [input: object, values: string[]][] = [
    [{ field: 'title' }, ['Chief', 'chief', 'Émigré']],
    [{ field: 'title', distinct: true }, ['Chief', 'Émigré']],
    [{ field: 'title', search: 'emi' }, ['Émigré']],
    [{ field: 'departments' }, ['sales', 'Sales, Legal']],
    [{ field: 'departments', search: 's, l' }, ['Sales, Legal']],
    [{ field: 'departments', separated: true }, ['Legal', 'Sales', 'sales']],
    [{ field: 'departments', separated: true, distinct: true }, ['Legal', 'Sales']],
    [{ field: 'departments', separated: true, search: 'leg' }, ['Legal']],
    [{ field: 'company.name', distinct: true }, ['vee']],
    [{ field: 'title', limit: 1, offset: 1 }, ['chief']],
  ];
  it.each(cases)('%j', async (input, expected) => {
    const { items } = await user.contacts.values({ ...(input as { field: 'title' }), where });
    expect(items.map(({ value }) => value)).toEqual(expected);
    if ('limit' in input) return;
    const streamed: string[] = [];
    for await (const batch of await user.contacts.valuesStream({ ...(input as { field: 'title' }), where }))
      streamed.push(...batch.map(({ value }) => value));
    expect(streamed).toEqual(expected);
  });
});

describe('stored filter values', () => {
  it('are never behind what the rows say, whatever wrote them', async () => {
    const stored = async () =>
      (
        await app.app.pool.query(
          "select field, value, sum(n)::int as n from (select record, field, value, n from filters_data union all select record, field, value, n from filters_deltas) d where record = 'contact' group by 1, 2 having sum(n) <> 0 order by 1, 2",
        )
      ).rows;
    const actual = async () =>
      (
        await app.app.pool.query(`select field, value, count(*)::int as n from contacts t, lateral (values ('title', title), ('email_status', email_status), ('seniority', seniority), ('city', city), ('state', state), ('country', country)) f (field, value)
          where deleted_at is null and value is not null group by 1, 2
          union all select 'departments', d, count(*)::int from contacts, unnest(departments) d where deleted_at is null group by 1, 2 order by 1, 2`)
      ).rows;
    expect(await stored()).toEqual(await actual());
    await app.app.pool.query("delete from contacts where id % 7 = 0 and email not like '%@v.example'");
    await app.app.pool.query(
      "update contacts set deleted_at = now() where id % 11 = 0 and email not like '%@v.example'",
    );
    await app.app.pool.query("update contacts set city = 'Moved', departments = array['X', 'Y'] where id % 5 = 0");
    expect(await stored()).toEqual(await actual());
  });

  it('come most frequent first, and can be searched', async () => {
    const [most, second] = await user.filters.values({ record: 'contact', field: 'title', limit: 2 });
    expect(most).toMatch(/^Title \d$/);
    expect(second).toMatch(/^Title \d$/);
    expect(await user.filters.values({ record: 'contact', field: 'title', search: 'EMIGR' })).toEqual(['Émigré']);
    expect(await user.filters.values({ record: 'contact', field: 'email', search: '@v.ex', limit: 2 })).toHaveLength(2);
    expect(await user.filters.values({ record: 'company', field: 'employees_count' })).toEqual(
      expect.arrayContaining([]),
    );
    await expect(user.filters.values({ record: 'contact', field: 'titel' })).rejects.toMatchObject({
      code: 'filters.unknown_filter',
      hint: { nearest: 'title' },
    });
  });

  it('are registered as documented', async () => {
    const contact = await user.filters.list({ record: 'contact' });
    expect(contact.map(({ id, key }) => [id, key])).toEqual([
      [24, 'city'],
      [17, 'company_id'],
      [26, 'country'],
      [20, 'departments'],
      [18, 'email'],
      [22, 'email_status'],
      [15, 'first_name'],
      [16, 'last_name'],
      [27, 'linkedin_url'],
      [21, 'mobile_phone'],
      [23, 'seniority'],
      [25, 'state'],
      [19, 'title'],
    ]);
    expect(contact.find(({ key }) => key === 'company_id')).toEqual({
      id: 17,
      key: 'company_id',
      type: 'keyword',
      label: 'Company ID',
      directDerived: true,
    });
    expect((await user.filters.list({ record: 'company' })).length).toBe(14);
  });
});
