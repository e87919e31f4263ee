import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileOf, fileOfParts, plainly, readWhole, testDataSource } from '../../test/data-source.ts';
import { otherFiles } from '../../test/source-files.ts';
import { vCardSource } from './source.ts';

const lines = (...each: string[]) => Buffer.from(each.map((line) => `${line}\r\n`).join(''));
const card = (...each: string[]) => ['BEGIN:VCARD', ...each, 'END:VCARD'];

testDataSource(vCardSource, {
  samples: [
    {
      about: 'version 3.0, as phones and address books write it',
      name: 'contacts.vcf',
      bytes: lines(
        ...card(
          'VERSION:3.0',
          'PRODID:-//Apple Inc.//iPhone OS 17.0//EN',
          'N:van Dyke;Anna;Maria;Dr.;MBA',
          'FN:Dr. Anna van Dyke',
          'ORG:Acme\\, Inc;Sales;R&D\\, Labs',
          'TITLE:Chief\\; of\\nall',
          'item1.EMAIL;type=INTERNET:anna@home.example',
          'EMAIL;type=INTERNET;type=WORK;type=pref:anna@acme.example',
          'TEL;type=CELL;type=VOICE:+1 555 0100',
          'TEL;type=WORK;type=VOICE:+1 555 0101',
          'TEL;type=WORK;type=FAX:+1 555 0102',
          'TEL;type=MAIN:+1 555 0103',
          'TEL:+1 555 0104',
          'TEL;type=CELL:+1 555 0105',
          'ADR;type=WORK:;Suite 5;1 Main St;Springfield;IL;62701;USA',
          'ADR;type=HOME:;;2 Elm St;Chicago;IL;60601;USA',
          'item2.URL:https://www.linkedin.com/in/anna',
          'item2.X-ABLabel:_$!<HomePage>!$_',
          'URL;type=WORK:https://acme.example',
          'URL:https://github.com/anna',
          'NOTE:A long note that is folded in the mid',
          ' dle of a word',
          'BDAY:1990-01-31',
          'PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD',
          ' /9j/4AAQSkZJRg==',
          'X-SKYPE:anna.d',
        ),
      ),
      records: [
        [
          1,
          {
            Company: 'Acme, Inc',
            'First Name': 'Anna',
            'Last Name': 'van Dyke',
            'Middle Name': 'Maria',
            'Name Prefix': 'Dr.',
            'Name Suffix': 'MBA',
            Departments: 'Sales, "R&D, Labs"',
            Title: 'Chief; of\nall',
            Email: 'anna@acme.example',
            'Other Emails': 'anna@home.example',
            'Mobile Phone': '+1 555 0100',
            'Work Direct Phone': '+1 555 0101',
            Fax: '+1 555 0102',
            'Corporate Phone': '+1 555 0103',
            'Other Phone': '+1 555 0105',
            'Other Phones': '+1 555 0104',
            'Company Address': 'Suite 5, 1 Main St',
            'Company City': 'Springfield',
            'Company State': 'IL',
            'Company Postal Code': '62701',
            'Company Country': 'USA',
            Street: '2 Elm St',
            City: 'Chicago',
            State: 'IL',
            'Postal Code': '60601',
            Country: 'USA',
            'Person Linkedin Url': 'https://www.linkedin.com/in/anna',
            Website: 'https://acme.example',
            'Contact Website': 'https://github.com/anna',
            Note: 'A long note that is folded in the middle of a word',
            Birthday: '1990-01-31',
            'X-SKYPE': 'anna.d',
          },
        ],
      ],
    },
    {
      about: 'version 2.1: quoted-printable, character sets, bare types, an agent',
      name: 'contacts.vcf',
      bytes: Buffer.concat([
        lines(
          ...card(
            'VERSION:2.1',
            'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BC=',
            'rgen;;;',
            'FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=FCrgen M=FCller',
            'TEL;WORK;VOICE:+49 30 1',
            'TEL;CELL;PREF:+49 170 2',
            'EMAIL;INTERNET:j@mueller.example',
            'NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo =',
            '  three =3D 3',
            'ORG:M\\;C;C:\\Dir',
            'TITLE:folded before',
            ' a space',
            'AGENT:',
            'BEGIN:VCARD',
            'VERSION:2.1',
            'N:Agent;Smith',
            'END:VCARD',
            'PHOTO;JPEG;BASE64:',
            '    R0lGODdhfgA4',
            'AAAA',
            '',
            'ROLE:Boss',
          ),
        ),
        Buffer.from('BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=SHIFT_JIS:', 'latin1'),
        Buffer.from([0x93, 0x63, 0x92, 0x86]),
        Buffer.from(';X\r\nFN:Ren\xe9\r\nEND:VCARD\r\n', 'latin1'),
      ]),
      records: [
        [
          1,
          {
            'First Name': 'Jürgen',
            'Last Name': 'Müller',
            Company: 'M;C',
            Departments: 'C:\\Dir',
            Title: 'folded before a space',
            'Other Titles': 'Boss',
            Email: 'j@mueller.example',
            'Mobile Phone': '+49 170 2',
            'Work Direct Phone': '+49 30 1',
            Note: 'one\r\ntwo   three = 3',
          },
        ],
        [25, { 'First Name': 'X', 'Last Name': '田中' }],
      ],
    },
    {
      about: 'version 4.0: addresses as URIs, preferences in numbers, a company',
      name: 'contacts.vcf',
      bytes: Buffer.from(
        [
          '\ufeffbegin:vcard',
          'VERSION:4.0',
          'FN:Zoë 😀 Ng',
          'N:Ng;Zoë;;;',
          'EMAIL;PREF=50:two@example.com',
          'EMAIL;PREF=1;TYPE="work,home":mailto:one@example.com',
          'TEL;VALUE=uri;TYPE="cell,voice":tel:+1-555-0100;ext=12',
          'SOCIALPROFILE;SERVICE-TYPE=X:https://x.com/zoe',
          'ADR;LABEL="a: b; c":;;;Köln;;;Germany',
          'NICKNAME:Zo,Zed',
          'UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1',
          'end:vcard',
          '',
          ...card(
            'VERSION:4.0',
            'KIND:org',
            'FN:Acme',
            'TEL;TYPE=work:1',
            'URL:https://acme.example',
            'ADR:;;1 Main St;Rome;;;Italy',
          ),
          ...card('VERSION:4.0', 'KIND:group', 'FN:Friends', 'MEMBER:urn:uuid:1'),
        ].join('\n'),
      ),
      records: [
        [
          1,
          {
            'First Name': 'Zoë',
            'Last Name': 'Ng',
            Email: 'one@example.com',
            'Other Emails': 'two@example.com',
            'Mobile Phone': '+1-555-0100 x12',
            'Contact Twitter Url': 'https://x.com/zoe',
            City: 'Köln',
            Country: 'Germany',
            Nickname: 'Zo,Zed',
            UID: 'urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1',
          },
        ],
        [
          14,
          {
            Company: 'Acme',
            'Company Phone': '1',
            Website: 'https://acme.example',
            'Company Address': '1 Main St',
            'Company City': 'Rome',
            'Company Country': 'Italy',
          },
        ],
        [22, 'The card is a group'],
      ],
    },
    {
      about: 'damaged cards between good ones',
      name: 'contacts.vcf',
      bytes: lines(
        ...card('VERSION:3.0', 'N:A;B;;;'),
        'BEGIN:VCARD',
        'FN:never ended',
        ...card('FN:C D'),
        'FN:outside',
        'END:VCARD',
        '',
        ...card('VERSION:3.0', 'no property here', 'FN:x'),
        ...card('VERSION:2.1', 'FN;CHARSET=NO-SUCH:x'),
        ...card('FN:last one'),
        'BEGIN:VCARD',
        'FN:cut o',
      ),
      records: [
        [1, { 'First Name': 'B', 'Last Name': 'A' }],
        [5, 'not ended by END:VCARD'],
        [7, { 'Full Name': 'C D' }],
        [10, 'text outside of a card'],
        [13, 'Line 15 is no property of a card: no property here.'],
        [18, 'Line 20 is in a character set that is not known: NO-SUCH.'],
        [22, { 'Full Name': 'last one' }],
        [25, 'not ended by END:VCARD'],
      ],
    },
    {
      about: 'a note of a million characters',
      name: 'contacts.vcf',
      bytes: lines(
        ...card(
          'VERSION:3.0',
          'FN:A B',
          ...`NOTE:${'é'.repeat(500_000)}`
            .match(/.{1,60}/g)!
            .join('\n ')
            .split('\n'),
        ),
      ),
      records: [[1, { 'Full Name': 'A B', Note: 'é'.repeat(500_000) }]],
    },
  ],
  damaged: [
    {
      about: 'UTF-16',
      bytes: Buffer.from('\ufeffBEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n', 'utf16le'),
      code: 'invalid_encoding',
      message: /UTF-16.*Save it as UTF-8/,
    },
    {
      about: 'a line without end',
      bytes: lines(...card('FN:A B'), 'BEGIN:VCARD', `NOTE:${'x'.repeat(17 * 1024 * 1024)}`),
      code: 'record_too_large',
      message: /16,777,216 bytes/,
      rowNumber: 5,
    },
  ],
  others: otherFiles('vcard'),
  large: {
    records: 30_000,
    file: fileOfParts(function* () {
      for (let part = 0; part < 300; part++)
        yield lines(
          ...Array.from({ length: 100 }, (_, index) =>
            card(
              'VERSION:3.0',
              `N:${part};${index}`,
              `EMAIL:p${part}.${index}@example.com`,
              `PHOTO;ENCODING=b:${'A'.repeat(300)}`,
            ),
          ).flat(),
        );
    }),
  },
});

