import path from 'node:path';
import { SourceError } from '@contact360/server';
import type { Archive } from './archive.ts';
import { parseWhole } from './xml.ts';

const SMALL_PART_BYTES = 64 * 1024 * 1024;

/** What a workbook says of itself. */
export interface Workbook {
  /** The sheets with cells that are shown, in order; all when none is. */
  readonly sheets: readonly { readonly name: string; readonly part: string }[];
  /** Part of the texts that cells share. */
  readonly sharedStrings: string | undefined;
  /** Whether days are counted from 1904, as old Macs did. */
  readonly from1904: boolean;
  /** Styles (by the number that cells bear) that show a number as a date or a time. */
  readonly dateStyles: ReadonlySet<number>;
}

/** Reads what a workbook says of itself. Throws {@link SourceError} for an archive that is no workbook. */
export async function openWorkbook(archive: Archive): Promise<Workbook> {
  const main = await mainPart(archive);
  const relations = await relationsOf(archive, main);
  const all: { name: string; id: string; isHidden: boolean }[] = [];
  let from1904 = false;
  await parseWhole(archive.read(main, SMALL_PART_BYTES), {
    open: (name, attributes) => {
      if (name === 'sheet') {
        const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
        all.push({ name: attributes.name ?? '', id, isHidden: /hidden/i.test(attributes.state ?? '') });
      } else if (name === 'workbookPr') from1904 = /^(?:1|true)$/i.test(attributes.date1904 ?? '');
    },
  });
  const worksheets = all.flatMap(({ id, ...sheet }) => {
    const relation = relations.find((each) => each.id === id && each.type === 'worksheet');
    return relation ? [{ ...sheet, part: relation.target }] : [];
  });
  const shown = worksheets.filter(({ isHidden }) => !isHidden);
  const partOf = (type: string) => {
    const target = relations.find((each) => each.type === type)?.target;
    return target !== undefined && archive.has(target) ? target : undefined;
  };
  const styles = partOf('styles');
  return {
    sheets: (shown.length > 0 ? shown : worksheets).map(({ name, part }) => ({ name, part })),
    sharedStrings: partOf('sharedStrings'),
    from1904,
    dateStyles: styles === undefined ? new Set() : await dateStylesOf(archive, styles),
  };
}

async function mainPart(archive: Archive): Promise<string> {
  const relations = archive.has('_rels/.rels') ? await relationsOf(archive, '') : [];
  const main = relations.find(({ type }) => type === 'officeDocument')?.target ?? 'xl/workbook.xml';
  if (/\.bin$/i.test(main))
    throw new SourceError(
      'not_xlsx',
      'The file is a binary workbook (.xlsb). Save it as .xlsx or CSV and upload that.',
    );
  if (!archive.has(main) || !/workbook[^/]*\.xml$/i.test(main))
    throw new SourceError('not_xlsx', 'The file is a ZIP archive, but no Excel workbook (.xlsx).');
  return main;
}

/** The parts that a part leads to; those of the whole package for the name `''`. */
async function relationsOf(archive: Archive, part: string): Promise<{ id: string; type: string; target: string }[]> {
  const folder = path.posix.dirname(part);
  const found: { id: string; type: string; target: string }[] = [];
  const name = path.posix.join(folder, '_rels', `${path.posix.basename(part)}.rels`);
  if (!archive.has(name)) return found;
  await parseWhole(archive.read(name, SMALL_PART_BYTES), {
    open: (tag, { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode }) => {
      if (tag !== 'Relationship' || mode === 'External') return;
      const resolved = target.startsWith('/') ? target.slice(1) : path.posix.join(folder, target);
      found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), target: resolved });
    },
  });
  return found;
}

/** Numbers of the built-in formats that show dates and times. */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || id === 45 || id === 47 || (id >= 50 && id <= 58);

/** A format with a part of a date or time outside of quotes, brackets and escapes. `[h]` is a duration, not a time. */
function isDateFormat(code: string): boolean {
  if (/\[(?:h+|m+|s+)\]/i.test(code)) return false;
  const [positive = ''] = code.replace(/"[^"]*"|\\.|_.|\*./g, '').split(';');
  return /[dmyhs]/i.test(positive.replace(/\[[^\]]*\]/g, '').replace(/general|AM\/PM/gi, ''));
}

async function dateStylesOf(archive: Archive, part: string): Promise<Set<number>> {
  const formats = new Map<number, string>();
  const dates = new Set<number>();
  let style = -1;
  let isCell = false;
  await parseWhole(archive.read(part, SMALL_PART_BYTES), {
    open: (name, attributes) => {
      if (name === 'numFmt') formats.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      else if (name === 'cellXfs') isCell = true;
      else if (name === 'xf' && isCell) {
        style++;
        const id = Number(attributes.numFmtId ?? 0);
        const code = formats.get(id);
        if (code === undefined ? isBuiltInDate(id) : isDateFormat(code)) dates.add(style);
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCell = false;
    },
  });
  return dates;
}
