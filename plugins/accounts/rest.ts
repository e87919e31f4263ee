import { type Binding, WireReply, type WireRequest } from '@contact360/server';
import { z } from 'zod';
import {
  loginInput,
  logoutInput,
  refreshInput,
  registerInput,
  type SessionOutput,
  type TokensOutput,
} from './schemas.ts';

const REGISTERED = 'Registration successful! Please check your email to verify your account.';
const LOGGED_OUT = 'Logout successful';

/** Clients look for either name of the user's id. */
const person = { id: z.uuid(), uuid: z.uuid(), email: z.string() };
const tokens = z
  .object({ access_token: z.string(), refresh_token: z.string(), user: z.object(person) })
  .meta({ id: 'TokenResponse' });
const registered = tokens.extend({ message: z.string() }).meta({ id: 'RegisterResponse' });
const loggedOut = z.object({ message: z.string() }).meta({ id: 'LogoutResponse' });
const signedInAt = z.iso.datetime().nullable();
const session = z
  .object({ user: z.object({ ...person, last_sign_in_at: signedInAt }), last_sign_in_at: signedInAt })
  .meta({ id: 'SessionResponse' });

const bodyOf = ({ body }: WireRequest) => body ?? {};
const withBothIds = ({ uuid, email }: TokensOutput['user']) => ({ id: uuid, uuid, email });
const encodeTokens = (output: TokensOutput) => ({ ...output, user: withBothIds(output.user) });
const encodeSession = ({ user, last_sign_in_at }: SessionOutput) => {
  const at = last_sign_in_at && `${last_sign_in_at.slice(0, 19)}Z`;
  return { user: { ...withBothIds(user), last_sign_in_at: at }, last_sign_in_at: at };
};

/** Document 004's authentication. v1 and v2 differ in the reply to a logout alone. */
const authBindings = (dialect: 'v1' | 'v2'): Binding[] => [
  {
    dialect,
    method: 'POST',
    path: `/api/${dialect}/auth/register/`,
    procedure: 'accounts.register',
    status: 201,
    decode: bodyOf,
    encode: (output: TokensOutput) => ({ ...encodeTokens(output), message: REGISTERED }),
    document: { summary: 'Make an account and sign in', tag: 'auth', body: registerInput, response: registered },
  },
  {
    dialect,
    method: 'POST',
    path: `/api/${dialect}/auth/login/`,
    procedure: 'accounts.login',
    decode: bodyOf,
    encode: encodeTokens,
    document: {
      summary: 'Sign in',
      description: 'Ten failures within 15 minutes close the account to the address: 429 with `Retry-After`.',
      tag: 'auth',
      body: loginInput,
      response: tokens,
    },
  },
  {
    dialect,
    method: 'POST',
    path: `/api/${dialect}/auth/refresh/`,
    procedure: 'accounts.refresh',
    decode: bodyOf,
    encode: encodeTokens,
    document: {
      summary: 'New tokens for a refresh token',
      description: 'A refresh token works once. Using it again ends the session, access tokens included.',
      tag: 'auth',
      body: refreshInput,
      response: tokens,
    },
  },
  {
    dialect,
    method: 'POST',
    path: `/api/${dialect}/auth/logout/`,
    procedure: 'accounts.logout',
    decode: bodyOf,
    ...(dialect === 'v1'
      ? { status: 204, encode: () => new WireReply({ status: 204 }) }
      : { encode: () => ({ message: LOGGED_OUT }) }),
    document: {
      summary: 'Sign out; the access token is void at once',
      tag: 'auth',
      body: logoutInput.optional(),
      ...(dialect === 'v2' && { response: loggedOut }),
    },
  },
  {
    dialect,
    method: 'GET',
    path: `/api/${dialect}/auth/session/`,
    procedure: 'accounts.session',
    decode: () => undefined,
    encode: encodeSession,
    document: { summary: 'Who is signed in', tag: 'auth', response: session },
  },
];

export const bindings: readonly Binding[] = [...authBindings('v1'), ...authBindings('v2')];
