import { readdirSync, readFileSync } from 'node:fs';

/** A block of code in an excerpt of a document, with the heading and the line of text that it stands under. */
interface Block {
  readonly heading: string;
  readonly label: string;
  readonly lines: readonly string[];
}

/** A request as the document gives it. */
export interface DocumentedRequest {
  readonly heading: string;
  readonly method: string;
  readonly path: string;
  /** JSON to send; `undefined` where there is none. */
  readonly body?: unknown;
  /** Name of the file that a form carries as `file`. */
  readonly file?: string;
}

/** A reply as the document gives it; the success of its endpoint where it names no status. */
export interface DocumentedReply {
  readonly heading: string;
  readonly label: string;
  readonly status: number;
  readonly body: unknown;
}

export interface Document {
  readonly requests: readonly DocumentedRequest[];
  readonly replies: readonly DocumentedReply[];
  /** What endpoints answer, by name: `GET /api/v1/companies/count/` answers `CountResponse`. */
  readonly named: readonly { readonly heading: string; readonly shape: string }[];
}

/** Stands in parsed examples for what the document leaves out by dots. */
export const LEFT_OUT = '…';

/**
 * The examples of a document, from an excerpt of it: its headings and blocks of code word for word, but for the host,
 * which is `localhost:8000`, and the headers of requests that hold nothing but credentials.
 */
export function readDocument(number: string): Document {
  const folder = new URL('.', import.meta.url);
  const file = readdirSync(folder).find((name) => name.startsWith(number))!;
  const requests: DocumentedRequest[] = [];
  const replies: DocumentedReply[] = [];
  const excerpt = readFileSync(new URL(file, folder), 'utf8');
  for (const block of blocksOf(excerpt)) {
    const { heading, label, lines } = block;
    const text = lines.join('\n');
    const before = replies.at(-1);
    if (/^(# .*\n)?(GET|POST|PUT|DELETE) \//.test(text)) requests.push(...spelledOut(heading, lines));
    else if (text.startsWith('curl')) requests.push(curled(heading, text));
    else if (!/^\s*["{[]/.test(text)) continue;
    else if (isRequestBody(block)) requests.push({ heading, ...endpointOf(heading), body: jsonOf(text) });
    else {
      const same = label === 'Or:' ? before?.status : undefined;
      const status = same ?? statusOf(label) ?? statusOf(heading) ?? 200;
      replies.push({ heading, label, status, body: jsonOf(text) });
    }
  }
  return { requests, replies, named: [...namesOf(excerpt)] };
}

interface Line {
  readonly text: string;
  readonly heading: string;
  readonly fenced: boolean;
}

/** Lines with the endpoint, or else the heading, that they belong to. Headings below one of a method are no new one. */
function* linesOf(excerpt: string): Generator<Line> {
  let heading = '';
  let base = '';
  let fenced = false;
  for (const text of excerpt.split('\n')) {
    const fence = text.startsWith('```');
    if (fence) fenced = !fenced;
    const title = fenced || fence ? undefined : /^#{2,4} (.*)/.exec(text)?.[1];
    if (title && (!text.startsWith('####') || title.includes('`')))
      heading = title.replace(/ - .*/, '').replace(/^([A-Z]+) `(.*)`/, (_, method, path) => `${method} ${base}${path}`);
    if (!fenced && text.startsWith('Base URL')) base = /`(.*)`/.exec(text)![1]!;
    if (!fenced && text.startsWith('**Endpoint**')) heading = /`(.*)`/.exec(text)![1]!;
    yield { text, heading, fenced };
  }
}

function* namesOf(excerpt: string) {
  for (const { text, heading, fenced } of linesOf(excerpt)) {
    const shape = fenced ? undefined : /^\*\*Response\*\*: (?=[`2])(.*)$/.exec(text)?.[1];
    if (shape) yield { heading, shape: shape.replaceAll('`', '') };
  }
}

function* blocksOf(excerpt: string): Generator<Block> {
  let label = '';
  let lines: string[] | undefined;
  for (const { text, heading, fenced } of linesOf(excerpt)) {
    if (text.startsWith('```')) {
      if (lines) yield { heading, label, lines };
      lines = fenced ? [] : undefined;
    } else if (fenced) lines!.push(text);
    else if (text.startsWith('#')) label = '';
    else if (text !== '') label = text;
  }
}

/** `Query Examples` and the like name no endpoint: they are for the first one of their document. */
function endpointOf(heading: string): { method: string; path: string } {
  const [, method, path] = /(GET|POST|PUT|DELETE) (\/\S*)/.exec(heading) ?? [];
  return { method: method ?? 'POST', path: path ?? '' };
}

const isRequestBody = ({ heading, label }: Block) =>
  /Body(:|\*\*)|^\*\*(Request|Example)\b/.test(label) ||
  (/^(Example|Use Case)/.test(heading) && !label.startsWith('**Response'));

/** Lines of a method and an address, each with headers and a JSON body below it where it has one. */
function spelledOut(heading: string, lines: readonly string[]): DocumentedRequest[] {
  const starts = lines.flatMap((line, at) => (/^(GET|POST) \//.test(line) ? [at] : []));
  return starts.map((start, at) => {
    const [, method, path] = /^(\S+) (.*)$/.exec(lines[start]!)!;
    const below = lines.slice(start + 1, starts[at + 1]).join('\n');
    const json = /^\{[\s\S]*\}/m.exec(below)?.[0];
    return { heading, method: method!, path: path!, ...(json && { body: jsonOf(json) }) };
  });
}

function curled(heading: string, text: string): DocumentedRequest {
  const [, method] = /-X (\w+)/.exec(text)!;
  const { pathname } = new URL(/https?:\S+/.exec(text)![0]);
  const file = /-F "file=@(.*?)"/.exec(text)?.[1];
  return { heading, method: method!, path: pathname, ...(file && { file }) };
}

const statusOf = (text: string) => {
  const found = /\b([2-5]\d\d)\b/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** JSON with comments, with dots for what is left out, and without the braces around it. */
function jsonOf(text: string): unknown {
  const plain = text
    .replace(/\s\/\/.*$/gm, '')
    .replace(/\[\.\.\.\]|\{\.\.\.\}/g, `"${LEFT_OUT}"`)
    .replace(/,(\s*)\.\.\.(?=\s*[\]}])/g, '');
  return JSON.parse(/^\s*"/.test(plain) ? `{${plain}}` : plain);
}
