import { isUtf8 } from 'node:buffer';
import { SourceError } from '@contact360/server';

export type CsvEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Opens the file as a byte stream that starts at `offset` (an offset at the end of the file gives an empty stream). */
export type OpenBytes = (offset: number) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

/**
 * Why a file cannot be read any further:
 * - `empty`: it has no record;
 * - `invalid_encoding`: its bytes are not text in any supported encoding, or not in the one its byte-order mark states;
 * - `unclosed_quote`: a quote that opens in row `rowNumber` is not closed;
 * - `record_too_large`: row `rowNumber` has more bytes or cells than a row may have.
 */
export type CsvErrorCode = 'empty' | 'invalid_encoding' | 'unclosed_quote' | 'record_too_large';

/** A file that cannot be read as CSV. The message is a sentence for the person who uploaded it. */
export class CsvError extends SourceError {
  override readonly name = 'CsvError';
  declare readonly code: CsvErrorCode;

  constructor(code: CsvErrorCode, message: string, rowNumber?: number) {
    super(code, message, rowNumber);
  }
}

/** How many of `bytes` make up whole characters; fewer than all when the last one is cut off. */
export function wholeCharacters(bytes: Uint8Array, encoding: CsvEncoding): number {
  const { length } = bytes;
  if (encoding === 'windows-1252') return length;
  if (encoding !== 'utf-8') return length - (length % 2);
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) {
      const characterBytes = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return characterBytes > back ? length - back : length;
    }
  }
  return length;
}

const windows1252 = new TextDecoder('windows-1252');

/** Decodes whole characters. Half a surrogate pair in UTF-16, which PostgreSQL cannot store, becomes U+FFFD. */
export function decode(bytes: Buffer, encoding: CsvEncoding): string {
  switch (encoding) {
    case 'utf-8':
      return bytes.toString('utf8');
    case 'utf-16le':
      return bytes.toString('utf16le').toWellFormed();
    case 'utf-16be':
      return Buffer.from(bytes).swap16().toString('utf16le').toWellFormed();
    case 'windows-1252':
      return windows1252.decode(bytes);
  }
}

/** Bytes that decoded text took up in the file. */
export function encodedLength(text: string, encoding: CsvEncoding): number {
  if (encoding === 'utf-8') return Buffer.byteLength(text, 'utf8');
  return encoding === 'windows-1252' ? text.length : 2 * text.length;
}

/** What one pass over a whole file shows. */
export interface FileSurvey {
  encoding: CsvEncoding;
  bomBytes: 0 | 2 | 3;
  /** The first bytes of the file. */
  head: Buffer;
  /** In a file that its byte-order mark calls UTF-8: offset of the first byte that is not. */
  invalidAt: number | undefined;
}

const HEAD_BYTES = 4096;

/**
 * Finds the encoding of a file from all of it (decisions 39 and 40): UTF-16 by its byte-order mark, UTF-8 when valid
 * throughout, else Windows-1252. UTF-16 without a mark is recognised when it is mostly Latin text.
 * Throws {@link CsvError} for UTF-16 that is cut off.
 */
export async function surveyFile(open: OpenBytes): Promise<FileSurvey> {
  let head = Buffer.alloc(0);
  let size = 0;
  let cutOff: Uint8Array = head;
  let invalidAt: number | undefined;
  for await (const chunk of await open(0)) {
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    if (invalidAt === undefined) {
      const bytes = Buffer.concat([cutOff, chunk]);
      const whole = bytes.subarray(0, wholeCharacters(bytes, 'utf-8'));
      if (!isUtf8(whole)) invalidAt = size - cutOff.length + validUtf8Prefix(whole);
      cutOff = bytes.subarray(whole.length);
    }
    size += chunk.length;
  }
  if (cutOff.length > 0) invalidAt ??= size - cutOff.length;

  const utf16 = utf16ByMark(head) ?? (size % 2 === 0 ? utf16ByZeros(head) : undefined);
  if (utf16 !== undefined) {
    if (size % 2 === 1) {
      const message = 'The file is UTF-16 text with half a character at its end: it was cut off, or text in another';
      throw new CsvError('invalid_encoding', `${message} encoding was added to it. Save it as CSV in UTF-8.`);
    }
    return { ...utf16, head, invalidAt: undefined };
  }
  if (head.length >= 3 && head.readUIntBE(0, 3) === 0xefbbbf)
    return { encoding: 'utf-8', bomBytes: 3, head, invalidAt };
  const encoding = invalidAt === undefined ? 'utf-8' : 'windows-1252';
  return { encoding, bomBytes: 0, head, invalidAt: undefined };
}

/** Length of the longest prefix that is valid UTF-8, of bytes that are not. */
function validUtf8Prefix(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, wholeCharacters(prefix, 'utf-8')))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

function utf16ByMark(head: Buffer): Pick<FileSurvey, 'encoding' | 'bomBytes'> | undefined {
  if (head.length < 2) return undefined;
  const mark = head.readUInt16BE(0);
  if (mark === 0xfffe) return { encoding: 'utf-16le', bomBytes: 2 };
  if (mark === 0xfeff) return { encoding: 'utf-16be', bomBytes: 2 };
  return undefined;
}

/** In Latin text as UTF-16, one byte of nearly every pair is zero, and always the same one. */
function utf16ByZeros(head: Buffer): Pick<FileSurvey, 'encoding' | 'bomBytes'> | undefined {
  const zeros: [number, number] = [0, 0];
  head.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2 === 0 ? 0 : 1]++;
  });
  const [first, second] = zeros;
  const most = head.length / 4;
  if (second > most && second > 10 * first) return { encoding: 'utf-16le', bomBytes: 0 };
  if (first > most && first > 10 * second) return { encoding: 'utf-16be', bomBytes: 0 };
  return undefined;
}
