/**
 * The short form of a filter: `title~cto, country=US|Canada, company.employees>=50`. It is read into the JSON that the
 * SDK's `where` takes; names of fields and types of values are the server's business, or a {@link FieldReader}'s.
 *
 * ```txt
 * filter    = all { "or" all }
 * all       = part { ("," | "and") part }
 * part      = [ "not" ] ( "(" filter ")" | condition )
 * condition = field "?" | field operator value { "|" value }
 * operator  = "=" | "!=" | "~" | "!~" | ">" | ">=" | "<" | "<=" | ":"
 * value     = '"' any text, \" and \\ escaped '"' | text without quotes, commas, bars, parentheses, and, or, not
 * ```
 */
export type Filter =
  | { readonly field: string; readonly operator: string; readonly value?: unknown }
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };

/** Part of the text: from the first character to behind the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A filter with the places of the text that its parts came from. */
export interface ParsedFilter {
  readonly filter: Filter;
  /** Where the part at a path of the JSON stands: `['and', 0, 'value']`. Undefined when the path leads to no condition. */
  readonly spanOf: (path: readonly (string | number)[]) => Span | undefined;
}

/** A fault at a place of the text. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly span: Span;

  constructor(message: string, span: Span) {
    super(message);
    this.span = span;
  }
}

/** What is known of fields: full names for short ones, and values of the field's type for the texts that stand there. */
export interface FieldReader {
  /** The full name. Throws an `Error` whose message says why there is none. */
  readonly resolve: (name: string) => string;
  readonly value: (field: string, text: string) => unknown;
}

const AS_WRITTEN: FieldReader = { resolve: (name) => name, value: (_, text) => text };

/** What an operator asks of one value, and of several of which any will do. */
const OPERATORS: Readonly<Record<string, { one: string; many?: string; negated?: true }>> = {
  '!=': { one: 'ne', many: 'nin' },
  '!~': { one: 'ncontains', negated: true },
  '>=': { one: 'gte' },
  '<=': { one: 'lte' },
  '=': { one: 'eq', many: 'in' },
  '~': { one: 'contains' },
  '>': { one: 'gt' },
  '<': { one: 'lt' },
  ':': { one: 'words' },
};
const SYMBOLS = Object.keys(OPERATORS);
const ORDERED = new Set(['gt', 'gte', 'lt', 'lte']);
const QUOTES = 'put the value in double quotes if that belongs to it';

/** More than any server takes; what is read recursively needs an end. */
const MAX_DEPTH = 100;

type Places = { readonly field: Span; readonly operator: Span; readonly value: Span };

