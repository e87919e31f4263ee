import { text } from 'node:stream/consumers';
import { defineCommand } from '../command.ts';
import { connect, openConnection, serverOf } from '../connection.ts';
import { EXIT, Failure, usage } from '../failure.ts';
import { keepSession, readSessions } from '../sessions.ts';
import { ask, askSecret, paint, print, tell } from '../terminal.ts';

const MISSING = 'There is no terminal to ask at';

export const login = defineCommand({
  summary: 'Sign in to a server, and keep the sign-in.',
  options: {
    email: {
      type: 'string',
      short: 'e',
      value: 'EMAIL',
      help: 'who signs in (CONTACT360_EMAIL); asked for when absent',
    },
    'password-stdin': { type: 'boolean', help: 'read the password from standard input' },
    password: { type: 'string', value: 'TEXT', help: 'the password; other users of this machine can see it here' },
  },
  details: `Without one of them, the password is CONTACT360_PASSWORD or asked for, unseen. The tokens, not the password, are
kept in contact360/sessions.json of your configuration folder (XDG_CONFIG_HOME, ~/.config), readable by you alone, and
renewed as they are used. Programs without a user set CONTACT360_API_KEY instead of signing in.`,
  run: async (flags) => {
    const server = await serverOf(flags.url);
    const asked = process.stdin.isTTY && !flags['password-stdin'];
    const email = flags.email ?? (process.env.CONTACT360_EMAIL || (asked ? await ask('Email: ') : undefined));
    if (!email) throw usage(`${MISSING}: give --email.`);
    const password =
      flags.password ??
      (flags['password-stdin'] ? (await text(process.stdin)).split(/\r?\n/, 1)[0] : undefined) ??
      (process.env.CONTACT360_PASSWORD || (asked ? await askSecret('Password: ') : undefined));
    if (!password) throw usage(`${MISSING}: give --password-stdin, or set CONTACT360_PASSWORD.`);
    const { access_token, refresh_token, user } = await openConnection(server).client.accounts.login({
      email,
      password,
    });
    await keepSession(server, { email: user.email, access_token, refresh_token });
    if (flags.json) await print(`${JSON.stringify({ server, user })}\n`);
    else tell(`${paint.err('green', '✓')} Signed in to ${server} as ${user.email}`);
    return undefined;
  },
});

export const logout = defineCommand({
  summary: 'Sign out of a server, and forget the sign-in.',
  options: {},
  run: async (flags) => {
    const server = await serverOf(flags.url);
    const session = (await readSessions()).servers[server];
    if (!session) throw new Failure(`You are not signed in to ${server}.`, EXIT.notSignedIn, 'not_signed_in');
    let failure: unknown;
    const { client } = await connect(server);
    await client.accounts.logout({ refresh_token: session.refresh_token }).catch((error: unknown) => {
      failure = error;
    });
    await keepSession(server, undefined);
    // A sign-in that is over on the server too is what was asked for.
    const over = ['core.invalid_token', 'accounts.invalid_refresh_token'].includes((failure as Failure)?.code);
    if (failure && !over) {
      tell('The sign-in is forgotten here; the server could not be told, where it ends by itself.');
      throw failure;
    }
    if (flags.json) await print(`${JSON.stringify({ server })}\n`);
    else tell(`${paint.err('green', '✓')} Signed out of ${server}`);
    return undefined;
  },
});

export const whoami = defineCommand({
  summary: 'Show who is signed in, and where.',
  options: {},
  run: async (flags) => {
    const { client, server } = await connect(await serverOf(flags.url));
    const { user } = await client.accounts.session();
    await print(flags.json ? `${JSON.stringify({ server, user })}\n` : `${user.email} (${user.role}) at ${server}\n`);
    return undefined;
  },
});
