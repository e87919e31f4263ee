import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { readSettings } from '@contact360/server/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp } from '../../test/app.ts';
import { csvOf, importCsv } from '../../test/imports/imports.ts';
import { addressOf, sparkThriftBackend } from './spark-thrift.ts';
import { type HiveScript, type HiveServer, type Row, startHiveServer } from './test-hive-server.ts';
import { decodeReply, IncompleteError } from './thrift.ts';

const ROWS: readonly Row[] = [
  ['total', '', 70_000],
  ['industry', 'Software & Büro', 55_000],
  ['country', 'Chile', 20_000],
  ['country', 'France', 30_000],
];
const FOUND = {
  total: 70_000,
  countries: [
    { value: 'France', total: 30_000 },
    { value: 'Chile', total: 20_000 },
  ],
  industries: [{ value: 'Software & Büro', total: 55_000 }],
};
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function started(script: HiveScript): Promise<HiveServer> {
  const server = await startHiveServer(script);
  stops.push(server.stop);
  return server;
}
const settings = readSettings({ CONTACTS_HIVE_DATABASE: 'crm', CONTACTS_HIVE_TABLE: 'people' }, '/nowhere');
const asked = (host: string, answerMs = 5000) => sparkThriftBackend(host, settings, answerMs).aggregate(10);

describe('an address', () => {
  it.each([
    ['spark', { host: 'spark', port: 10_000, user: 'contact360', password: 'none', sasl: true }],
    ['spark.example:10009', { host: 'spark.example', port: 10_009 }],
    ['me:p%40ss@[::1]:1?auth=noSasl', { host: '::1', port: 1, user: 'me', password: 'p@ss', sasl: false }],
  ])('%s', (text, address) => {
    expect(addressOf(text)).toMatchObject(address);
    expect(readSettings({ CONTACTS_THRIFT_HOST: text }, '/nowhere').CONTACTS_THRIFT_HOST).toBe(text);
  });

  it.each(['spark/default', 'a b', ':10000', 'spark:port'])('%s is none', (text) => {
    expect(() => readSettings({ CONTACTS_THRIFT_HOST: text }, '/nowhere')).toThrow(/CONTACTS_THRIFT_HOST must be host/);
  });
});

/** The other side is Hive's own interface, as Apache Thrift's compiler makes a server of it. */
describe('a HiveServer2', () => {
  it.each<[string, HiveScript, suffix: string]>([
    ['by column', { rows: ROWS }, ''],
    ['by row', { rows: ROWS, byRow: true }, ''],
    ['a few at a time', { rows: ROWS, fetch: 1 }, ''],
    [
      'after a while',
      { rows: ROWS, states: ['INITIALIZED_STATE', 'PENDING_STATE', 'RUNNING_STATE', 'FINISHED_STATE'] },
      '',
    ],
    ['without SASL', { rows: ROWS, sasl: false }, '?auth=noSasl'],
  ])('answers %s, and is let go', async (_, script, suffix) => {
    const server = await started(script);
    expect(await asked(server.host + suffix)).toEqual(FOUND);
    expect(server.calls[0]).toBe('OpenSession');
    expect(server.calls.slice(-2)).toEqual(['CloseOperation', 'CloseSession']);
    expect(server.statements).toEqual([expect.stringMatching(/from `crm`\.`people`.* limit 10\)/)]);
    expect(server.signIns).toEqual(suffix ? [] : ['PLAIN \0contact360\0none']);
    await expect.poll(server.connections).toBe(0);
  });

  it('is signed in to with the name and password of the address', async () => {
    const server = await started({ rows: ROWS, password: 's:crét' });
    expect(await asked(`me:s%3Acr%C3%A9t@${server.host}`)).toEqual(FOUND);
    expect(server.signIns).toEqual(['PLAIN \0me\0s:crét']);
  });

  it.each<[string, HiveScript, RegExp]>([
    ['a wrong password', { password: 'other' }, /^Signing in failed: Error validating the login$/],
    ['a session that is refused', { failing: ['OpenSession', 'status'] }, /^OpenSession failed: no, it says$/],
    ['a statement that is refused', { failing: ['ExecuteStatement', 'status'] }, /no, it says/],
    [
      'a fault of the server',
      { failing: ['ExecuteStatement', 'exception'] },
      /^ExecuteStatement failed: an inner fault$/,
    ],
    [
      'a statement that fails',
      { states: ['RUNNING_STATE', 'ERROR_STATE'], errorMessage: 'no such table' },
      /failed: no such/,
    ],
    ['a statement that is cancelled', { states: ['CANCELED_STATE'] }, /is cancelled/],
    ['rows that cannot be fetched', { failing: ['FetchResults', 'status'] }, /FetchResults failed/],
    ['no rows', { rows: [] }, /no total/],
    ['rows that are no counts', { rows: [['total', null, 1]] }, /no counts/],
    [
      'totals that are null',
      {
        rows: [
          ['total', '', null],
          ['country', 'Chile', null],
        ],
      },
      /no counts/,
    ],
  ])('fails on %s', async (_, script, fault) => {
    const server = await started(script);
    await expect(asked(server.host)).rejects.toThrow(fault);
    await expect.poll(server.connections).toBe(0);
  });

  it.each<[string, HiveScript]>([
    ['says nothing', { failing: ['OpenSession', 'silence'] }],
    ['never ends', { states: ['RUNNING_STATE'] }],
    ['expects SASL of one who begins without', { sasl: true }],
  ])('is given up when it %s', async (what, script) => {
    const server = await started(script);
    const suffix = what.startsWith('expects') ? '?auth=noSasl' : '';
    await expect(asked(server.host + suffix, 400)).rejects.toThrow(/timeout/);
    await expect.poll(server.connections).toBe(0);
  });
});

