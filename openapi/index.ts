import { company } from '@contact360/companies';
import { contact } from '@contact360/contacts';
import type { Binding, Face, FaceHost } from '@contact360/server';
import { gatewayTables } from './dialects/gateway/index.ts';
import { contactBindings as legacyContacts } from './dialects/legacy/contacts.ts';
import { companyBindings as v1Companies } from './dialects/v1/companies.ts';
import { companyContactBindings as v1CompanyContacts } from './dialects/v1/company-contacts.ts';
import { contactBindings as v1Contacts } from './dialects/v1/contacts.ts';
import { exportBindings } from './dialects/v2/exports.ts';
import { v3Tables } from './dialects/v3/index.ts';
import { mountDocsPage } from './docs-page.ts';
import { mountBindings } from './mount.ts';

/** A dialect's own routes for the record types of a plugin; they are mounted only while that plugin is. */
export interface DialectTable {
  readonly plugin: string;
  readonly bindings: readonly Binding[];
}

/** Document 000 and 004: `/api/v1`. */
export const v1: readonly DialectTable[] = [
  { plugin: 'contacts', bindings: v1Contacts },
  { plugin: 'companies', bindings: v1Companies },
  { plugin: 'contacts', bindings: v1CompanyContacts },
];

/** Document 001: `/api/contacts`, which anyone may read. */
export const legacy: readonly DialectTable[] = [{ plugin: 'contacts', bindings: legacyContacts }];

/** Exports of document 004: `/api/v2/exports`. */
export const v2: readonly DialectTable[] = [{ plugin: 'exports', bindings: exportBindings([contact, company]) }];

/** Document 002 and its mirror for companies: `/api/v3`. */
export const v3: readonly DialectTable[] = v3Tables([contact, company]);

/** Document 003 and its mirror for companies: `/contacts` and `/companies`. */
export const gateway: readonly DialectTable[] = gatewayTables([contact, company]);

/** The REST face: every binding of every plugin and dialect, `/openapi.json` and `/docs`. */
export const rest = (tables: readonly DialectTable[]): Face => ({
  name: 'rest',
  mount: async (host) => {
    const present = new Set(host.plugins.map(({ id }) => id));
    const bindings = [
      ...tables.filter(({ plugin }) => present.has(plugin)).flatMap((table) => table.bindings),
      ...host.plugins.flatMap((plugin) => plugin.bindings ?? []),
    ];
    await mountBindings(host, bindings);
    mountDocument(host, bindings);
    mountDocsPage(host);
  },
});

/** Mounts `/openapi.json`, which is made when somebody first asks for it and then kept as it is sent. */
function mountDocument(host: FaceHost, bindings: readonly Binding[]): void {
  let document: Promise<Buffer> | undefined;
  const make = async () => {
    const { createOpenApiDocument } = await import('./document.ts');
    return Buffer.from(JSON.stringify(createOpenApiDocument(host, bindings)));
  };
  host.http.get('/openapi.json', async (_request, reply) => {
    document ??= make();
    return reply.type('application/json; charset=utf-8').send(await document);
  });
}
