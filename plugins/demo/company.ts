import { plainText } from './names.ts';
import { COUNTRIES, type Country, type Place } from './places.ts';
import { Random, type Weighted } from './random.ts';

/** A synthetic company. What is `undefined` is not known of it. */
export interface Company {
  readonly index: number;
  readonly country: Country;
  readonly place: Place;
  readonly name: string;
  readonly nameForEmails: string;
  readonly employees: number | undefined;
  readonly industries: readonly string[];
  readonly keywords: readonly string[];
  readonly technologies: readonly string[];
  readonly address: string | undefined;
  /** The place as one text, for companies that are known by it. */
  readonly location: string | undefined;
  readonly phone: string | undefined;
  readonly domain: string;
  readonly linkedin: string;
  readonly linkedinSales: string | undefined;
  readonly facebook: string | undefined;
  readonly twitter: string | undefined;
  /** Dollars. */
  readonly revenue: number | undefined;
  readonly funding: Funding | undefined;
  readonly founded: number;
  readonly accountId: string;
  readonly retailLocations: number | undefined;
}

interface Funding {
  /** Dollars. */
  readonly total: number;
  readonly round: string;
  /** Dollars. */
  readonly amount: number;
  /** `2021-05-14` */
  readonly raisedAt: string;
}

const words = (text: string) => text.split(', ');

// Three lists give 129,600 names, so that a hundred thousand companies have one each.
const STARTS = words(
  'Alder, Amber, Apex, Arc, Aspen, Atlas, Aura, Axis, Beacon, Birch, Blue, Bold, Bright, Cedar, Cirrus, Clear, Cobalt, Copper, Coral, Crest, Crown, Delta, Dune, Eagle, Echo, Elm, Ember, Ever, Falcon, Fern, First, Flint, Forest, Frost, Gale, Garnet, Glen, Gold, Granite, Green, Harbor, Haven, Hazel, Helix, High, Hill, Indigo, Iron, Ivory, Jade, Juniper, Keel, Kestrel, Lake, Lark, Laurel, Lumen, Lunar, Maple, Marble, Meadow, Meridian, Mint, Moss, Nimbus, North, Nova, Oak, Ocean, Onyx, Opal, Orchard, Pearl, Pine, Polar, Quartz, Raven, Redwood, River, Sable, Sage, Silver, Solar, Spruce, Stone, Summit, Swift, Terra, Vale, Willow',
);
const MIDDLES = words(
  'bay, bridge, brook, byte, cast, craft, dale, data, field, flow, foot, ford, forge, frame, gate, grid, grove, hub, lane, leaf, light, line, link, logic, loom, mark, mill, mind, mount, nest, pass, path, pay, peak, point, port, pulse, range, reach, ridge, rock, root, scale, sense, shift, shore, side, span, spark, spring, stack, star, stead, stream, trail, vault, view, ware, wave, works',
);
const ENDS = words(
  'Technologies, Solutions, Group, Systems, Consulting, Partners, Software, Services, Holdings, Labs, Media, Health, Capital, Industries, Logistics, Digital, Analytics, Energy, Foods, Networks, Pharma, Robotics, Studio, Ventures',
);
const NAMES = STARTS.length * MIDDLES.length * ENDS.length;
/** Has no factor in common with {@link NAMES}: stepping by it meets every name before one comes again. */
const STEP = 46_349;

/** The name of a company, unlike that of any other. */
export function companyName(seed: number, index: number): string {
  const at = ((index % NAMES) * STEP + (seed >>> 0)) % NAMES;
  const start = STARTS[at % STARTS.length]!;
  const middle = MIDDLES[Math.floor(at / STARTS.length) % MIDDLES.length]!;
  const end = ENDS[Math.floor(at / STARTS.length / MIDDLES.length)]!;
  const round = Math.floor(index / NAMES);
  return `${start}${middle} ${end}${round > 0 ? ` ${round + 1}` : ''}`;
}

