import { type Company, locationOf, phoneOf } from './company.ts';
import { personName } from './names.ts';
import { COUNTRIES, type Place } from './places.ts';
import { type Position, position } from './positions.ts';
import { Random, scatter, type Weighted } from './random.ts';

/** A synthetic contact. What is `undefined` is not known of it. */
export interface Contact {
  readonly company: Company | undefined;
  readonly firstName: string;
  readonly lastName: string | undefined;
  readonly position: Position | undefined;
  readonly email: string | undefined;
  readonly emailStatus: string;
  readonly catchAll: string | undefined;
  readonly workPhone: string | undefined;
  readonly homePhone: string | undefined;
  readonly mobilePhone: string | undefined;
  readonly corporatePhone: string | undefined;
  readonly otherPhone: string | undefined;
  readonly stage: string;
  readonly linkedin: string | undefined;
  readonly facebook: string | undefined;
  readonly twitter: string | undefined;
  readonly website: string | undefined;
  readonly place: Partial<Place>;
  readonly country: string;
  /** The place as one text, for contacts that are known by it. */
  readonly location: string | undefined;
  readonly contactId: string;
  readonly lists: string | undefined;
  readonly lastContacted: string | undefined;
}

const EMAIL_STATUSES: Weighted<string> = [
  ['Verified', 62],
  ['Unverified', 12],
  ['Unavailable', 10],
  ['Guessed', 8],
  ['Extrapolated', 6],
  ['User Managed', 2],
];
const STAGES: Weighted<string> = [
  ['Cold', 62],
  ['Approaching', 15],
  ['Interested', 8],
  ['Replied', 6],
  ['Do Not Contact', 3],
  ['Bad Data', 3],
  ['Changed Job', 3],
];
const FREE_MAIL = ['gmail.com', 'outlook.com', 'yahoo.com', 'icloud.com'];
const LISTS = ['Inbound, Q3', 'Trade fair', 'Newsletter', 'Webinar attendees', 'Customers, Renewals'];

const KEY = 2;
const LINK_KEY = 3;
/** People are at the first of a hundred thousand companies as often as at the last fifteen thousand together. */
const CROWDING = 2.2;
const WITHOUT_COMPANY = 0.04;

/**
 * The contact of an index. Mail addresses and LinkedIn profiles bear the index, so that no two contacts of a seed share
 * one; contacts without an address always have a profile.
 */
export function contactOf(
  seed: number,
  companies: number,
  index: number,
  companyAt: (index: number) => Company,
): Contact {
  const random = new Random(seed, KEY, index);
  const employed = !random.chance(WITHOUT_COMPANY) && companies > 0;
  const employer = Math.floor(companies * random.next() ** CROWDING);
  const company = employed ? companyAt(employer) : undefined;
  const near = random.chance(0.85);
  const elsewhere = random.weighted(COUNTRIES);
  const country = company && near ? company.country : elsewhere;
  const atOffice = random.chance(0.6);
  const other = random.early(country.cities, 1.5);
  const place = company && country === company.country && atOffice ? company.place : other;
  const { first, last } = personName(random, random.weighted(country.cultures));
  const emailStatus = random.weighted(EMAIL_STATUSES);
  const domain = company?.domain ?? random.pick(FREE_MAIL);
  const boxes = [`${first.plain}.${last.plain}`, `${first.plain[0]}${last.plain}`, first.plain];
  const mailbox = random.early(boxes, 1.6) + index;
  const email = emailStatus === 'Unavailable' ? undefined : `${mailbox}@${domain}`;
  const profile = `${first.plain}-${last.plain}-${scatter(seed, LINK_KEY, index).toString(16)}`;
  const handle = `${first.plain}${last.plain}`.slice(0, 12) + (index % 100);
  const catchAll = random.chance(0.2) ? 'Catch-all' : 'Not Catch-all';
  const ownOffice = phoneOf(random, country);
  const corporatePhone = random.chance(0.15) ? ownOffice : company?.phone;
  const contacted = new Date(Date.UTC(2024, 0, 1 + random.whole(0, 700))).toISOString();
  return {
    company,
    firstName: first.text,
    lastName: random.chance(0.985) ? last.text : undefined,
    position: random.maybe(0.96, position(random)),
    email,
    emailStatus,
    catchAll: email === undefined ? undefined : catchAll,
    workPhone: random.maybe(0.3, phoneOf(random, country)),
    homePhone: random.maybe(0.02, phoneOf(random, country)),
    mobilePhone: random.maybe(0.25, phoneOf(random, country)),
    corporatePhone: random.maybe(0.7, corporatePhone),
    otherPhone: random.maybe(0.05, phoneOf(random, country)),
    stage: random.weighted(STAGES),
    linkedin: random.chance(0.93) || email === undefined ? `http://www.linkedin.com/in/${profile}` : undefined,
    facebook: random.maybe(0.03, `https://www.facebook.com/${first.plain}.${last.plain}.${index % 1000}`),
    twitter: random.maybe(0.06, `https://twitter.com/${handle}`),
    website: random.maybe(0.02, `https://${first.plain}${last.plain}.me`),
    place: { ...(random.chance(0.93) && { city: place.city }), ...(random.chance(0.95) && { state: place.state }) },
    country: country.name,
    location: random.maybe(0.08, locationOf(random, place, country)),
    contactId: random.hex(24),
    lists: random.maybe(0.1, random.pick(LISTS)),
    lastContacted: random.maybe(0.2, contacted),
  };
}
