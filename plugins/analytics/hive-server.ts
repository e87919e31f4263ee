import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  BOOL,
  decodeReply,
  encodeCall,
  I32,
  I64,
  IncompleteError,
  listOf,
  numberOf,
  STRING,
  STRUCT,
  structOf,
  type ThriftField,
  type ThriftStruct,
  textOf,
} from './thrift.ts';

/** Where a HiveServer2 is, as Spark's Thrift server and Hive speak it, and how to sign in. */
export interface HiveAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Whether the connection begins with SASL PLAIN (`hive.server2.authentication` NONE, LDAP, CUSTOM) or not (NOSASL). */
  readonly sasl: boolean;
}

const POLL_MS = 100;
const MOST_ROWS = 1000;
const LARGEST_REPLY = 16 * 1024 * 1024;

/** Protocol V6 of HiveServer2, from which on results come by column; older servers answer by row. */
const PROTOCOL = 5;
/** Of the codes of a status: success, success with information, still executing; then the failures. */
const LAST_SUCCESS = 2;
const OPERATION_STATES = 'initialized running finished cancelled closed failed unknown pending timed-out'.split(' ');
const UNFINISHED = new Set(['initialized', 'running', 'pending']);

/** The rows of a statement. The connection is its own and closed at the end, with whatever runs on it, also on abort. */
export async function hiveRows(address: HiveAddress, statement: string, signal: AbortSignal): Promise<unknown[][]> {
  const { host, port } = address;
  const socket = connect({ host, port, signal });
  // Whoever reads is told; an error between two reads must not end the process.
  socket.on('error', () => undefined);
  try {
    const call = caller(socket, address.sasl);
    if (address.sasl) await call.signIn(address);
    const opened = await call.send('OpenSession', {
      1: { type: I32, value: PROTOCOL },
      2: { type: STRING, value: Buffer.from(address.user) },
      3: { type: STRING, value: Buffer.from(address.password) },
    });
    const session = required(opened.get(3), 'OpenSession');
    const executed = await call.send('ExecuteStatement', {
      1: session,
      2: { type: STRING, value: Buffer.from(statement) },
      4: { type: BOOL, value: true },
    });
    const operation = required(executed.get(2), 'ExecuteStatement');
    for (;;) {
      const status = await call.send('GetOperationStatus', { 1: operation });
      const state = OPERATION_STATES[numberOf(status.get(2)) ?? -1] ?? 'unknown';
      if (state === 'finished') break;
      if (!UNFINISHED.has(state)) throw new Error(`The statement is ${state}: ${textOf(status.get(5)) ?? 'no reason'}`);
      await delay(POLL_MS, undefined, { signal });
    }
    const rows: unknown[][] = [];
    while (rows.length < MOST_ROWS) {
      const fetched = await call.send('FetchResults', {
        1: operation,
        2: { type: I32, value: 0 },
        3: { type: I64, value: BigInt(MOST_ROWS) },
      });
      const more = rowsOf(structOf(fetched.get(3)));
      // Servers do not tell reliably whether there are more rows: a fetch without any is the end.
      if (more.length === 0) break;
      rows.push(...more);
    }
    await call.send('CloseOperation', { 1: operation });
    await call.send('CloseSession', { 1: session });
    return rows;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    socket.destroy();
  }
}

function required(field: ThriftField | undefined, method: string): ThriftField {
  if (field?.type !== STRUCT) throw new Error(`${method} gave no handle`);
  return field;
}

