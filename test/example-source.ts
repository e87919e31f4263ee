import { definePlugin, defineSource, inBatches, type LinePlace, readLines, type SourceFile } from '@contact360/server';

const COLUMNS = ['First Name', 'Last Name', 'Email', 'Departments'];

/** Files of the badge printer: a line `#badges`, then `Ann;Lee;ann@example.com;Sales+Legal` for each person. */
const badges = defineSource<null, LinePlace>({
  id: 'badges',
  label: 'Badge printer (.badges)',

  recognises: ({ head }) => (head.toString('latin1').startsWith('#badges') ? 'sure' : 'no'),

  // Nothing of these files has to be known before they are read.
  inspect: async () => null,

  read: (file, { from, ...limits }) => inBatches(records(file, from?.checkpoint), () => COLUMNS, limits),
});

async function* records(file: SourceFile, from: LinePlace | undefined) {
  for await (const { bytes, end } of readLines(file, from)) {
    // The columns are known even when no person follows.
    if (end.line === 1) yield { checkpoint: end };
    else if (bytes.length > 0)
      yield { record: { rowNumber: end.line, ...read(bytes.toString('utf8')) }, checkpoint: end };
  }
}

function read(line: string): { cells: string[]; fault?: string } {
  const cells = line.split(';');
  if (cells.length !== COLUMNS.length) return { cells: [], fault: `The line has ${cells.length} parts, not 4.` };
  cells[3] = cells[3]!.replaceAll('+', ', ');
  return { cells };
}

export const badgeFiles = () => definePlugin({ id: 'badge-files', sources: [badges] });
