import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Settings } from '@contact360/server';
import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

const ALGORITHM = 'HS256';
/** Far more than a token of ours has; what is longer is not worth a look. */
const MAX_LENGTH = 2048;

const CLAIMS = z.object({
  sub: z.uuid().describe('User'),
  sid: z.uuid().describe('Session: the family of the token'),
  jti: z.uuid().describe('The token itself'),
  type: z.enum(['access', 'refresh']),
  exp: z.number().describe('When it expires, in seconds since 1970'),
});
export type Claims = Readonly<z.output<typeof CLAIMS>>;
type TokenType = Claims['type'];

/** Signs and checks the JWTs of sessions (RFC 7519, HS256). */
export class Tokens {
  readonly #key: KeyObject;
  readonly #seconds: Readonly<Record<TokenType, number>>;
  /** Access tokens whose signature was found good, so that it is checked once and not at every request. */
  readonly #checked = new LRUCache<string, Claims>({ max: 10_000 });

  constructor(secret: string, settings: Pick<Settings, 'ACCESS_TOKEN_TTL' | 'REFRESH_TOKEN_TTL'>) {
    this.#key = createSecretKey(secret, 'utf8');
    this.#seconds = { access: settings.ACCESS_TOKEN_TTL, refresh: settings.REFRESH_TOKEN_TTL };
  }

  /** A signed token, and when it expires. */
  async sign(type: TokenType, ids: { user: string; session: string; token: string }) {
    const issued = Math.floor(Date.now() / 1000);
    const expires = issued + Math.max(1, Math.round(this.#seconds[type]));
    const token = await new SignJWT({ type, sid: ids.session })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setSubject(ids.user)
      .setJti(ids.token)
      .setIssuedAt(issued)
      .setExpirationTime(expires)
      .sign(this.#key);
    return { token, expiresAt: new Date(expires * 1000) };
  }

  /** The claims of a token of this type, or `undefined` when it is forged, expired, or of the other type. */
  async verify(token: string, type: TokenType): Promise<Claims | undefined> {
    const claims = this.#checked.get(token) ?? (await this.#check(token));
    if (!claims || claims.type !== type || claims.exp * 1000 <= Date.now()) return undefined;
    return claims;
  }

  async #check(token: string): Promise<Claims | undefined> {
    if (token.length > MAX_LENGTH) return undefined;
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: [ALGORITHM] });
      // Another program may sign other things with the same secret.
      const claims = CLAIMS.safeParse(payload).data;
      if (claims?.type === 'access') this.#checked.set(token, claims);
      return claims;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
