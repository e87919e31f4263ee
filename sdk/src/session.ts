import { type ClientOptions, createClient } from './client.ts';

/** What a sign-in gives, and a renewal again. Both tokens are JWTs. */
export interface Tokens {
  readonly access_token: string;
  /** Works once: it is replaced at every renewal, and using it again ends the session. */
  readonly refresh_token: string;
}

/** Where an application keeps the tokens of one sign-in. */
export interface TokenStore {
  /** The tokens as they are now: asked before every request, as another process may have renewed them. */
  readonly read: () => Tokens | undefined | Promise<Tokens | undefined>;
  readonly write: (tokens: Tokens) => void | Promise<void>;
  /**
   * Runs a renewal while no other user of the same tokens does. Needed where processes share them: a refresh token that
   * two of them use ends the session.
   */
  readonly exclusively?: <T>(renewal: () => Promise<T>) => Promise<T>;
}

/** Seconds before its end from which on a token is renewed. */
const MARGIN = 30;

/**
 * A `token` for {@link ClientOptions} that renews itself: the access token of the store, replaced before it ends.
 * Resolves to `undefined` when the store has none. Rejects with `accounts.invalid_refresh_token` when the sign-in is over.
 */
export function renewedToken(
  { url, fetch }: Pick<ClientOptions, 'url' | 'fetch'>,
  store: TokenStore,
): () => Promise<string | undefined> {
  let renewal: Promise<string | undefined> | undefined;
  const renew = async () => {
    // Whoever was faster has renewed them while this one waited.
    const tokens = await store.read();
    if (!tokens || !endsSoon(tokens.access_token)) return tokens?.access_token;
    const { refresh_token } = tokens;
    const { access_token, ...rest } = await createClient({ url, fetch }).accounts.refresh({ refresh_token });
    await store.write({ access_token, refresh_token: rest.refresh_token });
    return access_token;
  };
  return async () => {
    const tokens = await store.read();
    if (!tokens || !endsSoon(tokens.access_token)) return tokens?.access_token;
    renewal ??= (store.exclusively?.(renew) ?? renew()).finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
}

/** Whether a JWT ends within the margin by the clock of this machine. */
function endsSoon(token: string): boolean {
  const [, payload = ''] = token.split('.');
  const { exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { exp: number };
  return exp - MARGIN < Date.now() / 1000;
}
