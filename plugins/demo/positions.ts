import type { Random, Weighted } from './random.ts';

/** What a person does, as an Apollo.io export tells it. */
export interface Position {
  readonly title: string;
  readonly seniority: Seniority;
  readonly departments: readonly string[];
}

/** Apollo.io's seniorities and how many people have each. */
const SENIORITIES = [
  ['Entry', 26],
  ['Manager', 22],
  ['Senior', 16],
  ['Director', 12],
  ['VP', 5],
  ['C suite', 5],
  ['Head', 4],
  ['Founder', 4],
  ['Owner', 3],
  ['Intern', 2],
  ['Partner', 1],
] as const satisfies Weighted<string>;
export type Seniority = (typeof SENIORITIES)[number][0];

/** A field of work: its name in titles, what its people are called, and its department in Apollo.io's words. */
interface Work {
  readonly name: string;
  readonly roles: readonly string[];
  readonly department: string;
  /** A narrower department, named beside the other at times. */
  readonly part: string;
}

const work = (weight: number, name: string, roles: string, department: string, part: string) =>
  [{ name, roles: roles.split(', '), department, part }, weight] as const;

// biome-ignore format: a table, one field of work a line
const WORK: Weighted<Work> = [
  work(12, 'Sales', 'Sales Representative, Account Executive, Sales Development Representative, Sales Engineer', 'Sales', 'Account Management'),
  work(9, 'Software Engineering', 'Software Engineer, Backend Engineer, Frontend Developer, Full Stack Developer', 'Engineering & Technical', 'Software Development'),
  work(8, 'Marketing', 'Marketing Specialist, Marketing Coordinator, Marketing Associate', 'Marketing', 'Demand Generation'),
  work(7, 'Engineering', 'Mechanical Engineer, Design Engineer, Process Engineer, Electrical Engineer', 'Engineering & Technical', 'Industrial Engineering'),
  work(7, 'Business Development', 'Business Development Representative, Partnerships Associate', 'Sales', 'Business Development'),
  work(7, 'Operations', 'Operations Analyst, Operations Specialist, Office Administrator', 'Operations', 'Office Operations'),
  work(6, 'Information Technology', 'IT Specialist, Systems Administrator, Help Desk Technician', 'Information Technology', 'IT Operations'),
  work(5, 'Product', 'Product Owner, Product Analyst', 'Product', 'Product Management'),
  work(5, 'Human Resources', 'HR Generalist, HR Business Partner, People Partner', 'Human Resources', 'HR Business Partner'),
  work(5, 'Finance', 'Financial Analyst, Controller, Treasury Analyst', 'Finance', 'Financial Planning & Analysis'),
  work(4, 'Customer Success', 'Customer Success Specialist, Onboarding Specialist', 'Operations', 'Customer Service / Support'),
  work(4, 'Project', 'Project Coordinator, Scrum Master, Program Coordinator', 'Operations', 'Project Development'),
  work(3, 'Accounting', 'Accountant, Bookkeeper, Payroll Specialist', 'Finance', 'Accounting'),
  work(3, 'Talent Acquisition', 'Recruiter, Technical Recruiter, Sourcer', 'Human Resources', 'Recruiting & Talent Acquisition'),
  work(3, 'Digital Marketing', 'SEO Specialist, Content Writer, Social Media Specialist', 'Marketing', 'Digital Marketing'),
  work(3, 'Customer Support', 'Support Engineer, Customer Service Representative', 'Operations', 'Call Center'),
  work(3, 'Consulting', 'Consultant, Business Analyst', 'Consulting', 'Consulting'),
  work(2, 'Data Science', 'Data Scientist, Data Analyst, Machine Learning Engineer', 'Engineering & Technical', 'Data Science'),
  work(2, 'DevOps', 'DevOps Engineer, Site Reliability Engineer, Cloud Engineer', 'Engineering & Technical', 'DevOps'),
  work(2, 'Information Security', 'Security Analyst, Security Engineer', 'Information Technology', 'Information Security'),
  work(2, 'Product Marketing', 'Product Marketing Associate, Competitive Intelligence Analyst', 'Marketing', 'Product Marketing'),
  work(2, 'Supply Chain', 'Buyer, Logistics Coordinator, Demand Planner', 'Operations', 'Supply Chain'),
  work(2, 'Quality Assurance', 'QA Engineer, Test Analyst', 'Engineering & Technical', 'Test / Quality Assurance'),
  work(2, 'Legal', 'Attorney, Paralegal, Contracts Specialist', 'Legal', 'Legal Counsel'),
  work(2, 'Design', 'Product Designer, UX Designer, Graphic Designer', 'Design', 'Product or UI/UX Design'),
  work(2, 'Medical Affairs', 'Clinical Research Associate, Registered Nurse, Physician', 'Medical & Health', 'Medical Research'),
  work(1, 'Compliance', 'Compliance Analyst, Risk Analyst', 'Legal', 'Compliance'),
  work(1, 'Corporate Communications', 'PR Specialist, Communications Associate', 'Marketing', 'Public Relations'),
  work(1, 'Training', 'Instructor, Teacher, Instructional Designer', 'Education', 'Teacher'),
  work(1, 'Research', 'Research Scientist, Research Associate', 'Engineering & Technical', 'Research & Development'),
];

