import type { TestApp } from '../app.ts';

/** The address of a link without its host. */
export const pathOf = (link: string) => {
  const { pathname, search } = new URL(link);
  return pathname + search;
};

/** Asks for an export, waits until it has ended, and gives it as `GET /exports/{id}/` shows it. */
export async function exported(app: TestApp, plural: string, body: object) {
  const reply = await app.request('POST', `/api/v2/exports/${plural}/export`, { body });
  if (reply.status !== 201) throw new Error(`The export was refused: ${reply.status} ${reply.text}`);
  return ended(app, reply.json.export_id);
}

/** An export once it has ended. */
export async function ended(app: TestApp, id: string) {
  for (;;) {
    const { json } = await app.request('GET', `/api/v2/exports/${id}/`);
    if (json.status !== 'pending' && json.status !== 'processing') return json;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The bytes of a finished export. */
export async function download(app: TestApp, link: string): Promise<Buffer> {
  const reply = await fetch(app.url + pathOf(link), { headers: { 'accept-encoding': 'identity' } });
  if (reply.status !== 200) throw new Error(`The download was refused: ${reply.status} ${await reply.text()}`);
  return Buffer.from(await reply.arrayBuffer());
}
