import { type Client, type ClientOptions, createClient, renewedToken } from '@contact360/sdk';
import { EXIT, Failure, usage } from './failure.ts';
import { readSessions, sessionStore } from './sessions.ts';

/** A server, and who asks it. */
export interface Connection {
  /** Its address, as it is shown. */
  readonly server: string;
  readonly options: ClientOptions;
  readonly client: Client;
}

/** The server a command is for: the option, the environment, the one of the last sign-in, or this machine's. */
export async function serverOf(option: string | undefined): Promise<string> {
  const given = option ?? (process.env.CONTACT360_URL || undefined);
  const text = given ?? (await readSessions()).current ?? 'http://127.0.0.1:8000';
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `http://${text}`);
  } catch {
    throw usage(`'${text}' is not the address of a server; one looks like http://127.0.0.1:8000.`);
  }
  if (!['http:', 'https:'].includes(url.protocol)) throw usage(`'${text}' is not an http:// or https:// address.`);
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** A connection that asks without signing in. */
export const openConnection = (server: string): Connection => ({
  server,
  options: { url: server },
  client: createClient({ url: server }),
});

/** A connection as whoever is signed in to the server, or by the API key of the environment. */
export async function connect(server: string): Promise<Connection> {
  const apiKey = process.env.CONTACT360_API_KEY || undefined;
  const store = sessionStore(server);
  if (!apiKey && !(await store.read()))
    throw new Failure(`You are not signed in to ${server}: contact360 login`, EXIT.notSignedIn, 'not_signed_in');
  const options = { url: server, ...(apiKey ? { apiKey } : { token: renewedToken({ url: server }, store) }) };
  return { server, options, client: createClient(options) };
}
