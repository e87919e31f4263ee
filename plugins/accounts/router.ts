import { procedures } from '@contact360/server';
import {
  loginInput,
  logoutInput,
  refreshInput,
  registerInput,
  sessionOutput,
  setRoleInput,
  tokensOutput,
} from './schemas.ts';
import { accountsOf } from './service.ts';

const { open, user, admin } = procedures;

/** Signing in and out, and roles. */
export const router = {
  register: open
    .meta({ access: 'open', summary: 'Make an account and sign in' })
    .input(registerInput)
    .output(tokensOutput)
    .mutation(({ ctx, input }) => accountsOf(ctx.app).register(input)),

  login: open
    .meta({ access: 'open', summary: 'Sign in' })
    .input(loginInput)
    .output(tokensOutput)
    .mutation(({ ctx, input }) => accountsOf(ctx.app).login(input, ctx.request.address)),

  refresh: open
    .meta({
      access: 'open',
      summary: 'New tokens for a refresh token',
      description: 'A refresh token works once. Using it again ends the session: two parties hold it.',
    })
    .input(refreshInput)
    .output(tokensOutput)
    .mutation(({ ctx, input }) => accountsOf(ctx.app).refresh(input.refresh_token)),

  logout: user
    .meta({ access: 'user', summary: 'Sign out; the access token is void at once' })
    .input(logoutInput)
    .mutation(({ ctx, input }) => accountsOf(ctx.app).logout(ctx.user, input.refresh_token)),

  session: user
    .meta({ access: 'user', summary: 'Who is signed in' })
    .output(sessionOutput)
    .query(({ ctx }) => accountsOf(ctx.app).session(ctx.user)),

  setRole: admin
    .meta({ access: 'admin', summary: 'Give a user a role, at most one’s own; it counts from their next request' })
    .input(setRoleInput)
    .mutation(({ ctx, input }) => accountsOf(ctx.app).update(ctx.user, input.user, { role: input.role })),
};
