import { eachPage } from '@contact360/sdk';
import { defineCommand, wholeNumber } from '../command.ts';
import { connect, serverOf } from '../connection.ts';
import { fieldReader } from '../fields.ts';
import { FILTER_OPTIONS, readQuestion, recordsOf } from '../question.ts';
import { printRow, type Row, tablePrinter, valueAt } from '../table.ts';
import { number, paint, print, tell } from '../terminal.ts';

const PAGE = 1000;
const DEFAULT_LIMIT = 25;
const SHOWN = {
  contacts: ['first_name', 'last_name', 'title', 'company.name', 'email', 'country'],
  companies: ['name', 'normalized_domain', 'employees_count', 'industries', 'city', 'country'],
};

export const query = defineCommand({
  summary: 'List contacts, or companies.',
  arguments: ['[FILTER]'],
  options: {
    ...FILTER_OPTIONS,
    order: { type: 'string', short: 'o', value: 'FIELDS', help: 'order, as -company.employees_count,last_name' },
    fields: { type: 'string', value: 'FIELDS', help: 'what to show, as email,company.name' },
    limit: { type: 'string', short: 'n', value: 'N', help: `at most so many (${DEFAULT_LIMIT} when absent)` },
    all: { type: 'boolean', short: 'a', help: 'to the last one; there is no cap' },
  },
  details: `At a terminal the columns are fitted to its width; elsewhere cells are whole and separated by tabs. --json prints
one object a line. Examples:

  contact360 query 'title~cto, country=germany' --order -employees
  contact360 query --companies 'employees>=1k' --all --json > companies.jsonl`,
  run: async (flags, [argument]) => {
    const connection = await connect(await serverOf(flags.url));
    const records = recordsOf(connection.client, flags.companies);
    const limit = flags.all ? Number.POSITIVE_INFINITY : (wholeNumber('limit', flags.limit, 1) ?? DEFAULT_LIMIT);
    const question = await readQuestion(connection, flags, argument);
    const names = flags.fields || flags.order ? fieldReader(await records.fields()) : undefined;
    const listed = (text: string) => text.split(',').map((name) => names!.resolve(name.trim()));
    const paths = flags.fields ? listed(flags.fields) : SHOWN[flags.companies ? 'companies' : 'contacts'];
    const order = flags.order?.split(',').map((part) => {
      const name = part.trim();
      return {
        field: names!.resolve(name.replace(/^[-+]/, '')),
        direction: name.startsWith('-') ? ('desc' as const) : ('asc' as const),
      };
    });
    const related = !flags.companies && (flags.json || paths.some((path) => path.startsWith('company.')));
    const pages = eachPage(
      (input: Parameters<typeof records.query>[0]) => question.asking(() => records.query(input)),
      {
        where: question.where,
        limit: Math.min(limit, PAGE),
        ...(order && { order }),
        ...(related && { include: ['company'] }),
      },
    );
    const show = flags.json ? printJson(flags.fields ? paths : undefined) : tablePrinter(paths);
    let shown = 0;
    for await (const { items, next } of pages) {
      const rows = items.slice(0, limit - shown);
      shown += rows.length;
      await show(rows);
      if (shown < limit) continue;
      if (next && process.stdout.isTTY && !flags.json)
        tell(paint.err('dim', `The first ${number(shown)}; there are more: --limit N, or --all.`));
      break;
    }
    if (shown === 0 && !flags.json) tell('Nothing matches.');
    return undefined;
  },
});

/** Prints rows as JSON, one a line; with `paths`, these parts of them. */
function printJson(paths: readonly string[] | undefined): (rows: readonly Row[]) => Promise<void> {
  return (rows) => print(rows.map((row) => `${JSON.stringify(paths ? partsOf(row, paths) : row)}\n`).join(''));
}

function partsOf(row: Row, paths: readonly string[]): Row {
  const parts: Record<string, unknown> = {};
  for (const path of paths) {
    const [name, field] = path.split('.') as [string, string | undefined];
    const value = valueAt(row, path) ?? null;
    parts[name] = field ? { ...(parts[name] as object | undefined), [field]: value } : value;
  }
  return parts;
}

export const count = defineCommand({
  summary: 'Count contacts, or companies.',
  arguments: ['[FILTER]'],
  options: FILTER_OPTIONS,
  run: async (flags, [argument]) => {
    const connection = await connect(await serverOf(flags.url));
    const { where, asking } = await readQuestion(connection, flags, argument);
    const { count } = await asking(() => recordsOf(connection.client, flags.companies).count({ where }));
    await print(`${flags.json ? JSON.stringify({ count }) : process.stdout.isTTY ? number(count) : count}\n`);
    return undefined;
  },
});

export const get = defineCommand({
  summary: 'Show one contact, or company, whole.',
  arguments: ['ID'],
  options: { companies: FILTER_OPTIONS.companies },
  details: 'ID is a uuid or a row number.',
  run: async (flags, [id = '']) => {
    const { client } = await connect(await serverOf(flags.url));
    const row = await recordsOf(client, flags.companies).get(/^\d+$/.test(id) ? { id: Number(id) } : { uuid: id });
    if (flags.json) await print(`${JSON.stringify(row)}\n`);
    else
      await printRow(
        row,
        Object.entries(row).flatMap(([name, value]) => pathsOf(name, value)),
      );
    return undefined;
  },
});

/** A related record is shown by its fields. */
const pathsOf = (name: string, value: unknown) =>
  value && typeof value === 'object' && 'uuid' in value ? Object.keys(value).map((key) => `${name}.${key}`) : [name];

export const fields = defineCommand({
  summary: 'List the fields that filters, orderings and columns name.',
  options: { companies: FILTER_OPTIONS.companies },
  run: async (flags) => {
    const { client } = await connect(await serverOf(flags.url));
    const all = await recordsOf(client, flags.companies).fields();
    if (flags.json) await print(all.map((field) => `${JSON.stringify(field)}\n`).join(''));
    else await tablePrinter(['field', 'kind', 'description'])(all);
    return undefined;
  },
});
