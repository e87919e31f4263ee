// Loaded into the launcher that npm starts and into the program that the launcher starts: whoever loses its parent, be
// it by `kill -9` or because a shell in between died of a signal it did not pass on, asks itself to stop. Without this
// an orphan would keep its port and its database, and the next start would fail on them.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}
