/** Who asks. */
export type Caller = Anonymous | UserCaller | KeyCaller;

export interface Anonymous {
  readonly kind: 'anonymous';
}

export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
  readonly role: Role;
}

export interface KeyCaller {
  readonly kind: 'key';
  readonly keyId: string;
  readonly scope: 'read' | 'write';
}

/** Roles in rising order of rights (decision 48). */
export const ROLES = ['FreeUser', 'ProUser', 'Admin', 'SuperAdmin'] as const;
export type Role = (typeof ROLES)[number];

export const isAdmin = (caller: Caller): boolean =>
  caller.kind === 'user' && (caller.role === 'Admin' || caller.role === 'SuperAdmin');

/**
 * Who may call a procedure or a route: anyone; a signed-in user; an admin; an API key; an API key that may write; a
 * user or an API key (`reader`); an admin or a key that may write (`writer`).
 */
export type Access = 'open' | 'user' | 'admin' | 'key' | 'keyWriter' | 'reader' | 'writer';

/** Whether a caller has an access. */
export function mayCall(caller: Caller, access: Access): boolean {
  switch (access) {
    case 'open':
      return true;
    case 'user':
      return caller.kind === 'user';
    case 'admin':
      return isAdmin(caller);
    case 'key':
      return caller.kind === 'key';
    case 'keyWriter':
      return caller.kind === 'key' && caller.scope === 'write';
    case 'reader':
      return caller.kind !== 'anonymous';
    case 'writer':
      return isAdmin(caller) || (caller.kind === 'key' && caller.scope === 'write');
  }
}

/** What is known of a request, whatever brought it. */
export interface RequestInfo {
  readonly id: string;
  /** Address of the client, a trusted proxy's word taken for it. */
  readonly address: string;
  /** `https://host:port`, for absolute links. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The value of a header that is sent at most once. */
export function headerOf(request: RequestInfo, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