/** Reads a filter. Throws {@link FilterError} with the place of the fault. */
export function parseFilter(text: string, fields: FieldReader = AS_WRITTEN): ParsedFilter {
  const places = new WeakMap<object, Places>();
  let at = 0;
  let depth = 0;

  const fail = (message: string, from = at, to = Math.min(from + 1, text.length)): never => {
    throw new FilterError(message, { from, to: Math.max(to, from) });
  };
  const skipBlanks = () => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const word = (name: string) => match(new RegExp(`${name}(?![\\w.])`, 'iy')) !== undefined;

  const list = (part: () => Filter, another: () => boolean, join: (parts: Filter[]) => Filter): Filter => {
    const parts = [part()];
    for (skipBlanks(); another(); skipBlanks()) parts.push(part());
    return parts.length === 1 ? parts[0]! : join(parts);
  };
  const anyOf = (): Filter =>
    list(
      allOf,
      () => word('or'),
      (or) => ({ or }),
    );
  const allOf = (): Filter =>
    list(
      part,
      () => match(/,/y) !== undefined || word('and'),
      (and) => ({ and }),
    );

  const part = (): Filter => {
    skipBlanks();
    const from = at;
    if (depth === MAX_DEPTH) fail(`the filter is nested more than ${MAX_DEPTH} levels deep here`);
    if (word('not')) return deeper(() => ({ not: part() }));
    if (match(/\(/y) === undefined) return condition();
    const inner = deeper(anyOf);
    if (match(/\)/y) === undefined)
      fail(
        at < text.length ? `',', 'and', 'or' or ')' is expected here; ${QUOTES}` : "this '(' is not closed",
        at < text.length ? at : from,
      );
    return inner;
  };
  const deeper = (read: () => Filter): Filter => {
    depth++;
    const inner = read();
    depth--;
    return inner;
  };

  const condition = (): Filter => {
    const from = at;
    const name = match(/[a-z_][\w.]*/iy);
    if (name === undefined) {
      const said =
        at === text.length ? (from === 0 ? 'the filter is empty' : 'a condition is missing here') : undefined;
      return fail(said ?? 'the name of a field is expected here, as in title~cto');
    }
    const field: Span = { from, to: at };
    const path = resolve(name, field);
    skipBlanks();
    const operatorAt = at;
    if (match(/\?/y) !== undefined) {
      const operator = { from: operatorAt, to: at };
      return keep({ field: path, operator: 'exists' }, { field, operator, value: operator });
    }
    const symbol = SYMBOLS.find((each) => text.startsWith(each, at));
    if (symbol === undefined)
      return fail(
        `an operator is expected behind '${name}': ${SYMBOLS.join(' ')} or ?; ${QUOTES}`,
        operatorAt < text.length ? operatorAt : from,
        operatorAt < text.length ? operatorAt + 1 : field.to,
      );
    at += symbol.length;
    const operator = { from: operatorAt, to: at };
    const values = [value(symbol)];
    while (match(/\|/y) !== undefined) values.push(value('|'));
    return conditions(path, OPERATORS[symbol]!, values, { field, operator });
  };

  const resolve = (name: string, { from, to }: Span): string => {
    try {
      return fields.resolve(name);
    } catch (error) {
      return fail((error as Error).message, from, to);
    }
  };

  const keep = <F extends Filter>(filter: F, spans: Places): F => {
    places.set(filter, spans);
    return filter;
  };

  const conditions = (
    path: string,
    { one, many, negated }: (typeof OPERATORS)[string],
    values: readonly (Span & { text: string })[],
    spans: Pick<Places, 'field' | 'operator'>,
  ): Filter => {
    const whole = { from: values[0]!.from, to: values.at(-1)!.to };
    if (values.length > 1 && ORDERED.has(one))
      fail('one value is expected here: alternatives go with =, != and ~', values[1]!.from, whole.to);
    const typed = values.map(({ text: each }) => fields.value(path, each));
    if (values.length > 1 && many)
      return keep({ field: path, operator: many, value: typed }, { ...spans, value: whole });
    const each = values.map(({ from, to }, index) =>
      keep({ field: path, operator: one, value: typed[index] }, { ...spans, value: { from, to } }),
    );
    return each.length === 1 ? each[0]! : negated ? { and: each } : { or: each };
  };

  const value = (behind: string): Span & { text: string } => {
    skipBlanks();
    const from = at;
    if (text[at] === '"') {
      const quoted = match(/"(?:[^"\\]|\\["\\])*"/y);
      if (quoted === undefined)
        return fail(`the quote that begins here does not end; inside it, \\" and \\\\ stand for " and \\`, from);
      const span = { from, to: at, text: quoted.slice(1, -1).replace(/\\(["\\])/g, '$1') };
      skipBlanks();
      return span;
    }
    const bare = match(/(?:(?!\s+(?:and|or|not)(?![\w.]))[^,|()"])*/iy)!;
    if (text[at] === '"' || text[at] === '(') fail(`'${text[at]}' is not expected here: ${QUOTES}`);
    const trimmed = bare.trim();
    if (trimmed === '') fail(`a value is missing behind '${behind}'; "" stands for an empty one`, from);
    return { from, to: from + bare.trimEnd().length, text: trimmed };
  };

  const filter = anyOf();
  if (at < text.length)
    fail(text[at] === ')' ? "no '(' stands before this one" : `',', 'and' or 'or' is expected here; ${QUOTES}`);

  return {
    filter,
    spanOf: (path) => {
      let node: unknown = filter;
      for (const key of path) {
        const spans = places.get(node as object);
        if (spans) return key === 'field' || key === 'operator' ? spans[key] : spans.value;
        node = (node as Record<string | number, unknown> | undefined)?.[key];
        if (typeof node !== 'object' || node === null) return undefined;
      }
      const spans = places.get(node as object);
      return spans && { from: spans.field.from, to: spans.value.to };
    },
  };
}
