import { EXIT } from './failure.ts';
import { leave } from './sessions.ts';
import { tell } from './terminal.ts';

interface Told {
  readonly message: string;
  readonly undo: (() => unknown) | undefined;
}

const running: Told[] = [];

/** While something runs, what Ctrl-C means for it is told, and done by `undo`. Gives what ends that. */
export function interruption(message: string, undo?: () => unknown): () => void {
  const told = { message, undo };
  running.push(told);
  return () => void running.splice(running.indexOf(told), 1);
}

/** Ends this program as Ctrl-C does. */
export async function interrupt(): Promise<never> {
  const told = running.at(-1);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  if (told) tell(told.message);
  await told?.undo?.();
  return leave(EXIT.interrupted);
}