describe('something else', () => {
  /** A server that says the same to everyone. */
  async function saying(bytes: string | Buffer, then: 'close' | 'wait'): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => (then === 'close' ? socket.end(bytes) : socket.write(bytes)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'close', /is not HiveServer2/],
    ['one that closes', '', 'close', /closed before/],
    ['half an answer', Buffer.from([5, 0, 0]), 'close', /closed before/],
    ['a signing in that goes on', Buffer.from([2, 0, 0, 0, 0]), 'wait', /Signing in failed/],
    ['a frame that is none', Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]), 'wait', /cut off/],
    ['another protocol', Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 4, 0x82, 1, 2, 3]), 'wait', /is not Thrift/],
  ] as const)('%s', async (_, bytes, then, fault) => {
    await expect(asked(await saying(bytes, then))).rejects.toThrow(fault);
  });

  it('nothing at all', async () => {
    await expect(asked('127.0.0.1:1')).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('the reader of replies', () => {
  const whole = Buffer.from(
    '80010002000000015800000001' + '0c0000' + '080001000000000f00020b00000001000000026869' + '00' + '00',
    'hex',
  );

  it('reads what is whole, and asks for more of what is not', () => {
    expect(decodeReply(whole, 'X', 1).length).toBe(whole.length);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeReply(whole.subarray(0, length), 'X', 1)).toThrow(IncompleteError);
  });

  it('ends on any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.nat(whole.length - 1), fc.nat(255))
        .map(([at, value]) => whole.map((each, index) => (index === at ? value : each))),
    );
    fc.assert(
      fc.property(bytes, (some) => {
        try {
          decodeReply(Buffer.from(some), 'X', 1);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(RangeError);
          expect(error).not.toBeInstanceOf(TypeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the snapshot', () => {
  it('is by Spark’s Thrift server, and within the request by PostgreSQL when that fails', async () => {
    const server = await started({ rows: ROWS });
    const app = await startTestApp({ CONTACTS_THRIFT_HOST: `me:hidden@${server.host}`, LOG_LEVEL: 'silent' });
    stops.push(app.stop);
    await importCsv(app, csvOf('First Name,Email,Country', 'Ann,ann@x.example,France'));
    const snapshot = async () =>
      (await app.request('GET', '/api/contacts/analytics/', { headers: { 'cache-control': 'no-cache' } })).json;
    expect(await snapshot()).toMatchObject({
      source: 'spark-thrift',
      total_contacts: 70_000,
      top_industries: [{ industry: 'Software & Büro', total: 55_000 }],
    });
    await server.stop();
    stops.shift();
    expect(await snapshot()).toMatchObject({ source: 'postgresql', total_contacts: 1 });
  });
});
