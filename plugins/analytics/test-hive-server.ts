import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

// Made by Apache Thrift's compiler from Hive's own TCLIService.thrift.
const require = createRequire(import.meta.url);
const thrift = require('thrift');
const service = require('hive-driver/thrift/gen-nodejs/TCLIService.js');
const types = require('hive-driver/thrift/gen-nodejs/TCLIService_types.js');

export type Row = readonly [kind: string | null, value: string | null, total: number | null];

/** How the server behaves. */
export interface HiveScript {
  readonly sasl?: boolean;
  readonly password?: string;
  /** States of the statement, one for each time it is asked for. */
  readonly states?: readonly string[];
  readonly errorMessage?: string;
  readonly rows?: readonly Row[];
  /** Whether rows come by row, as before protocol V6, and not by column. */
  readonly byRow?: boolean;
  /** Rows of a fetch. */
  readonly fetch?: number;
  /** A call that fails, and how: by its status, by an exception, by no reply. */
  readonly failing?: readonly [method: string, how: 'status' | 'exception' | 'silence'];
}

export interface HiveServer {
  readonly host: string;
  /** Calls, in the order in which they came. */
  readonly calls: readonly string[];
  readonly statements: readonly string[];
  readonly signIns: readonly string[];
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

/** A server of HiveServer2's protocol that answers as a script says. */
export async function startHiveServer(script: HiveScript): Promise<HiveServer> {
  const { sasl = true, password, states = ['FINISHED_STATE'], rows = [], byRow = false, fetch = 1000 } = script;
  const calls: string[] = [];
  const statements: string[] = [];
  const signIns: string[] = [];
  const sockets = new Set<Socket>();
  const left = { states: [...states], rows: [...rows] };
  const ok = new types.TStatus({ statusCode: types.TStatusCode.SUCCESS_STATUS });
  const identifier = (name: string) =>
    new types.THandleIdentifier({ guid: Buffer.from(`${name} ÿ guid`.padEnd(16)), secret: Buffer.alloc(16, 0xfe) });
  const session = new types.TSessionHandle({ sessionId: identifier('session') });
  const operation = new types.TOperationHandle({
    operationId: identifier('operation'),
    operationType: types.TOperationType.EXECUTE_STATEMENT,
    hasResultSet: true,
    modifiedRowCount: 1.5,
  });
  const same = (sent: unknown, given: unknown) => {
    if (JSON.stringify(sent) !== JSON.stringify(given)) throw new Error('The handle is another one');
  };

  const methods: Record<string, (request: Record<string, unknown>) => object> = {
    OpenSession: () =>
      new types.TOpenSessionResp({
        status: ok,
        serverProtocolVersion: byRow ? 4 : 9,
        sessionHandle: session,
        configuration: { 'spark.app': 'x', other: 'y' },
      }),
    ExecuteStatement: ({ sessionHandle, statement, runAsync }) => {
      same(sessionHandle, session);
      if (runAsync !== true) throw new Error('The statement is to run by itself');
      statements.push(String(statement));
      return new types.TExecuteStatementResp({ status: ok, operationHandle: operation });
    },
    GetOperationStatus: ({ operationHandle }) => {
      same(operationHandle, operation);
      const state = left.states.length > 1 ? left.states.shift()! : left.states[0]!;
      const { errorMessage } = script;
      const operationState = types.TOperationState[state];
      return new types.TGetOperationStatusResp({
        status: ok,
        operationState,
        sqlState: '',
        errorCode: 7,
        errorMessage,
      });
    },
    FetchResults: ({ operationHandle }) => {
      same(operationHandle, operation);
      const results = rowSet(left.rows.splice(0, fetch), byRow);
      return new types.TFetchResultsResp({ status: ok, hasMoreRows: false, results });
    },
    CloseOperation: () => new types.TCloseOperationResp({ status: ok }),
    CloseSession: () => new types.TCloseSessionResp({ status: ok }),
  };
  const handler = Object.fromEntries(
    Object.entries(methods).map(([name, answer]) => [
      name,
      async (request: Record<string, unknown>) => {
        calls.push(name);
        const how = script.failing?.[0] === name ? script.failing[1] : undefined;
        if (how === 'silence') return new Promise(() => undefined);
        if (how === 'exception') throw new thrift.Thrift.TApplicationException(6, 'an inner fault');
        const reply = answer(request) as { status: unknown };
        if (how === 'status')
          reply.status = new types.TStatus({ statusCode: types.TStatusCode.ERROR_STATUS, errorMessage: 'no, it says' });
        return reply;
      },
    ]),
  );
  const processor = new service.Processor(handler);
  const Transport = sasl ? thrift.TFramedTransport : thrift.TBufferedTransport;

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    const receive = Transport.receiver((input: unknown) => {
      const output = new Transport(undefined, (bytes: Buffer) => socket.write(bytes));
      processor.process(new thrift.TBinaryProtocol(input), new thrift.TBinaryProtocol(output));
      // Several calls may have come at once; this client sends one after the other.
    });
    let handshake: Buffer | undefined = sasl ? Buffer.alloc(0) : undefined;
    socket.on('data', (data: Buffer) => {
      if (!handshake) return receive(data);
      handshake = Buffer.concat([handshake, data]);
      const [start, credentials] = messagesOf(handshake);
      if (!start || !credentials) return;
      signIns.push(`${start[1]} ${credentials[1]}`);
      const [, , sent] = credentials[1].split('\0');
      const good = start[0] === 1 && credentials[0] === 2 && (password === undefined || sent === password);
      const told = Buffer.from(good ? '' : 'Error validating the login');
      socket.write(Buffer.concat([Buffer.from([good ? 5 : 3, 0, 0, 0, told.length]), told]));
      handshake = undefined;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    statements,
    signIns,
    connections: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Whole messages of the handshake: a state and a text. */
function messagesOf(bytes: Buffer): [state: number, text: string][] {
  const found: [number, string][] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) break;
    found.push([bytes[at]!, bytes.toString('utf8', at + 5, end)]);
    at = end;
  }
  return found;
}

function rowSet(rows: readonly Row[], byRow: boolean) {
  const set = { startRowOffset: 0, rows: [] as object[] };
  if (byRow) {
    const cell = (value: string | number | null) =>
      typeof value === 'number'
        ? { i64Val: new types.TI64Value({ value }) }
        : { stringVal: new types.TStringValue(value === null ? {} : { value }) };
    set.rows = rows.map((row) => new types.TRow({ colVals: row.map((value) => new types.TColumnValue(cell(value))) }));
    return new types.TRowSet(set);
  }
  const nulls = (at: number) => {
    const bits = Buffer.alloc(Math.ceil(rows.length / 8));
    for (const [index, row] of rows.entries()) if (row[at] === null) bits[index >> 3]! |= 1 << (index & 7);
    return bits;
  };
  const texts = (at: 0 | 1) => ({
    stringVal: new types.TStringColumn({ values: rows.map((row) => row[at] ?? ''), nulls: nulls(at) }),
  });
  const totals = { i64Val: new types.TI64Column({ values: rows.map((row) => row[2] ?? 0), nulls: nulls(2) }) };
  const columns = [texts(0), texts(1), totals].map((column) => new types.TColumn(column));
  return new types.TRowSet({ ...set, columns, columnCount: 3 });
}
