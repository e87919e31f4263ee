import { TextDecoder } from 'node:util';
import { SourceError } from '@contact360/server';
import { SaxesParser } from 'saxes';

/** Characters of XML without any tag, or of one tag, that are read at most: of a cell. */
const MAX_PIECE = 16 * 1024 * 1024;

/** What is called for the tags and texts of a part. Names come without their prefix. */
export interface XmlHandlers {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

/**
 * Parses a part chunk by chunk; what the handlers make of a chunk can be used after each step. Throws
 * {@link SourceError} for what is not well formed.
 */
export async function* parseXml(
  chunks: AsyncIterable<Buffer>,
  handlers: XmlHandlers,
): AsyncGenerator<void, void, void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  let piece = 0;
  parser.on('error', () => {
    throw notWellFormed();
  });
  parser.on('doctype', () => {
    throw notWellFormed();
  });
  parser.on('opentag', ({ name, attributes }) => {
    piece = 0;
    handlers.open?.(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    piece = 0;
    handlers.close?.(localName(name));
  });
  parser.on('text', (text) => {
    piece = 0;
    handlers.text?.(text);
  });
  parser.on('cdata', (text) => handlers.text?.(text));
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk));
    const text = decoder.decode(chunk, { stream: true });
    piece += text.length;
    if (piece > MAX_PIECE)
      throw new SourceError(
        'record_too_large',
        `The workbook has a cell of more than ${MAX_PIECE.toLocaleString('en')} characters. Shorten it and upload the file again.`,
      );
    parser.write(text);
    yield;
  }
  parser.close();
  yield;
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

const encodingOf = (chunk: Buffer) =>
  (chunk[0] === 0xff && chunk[1] === 0xfe) || chunk[1] === 0
    ? 'utf-16le'
    : (chunk[0] === 0xfe && chunk[1] === 0xff) || chunk[0] === 0
      ? 'utf-16be'
      : 'utf-8';

const notWellFormed = () =>
  new SourceError('damaged_workbook', 'The workbook is damaged. Open it, save it again and upload that.');

/** Parses a small part to its end. */
export async function parseWhole(chunks: AsyncIterable<Buffer>, handlers: XmlHandlers): Promise<void> {
  for await (const _ of parseXml(chunks, handlers));
}

/** `_x000D_` stands for a character that XML cannot hold, `_x005F_` for the underscore before such a code. */
export const unescapeCodes = (text: string) =>
  text.includes('_x')
    ? text
        .replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
        .toWellFormed()
    : text;