describe('vCard', () => {
  const escaped = (text: string) => text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
  const quoted = (text: string) =>
    [...Buffer.from(text)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  /** Folded at any byte, even within a character, as the standard allows. */
  const folded = (line: string, at: number) => {
    const bytes = Buffer.from(line);
    const pieces = [bytes.subarray(0, at + 8)];
    for (let start = at + 8; start < bytes.length; start += at)
      pieces.push(Buffer.from('\r\n '), bytes.subarray(start, start + at));
    return Buffer.concat([...pieces, Buffer.from('\r\n')]);
  };
  const text = fc
    .string({
      unit: fc.oneof(
        fc.constantFrom(';', ',', '\\', '\n', ':', '"', ' ', '='),
        fc.string({ unit: 'grapheme', maxLength: 1 }),
      ),
      maxLength: 30,
    })
    .map((each) => each.trim().replaceAll(/[\r\u0085]/g, ''));

  it('any text is read as it was written, in every version, however it is folded', async () => {
    const cards = fc.array(fc.record({ family: text, note: text, version: fc.constantFrom('2.1', '3.0', '4.0') }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(cards, fc.integer({ min: 1, max: 40 }), async (written, at) => {
        const bytes = written.flatMap(({ family, note, version }) =>
          version === '2.1'
            ? [
                lines('BEGIN:VCARD', 'VERSION:2.1'),
                lines(
                  `N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:${quoted(family).replaceAll('=5C', '=5C=5C').replaceAll('=3B', '=5C=3B').replaceAll('=2C', '=5C=2C')};x`,
                ),
                lines(
                  `NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:${
                    quoted(note)
                      .replaceAll('=5C', '=5C=5C')
                      .match(/.{1,30}/g)
                      ?.join('=\r\n') ?? ''
                  }`.replaceAll(/=([0-9A-F]?)=\r\n([0-9A-F]{1,2})/g, '=\r\n=$1$2'),
                ),
                lines('END:VCARD'),
              ]
            : [
                lines('BEGIN:VCARD', `VERSION:${version}`),
                folded(`N:${escaped(family)};x`, at),
                folded(`NOTE:${escaped(note)}`, at),
                lines('END:VCARD'),
              ],
        );
        const { given, error } = await readWhole(vCardSource, fileOf(Buffer.concat(bytes)));
        expect(error).toBeUndefined();
        const read = given.map(plainly).map(([, values]) => values as Record<string, string>);
        expect(read.map((values) => values['Last Name'] ?? '')).toEqual(written.map(({ family }) => family));
        expect(read.map((values) => values.Note ?? '')).toEqual(written.map(({ note }) => note));
      }),
      { numRuns: 300 },
    );
  });
});
