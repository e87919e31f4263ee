import type { Neighbours } from './flat/list-page.ts';

/** Elements in batches as one JSON text, in pieces: `head`, the elements, and what `tail` makes of their number. */
export async function* joinedJson<T>(
  batches: AsyncIterable<readonly T[]>,
  head: string,
  tail: (count: number) => string,
): AsyncGenerator<string> {
  let count = 0;
  let pending = head;
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    const elements = JSON.stringify(batch).slice(1, -1);
    yield pending + (count > 0 ? ',' : '') + elements;
    pending = '';
    count += batch.length;
  }
  yield pending + tail(count);
}

/** A list reply of any length: `{"next":…,"previous":…,"results":[…],"meta":{…}}`. */
export async function* listJson<T>(
  batches: AsyncIterable<readonly T[]>,
  itemOf: (row: T) => unknown,
  links: Neighbours,
  meta: (returned: number) => unknown,
): AsyncGenerator<string> {
  const items = async function* () {
    for await (const batch of batches) yield batch.map(itemOf);
  };
  yield* joinedJson(
    items(),
    `${JSON.stringify(links).slice(0, -1)},"results":[`,
    (count) => `],"meta":${JSON.stringify(meta(count))}}`,
  );
}