/** Apollo.io's names of industries, the frequent ones first. */
const INDUSTRIES = [
  ...words(
    'information technology & services, computer software, marketing & advertising, financial services, hospital & health care, construction, management consulting, internet, real estate, education management, retail, telecommunications, human resources, automotive, accounting, insurance, law practice, banking, mechanical or industrial engineering, staffing & recruiting, nonprofit organization management, electrical/electronic manufacturing, logistics & supply chain, food & beverages, oil & energy, design, hospitality, machinery, consumer goods, biotechnology, medical devices, pharmaceuticals, civil engineering, computer & network security, e-learning, apparel & fashion, transportation/trucking/railroad, research, media production, architecture & planning, entertainment, environmental services, professional training & coaching, venture capital & private equity, investment management, events services, aviation & aerospace, higher education, utilities, government administration, publishing, chemicals, renewables & environment, wholesale, semiconductors, sports, computer games, mining & metals, information services, public relations & communications, broadcast media, consumer services, facilities services, security & investigations, graphic design, computer hardware, wine & spirits, computer networking, online media, restaurants, building materials, import & export, packaging & containers, textiles, furniture, airlines/aviation, music, legal services, medical practice, mental health care, veterinary, farming, plastics, defense & space, museums & institutions, performing arts, motion pictures & film, translation & localization, printing, market research, outsourcing/offshoring, industrial automation, capital markets, commercial real estate, warehousing, maritime, sporting goods, supermarkets, consumer electronics',
  ),
  'health, wellness & fitness',
  'leisure, travel & tourism',
  'glass, ceramics & concrete',
];

const KEYWORDS = words(
  'cloud, enterprise, saas, b2b, mobile, web, digital, data, ai, customer, supply chain, payment, risk, health, energy, retail, e-commerce, marketing, sales, security, network, machine learning, content, brand, product, business, industrial, financial, legal, education, travel, food, logistics, hr, property, medical, clinical, automotive, insurance, iot, video, social media, email, search, open source, infrastructure, compliance',
).flatMap((topic) =>
  words(
    'software, services, solutions, consulting, platform, management, development, analytics, automation, design, strategy, support, integration, engineering, research, training, systems, optimization, monitoring, planning',
  ).map((activity) => `${topic} ${activity}`),
);

const TECHNOLOGIES = words(
  'Google Analytics, WordPress.org, Gmail, Google Apps, Microsoft Office 365, Outlook, Cloudflare DNS, Amazon AWS, Mobile Friendly, Google Tag Manager, Apache, Nginx, Facebook Custom Audiences, Google Font API, YouTube, reCAPTCHA, HubSpot, Salesforce, Slack, Zendesk, Shopify, Stripe, Marketo, Mailchimp Mandrill, Intercom, Segment.io, Hotjar, DoubleClick, Bootstrap Framework, jQuery, React, AngularJS, Vue.js, Node.js, Python, Java, PHP, Ruby On Rails, ASP.NET, Go, Docker, Kubernetes, Terraform, Jenkins, GitHub, GitLab, Jira, Confluence, Okta, Workday Recruit, Greenhouse.io, Lever, BambooHR, NetSuite, QuickBooks, SAP, Oracle, Microsoft Azure, Google Cloud, Snowflake, Databricks, Tableau, Looker, Power BI, MongoDB, PostgreSQL, MySQL, Redis, Elasticsearch, Kafka, RabbitMQ, New Relic, Datadog, Sentry, PagerDuty, Splunk, Auth0, Twilio, SendGrid, Amazon SES, Braintree, PayPal, Adyen, Magento, WooCommerce, Drupal, Squarespace, Wix, Webflow, Optimizely, Mixpanel, Amplitude, FullStory, Drift, Freshdesk, ServiceNow, Pipedrive, Zoho CRM, Microsoft Dynamics, Pardot, Klaviyo, Typeform, Calendly, Zoom, Dropbox, DocuSign, Vimeo, Fastly, Akamai, DigitalOcean, Heroku, Netlify, Vercel, LinkedIn Marketing Solutions, Bing Ads, AdRoll, Criteo, 6sense, ZoomInfo, Outreach, Gong',
);

