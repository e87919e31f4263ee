import { SourceError, type SourceFile } from './data-source.ts';

/** A place between two lines of a file. JSON. */
export interface LinePlace {
  /** Bytes before it. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
}

export interface Line {
  /** Without its end. */
  readonly bytes: Buffer;
  /** The place behind the line: `end.line` is its number, the first being 1. */
  readonly end: LinePlace;
}

const LF = 0x0a;
const CR = 0x0d;
const START: LinePlace = { offset: 0, line: 0 };
/** Longest line that is read. */
const LINE_BYTES = 16 * 1024 * 1024;

/**
 * The lines of a file from a place on, ended by LF, CRLF or CR. Memory is bounded by the longest line. Throws
 * {@link SourceError} for a line above the limit.
 */
export async function* readLines(
  file: Pick<SourceFile, 'read'>,
  from: LinePlace = START,
  maxBytes: number = LINE_BYTES,
): AsyncGenerator<Line, void, void> {
  let { offset, line } = from;
  let pieces: Uint8Array[] = [];
  let length = 0;
  const take = (end: number): Line => {
    const bytes = pieces.length === 1 ? asBuffer(pieces[0]!) : Buffer.concat(pieces);
    pieces = [];
    length = 0;
    offset = end;
    return { bytes, end: { offset, line: ++line } };
  };
  const add = (bytes: Uint8Array) => {
    if (bytes.length > 0) pieces.push(bytes);
    length += bytes.length;
    if (length <= maxBytes) return;
    const limit = `it is longer than ${maxBytes.toLocaleString('en')} bytes, the most a line may have.`;
    throw new SourceError('record_too_large', `${limit} Shorten it and upload the file again.`, line + 1);
  };
  /** A CR that ended the bytes so far: whether an LF belongs to it shows in the next. */
  let pendingCr = false;
  for await (const bytes of file.read(offset)) {
    const chunk = asBuffer(bytes);
    if (chunk.length === 0) continue;
    let start = 0;
    if (pendingCr) {
      start = chunk[0] === LF ? 1 : 0;
      pendingCr = false;
      yield take(offset + length + 1 + start);
    }
    let lf = chunk.indexOf(LF, start);
    let cr = chunk.indexOf(CR, start);
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      add(chunk.subarray(start, end));
      start = end + 1;
      if (end === cr) {
        if (start === chunk.length) {
          pendingCr = true;
          break;
        }
        if (lf === start) start++;
      }
      yield take(offset + length + start - end);
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
      if (cr !== -1 && cr < start) cr = chunk.indexOf(CR, start);
    }
    add(chunk.subarray(start));
  }
  if (pendingCr) yield take(offset + length + 1);
  else if (length > 0) yield take(offset + length);
}

const asBuffer = (bytes: Uint8Array) =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
