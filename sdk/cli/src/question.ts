import type { Client } from '@contact360/sdk';
import { Contact360Error } from '@contact360/sdk';
import type { Connection } from './connection.ts';
import { EXIT, Failure, usage } from './failure.ts';
import { type Fields, fieldReader } from './fields.ts';
import { type Filter, FilterError, type ParsedFilter, parseFilter, type Span } from './filter.ts';
import type { Row } from './table.ts';
import { displayWidth, harmless, paint } from './terminal.ts';

/** What filters and record types take from the command line. */
export const FILTER_OPTIONS = {
  filter: { type: 'string', short: 'f', value: 'FILTER', help: 'which ones; see "contact360 help filters"' },
  companies: { type: 'boolean', short: 'c', help: 'companies instead of contacts' },
} as const;

export const FILTER_HELP = `A filter is a list of conditions: contact360 query 'title~cto, country=US|Canada, company.employees>=50'

  title=CTO             is, in any case; title=CTO|CEO: one of them      title!=CTO    is not
  title~engineer        contains, case and accents aside                 title!~intern does not contain
  company.employees>=50 in the order of the field: > >= < <=; 50k and 1.5M are read as numbers
  search:berlin cto     all the words, anywhere; title:vice sales: in this field
  email?                has a value; not email?: has none

Conditions are joined by commas or "and", by "or", with "not" and parentheses; "and" binds closer than "or". A value
that holds , | ( ) or one of these words stands in double quotes: title="Head of Research and Development".
Names may be short where only one field can be meant (employees); "contact360 fields" lists them all.

A filter that begins with { is JSON, as the SDK's "where" takes it:
  {"and": [{"field": "title", "operator": "contains", "value": "cto"}, {"field": "email", "operator": "exists"}]}`;

interface PageInput {
  readonly where?: Filter | undefined;
  readonly order?: readonly { field: string; direction: 'asc' | 'desc' }[] | undefined;
  readonly limit?: number;
  readonly cursor?: string | undefined;
  readonly include?: readonly string[];
}

/** The procedures of a record type, as the command line uses them: what it sends was typed by a person, not a program. */
export interface Records {
  readonly fields: () => Promise<Fields>;
  readonly query: (input: PageInput) => Promise<{ items: Row[]; next: string | null }>;
  readonly count: (input: { where?: Filter | undefined }) => Promise<{ count: number }>;
  readonly get: (input: { uuid: string } | { id: number }) => Promise<Row>;
}

export const recordsOf = (client: Client, companies: boolean | undefined) =>
  (companies ? client.companies : client.contacts) as unknown as Records;

/** A filter as it was typed. */
export interface Question {
  readonly where: Filter | undefined;
  /** Runs what asks the server; a fault of the filter is shown at its place. */
  readonly asking: <T>(ask: () => Promise<T>) => Promise<T>;
}

const NO_FILTER: Question = { where: undefined, asking: (ask) => ask() };

/** The filter that a command was given, as its option or as its argument. */
export async function readQuestion(
  { client }: Connection,
  flags: { filter?: string | undefined; companies?: boolean | undefined },
  argument?: string,
): Promise<Question> {
  if (flags.filter !== undefined && argument !== undefined)
    throw usage('A filter is given twice; join the two by a comma.');
  const text = (flags.filter ?? argument)?.trim();
  if (text === undefined) return NO_FILTER;
  if (text.startsWith('{')) return { ...NO_FILTER, where: readJson(text) };
  const fields = await recordsOf(client, flags.companies).fields();
  let parsed: ParsedFilter;
  try {
    parsed = parseFilter(text, fieldReader(fields));
  } catch (error) {
    throw error instanceof FilterError ? pointed(error.message, text, error.span, 'filter', error) : error;
  }
  return {
    where: parsed.filter,
    asking: async (ask) => {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof Contact360Error) || error.path?.[0] !== 'where') throw error;
        const span = parsed.spanOf(error.path.slice(1));
        throw span ? pointed(error.message, text, span, error.code, error) : error;
      }
    },
  };
}

function readJson(text: string): Filter {
  try {
    return JSON.parse(text) as Filter;
  } catch (error) {
    throw usage(`The filter is not valid JSON: ${(error as Error).message}.`, 'filter');
  }
}

/** A failure that shows the place in the text. */
function pointed(message: string, text: string, { from, to }: Span, code: string, cause: unknown): Failure {
  const before = displayWidth(harmless(text.slice(0, from)));
  const marks = '^'.repeat(Math.max(1, displayWidth(harmless(text.slice(from, to)))));
  return new Failure(
    `${message}\n\n  ${harmless(text)}\n  ${' '.repeat(before)}${paint.err('red', marks)}`,
    EXIT.usage,
    code,
    cause,
  );
}