const ROUNDS: Weighted<string> = [
  ['Seed', 28],
  ['Series A', 20],
  ['Series B', 12],
  ['Venture (Round not Specified)', 10],
  ['Series C', 6],
  ['Private Equity', 6],
  ['Debt Financing', 5],
  ['Angel', 5],
  ['Series D', 3],
  ['Other', 3],
  ['Series E', 1],
  ['Convertible Note', 1],
];

const STREETS = words(
  'Main St, Market St, Broadway, 2nd Ave, Park Ave, Oak St, King St, High Street, Mission St, 5th Ave, Elm St, Queen St, Maple Ave, Industrial Rd, Technology Dr, Innovation Way, Harbour Rd, Station Rd',
);

/** A phone number of a country. */
export const phoneOf = (random: Random, { phone }: Country) =>
  phone.replace(/[#N]/g, (sign) => String(random.whole(sign === 'N' ? 2 : 0, 9)));

/** The place as people write it in one text. */
export function locationOf(random: Random, { city, state }: Place, country: Country): string {
  return random.pick([`Greater ${city} Area`, `${city}, ${state}`, `${city} Metropolitan Area, ${country.name}`]);
}

const KEY = 1;
const SMALLEST = 9;
const LARGEST = 350_000;

/** Number of employees: the n-th largest of `companies` is about n times smaller than the largest (Zipf). */
function employeesOf(random: Random, index: number, companies: number): number {
  const rank = (index + 1) / companies;
  return Math.max(1, Math.min(LARGEST, Math.round((SMALLEST / rank ** 0.95) * Math.exp(0.7 * random.normal()))));
}

/** The company of an index, below `companies`; the larger ones have the lower indexes. */
export function companyOf(seed: number, companies: number, index: number): Company {
  const random = new Random(seed, KEY, index);
  const country = random.weighted(COUNTRIES);
  const place = random.early(country.cities, 1.5);
  const name = companyName(seed, index);
  const plain = plainText(name);
  const employees = employeesOf(random, index, companies);
  const domain = `${plain}.${random.chance(0.62) ? 'com' : random.chance(0.2) ? 'io' : country.domain}`;
  const street = `${random.whole(1, 9900)} ${random.pick(STREETS)}`;
  const address = `${street}, ${place.city}, ${place.state}, ${country.name}, ${random.digits(5)}`;
  const revenue = Math.round((employees * (40_000 + random.next() * 220_000)) / 1000) * 1000;
  return {
    index,
    country,
    place,
    name: name + random.pick(country.legalForms),
    nameForEmails: name,
    employees: random.maybe(0.97, employees),
    industries: random.several(INDUSTRIES, random.chance(0.8) ? 1 : 2, 2.2),
    keywords: random.several(KEYWORDS, random.chance(0.9) ? random.whole(3, 20) : 0, 1.7),
    technologies: random.several(TECHNOLOGIES, random.chance(0.85) ? random.whole(3, 18) : 0, 1.7),
    address: random.maybe(0.9, address),
    location: random.maybe(0.1, locationOf(random, place, country)),
    phone: random.maybe(0.75, phoneOf(random, country)),
    domain,
    linkedin: `http://www.linkedin.com/company/${plain}`,
    linkedinSales: random.maybe(0.5, `https://www.linkedin.com/sales/company/${1000 + index}`),
    facebook: random.maybe(0.4, `https://www.facebook.com/${plain}`),
    twitter: random.maybe(0.35, `https://twitter.com/${plain.slice(0, 15)}`),
    revenue: random.maybe(0.7, revenue),
    funding: fundingOf(random, employees),
    founded: 2024 - Math.floor(80 * random.next() ** 2),
    accountId: random.hex(24),
    retailLocations: random.maybe(0.08, random.whole(1, 400)),
  };
}

function fundingOf(random: Random, employees: number): Funding | undefined {
  const total = Math.round(Math.min(employees, 5000) * Math.exp(2.5 + 3 * random.next())) * 1000;
  const amount = Math.round((total * (0.2 + 0.8 * random.next())) / 1000) * 1000;
  const raisedAt = new Date(Date.UTC(2012, 0, 1 + random.whole(0, 4700))).toISOString().slice(0, 10);
  return random.maybe(0.22, { total, amount, raisedAt, round: random.weighted(ROUNDS) });
}
