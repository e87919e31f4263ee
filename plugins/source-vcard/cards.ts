import { type LinePlace, readLines, type SourceFile } from '@contact360/server';

/** The lines of a card as they stand in the file, or why there is none. */
export interface Card {
  /** Number of its first line in the file. */
  readonly line: number;
  /** Lines between BEGIN and END, each byte a character (Latin-1), with their number in the file. */
  readonly lines: readonly CardLine[];
  readonly fault?: string;
  /** The place behind it. */
  readonly end: LinePlace;
}

export interface CardLine {
  readonly text: string;
  readonly number: number;
}

const BEGIN = /^BEGIN:VCARD\s*$/i;
const END = /^END:VCARD\s*$/i;
/** In 2.1 a card may hold another one, the agent's, which is no contact of its own. */
const AGENT = /^AGENT(?:;[^:]*)?:\s*(BEGIN:VCARD)?\s*$/i;
const MARK = '\xef\xbb\xbf';
const CARD_BYTES = 16 * 1024 * 1024;
const START: LinePlace = { offset: 0, line: 0 };

/**
 * The cards of a file. Text outside of cards and a card without its end are given as faults, as a record is missing
 * there; the reading goes on with the next BEGIN.
 */
export async function* readCards(file: SourceFile, from: LinePlace = START): AsyncGenerator<Card, void, void> {
  let first = 0;
  let lines: CardLine[] = [];
  let bytesHeld = 0;
  let depth = 0;
  let last = from;
  let isAgent = false;
  const card = (fault?: string): Card => {
    const tooLarge = bytesHeld > CARD_BYTES ? `The card is longer than ${CARD_BYTES.toLocaleString('en')} bytes.` : '';
    const found = fault ?? tooLarge;
    const whole = { line: first, lines: found ? [] : lines, end: last, ...(found && { fault: found }) };
    lines = [];
    bytesHeld = 0;
    return whole;
  };
  for await (const { bytes, end } of readLines(file, from)) {
    let text = bytes.toString('latin1');
    if (end.line === 1 && text.startsWith(MARK)) text = text.slice(MARK.length);
    if (BEGIN.test(text)) {
      if (isAgent) depth++;
      else {
        if (depth > 0) yield card(NOT_ENDED);
        else if (lines.length > 0) yield card(OUTSIDE);
        depth = 1;
        first = end.line;
      }
    } else if (depth > 0 && END.test(text)) {
      depth--;
      if (depth === 0) {
        last = end;
        yield card();
      }
    } else if (depth > 0 || text.trim() !== '') {
      if (depth === 0 && lines.length === 0) first = end.line;
      bytesHeld += bytes.length;
      const agent = depth > 0 ? AGENT.exec(text) : null;
      if (agent?.[1]) depth++;
      isAgent = agent !== null && agent[1] === undefined;
      if (bytesHeld <= CARD_BYTES && depth <= 1) lines.push({ text, number: end.line });
      last = end;
      continue;
    }
    isAgent = false;
    last = end;
  }
  if (depth > 0) yield card(NOT_ENDED);
  else if (lines.length > 0) yield card(OUTSIDE);
}

const NOT_ENDED = 'The card is not ended by END:VCARD.';
const OUTSIDE = 'There is text outside of a card: a line BEGIN:VCARD is missing before it.';
