import { isEmail } from '@contact360/server';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { companyName, companyOf } from './company.ts';
import { type Contact, contactOf } from './contact.ts';
import { apolloAccountsCsv, apolloCsv, type DemoFile } from './generate.ts';
import { plainText } from './names.ts';

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
/** No cell holds a line end, so that lines are records. */
const linesOf = async (file: DemoFile) => (await textOf(apolloCsv(file))).split('\r\n');

const COMPANIES = 200;
const SEED = 7;
const companyAt = (index: number) => companyOf(SEED, COMPANIES, index);
const contactAt = (index: number) => contactOf(SEED, COMPANIES, index, companyAt);
const contacts: Contact[] = Array.from({ length: 5000 }, (_, index) => contactAt(index));
const share = (count: (contact: Contact) => boolean) => contacts.filter(count).length / contacts.length;

describe('a file', () => {
  it('is the same for the same seed and another for another', async () => {
    const file = { contacts: 300, companies: 40, seed: 1 };
    const once = await textOf(apolloCsv(file));
    expect(await textOf(apolloCsv(file))).toBe(once);
    expect(await textOf(apolloCsv({ ...file, seed: 2 }))).not.toBe(once);
    expect(await textOf(apolloAccountsCsv(file))).toBe(await textOf(apolloAccountsCsv(file)));
  });

  it('holds the same rows wherever it starts', async () => {
    const [header, ...rows] = await linesOf({ contacts: 400, companies: 50, seed: 3 });
    await fc.assert(
      fc.asyncProperty(fc.nat(399), fc.nat(20), async (start, count) => {
        const contacts = Math.min(count, 400 - start);
        const part = await linesOf({ contacts, companies: 50, seed: 3, start });
        expect(part).toEqual([header, ...rows.slice(start, start + contacts), '']);
      }),
      { numRuns: 50 },
    );
  });

  it('is a table: every row has a cell for each heading, phones an apostrophe', async () => {
    const lines = await linesOf({ contacts: 500, companies: 50, seed: 5 });
    const cells = lines.slice(0, -1).map((line) => `${line},`.match(/("(?:[^"]|"")*"|[^",]*),/g)!);
    const [header] = cells;
    expect(lines.at(-1)).toBe('');
    expect(new Set(cells.map((row) => row.length))).toEqual(new Set([header!.length]));
    expect(new Set(header).size).toBe(header!.length);
    const mobile = header!.indexOf('Mobile Phone,');
    const phones = cells.slice(1).flatMap((row) => (row[mobile] === ',' ? [] : [row[mobile]!]));
    expect(phones.length).toBeGreaterThan(50);
    for (const phone of phones) expect(phone).toMatch(/^'\+\d[\d -]+,$/);
  });
});

describe('contacts', () => {
  it('have an address or a profile of their own', () => {
    const emails = contacts.flatMap(({ email }) => email ?? []);
    const profiles = contacts.flatMap(({ linkedin }) => linkedin ?? []);
    expect(new Set(emails).size).toBe(emails.length);
    expect(new Set(profiles).size).toBe(profiles.length);
    expect(emails.filter((email) => !isEmail(email))).toEqual([]);
    expect(contacts.filter(({ email, linkedin }) => !email && !linkedin)).toEqual([]);
  });

  it.each<[what: string, least: number, most: number, (contact: Contact) => boolean]>([
    ['verified addresses', 0.58, 0.66, ({ emailStatus }) => emailStatus === 'Verified'],
    ['managers', 0.18, 0.25, ({ position }) => /manager|team lead/i.test(position?.title ?? '')],
    ['no company', 0.03, 0.06, ({ company }) => company === undefined],
    ['United States', 0.35, 0.55, ({ country }) => country === 'United States'],
    ['accents or other scripts', 0.08, 0.4, (contact) => /[^ -~]/.test(contact.firstName + contact.lastName)],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Latin-1 begins with control characters
    ['letters beyond Latin-1', 0.01, 0.2, (contact) => /[^\u0000-\u00ff]/.test(contact.firstName + contact.lastName)],
    ['the tenth of the companies with most', 0.25, 0.5, ({ company }) => company !== undefined && company.index < 20],
  ])('are realistic: %s', (_, least, most, count) => {
    expect(share(count)).toBeGreaterThan(least);
    expect(share(count)).toBeLessThan(most);
  });

  it('sit in cities that belong to their states and countries', () => {
    const states = new Map<string, Set<string>>();
    for (const { place, country } of contacts) {
      if (place.city === undefined || place.state === undefined) continue;
      const known = states.get(`${place.city}, ${country}`) ?? new Set();
      states.set(`${place.city}, ${country}`, known.add(place.state));
    }
    expect(states.size).toBeGreaterThan(80);
    expect([...states.values()].filter(({ size }) => size !== 1)).toEqual([]);
    expect(states.get('Boston, United States')).toEqual(new Set(['Massachusetts']));
  });
});

describe('companies', () => {
  it('have names of their own, also as they stand in domains, beyond what the name lists hold', () => {
    const names = Array.from({ length: 135_000 }, (_, index) => companyName(SEED, index));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(names.map(plainText)).size).toBe(names.length);
  });

  it('decline in size as Zipf says', () => {
    const sizes = Array.from({ length: 10_000 }, (_, index) => companyOf(SEED, 10_000, index).employees ?? 0);
    const sum = (part: readonly number[]) => part.reduce((total, size) => total + size, 0);
    // Each decade of ranks employs about as many people as the next: 1st–10th, 11th–100th, 101st–1000th, …
    const decades = [sizes.slice(9, 99), sizes.slice(99, 999), sizes.slice(999)].map(sum);
    for (const decade of decades) expect(decade / sum(decades)).toBeGreaterThan(0.2);
  });
});
