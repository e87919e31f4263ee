interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/** Every page of a question, each asked when the one before it was used. There is no cap: the walk ends with the last row. */
export async function* eachPage<Input extends { cursor?: string | undefined }, P extends Page<unknown>>(
  query: (input: Input) => Promise<P>,
  input: Input,
): AsyncGenerator<P> {
  let cursor: string | null | undefined = input.cursor;
  do {
    const page: P = await query({ ...input, ...(cursor && { cursor }) });
    yield page;
    cursor = page.next;
  } while (cursor);
}

/**
 * Every row of a paged question, asked page by page as the rows are used: `for await (const contact of
 * eachRow(client.contacts.query, { where }))`.
 */
export async function* eachRow<Input extends { cursor?: string | undefined }, Row>(
  query: (input: Input) => Promise<Page<Row>>,
  input: Input,
): AsyncGenerator<Row> {
  for await (const { items } of eachPage(query, input)) yield* items;
}
