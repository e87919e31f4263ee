import { type App, uuidv7 } from '@contact360/server';
import { Session, User } from './entities.ts';
import { accountsOf } from './service.ts';

/** Serialises processes that start together on a new database. */
const LOCK = 360_361;

export interface FirstAdmin {
  readonly email: string;
  /** Only when it was made and set by this start: nobody can have seen it yet. */
  readonly password: string | undefined;
}

const firstAdmins = new WeakMap<App, FirstAdmin>();

/** How to sign in as the first SuperAdmin. */
export function firstAdmin(app: App): FirstAdmin {
  return firstAdmins.get(app) ?? { email: app.settings.ADMIN_EMAIL, password: undefined };
}

/** What the person who starts the server is told of it. It may hold the password and must not get into a log. */
export function signInLine(app: App): string {
  const { email, password } = firstAdmin(app);
  if (password) return `Sign in        ${email} with the password ${password} (shown this once)`;
  return `Sign in        ${email}${app.settings.ADMIN_PASSWORD ? ' with ADMIN_PASSWORD' : ''}`;
}

/**
 * Makes sure that somebody administers the server (decision 48):
 * - with `ADMIN_PASSWORD`, `ADMIN_EMAIL` is an active SuperAdmin with this password after every start, which is also
 *   the way back in for an operator who lost it;
 * - without it, and only while there is no active admin, `ADMIN_EMAIL` becomes one with a password that is made and kept in the
 *   home folder as `secrets/admin-password`.
 */
export async function ensureAdmin(app: App): Promise<void> {
  const { passwords, callers } = accountsOf(app);
  const { ADMIN_PASSWORD } = app.settings;
  const email = app.settings.ADMIN_EMAIL.toLowerCase();
  await callers.change(async (em) => {
    await em.execute('select pg_advisory_xact_lock(?)', [LOCK]);
    const admins = await em.count(User, { role: ['Admin', 'SuperAdmin'], isActive: true });
    if (admins > 0 && !ADMIN_PASSWORD) return [];
    const password = ADMIN_PASSWORD ?? (await app.secrets.get('admin-password'));
    const known = await em.findOne(User, { email });
    const right =
      known?.role === 'SuperAdmin' && known.isActive && (await passwords.verify(known.passwordHash, password));
    if (right) return [];
    const passwordHash = await passwords.hash(password);
    const rights = { passwordHash, role: 'SuperAdmin', isActive: true } as const;
    const user = known
      ? em.assign(known, { ...rights, updatedAt: new Date() })
      : em.create(User, { id: uuidv7(), name: 'Administrator', email, ...rights });
    // Whoever signed in with another password than the operator's is out.
    if (known) await em.nativeUpdate(Session, { user: known, revokedAt: null }, { revokedAt: new Date() });
    if (!ADMIN_PASSWORD) firstAdmins.set(app, { email, password });
    app.log.info({ email }, 'The first SuperAdmin can sign in');
    return [user.id];
  });
}
