/** A read that is measured, and how its reply is compared with the bare server's. */
export interface Read {
  readonly name: string;
  /** Path and query. */
  readonly path: string;
  /** What tells that both servers read the same rows, from the reply's JSON. */
  readonly keysOf: (reply: never) => unknown[];
}

/** What reads depend on: the size of the table and a contact that is in it. */
export interface Data {
  readonly rows: number;
  readonly contact: string;
}

const contacts = '/api/v1/contacts';
const DEEP = 100_000;

interface Named {
  first_name: string | null;
}
const names = (rows: readonly Named[]) => rows.map(({ first_name }) => first_name || null);
const listKeys = ({ results }: { results: Named[] }) => names(results);

/** The hot reads: what clients ask for most, and what grows with the table. */
export const READS: readonly ((data: Data) => Read)[] = [
  () => ({ name: 'first page', path: `${contacts}/`, keysOf: listKeys }),
  () => ({ name: 'filtered', path: `${contacts}/?title=manager&email_status=Verified`, keysOf: listKeys }),
  () => ({ name: 'by last name', path: `${contacts}/?ordering=last_name&limit=25`, keysOf: listKeys }),
  ({ rows }) => ({
    name: 'deep offset',
    path: `${contacts}/?ordering=last_name&limit=10&offset=${Math.min(DEEP, rows - 10)}`,
    keysOf: listKeys,
  }),
  () => ({
    name: 'count',
    path: `${contacts}/count/?title=manager`,
    keysOf: ({ count }: { count: number }) => [String(count)],
  }),
  ({ contact }) => ({ name: 'detail', path: `${contacts}/${contact}/`, keysOf: (item: Named) => names([item]) }),
  () => ({
    name: 'first page, tRPC',
    path: `/trpc/contacts.query?input=${encodeURIComponent(JSON.stringify({ include: ['company'], count: 'estimated' }))}`,
    keysOf: ({ result }: { result: { data: { items: Named[] } } }) => names(result.data.items),
  }),
];

/** The same of what the bare server replies: the rows of every statement, of which one is the read and others serve it. */
export const bareKeys = (all: (Named & { count?: string })[][]): unknown[] =>
  (all.find(([row]) => row && ('first_name' in row || 'count' in row)) ?? []).map(
    ({ first_name, count }) => count ?? (first_name || null),
  );
