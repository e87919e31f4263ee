import { expect, test } from 'vitest';
import type { App } from './app.ts';
import type { Caller, KeyCaller, RequestInfo, UserCaller } from './caller.ts';
import type { AnyPlugin } from './config.ts';
import { createContext } from './context.ts';
import { AppError } from './errors.ts';
import { authorize } from './trpc.ts';

const USER: UserCaller = { kind: 'user', userId: 'u', sessionId: 's', email: 'e', role: 'Admin' };
const KEY: KeyCaller = { kind: 'key', keyId: 'k', scope: 'write' };
const NOBODY: Caller = { kind: 'anonymous' };
const app = { settings: { CONTACTS_DEFAULT_REPLICA_READ: false }, reads: () => undefined } as unknown as App;
const request: RequestInfo = { id: 'r', address: '127.0.0.1', origin: 'http://x', headers: {} };

/** A context whose plugins know these callers, and what was asked of them. */
function contextOf(known: { user?: Caller | Error; key?: Caller | Error; refusal?: AppError }, calls = 1) {
  const asked: string[] = [];
  const headers: Record<string, string> = {};
  const recognise = (kind: 'user' | 'key') => async () => {
    asked.push(kind);
    const caller = known[kind];
    if (caller instanceof Error) throw caller;
    return caller as never;
  };
  const plugins: AnyPlugin[] = [
    // The order of plugins does not matter: kinds of credentials have one of their own.
    { id: 'keys', authenticate: { key: recognise('key') } },
    { id: 'users', authenticate: { user: recognise('user') } },
    {
      id: 'limits',
      limit: async (caller, counted) => {
        asked.push(`limit ${caller.kind} ${counted}`);
        return { headers: { 'ratelimit-limit': '1' }, ...(known.refusal && { refusal: known.refusal }) };
      },
    },
  ];
  const setHeaders = (more: Readonly<Record<string, string>>) => Object.assign(headers, more);
  return { context: createContext({ app, plugins, request, calls, setHeaders }), asked, headers };
}

test.each([
  ['a user before a key', { user: USER, key: KEY }, undefined, USER, ['user', 'limit user 1']],
  ['a key where no user is', { key: KEY }, undefined, KEY, ['user', 'key', 'limit key 1']],
  ['a key alone where only keys count', { user: USER, key: KEY }, 'key', KEY, ['key', 'limit key 1']],
  ['nobody where only keys count', { user: USER }, 'key', NOBODY, ['key', 'limit anonymous 1']],
  ['nobody', {}, undefined, NOBODY, ['user', 'key', 'limit anonymous 1']],
] as const)('finds %s', async (_, known, only, caller, asked) => {
  const made = contextOf(known);
  expect(await made.context.caller(only)).toEqual(caller);
  expect(made.asked).toEqual(asked);
});

test('a request is looked at and counted once, with its calls', async () => {
  const { context, asked, headers } = contextOf({ key: KEY }, 3);
  await Promise.all([authorize(context, 'reader'), authorize(context, 'writer'), context.caller()]);
  expect(asked).toEqual(['user', 'key', 'limit key 3']);
  expect(headers).toEqual({ 'ratelimit-limit': '1' });
});

test('whoever is over a limit is nobody’s caller, and told the limit', async () => {
  const refusal = new AppError('x.limited', 429, 'Too many');
  const { context, headers } = contextOf({ user: USER, refusal });
  await expect(authorize(context, 'user')).rejects.toBe(refusal);
  expect(headers).toEqual({ 'ratelimit-limit': '1' });
});

test('where anyone may call, nothing is asked', async () => {
  const { context, asked } = contextOf({ user: new Error('not to be asked') });
  expect(await authorize(context, 'open')).toEqual(NOBODY);
  expect(asked).toEqual([]);
});

test('a database that is away is told as that', async () => {
  const { context } = contextOf({ user: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
  await expect(context.caller()).rejects.toMatchObject({ code: 'core.unavailable', status: 503 });
});
