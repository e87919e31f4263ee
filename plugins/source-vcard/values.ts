import { listCell } from '@contact360/server';
import type { Property } from './properties.ts';

/** What a card says, by the headings that imports know, and others, which are kept as meta data. */
class CardValues {
  readonly values = new Map<string, string>();
  readonly #more = new Map<string, string[]>();

  /** Puts a value under the first of the headings that has none; further ones become a list under the last. */
  put(value: string, headings: readonly string[], others: string): void {
    const text = value.trim();
    if (text === '') return;
    if (headings.some((heading) => this.values.get(heading) === text)) return;
    const free = headings.find((heading) => !this.values.has(heading));
    if (free !== undefined) {
      this.values.set(free, text);
      return;
    }
    const list = this.#more.get(others) ?? [];
    if (!list.includes(text)) list.push(text);
    this.#more.set(others, list);
    this.values.set(others, listCell(list));
  }
}

const joined = (elements: readonly string[] = []) => elements.map((each) => each.trim()).join(', ');
const has = (types: ReadonlySet<string>, ...any: string[]) => any.some((type) => types.has(type));

/** The preferred first, the others as they came. */
const byPreference = (properties: readonly Property[]) => properties.toSorted((a, b) => a.rank - b.rank);

/**
 * The columns of a card. Of a person at work, the work address and web page are the company's; a web page of no known
 * type is never taken for the company's, as companies are told by theirs.
 */
export function valuesOf(properties: readonly Property[]): Map<string, string> {
  const card = new CardValues();
  const all = (name: string) => byPreference(properties.filter((property) => property.name === name));
  const first = (name: string) => all(name)[0];

  const name = first('N')?.parts.map((part) => part.map((each) => each.trim()).join(' ')) ?? [];
  const [family = '', given = '', additional = '', prefix = '', suffix = ''] = name;
  const formatted = first('FN')?.text ?? '';
  const organization = joined(first('ORG')?.parts[0]);
  const isCompany =
    first('KIND')?.text.toLowerCase() === 'org' ||
    (family === '' && given === '' && organization !== '' && formatted === organization);

  card.put(isCompany ? organization || formatted : organization, ['Company'], 'Other Companies');
  if (!isCompany) {
    card.put(given, ['First Name'], '');
    card.put(family, ['Last Name'], '');
    if (given === '' || family === '') card.put(formatted, ['Full Name'], '');
    card.put(additional, ['Middle Name'], '');
    card.put(prefix, ['Name Prefix'], '');
    card.put(suffix, ['Name Suffix'], '');
  }
  const units = first('ORG')?.parts.slice(1).map(joined).filter(Boolean) ?? [];
  card.put(listCell(units), ['Departments'], '');
  for (const { text } of all('TITLE')) card.put(text, ['Title'], 'Other Titles');
  for (const { text } of all('ROLE')) card.put(text, ['Title'], 'Other Titles');
  for (const { text } of all('EMAIL')) card.put(text.replace(/^mailto:/i, ''), ['Email'], 'Other Emails');
  putPhones(card, all('TEL'), isCompany);
  for (const { types, parts } of all('ADR')) {
    const isWork = isCompany || (types.has('work') && organization !== '');
    putAddress(card, parts, isWork);
  }
  for (const property of [...all('URL'), ...all('X-SOCIALPROFILE'), ...all('SOCIALPROFILE')])
    card.put(property.text, [headingOfPage(property, isCompany, organization !== '')], 'Other Websites');
  for (const [property, heading] of PLAIN)
    for (const { text } of all(property)) card.put(text, [heading], `Other ${heading}`);
  for (const property of properties)
    if (!READ.has(property.name)) card.put(property.text, [property.name], `Other ${property.name}`);
  return card.values;
}

const PLAIN: readonly (readonly [property: string, heading: string])[] = [
  ['NICKNAME', 'Nickname'],
  ['BDAY', 'Birthday'],
  ['NOTE', 'Note'],
  ['CATEGORIES', 'Categories'],
  ['UID', 'UID'],
];
const READ = new Set([
  ...['N', 'FN', 'KIND', 'ORG', 'TITLE', 'ROLE', 'EMAIL', 'TEL', 'ADR', 'URL', 'X-SOCIALPROFILE', 'SOCIALPROFILE'],
  ...PLAIN.map(([property]) => property),
]);

