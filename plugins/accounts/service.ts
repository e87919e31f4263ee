import {
  type App,
  coreErrors,
  headerOf,
  type RequestInfo,
  ROLES,
  type Role,
  translateDatabaseError,
  type UserCaller,
  uuidv7,
} from '@contact360/server';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Callers } from './callers.ts';
import { Session, User } from './entities.ts';
import { accountErrors } from './errors.ts';
import { Passwords } from './passwords.ts';
import type { LoginInput, RegisterInput, SessionOutput, TokensOutput } from './schemas.ts';
import { countFailure, forgetFailures, refuseAfterFailures } from './sign-in-failures.ts';
import { Tokens } from './tokens.ts';

const BEARER = /^bearer(?:\s+(.*))?$/i;

/** What an administrator changes of a user; what is absent stays. */
export interface UserChange {
  readonly role?: Role | undefined;
  /** Whether the user may sign in. */
  readonly isActive?: boolean | undefined;
}

/** Users and their sessions on one server. */
export class Accounts {
  readonly passwords: Passwords;
  readonly callers: Callers;
  readonly #app: App;
  readonly #tokens: Tokens;

  private constructor(app: App, tokens: Tokens, passwords: Passwords) {
    this.#app = app;
    this.#tokens = tokens;
    this.passwords = passwords;
    this.callers = new Callers(app);
  }

  static async start(app: App): Promise<Accounts> {
    const secret = app.settings.JWT_SECRET ?? (await app.secrets.get('jwt-secret'));
    const accounts = new Accounts(app, new Tokens(secret, app.settings), await Passwords.create());
    await accounts.callers.listen();
    return accounts;
  }

  /** The user whose access token a request bears; throws `core.invalid_token` for one that is not good. */
  async authenticate(request: RequestInfo): Promise<UserCaller | undefined> {
    const bearer = BEARER.exec(headerOf(request, 'authorization') ?? '');
    if (!bearer) return undefined;
    const claims = await this.#tokens.verify(bearer[1] ?? '', 'access');
    const caller = claims && (await this.callers.find(claims));
    if (!caller) throw coreErrors.invalid_token();
    return caller;
  }

  /** Makes a `FreeUser` and signs them in. Throws `accounts.email_taken`. */
  async register({ name, email, password, geolocation }: RegisterInput): Promise<TokensOutput> {
    const taken = () => accountErrors.email_taken({}, { fields: { email: ['Email already exists'] } });
    const em = this.#app.em();
    if (await em.count(User, { email })) throw taken();
    const passwordHash = await this.passwords.inTurn(() => this.passwords.hash(password));
    const user = em.create(User, { id: uuidv7(), name, email, passwordHash });
    const tokens = await this.#openSession(em, user, geolocation);
    await em.flush().catch((error: unknown) => {
      throw translateDatabaseError(error, taken);
    });
    return tokens;
  }

