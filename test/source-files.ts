import { gzipSync } from 'node:zlib';

/** Files of kinds that people upload, by the id of the source that reads them, or by name. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  csv: Buffer.from('First Name,Email\nAnn,ann@example.com\n'),
  jsonl: Buffer.from('{"email":"ann@example.com"}\n'),
  vcard: Buffer.from('BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann\r\nEND:VCARD\r\n'),
  'a CSV of JSON': Buffer.from('Email,Data\nann@example.com,"{""a"":1}"\n{x},y\n'),
  'a CSV with quotes': Buffer.from('"{a}","BEGIN:VCARD"\n"1","2"\n'),
  'a picture': Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
  'a PDF': Buffer.from('%PDF-1.7\n'),
  'a gzip archive': gzipSync('Email\n'),
  'an old workbook': Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1'),
  HTML: Buffer.from('<!DOCTYPE html><html></html>'),
  nothing: Buffer.alloc(0),
};

/** All of these but those of a source. */
export const otherFiles = (id: string): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(FILES).filter(([kind]) => kind !== id));