/** Phones whose kind is told take their columns first; the others fill what is left. */
function putPhones(card: CardValues, phones: readonly Property[], isCompany: boolean): void {
  const headingsOf = ({ types }: Property): string[] => {
    if (has(types, 'fax', 'pager', 'modem', 'bbs')) return types.has('fax') ? ['Fax'] : [];
    if (isCompany) return ['Company Phone', 'Other Phone'];
    if (has(types, 'cell', 'mobile', 'iphone')) return ['Mobile Phone', 'Other Phone'];
    if (has(types, 'main', 'company')) return ['Corporate Phone', 'Other Phone'];
    if (types.has('work')) return ['Work Direct Phone', 'Other Phone'];
    if (types.has('home')) return ['Home Phone', 'Other Phone'];
    return types.has('other') ? ['Other Phone'] : ['Mobile Phone', 'Other Phone'];
  };
  const told = ['fax', 'pager', 'cell', 'mobile', 'iphone', 'main', 'company', 'work', 'home', 'other'];
  const isTold = ({ types }: Property) => has(types, ...told);
  for (const phone of [...phones.filter(isTold), ...phones.filter((each) => !isTold(each))])
    card.put(numberOf(phone.text), headingsOf(phone), 'Other Phones');
}

/** `tel:+1-555-0100;ext=12` → `+1-555-0100 x12`. */
function numberOf(text: string): string {
  if (!/^tel:/i.test(text)) return text;
  const [number, ...parameters] = text.slice(4).split(';');
  const extension = parameters.map((each) => /^ext=(.+)$/i.exec(each)?.[1]).find(Boolean);
  return extension === undefined ? number! : `${number} x${extension}`;
}

const ADDRESS = {
  work: ['Company Address', 'Company City', 'Company State', 'Company Postal Code', 'Company Country'],
  own: ['Street', 'City', 'State', 'Postal Code', 'Country'],
} as const;

/** One address of each sort goes into columns, as a whole; further ones are kept as text. */
function putAddress(card: CardValues, parts: Property['parts'], isWork: boolean): void {
  const [box, extended, street, city, state, code, country] = parts.map(joined);
  const place = [[box, extended, street].filter(Boolean).join(', '), city, state, code, country].map(
    (each) => each?.trim() ?? '',
  );
  const headings = isWork ? ADDRESS.work : ADDRESS.own;
  if (headings.some((heading) => card.values.has(heading)))
    card.put(place.filter(Boolean).join(', '), [], 'Other Addresses');
  else for (const [index, heading] of headings.entries()) card.put(place[index]!, [heading], 'Other Addresses');
}

const COMPANY_PAGE = /^(?:https?:\/\/)?(?:[\w-]+\.)?linkedin\.com\/(?:company|school|showcase)\//i;
const PAGES: readonly (readonly [page: RegExp, own: string, company: string])[] = [
  [/^(?:https?:\/\/)?(?:[\w-]+\.)?linkedin\.com\//i, 'Person Linkedin Url', 'Company Linkedin Url'],
  [/^(?:https?:\/\/)?(?:[\w-]+\.)?(?:facebook|fb)\.com\//i, 'Contact Facebook Url', 'Facebook Url'],
  [/^(?:https?:\/\/)?(?:[\w-]+\.)?(?:twitter|x)\.com\//i, 'Contact Twitter Url', 'Twitter Url'],
];

function headingOfPage({ text, types }: Property, isCompany: boolean, hasCompany: boolean): string {
  const isCompanys = isCompany || (types.has('work') && hasCompany);
  const page = PAGES.find(([pattern]) => pattern.test(text));
  if (page?.[1] === 'Person Linkedin Url') return isCompany || COMPANY_PAGE.test(text) ? page[2] : page[1];
  if (page) return isCompanys ? page[2] : page[1];
  return isCompanys ? 'Website' : 'Contact Website';
}