  /** Throws `accounts.wrong_credentials`, `accounts.account_disabled` or `accounts.too_many_failures`. */
  async login({ email, password, geolocation }: LoginInput, address: string): Promise<TokensOutput> {
    const attempt = { account: email, address };
    await refuseAfterFailures(this.#app, attempt);
    const em = this.#app.em();
    const user = await this.passwords.inTurn(async () => {
      // Once more: sign-ins that waited together must not all pass on the count of before.
      await refuseAfterFailures(this.#app, attempt);
      const found = await em.findOne(User, { email });
      if (await this.passwords.verify(found?.passwordHash, password)) return found!;
      await countFailure(this.#app, attempt);
      throw accountErrors.wrong_credentials();
    });
    if (!user.isActive)
      throw accountErrors.account_disabled({}, { fields: { non_field_errors: ['User account is disabled'] } });
    await forgetFailures(this.#app, attempt);
    user.lastSignInAt = new Date();
    const tokens = await this.#openSession(em, user, geolocation);
    await em.flush();
    return tokens;
  }

  /**
   * New tokens for a refresh token, which is used up. One that was used before is in two hands: its whole session ends
   * (decision 49). Throws `accounts.invalid_refresh_token`.
   */
  async refresh(refreshToken: string): Promise<TokensOutput> {
    const claims = await this.#tokens.verify(refreshToken, 'refresh');
    if (!claims) throw accountErrors.invalid_refresh_token();
    const em = this.#app.em();
    const user = await em.findOne(User, { id: claims.sub, isActive: true });
    if (!user) throw accountErrors.invalid_refresh_token();
    const refreshTokenId = uuidv7();
    const { tokens, expiresAt } = await this.#sign(user, claims.sid, refreshTokenId);
    // One statement decides, so that of two uses at the same time only one can win.
    const renewed = await em.nativeUpdate(
      Session,
      { id: claims.sid, user, refreshTokenId: claims.jti, revokedAt: null },
      { refreshTokenId, expiresAt },
    );
    if (renewed === 0) {
      await this.revoke(claims.sub, [claims.sid]);
      throw accountErrors.invalid_refresh_token();
    }
    return tokens;
  }

  /** Ends the caller's session, and that of the refresh token when it is another one of theirs. */
  async logout({ userId, sessionId }: UserCaller, refreshToken: string | null | undefined): Promise<void> {
    const claims = refreshToken ? await this.#tokens.verify(refreshToken, 'refresh') : undefined;
    await this.revoke(userId, claims ? [sessionId, claims.sid] : [sessionId]);
  }

  /** Ends sessions of a user, all of them when none are named; their access tokens are void at once. */
  revoke(user: string, sessions?: readonly string[]): Promise<void> {
    return this.callers.change(async (em) => {
      const which = sessions ? { user, id: { $in: [...sessions] } } : { user };
      const ended = await em.nativeUpdate(Session, { ...which, revokedAt: null }, { revokedAt: new Date() });
      return ended > 0 ? [user] : [];
    });
  }

  async session({ userId }: UserCaller): Promise<SessionOutput> {
    const user = await this.#app.em().findOne(User, { id: userId });
    if (!user) throw coreErrors.invalid_token();
    const { name, email, role, lastSignInAt } = user;
    return { user: { uuid: userId, email, name, role }, last_sign_in_at: lastSignInAt?.toISOString() ?? null };
  }

  /**
   * Gives a user a role, or lets them sign in or not, from their next request on. Whoever may no longer sign in loses
   * all sessions. Nobody gives a role above their own, to themselves or to others, nor changes a user who has one
   * (decision 48). Throws `core.not_found`, `accounts.role_too_high`, `accounts.own_account`.
   */
  update(caller: UserCaller, id: string, { role, isActive }: UserChange): Promise<void> {
    return this.callers.change(async (em) => {
      const user = await em.findOne(User, { id });
      if (!user) throw coreErrors.not_found();
      const rank = (of: Role) => ROLES.indexOf(of);
      if (Math.max(rank(role ?? 'FreeUser'), rank(user.role)) > rank(caller.role)) throw accountErrors.role_too_high();
      if (isActive === false && user.id === caller.userId) throw accountErrors.own_account();
      const changes = (role ?? user.role) !== user.role || (isActive ?? user.isActive) !== user.isActive;
      if (!changes) return [];
      em.assign(user, { ...(role && { role }), ...(isActive !== undefined && { isActive }), updatedAt: new Date() });
      if (isActive === false) await em.nativeUpdate(Session, { user, revokedAt: null }, { revokedAt: new Date() });
      return [user.id];
    });
  }

  async #openSession(em: EntityManager, user: User, geolocation: RegisterInput['geolocation']): Promise<TokensOutput> {
    const [id, refreshTokenId] = [uuidv7(), uuidv7()];
    const { tokens, expiresAt } = await this.#sign(user, id, refreshTokenId);
    em.create(Session, { id, user, refreshTokenId, geolocation: geolocation ?? null, expiresAt });
    return tokens;
  }

  async #sign(user: User, session: string, refreshTokenId: string) {
    const ids = { user: user.id, session };
    const access = await this.#tokens.sign('access', { ...ids, token: uuidv7() });
    const refresh = await this.#tokens.sign('refresh', { ...ids, token: refreshTokenId });
    return {
      tokens: {
        access_token: access.token,
        refresh_token: refresh.token,
        user: { uuid: user.id, email: user.email },
      },
      expiresAt: refresh.expiresAt,
    };
  }
}

const running = new WeakMap<App, Accounts>();

/** Starts the accounts of a server. */
export async function startAccounts(app: App): Promise<Accounts> {
  const accounts = await Accounts.start(app);
  running.set(app, accounts);
  return accounts;
}

/** The accounts of a running server. */
export function accountsOf(app: App): Accounts {
  const accounts = running.get(app);
  if (!accounts) throw new Error('The accounts plugin has not started');
  return accounts;
}
