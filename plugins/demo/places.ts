import type { Culture } from './names.ts';
import type { Weighted } from './random.ts';

export interface Country {
  readonly name: string;
  /** Last part of host names. */
  readonly domain: string;
  /** A phone number: `#` stands for a digit, `N` for one from 2 to 9. */
  readonly phone: string;
  /** Where its people's names come from. */
  readonly cultures: Weighted<Culture>;
  /** What company names end with. */
  readonly legalForms: readonly string[];
  /** Larger ones first. */
  readonly cities: readonly Place[];
}

export interface Place {
  readonly city: string;
  readonly state: string;
}

/** `state: city, city; state: city` */
const places = (text: string): Place[] =>
  text.split('; ').flatMap((group) => {
    const [state, cities] = group.split(': ') as [string, string];
    return cities.split(', ').map((city) => ({ city, state }));
  });

function country(
  weight: number,
  name: string,
  domain: string,
  phone: string,
  cultures: Partial<Record<Culture, number>>,
  legalForms: string,
  cities: string,
): readonly [Country, number] {
  const shares = Object.entries(cultures) as [Culture, number][];
  return [{ name, domain, phone, cultures: shares, legalForms: legalForms.split('|'), cities: places(cities) }, weight];
}

/** Countries and how many people and companies are there. Every city is in its state and country. */
// biome-ignore format: a table, one country a line
export const COUNTRIES: Weighted<Country> = [
  country(450, 'United States', 'us', '+1 N##-N##-####', { english: 62, hispanic: 14, indian: 6, chinese: 4, german: 3, italian: 3, arabic: 2, korean: 1.5, polish: 1.5, southeast: 1, vietnamese: 1, hebrew: 1, african: 0.5 }, '|||, Inc.| Inc.| LLC| Corp| Co.', 'New York: New York; California: San Francisco, Los Angeles; Illinois: Chicago; Texas: Austin, Dallas, Houston; Massachusetts: Boston; Washington: Seattle; Georgia: Atlanta; California: San Diego, San Jose; Colorado: Denver; Florida: Miami; District of Columbia: Washington; Pennsylvania: Philadelphia; Arizona: Phoenix; Minnesota: Minneapolis; North Carolina: Charlotte, Raleigh; Massachusetts: Cambridge; Oregon: Portland; Michigan: Detroit; Tennessee: Nashville; Utah: Salt Lake City; Florida: Tampa, Orlando; Ohio: Columbus, Cleveland; Missouri: St. Louis, Kansas City; Texas: San Antonio; Pennsylvania: Pittsburgh; Indiana: Indianapolis; Nevada: Las Vegas; Maryland: Baltimore; Wisconsin: Milwaukee; Virginia: Richmond; Colorado: Boulder; Louisiana: New Orleans; Kentucky: Louisville; Oklahoma: Tulsa; Nebraska: Omaha; New Mexico: Albuquerque; Idaho: Boise; Connecticut: Hartford; Iowa: Des Moines; Hawaii: Honolulu'),
  country(100, 'India', 'in', '+91 9#### #####', { indian: 92, arabic: 5, english: 3 }, '|| Pvt Ltd| Private Limited| Limited| LLP', 'Karnataka: Bengaluru; Maharashtra: Mumbai, Pune; Delhi: New Delhi; Telangana: Hyderabad; Tamil Nadu: Chennai; Haryana: Gurugram; Uttar Pradesh: Noida; West Bengal: Kolkata; Gujarat: Ahmedabad; Rajasthan: Jaipur; Kerala: Kochi'),
  country(85, 'United Kingdom', 'co.uk', '+44 20 N### ####', { english: 78, indian: 7, arabic: 4, polish: 3, african: 3, central: 2, greek: 1, italian: 2 }, '|| Ltd| Limited| plc| LLP', 'England: London, Manchester, Birmingham, Leeds, Bristol; Scotland: Edinburgh; England: Cambridge; Scotland: Glasgow; England: Liverpool; Wales: Cardiff; Northern Ireland: Belfast; England: Newcastle upon Tyne'),
  country(55, 'Canada', 'ca', '+1 N##-N##-####', { english: 60, french: 20, indian: 8, chinese: 7, slavic: 3, arabic: 2 }, '|| Inc.| Ltd.| Corp.', 'Ontario: Toronto; British Columbia: Vancouver; Quebec: Montréal; Ontario: Ottawa; Alberta: Calgary, Edmonton; Manitoba: Winnipeg; Quebec: Québec; Nova Scotia: Halifax; Ontario: Waterloo'),
  country(45, 'Germany', 'de', '+49 30 #######', { german: 82, turkish: 7, polish: 4, slavic: 3, arabic: 2, greek: 2 }, '| GmbH| GmbH| AG| SE| GmbH & Co. KG', 'Berlin: Berlin; Bavaria: Munich; Hamburg: Hamburg; Hesse: Frankfurt am Main; North Rhine-Westphalia: Cologne, Düsseldorf; Baden-Württemberg: Stuttgart; Saxony: Leipzig; Bavaria: Nürnberg; North Rhine-Westphalia: Münster; Thuringia: Jena'),
  country(35, 'France', 'fr', '+33 1 ## ## ## ##', { french: 85, arabic: 8, portuguese: 3, italian: 2, polish: 2 }, '|| SAS| SARL| SA', "Île-de-France: Paris; Auvergne-Rhône-Alpes: Lyon; Occitanie: Toulouse; Provence-Alpes-Côte d'Azur: Marseille, Nice; Hauts-de-France: Lille; Pays de la Loire: Nantes; Nouvelle-Aquitaine: Bordeaux; Île-de-France: Saint-Denis; Bretagne: Rennes"),
  country(30, 'Australia', 'com.au', '+61 2 N### ####', { english: 78, chinese: 8, indian: 6, greek: 3, italian: 3, southeast: 2 }, '|| Pty Ltd| Limited', 'New South Wales: Sydney; Victoria: Melbourne; Queensland: Brisbane; Western Australia: Perth; South Australia: Adelaide; Australian Capital Territory: Canberra'),
  country(25, 'Brazil', 'com.br', '+55 11 9####-####', { portuguese: 88, italian: 6, japanese: 3, german: 3 }, '|| Ltda| S.A.', 'São Paulo: São Paulo; Rio de Janeiro: Rio de Janeiro; Minas Gerais: Belo Horizonte; Paraná: Curitiba; Santa Catarina: Florianópolis; Distrito Federal: Brasília; Rio Grande do Sul: Porto Alegre'),
  country(22, 'Netherlands', 'nl', '+31 20 N## ####', { dutch: 86, turkish: 5, arabic: 4, english: 5 }, '|| B.V.| N.V.', 'North Holland: Amsterdam; South Holland: Rotterdam, The Hague; Utrecht: Utrecht; North Brabant: Eindhoven; Groningen: Groningen'),
  country(20, 'Spain', 'es', '+34 91# ### ###', { hispanic: 100 }, '|| S.L.| S.A.', 'Community of Madrid: Madrid; Catalonia: Barcelona; Valencian Community: Valencia; Andalusia: Seville, Málaga; Basque Country: Bilbao; Galicia: A Coruña'),
  country(18, 'Italy', 'it', '+39 02 #### ####', { italian: 100 }, '|| S.r.l.| S.p.A.', "Lombardy: Milan; Lazio: Rome; Piedmont: Turin; Emilia-Romagna: Bologna; Tuscany: Florence; Campania: Naples; Abruzzo: L'Aquila"),
  country(14, 'Singapore', 'sg', '+65 6### ####', { chinese: 59, chineseScript: 6, southeast: 15, indian: 12, english: 8 }, '|| Pte Ltd', 'Singapore: Singapore'),
  country(12, 'Israel', 'co.il', '+972 3-###-####', { hebrew: 64, hebrewScript: 20, slavic: 9, arabic: 7 }, '|| Ltd.', 'Tel Aviv District: Tel Aviv-Yafo, Herzliya; Haifa District: Haifa; Jerusalem District: Jerusalem'),
  country(11, 'Mexico', 'com.mx', '+52 55 #### ####', { hispanic: 100 }, '|| S.A. de C.V.', 'Mexico City: Mexico City; Nuevo León: Monterrey; Jalisco: Guadalajara; Querétaro: Querétaro'),
  country(10, 'Sweden', 'se', '+46 8 ### ## ##', { nordic: 92, arabic: 4, central: 4 }, '|| AB', 'Stockholm County: Stockholm; Västra Götaland County: Göteborg; Skåne County: Malmö, Lund'),
  country(10, 'Switzerland', 'ch', '+41 44 ### ## ##', { german: 66, french: 24, italian: 10 }, '| AG| GmbH| SA', 'Zürich: Zürich; Genève: Genève; Basel-Stadt: Basel; Bern: Bern; Vaud: Lausanne'),
  country(10, 'Poland', 'pl', '+48 22 ### ## ##', { polish: 95, slavic: 5 }, '|| Sp. z o.o.| S.A.', 'Mazowieckie: Warszawa; Małopolskie: Kraków; Dolnośląskie: Wrocław; Łódzkie: Łódź; Pomorskie: Gdańsk; Wielkopolskie: Poznań'),
  country(10, 'United Arab Emirates', 'ae', '+971 4 ### ####', { arabic: 38, arabicScript: 10, indian: 36, english: 16 }, '|| LLC| FZ-LLC', 'Dubai: Dubai; Abu Dhabi: Abu Dhabi; Sharjah: Sharjah'),
  country(10, 'Japan', 'co.jp', '+81 3-####-####', { japanese: 66, japaneseScript: 30, english: 4 }, '|| K.K.| Co., Ltd.', 'Tōkyō: Tokyo; Ōsaka: Osaka; Kanagawa: Yokohama; Kyōto: Kyoto; Fukuoka: Fukuoka'),
  country(9, 'Ireland', 'ie', '+353 1 ### ####', { english: 92, polish: 5, portuguese: 3 }, '|| Ltd| Limited| plc| LLP', 'Leinster: Dublin; Munster: Cork, Limerick; Connacht: Galway'),
  country(8, 'South Africa', 'co.za', '+27 11 ### ####', { african: 62, english: 28, indian: 10 }, '|| (Pty) Ltd', 'Gauteng: Johannesburg, Pretoria; Western Cape: Cape Town; KwaZulu-Natal: Durban'),
  country(6, 'Czechia', 'cz', '+420 2## ### ###', { central: 100 }, '| s.r.o.| a.s.', 'Praha: Praha; South Moravian Region: Brno; Plzeň Region: Plzeň'),
  country(6, 'Denmark', 'dk', '+45 ## ## ## ##', { nordic: 100 }, '| A/S| ApS', 'Capital Region: København; Central Denmark: Aarhus; Southern Denmark: Odense'),
  country(6, 'Belgium', 'be', '+32 2 ### ## ##', { dutch: 55, french: 45 }, '| NV| SRL', 'Brussels: Brussels; Flanders: Antwerp, Ghent; Wallonia: Liège'),
  country(6, 'South Korea', 'co.kr', '+82 2-####-####', { korean: 70, koreanScript: 30 }, '| Co., Ltd.| Inc.', 'Seoul: Seoul; Gyeonggi: Seongnam; Busan: Busan'),
  country(6, 'Türkiye', 'com.tr', '+90 212 ### ## ##', { turkish: 100 }, '| A.Ş.| Ltd. Şti.', 'İstanbul: İstanbul; Ankara: Ankara; İzmir: İzmir; Muğla: Muğla'),
  country(5, 'Portugal', 'pt', '+351 21# ### ###', { portuguese: 100 }, '| Lda| S.A.', 'Lisboa: Lisboa; Porto: Porto; Setúbal: Setúbal'),
  country(4, 'Ukraine', 'com.ua', '+380 44 ### ####', { slavic: 55, cyrillic: 45 }, '| LLC', 'Kyiv: Kyiv; Lviv Oblast: Lviv; Kharkiv Oblast: Kharkiv'),
  country(4, 'Greece', 'gr', '+30 21 #### ####', { greek: 60, greekScript: 40 }, '| S.A.| A.E.', 'Attica: Athens; Central Macedonia: Thessaloniki; Crete: Heraklion'),
  country(4, 'Vietnam', 'vn', '+84 28 #### ####', { vietnamese: 100 }, '| JSC| Co., Ltd.', 'Hồ Chí Minh: Ho Chi Minh City; Hà Nội: Hà Nội; Đà Nẵng: Đà Nẵng'),
  country(3, 'Nigeria', 'ng', '+234 80# ### ####', { african: 100 }, '| Ltd| plc', 'Lagos: Lagos; Federal Capital Territory: Abuja'),
];
