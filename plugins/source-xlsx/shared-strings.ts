import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SourceError } from '@contact360/server';
import { parseXml, unescapeCodes } from './xml.ts';

/** Texts beyond this much lie in a temporary file. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** Characters of texts that are kept at hand, twice. */
const CACHE_CHARACTERS = 4 * 1024 * 1024;
/** Texts that are found, read and kept at hand together. */
const GROUP = 32;
const LENGTH_BYTES = 4;
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

/**
 * The texts that cells of a workbook share, by number. They may be gigabytes: memory holds 32 MiB of them, and a place
 * for each 32 texts; the others go to a temporary file that has no name and is gone with the process.
 */
export class SharedStrings {
  #starts = new Float64Array(1024);
  #count = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #bytes = 0;
  #memory: Buffer = Buffer.alloc(0);
  #file: number | undefined;
  #recent = new Map<number, readonly string[]>();
  #older = new Map<number, readonly string[]>();
  #recentCharacters = 0;

  /** Reads the part in which they stand. {@link close} them when done. */
  static async read(chunks: AsyncIterable<Buffer>): Promise<SharedStrings> {
    const strings = new SharedStrings();
    let text = '';
    let isText = false;
    let isPhonetic = false;
    const handlers = {
      open: (name: string) => {
        if (name === 'si') text = '';
        else if (name === 'rPh') isPhonetic = true;
        else if (name === 't') isText = !isPhonetic;
      },
      text: (part: string) => {
        if (isText) text += part;
      },
      close: (name: string) => {
        if (name === 't') isText = false;
        else if (name === 'rPh') isPhonetic = false;
        else if (name === 'si') strings.#add(unescapeCodes(text));
      },
    };
    try {
      for await (const _ of parseXml(chunks, handlers));
      strings.#finish();
      return strings;
    } catch (error) {
      strings.close();
      throw error;
    }
  }

  /** The text with this number; `undefined` when there is none. */
  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    const group = Math.floor(index / GROUP);
    let texts = this.#recent.get(group) ?? this.#older.get(group);
    if (!texts) {
      texts = this.#readGroup(group);
      if (this.#recentCharacters > CACHE_CHARACTERS) {
        this.#older = this.#recent;
        this.#recent = new Map();
        this.#recentCharacters = 0;
      }
      this.#recent.set(group, texts);
      for (const text of texts) this.#recentCharacters += text.length + 16;
    }
    return texts[index % GROUP];
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #add(text: string): void {
    const length = Buffer.byteLength(text);
    const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length);
    bytes.writeUInt32LE(length);
    bytes.write(text, LENGTH_BYTES);
    if (this.#count % GROUP === 0) this.#startGroup();
    this.#count++;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#bytes += bytes.length;
    if (this.#pendingBytes > MEMORY_BYTES) this.#spill();
  }

  #startGroup(): void {
    const group = this.#count / GROUP;
    if (group === this.#starts.length) {
      const larger = new Float64Array(group * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts[group] = this.#bytes;
  }

  #spill(): void {
    try {
      this.#file ??= namelessFile();
      const bytes = Buffer.concat(this.#pending);
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    } catch (error) {
      if (!DISK_FULL.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      throw new SourceError(
        'storage_full',
        'The server has no room left to unpack the workbook. Upload it later, or save its rows as CSV and upload that.',
      );
    }
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #finish(): void {
    if (this.#file !== undefined) this.#spill();
    else this.#memory = Buffer.concat(this.#pending);
    this.#pending = [];
  }

  #readGroup(group: number): string[] {
    const start = this.#starts[group]!;
    const isLast = (group + 1) * GROUP >= this.#count;
    const end = isLast ? this.#bytes : this.#starts[group + 1]!;
    let bytes = this.#memory.subarray(start, end);
    if (this.#file !== undefined) {
      bytes = Buffer.allocUnsafe(end - start);
      for (let read = 0; read < bytes.length; )
        read += readSync(this.#file, bytes, read, bytes.length - read, start + read);
    }
    const texts: string[] = [];
    for (let position = 0; position < bytes.length; ) {
      const length = bytes.readUInt32LE(position);
      position += LENGTH_BYTES;
      texts.push(bytes.toString('utf8', position, position + length));
      position += length;
    }
    return texts;
  }
}

/** A temporary file that is removed as soon as it is open: nothing is left behind, whatever happens. */
function namelessFile(): number {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'contact360-'));
  try {
    return openSync(path.join(folder, 'texts'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