/** Who leads a department. */
const CHIEFS: Readonly<Record<string, readonly string[]>> = {
  'Engineering & Technical': ['CTO', 'Chief Technology Officer', 'Chief Technical Officer'],
  'Information Technology': ['CIO', 'Chief Information Officer', 'CISO'],
  Sales: ['CRO', 'Chief Revenue Officer', 'Chief Commercial Officer'],
  Marketing: ['CMO', 'Chief Marketing Officer', 'Chief Growth Officer'],
  Product: ['CPO', 'Chief Product Officer'],
  Finance: ['CFO', 'Chief Financial Officer'],
  Operations: ['COO', 'Chief Operating Officer'],
  'Human Resources': ['CHRO', 'Chief People Officer'],
  Legal: ['General Counsel', 'Chief Legal Officer'],
  'Medical & Health': ['Chief Medical Officer'],
  Design: ['Chief Design Officer', 'Chief Creative Officer'],
};
const OTHER_CHIEFS = ['Chief of Staff', 'Chief Strategy Officer'];

const LEADERS = [
  'CEO',
  'Chief Executive Officer',
  'President & CEO',
  'Chief Executive Officer (CEO)',
  'Président-directeur général',
  'Geschäftsführer',
];
const FOUNDERS = [
  'Founder',
  'Co-Founder',
  'Founder & CEO',
  'Co-Founder & CTO',
  'CEO & Founder',
  'Founder and Managing Director',
];
const OWNERS = ['Owner', 'Business Owner', 'Owner & Operator', 'Co-Owner', 'President & Owner', 'Inhaber'];

/** `%` stands for the field of work. */
const TITLES: Readonly<
  Record<Exclude<Seniority, 'C suite' | 'Founder' | 'Owner' | 'Senior' | 'Entry'>, readonly string[]>
> = {
  Partner: ['Partner', 'Managing Partner', 'Senior Partner', 'Partner, %'],
  VP: ['VP of %', 'Vice President, %', 'VP %', 'Senior Vice President %', 'SVP, %', 'Vice President of %'],
  Head: ['Head of %', 'Global Head of %', 'Head, %', 'Head of % & Strategy'],
  Director: ['Director of %', '% Director', 'Senior Director, %', 'Director, %', 'Associate Director, %'],
  Manager: [
    '% Manager',
    '% Manager',
    'Senior % Manager',
    'Manager, %',
    'Regional % Manager',
    'Assistant % Manager',
    '% Team Lead',
  ],
  Intern: ['% Intern', 'Working Student, %', '% Trainee'],
};
const SENIOR = ['Senior', 'Senior', 'Sr.', 'Lead', 'Principal', 'Staff'];
const JUNIOR = ['', '', '', 'Junior ', 'Associate '];

const REMITS =
  'EMEA, North America, APAC, Global, LATAM, DACH, Nordics, UK & Ireland, East, West, Central, Midwest, Northeast, Southeast, ANZ, MENA, Benelux, India, Americas, Enterprise, SMB, Mid-Market, Strategic Accounts, Public Sector, Healthcare, Retail, FinTech, Payments, Platform, Growth, Core, Mobile, Analytics, Partnerships, Channel, B2B, Transformation'.split(
    ', ',
  );

/** What a person at a company does: title, seniority and departments belong together. */
export function position(random: Random): Position {
  const seniority: Seniority = random.weighted<Seniority>(SENIORITIES);
  const field = random.weighted(WORK);
  const title = titleOf(random, seniority, field);
  const remit = random.pick(REMITS);
  const second = random.weighted(WORK);
  const shape = random.next();
  const ending = shape < 0.14 ? `, ${remit}` : shape < 0.2 ? ` - ${remit}` : shape < 0.22 ? ` (${remit})` : '';
  const departments = [field.department];
  if (seniority === 'C suite' || seniority === 'Founder') departments.unshift('C-Suite');
  if (random.chance(0.15)) departments.push(field.part);
  if (random.chance(0.05)) departments.push(second.department);
  return { title: title + ending, seniority, departments: [...new Set(departments)] };
}

function titleOf(random: Random, seniority: Seniority, { name, roles, department }: Work): string {
  switch (seniority) {
    case 'C suite':
      return random.chance(0.4) ? random.early(LEADERS, 1.6) : random.pick(CHIEFS[department] ?? OTHER_CHIEFS);
    case 'Founder':
      return random.early(FOUNDERS, 1.3);
    case 'Owner':
      return random.early(OWNERS, 1.6);
    case 'Senior':
      return `${random.pick(SENIOR)} ${random.pick(roles)}`;
    case 'Entry':
      return random.pick(JUNIOR) + random.pick(roles);
    default:
      return random.pick(TITLES[seniority]).replace('%', name);
  }
}