/** Calls of the service, one after the other. */
function caller(socket: Socket, framed: boolean) {
  const chunks = socket[Symbol.asyncIterator]();
  let buffered: Buffer = Buffer.alloc(0);
  let sequence = 0;

  /** Reads on until `parse` has what it wants; it gives the number of bytes that it took. */
  const read = async <T>(parse: (bytes: Buffer) => { value: T; length: number }): Promise<T> => {
    for (;;) {
      try {
        const { value, length } = parse(buffered);
        buffered = buffered.subarray(length);
        return value;
      } catch (error) {
        if (!(error instanceof IncompleteError)) throw error;
      }
      if (buffered.length > LARGEST_REPLY) throw new Error('The reply is too large');
      const { done, value } = await chunks.next();
      if (done) throw new Error('The connection was closed before the reply was whole');
      buffered = Buffer.concat([buffered, value as Buffer]);
    }
  };
  /** Bytes behind their own length in four bytes, which stands after `before` others. */
  const frame = (bytes: Buffer, before = 0) => {
    if (bytes.length < before + 4) throw new IncompleteError();
    const length = bytes.readUInt32BE(before);
    if (length > LARGEST_REPLY) throw new Error('What came is not HiveServer2, or expects another authentication');
    const end = before + 4 + length;
    if (bytes.length < end) throw new IncompleteError();
    return { body: bytes.subarray(before + 4, end), length: end };
  };

  return {
    send: async (method: string, request: Readonly<Record<number, ThriftField>>): Promise<ThriftStruct> => {
      const number = ++sequence;
      const argument = new Map(Object.entries(request).map(([id, field]) => [Number(id), field]));
      const message = encodeCall(method, number, argument);
      socket.write(framed ? Buffer.concat([lengthOf(message), message]) : message);
      const result = await read((bytes) => {
        const whole = framed ? frame(bytes) : { body: bytes, length: undefined };
        const reply = decodeWhole(whole.body, method, number, framed);
        return { value: reply.result, length: whole.length ?? reply.length };
      });
      const status = structOf(result.get(1));
      const code = status && numberOf(status.get(1));
      if (code === undefined || code > LAST_SUCCESS)
        throw new Error(`${method} failed: ${(status && textOf(status.get(5))) || 'no reason is told'}`);
      return result;
    },
    /** SASL PLAIN, in the messages of Thrift's SASL transport: a state, then bytes behind their length. */
    signIn: async ({ user, password }: HiveAddress): Promise<void> => {
      const say = (state: number, payload: Buffer) =>
        socket.write(Buffer.concat([Buffer.from([state]), lengthOf(payload), payload]));
      say(SASL.start, Buffer.from('PLAIN'));
      say(SASL.ok, Buffer.from(`\0${user}\0${password}`));
      const { state, told } = await read((bytes) => {
        const { body, length } = frame(bytes, 1);
        return { value: { state: bytes[0], told: body.toString() }, length };
      });
      if (state !== SASL.complete) throw new Error(`Signing in failed: ${told.slice(0, 200) || 'no reason is told'}`);
    },
  };
}

const SASL = { start: 1, ok: 2, complete: 5 } as const;

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}

/** Within a frame there is nothing more to come. */
function decodeWhole(bytes: Buffer, method: string, sequence: number, framed: boolean) {
  try {
    return decodeReply(bytes, method, sequence);
  } catch (error) {
    if (framed && error instanceof IncompleteError) throw new Error(`The reply to ${method} is cut off`);
    throw error;
  }
}

/** Rows of a `TRowSet`: of columns, each with its values and bits that mark nulls, or of rows. */
function rowsOf(set: ThriftStruct | undefined): unknown[][] {
  const columns = listOf(set?.get(3)) as readonly ThriftStruct[] | undefined;
  if (!columns) {
    const rows = (listOf(set?.get(2)) ?? []) as readonly ThriftStruct[];
    return rows.map((row) => ((listOf(row.get(1)) ?? []) as readonly ThriftStruct[]).map(cellOf));
  }
  const values = columns.map((column) => {
    const [field] = [...column.values()];
    const struct = structOf(field);
    const nulls = struct?.get(2)?.value as Buffer | undefined;
    const isNull = (at: number) => (((nulls?.[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
    return (listOf(struct?.get(1)) ?? []).map((value, at) => (isNull(at) ? null : plain(value)));
  });
  return (values[0] ?? []).map((_, at) => values.map((column) => column[at]));
}

/** A `TColumnValue`: one of the fields, in it the value unless it is null. */
function cellOf(cell: ThriftStruct): unknown {
  const [field] = [...cell.values()];
  const value = structOf(field)?.get(1)?.value;
  return value === undefined ? null : plain(value);
}

const plain = (value: unknown) => (Buffer.isBuffer(value) ? value.toString() : value);
