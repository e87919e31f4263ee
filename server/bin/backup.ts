/**
 * `npm run backup -- FILE` writes the embedded database, and what belongs to it, to one file, while the server runs.
 * `npm run restore -- FILE` (`--restore` here) puts it into an empty home. `--force` replaces what is there.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BackupError } from '../src/data/backup-file.ts';
import { backUp } from '../src/data/embedded-backup.ts';
import { restore } from '../src/data/embedded-restore.ts';
import { OperatorError } from '../src/errors.ts';
import { readSettings } from '../src/settings.ts';

const fail = (message: string, status = 1): never => {
  console.error(message);
  process.exit(status);
};

const given = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => given.abort(new BackupError('Interrupted: nothing was changed.')));

try {
  const { values, positionals } = parseArgs({
    options: { restore: { type: 'boolean' }, force: { type: 'boolean' } },
    allowPositionals: true,
  });
  const command = values.restore ? 'restore' : 'backup';
  const [name, ...more] = positionals;
  if (!name || more.length > 0) fail(`Name one file: npm run ${command} -- FILE [--force]`, 2);
  // npm runs its scripts in the folder of the package, and tells where it was called.
  const file = path.resolve(process.env.INIT_CWD ?? '.', name!);
  const { DATABASE_URL, CONTACT360_HOME: home } = readSettings();
  if (DATABASE_URL) {
    const tool = values.restore ? 'pg_restore, into an empty database' : 'pg_dump --format=custom';
    fail(
      `DATABASE_URL is set: the database is one of your own, for PostgreSQL's own ${tool}. The files beside it (uploads, exports, secrets) are in ${home}.`,
    );
  }
  const options = { home, file, force: values.force ?? false, signal: given.signal, log: console.error };
  if (values.restore) {
    const { createdAt } = await restore(options);
    console.error(`Restored the backup of ${createdAt} into ${home}. Start the server: npm start`);
  } else {
    const { files, bytes } = await backUp(options);
    console.error(
      `Backed up ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB, to ${file}. It holds the secrets of the server: keep it as one.`,
    );
  }
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof OperatorError) fail(message);
  if (code?.startsWith('ERR_PARSE_ARGS')) fail(message, 2);
  if (code === 'ENOSPC') fail(`The disk is full: ${message}. Nothing was changed.`);
  if (code && /^(ENOENT|EACCES|EPERM|EROFS|EISDIR)$/.test(code)) fail(`The file cannot be used: ${message}`);
  throw error;
}
process.exit(0);
