import type { contact } from '@contact360/contacts';
import {
  type Binding,
  coreErrors,
  headerOf,
  type QueryOutput,
  recordErrors,
  type WireRequest,
} from '@contact360/server';
import { z } from 'zod';
import { contactFilterParameters, decodeContactFilters } from '../../flat/contact-filters.ts';
import {
  CONTACT_ORDERINGS,
  type ContactRow,
  contactItem,
  contactItemSchema,
  contactItemWithMeta,
  simpleContactItem,
  simpleContactItemSchema,
} from '../../flat/contact-item.ts';
import {
  decodeListRequest,
  decodeListSwitches,
  listMeta,
  listParameters,
  pageLinks,
  pageSchema,
} from '../../flat/list-page.ts';
import { rowNumber } from '../../flat/parameters.ts';
import { joinedJson, listJson } from '../../json-stream.ts';
import { sameSecret } from '../../write-key.ts';

const base = '/api/v1/contacts';
const tag = 'contacts';

const list = (wire: WireRequest) => {
  const request = decodeListRequest(wire.query, CONTACT_ORDERINGS, { unlimited: true });
  const { includeMeta, simple } = decodeListSwitches(wire.query);
  const where = decodeContactFilters(wire.query);
  const itemOf: (row: ContactRow) => unknown = simple
    ? simpleContactItem
    : includeMeta
      ? contactItemWithMeta
      : contactItem;
  return { request, where, itemOf };
};

/** The contacts of the v1 dialect (document 000). */
export const contactBindings: readonly Binding[] = [
  {
    dialect: 'v1',
    method: 'GET',
    path: `${base}/`,
    procedure: (wire) => (list(wire).request.limit === undefined ? 'contacts.stream' : 'contacts.query'),
    access: 'user',
    decode: (wire) => {
      const { request, where } = list(wire);
      const { order, limit, offset, cursor } = request;
      return {
        where,
        order,
        limit,
        offset,
        cursor,
        include: ['company'],
        ...(!where && limit !== undefined && { count: 'estimated' }),
      };
    },
    encode: (output: QueryOutput<typeof contact> | AsyncIterable<ContactRow[]>, wire) => {
      const { request, where, itemOf } = list(wire);
      const meta = (returned: number, count: number | null) =>
        listMeta(request, { count, returned, filtered: where !== undefined });
      if (Symbol.asyncIterator in output) {
        const links = pageLinks(wire, request, { next: null, previous: null });
        return listJson(output, itemOf, links, (returned) => meta(returned, where ? null : returned));
      }
      return {
        ...pageLinks(wire, request, output),
        results: output.items.map(itemOf),
        meta: meta(output.items.length, output.count),
      };
    },
    document: {
      summary: 'List contacts',
      description:
        'Newest first with cursors; any other ordering with limit and offset, or every row streamed without `limit`.',
      tag,
      query: z.object({
        ...contactFilterParameters.shape,
        ...listParameters.shape,
        view: z.enum(['simple']).optional(),
      }),
      response: pageSchema('ContactListPage', z.union([contactItemSchema, simpleContactItemSchema])),
    },
  },
  {
    dialect: 'v1',
    method: 'POST',
    path: `${base}/`,
    procedure: 'contacts.create',
    access: 'admin',
    status: 201,
    guard: ({ info, app }) => {
      if (!sameSecret(headerOf(info, 'x-contacts-write-key'), app.settings.CONTACTS_WRITE_KEY))
        throw coreErrors.write_key();
    },
    decode: ({ body }) => body ?? {},
    encode: contactItemWithMeta,
    document: {
      summary: 'Create a contact',
      description: 'Needs an admin and the header X-Contacts-Write-Key.',
      tag,
      response: contactItemSchema,
    },
  },
  {
    dialect: 'v1',
    method: 'GET',
    path: `${base}/count/`,
    procedure: 'contacts.count',
    access: 'user',
    decode: ({ query }) => ({ where: decodeContactFilters(query), estimate: true }),
    document: {
      summary: 'Count contacts',
      description: 'Exact where something filters, else an estimate (exact under 10,000).',
      tag,
      query: contactFilterParameters,
      response: z.object({ count: z.int() }).meta({ id: 'Count' }),
    },
  },
  {
    dialect: 'v1',
    method: 'GET',
    path: `${base}/count/uuids/`,
    procedure: 'contacts.uuids',
    access: 'user',
    decode: ({ query }) => ({ where: decodeContactFilters(query), limit: rowNumber(query, 'limit', 1) }),
    encode: (batches: AsyncIterable<string[]>) => joinedJson(batches, '{"uuids":[', (count) => `],"count":${count}}`),
    document: {
      summary: 'List the uuids of all matching contacts',
      tag,
      query: z.object({ ...contactFilterParameters.shape, limit: z.int().min(1).optional() }),
      response: z.object({ count: z.int(), uuids: z.array(z.string()) }).meta({ id: 'UuidList' }),
    },
  },
  {
    dialect: 'v1',
    method: 'GET',
    path: `${base}/{contact_uuid}/`,
    procedure: 'contacts.get',
    access: 'user',
    decode: ({ path }) => identityOf(path.contact_uuid!),
    encode: contactItemWithMeta,
    document: {
      summary: 'Retrieve a contact',
      description: 'By uuid or by integer id.',
      tag,
      response: contactItemSchema,
    },
  },
];

/** A detail is found by uuid or by row number (decision 16); what is neither is not found. */
function identityOf(text: string): { uuid: string } | { id: number } {
  if (!/^\d+$/.test(text)) return { uuid: text };
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw recordErrors.not_found();
  return { id };
}
