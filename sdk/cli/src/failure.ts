import { Contact360Error } from '@contact360/sdk';

/** How a command ended, as the status of its process. Documented in the help. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  serverAway: 3,
  notSignedIn: 4,
  notAllowed: 5,
  interrupted: 130,
  readerGone: 141,
} as const;

/** A failure whose message says all there is to say to whoever typed the command. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;
  /** Stable code for scripts. */
  readonly code: string;

  constructor(message: string, exitCode: number, code: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** A command that was typed wrongly. */
export const usage = (message: string, code = 'usage') => new Failure(message, EXIT.usage, code);

/** Any error in the words of the command line; what is a fault of this program is returned as it is. */
export function asFailure(error: unknown, server: string): unknown {
  // What was thrown while a token was looked for comes as the cause of the call that needed it.
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Failure) return at;
  if (error instanceof Contact360Error) return new Failure(...wordsFor(error, server), error.code, error);
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Failure(`There is no file ${path}.`, EXIT.failed, 'no_file', error);
  if (code === 'ENOSPC') return new Failure('The disk is full.', EXIT.failed, 'disk_full', error);
  if (code && ['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'EEXIST'].includes(code))
    return new Failure(`${path ?? 'A file'} cannot be used: ${message}.`, EXIT.failed, 'file', error);
  return error;
}

function wordsFor(error: Contact360Error, server: string): [message: string, exitCode: number] {
  const { code, status, message } = error;
  if (code === 'unreachable')
    return [
      `${server} does not answer (${message.replace(/^[^:]*: /, '')}). Is the server running? --url or CONTACT360_URL names another.`,
      EXIT.serverAway,
    ];
  if (code === 'unreadable')
    return [`${server} answers, but not as a Contact360 server does. ${message}`, EXIT.serverAway];
  if (code === 'accounts.wrong_credentials') return [message, EXIT.notSignedIn];
  if (code === 'accounts.invalid_refresh_token' || status === 401)
    return [`You are not signed in to ${server}, or no longer: contact360 login`, EXIT.notSignedIn];
  if (status === 403)
    return [
      `${message} Imports need an administrator, exports a user; an API key reads and writes records.`,
      EXIT.notAllowed,
    ];
  if (status === 503) return [message, EXIT.serverAway];
  if (status === 429 && error.hint?.retryAfter)
    return [`${message} Try again in ${error.hint.retryAfter} s.`, EXIT.failed];
  if (code === 'core.not_found' && /procedure/i.test(String(error.cause)))
    return [`${server} lacks what this command asks for; it may be an older version.`, EXIT.failed];
  return [message, code.startsWith('query.') || status === 422 ? EXIT.usage : EXIT.failed];
}
