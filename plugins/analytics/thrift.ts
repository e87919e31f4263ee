/** Thrift's binary protocol, as much of it as a client of a service needs: values by type, structs by number of field. */
export const BOOL = 2;
const BYTE = 3;
const DOUBLE = 4;
const I16 = 6;
export const I32 = 8;
export const I64 = 10;
export const STRING = 11;
export const STRUCT = 12;
const MAP = 13;
const SET = 14;
const LIST = 15;
const STOP = 0;

/** What is read: texts as bytes, 64 bits as bigint, structs by number of field, maps as pairs. */
export type ThriftValue =
  | boolean
  | number
  | bigint
  | Buffer
  | ThriftStruct
  | readonly ThriftValue[]
  | readonly (readonly [ThriftValue, ThriftValue])[];

/** A value with what it takes to write it again as it was read. */
export interface ThriftField {
  readonly type: number;
  /** Types of the elements of a list or set, or of the keys and values of a map. */
  readonly of?: readonly number[];
  readonly value: ThriftValue;
}

export type ThriftStruct = ReadonlyMap<number, ThriftField>;

/** The bytes end before the value does: there may be more to come. */
export class IncompleteError extends Error {
  override name = 'IncompleteError';
}

const DEEPEST = 32;
const VERSION = 0x80010000;
const CALL = 1;
const REPLY = 2;
const EXCEPTION = 3;

/** A call of a method with its one argument. */
export function encodeCall(method: string, sequence: number, argument: ThriftStruct): Buffer {
  const parts: Buffer[] = [int32(VERSION | CALL), ...text(Buffer.from(method)), int32(sequence)];
  writeStruct(parts, new Map([[1, { type: STRUCT, value: argument }]]));
  return Buffer.concat(parts);
}

/**
 * The result of a call and the number of bytes it takes. Throws {@link IncompleteError} when there are too few of them,
 * and another error when they are no reply to the call or when the service could not do it.
 */
export function decodeReply(bytes: Buffer, method: string, sequence: number): { result: ThriftStruct; length: number } {
  const reader = new Reader(bytes);
  const head = reader.int32() >>> 0;
  if ((head & 0xffff0000) >>> 0 !== VERSION) throw new Error('What came is not Thrift’s binary protocol');
  const name = reader.text().toString();
  const number = reader.int32();
  const body = reader.struct(0);
  const kind = head & 0xff;
  if (kind === EXCEPTION) throw new Error(`${method} failed: ${textOf(body.get(1)) ?? 'no reason is told'}`);
  if (kind !== REPLY || name !== method || number !== sequence) throw new Error(`${method} got another call's reply`);
  const result = structOf(body.get(0));
  if (!result) throw new Error(`${method} gave nothing`);
  return { result, length: reader.at };
}

export const structOf = (field: ThriftField | undefined): ThriftStruct | undefined =>
  field?.type === STRUCT ? (field.value as ThriftStruct) : undefined;
export const textOf = (field: ThriftField | undefined): string | undefined =>
  field?.type === STRING ? (field.value as Buffer).toString() : undefined;
export const numberOf = (field: ThriftField | undefined): number | undefined =>
  typeof field?.value === 'number' ? field.value : undefined;
export const listOf = (field: ThriftField | undefined): readonly ThriftValue[] | undefined =>
  field?.type === LIST ? (field.value as readonly ThriftValue[]) : undefined;

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

const text = (value: Buffer): Buffer[] => [int32(value.length), value];

function writeStruct(parts: Buffer[], struct: ThriftStruct): void {
  for (const [id, field] of struct) {
    parts.push(Buffer.from([field.type, id >> 8, id & 0xff]));
    write(parts, field.type, field.value, field.of);
  }
  parts.push(Buffer.from([STOP]));
}

function write(parts: Buffer[], type: number, value: ThriftValue, of: readonly number[] = []): void {
  const bytes = Buffer.alloc(8);
  if (type === BOOL) parts.push(Buffer.from([value ? 1 : 0]));
  else if (type === BYTE) parts.push(Buffer.from([(value as number) & 0xff]));
  else if (type === I16) parts.push(bytes.subarray(0, bytes.writeInt16BE(value as number)));
  else if (type === I32) parts.push(int32(value as number));
  else if (type === I64) parts.push(bytes.subarray(0, bytes.writeBigInt64BE(value as bigint)));
  else if (type === DOUBLE) parts.push(bytes.subarray(0, bytes.writeDoubleBE(value as number)));
  else if (type === STRING) parts.push(...text(value as Buffer));
  else if (type === STRUCT) writeStruct(parts, value as ThriftStruct);
  else if (of.length > 0 && [LIST, SET, MAP].includes(type)) {
    const elements = value as readonly ThriftValue[];
    parts.push(Buffer.from(of), int32(elements.length));
    for (const element of elements)
      for (const [at, part] of (type === MAP ? (element as readonly ThriftValue[]) : [element]).entries())
        write(parts, of[at]!, part);
  } else throw new Error(`A Thrift value of type ${type} cannot be written`);
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Where the next `length` bytes are. */
  #next(length: number): number {
    const start = this.at;
    if (length < 0) throw new Error('A Thrift value is shorter than nothing');
    if (start + length > this.#bytes.length) throw new IncompleteError();
    this.at += length;
    return start;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#next(4));
  }

  text(): Buffer {
    const length = this.int32();
    const start = this.#next(length);
    return this.#bytes.subarray(start, start + length);
  }

  struct(depth: number): Map<number, ThriftField> {
    const fields = new Map<number, ThriftField>();
    for (;;) {
      const type = this.#byte();
      if (type === STOP) return fields;
      const id = this.#bytes.readInt16BE(this.#next(2));
      fields.set(id, this.#field(type, depth));
    }
  }

  #field(type: number, depth: number): ThriftField {
    if (type !== LIST && type !== SET && type !== MAP) return { type, value: this.#value(type, depth) };
    const of = type === MAP ? [this.#byte(), this.#byte()] : [this.#byte()];
    return { type, of, value: this.#elements(of, depth) };
  }

  #elements(of: readonly number[], depth: number): ThriftValue[] {
    const count = this.int32();
    // Every element takes a byte at least: a count that is made up ends here.
    if (count < 0) throw new Error('A Thrift list is shorter than nothing');
    if (count > this.#bytes.length - this.at) throw new IncompleteError();
    return Array.from({ length: count }, () => {
      const parts = of.map((type) => this.#value(type, depth));
      return (parts.length === 1 ? parts[0] : parts) as ThriftValue;
    });
  }

  #byte(): number {
    return this.#bytes[this.#next(1)]!;
  }

  #value(type: number, depth: number): ThriftValue {
    if (depth > DEEPEST) throw new Error('A Thrift value is nested too deeply');
    if (type === BOOL) return this.#byte() !== 0;
    if (type === BYTE) return this.#bytes.readInt8(this.#next(1));
    if (type === I16) return this.#bytes.readInt16BE(this.#next(2));
    if (type === I32) return this.int32();
    if (type === I64) return this.#bytes.readBigInt64BE(this.#next(8));
    if (type === DOUBLE) return this.#bytes.readDoubleBE(this.#next(8));
    if (type === STRING) return this.text();
    if (type === STRUCT) return this.struct(depth + 1);
    if (type === LIST || type === SET) return this.#elements([this.#byte()], depth + 1);
    if (type === MAP) return this.#elements([this.#byte(), this.#byte()], depth + 1);
    throw new Error(`Thrift has no type ${type}`);
  }
}
