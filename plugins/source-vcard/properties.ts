import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import type { CardLine } from './cards.ts';

/** A property of a card, such as `TEL;TYPE=CELL:+1 555 0100`. */
export interface Property {
  /** In capitals, without its group. */
  readonly name: string;
  /** `TYPE`s and what stands for them, in small letters: `cell`, `pref`; the label that its group bears. */
  readonly types: ReadonlySet<string>;
  /** 1 is the preferred one of several; 101 where nothing is said. */
  readonly rank: number;
  /** The parts between semicolons, each with its elements between commas. */
  readonly parts: readonly (readonly string[])[];
  /** The value as one text. */
  readonly text: string;
}

/** A card that cannot be read, as a sentence. */
export class DamagedCard extends Error {}

interface RawProperty {
  readonly name: string;
  readonly group: string | undefined;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Of the lines that it stands on. */
  readonly value: string[];
  readonly encoding: 'quoted-printable' | 'base64' | undefined;
  /** Number of its first line in the file. */
  readonly number: number;
}

/** Group, name and parameters, whose values may stand in quotes; the value follows. */
const PROPERTY = /^\s*(?:([^:;."]+)\.)?([\w-]+)\s*((?:;(?:[^:;"]|"[^"]*")*)*):/;
/** Characters before a value; bounds the work that a line without any colon makes. */
const PROPERTY_LENGTH = 4000;
const PARAMETER = /;\s*([^=;"]+)(?:=((?:[^;"]|"[^"]*")*))?/g;
const QUOTED_PRINTABLE = /^quoted-printable$/i;
const UTF8 = /^(?:utf-?8|us-ascii)$/i;
const BASE64 = /^(?:b|base64)$/i;

/**
 * The properties of a card: folded lines joined, transfer encodings and character sets undone. Without a named
 * character set text is UTF-8, or Windows-1252 when it is not valid as that. Throws {@link DamagedCard}.
 */
export function propertiesOf(lines: readonly CardLine[]): Property[] {
  const version = lines.map(({ text }) => /^VERSION:\s*([\d.]+)/i.exec(text)?.[1]).find(Boolean);
  const isOld = version?.startsWith('2') ?? false;
  const raw = unfold(lines, isOld);
  const labels = new Map<string, string>();
  for (const property of raw)
    if (property.group !== undefined && property.name === 'X-ABLABEL')
      labels.set(property.group, plainLabel(decode(property)));
  return raw
    .filter(({ name }) => !SKIPPED.has(name))
    .map((property) => {
      const value = decode(property);
      const parts = split(value, ';').map((part) => split(part, ',').map((element) => unescaped(element, isOld)));
      const types = typesOf(property);
      const label = property.group === undefined ? undefined : labels.get(property.group);
      if (label) types.add(label);
      return { name: property.name, types, rank: rankOf(property), parts, text: unescaped(value, isOld).trim() };
    });
}

/** What is not text, says nothing of a person, or has done its service when the others are read. */
const SKIPPED = new Set([
  ...['VERSION', 'PRODID', 'REV', 'PROFILE', 'SOURCE', 'NAME', 'CLASS', 'CLIENTPIDMAP', 'XML', 'MAILER', 'SORT-STRING'],
  ...['PHOTO', 'LOGO', 'SOUND', 'KEY', 'AGENT', 'LABEL', 'X-ABLABEL', 'X-ABADR', 'X-ABSHOWAS', 'X-IMAGETYPE'],
]);

/** Apple's labels: `_$!<HomePage>!$_`. */
const plainLabel = (label: string) => label.replace(/^_\$!<(.*)>!\$_$/, '$1').toLowerCase();

function unfold(lines: readonly CardLine[], isOld: boolean): RawProperty[] {
  const properties: RawProperty[] = [];
  for (const { text, number } of lines) {
    const last = properties.at(-1);
    const isBase64 = last?.encoding === 'base64';
    if (last?.encoding === 'quoted-printable' && last.value.at(-1)!.endsWith('=')) last.value.push(text);
    // 2.1 folds before white space that belongs to the text, the others before one that does not.
    else if (last && /^[ \t]/.test(text)) last.value.push(isOld && !isBase64 ? text : text.slice(1));
    else if (text.trim() === '') continue;
    else if (last && isBase64 && !text.includes(':')) last.value.push(text);
    else properties.push(parse(text, number));
  }
  return properties;
}

function parse(text: string, number: number): RawProperty {
  const match = PROPERTY.exec(text.slice(0, PROPERTY_LENGTH));
  if (!match) {
    throw new DamagedCard(`Line ${number} is no property of a card: ${printable(text)}.`);
  }
  const [whole, group, name, list] = match;
  const parameters = [...list!.matchAll(PARAMETER)].map(
    ([, key, given]) => [key!.trim().toUpperCase(), (given ?? '').replaceAll('"', '').trim()] as const,
  );
  const encodings = valuesOf(parameters, 'ENCODING');
  return {
    name: name!.toUpperCase(),
    group: group?.toLowerCase(),
    parameters,
    value: [text.slice(whole.length)],
    encoding: encodings.some((each) => QUOTED_PRINTABLE.test(each))
      ? 'quoted-printable'
      : encodings.some((each) => BASE64.test(each))
        ? 'base64'
        : undefined,
    number,
  };
}

/** The beginning of a line's bytes, for messages. */
const printable = (text: string) => Buffer.from(text.trim().slice(0, 40), 'latin1').toString('utf8');

/** In 2.1 values stand without their names: `TEL;CELL`, `NOTE;QUOTED-PRINTABLE`. */
const valuesOf = (parameters: RawProperty['parameters'], name: string) =>
  parameters.flatMap(([key, value]) => (key === name ? [value] : value === '' ? [key] : []));

const typesOf = ({ parameters }: RawProperty) =>
  new Set(valuesOf(parameters, 'TYPE').flatMap((value) => value.toLowerCase().split(/\s*,\s*/)));

function rankOf({ parameters }: RawProperty): number {
  const stated = Number(parameters.find(([key, value]) => key === 'PREF' && value !== '')?.[1]);
  if (stated >= 1 && stated <= 100) return stated;
  return valuesOf(parameters, 'TYPE').some((value) => /\bpref\b/i.test(value)) ? 1 : 101;
}

function decode({ value, encoding, parameters, number }: RawProperty): string {
  const bytes =
    encoding === 'quoted-printable' ? fromQuotedPrintable(value) : Buffer.from(value.join(''), encoding ?? 'latin1');
  const charset = parameters.find(([key]) => key === 'CHARSET')?.[1];
  if (isUtf8(bytes) && (charset === undefined || UTF8.test(charset))) return bytes.toString('utf8');
  try {
    return decoderOf(charset === undefined || UTF8.test(charset) ? 'windows-1252' : charset).decode(bytes);
  } catch (error) {
    if (error instanceof RangeError)
      throw new DamagedCard(`Line ${number} is in a character set that is not known: ${printable(charset!)}.`);
    throw error;
  }
}

function fromQuotedPrintable(lines: readonly string[]): Buffer {
  const text = lines.map((line, index) => (index < lines.length - 1 ? line.replace(/=$/, '') : line)).join('');
  const decoded = text.replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(decoded, 'latin1');
}

const decoders = new Map<string, TextDecoder>();

function decoderOf(charset: string): TextDecoder {
  const known = decoders.get(charset);
  if (known) return known;
  const decoder = new TextDecoder(charset);
  // Names come from files: only some dozens are valid, but each may be written in many cases.
  if (decoders.size < 100) decoders.set(charset, decoder);
  return decoder;
}

/** Splits at a separator that no backslash precedes. */
function split(value: string, separator: ';' | ','): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let position = 0; position < value.length; position++) {
    if (value[position] === '\\') position++;
    else if (value[position] === separator) {
      parts.push(value.slice(start, position));
      start = position + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

/** In 2.1 only separators are escaped, and a backslash before anything else is one. */
const unescaped = (text: string, isOld: boolean) =>
  isOld
    ? text.replace(/\\([;:,\\])/g, '$1')
    : text.replace(/\\(.)/gs, (_, escaped: string) => (/n/i.test(escaped) ? '\n' : escaped));
