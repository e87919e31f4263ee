interface Page<Row> {
  readonly items: readonly Row[];
  readonly next: string | null;
}

/**
 * Every row of a paged question, asked page by page as the rows are used: `for await (const contact of
 * eachRow(client.contacts.query, { where }))`. There is no cap: the walk ends with the last row.
 */
export async function* eachRow<Input extends { cursor?: string | undefined }, Row>(
  query: (input: Input) => Promise<Page<Row>>,
  input: Input,
): AsyncGenerator<Row> {
  let cursor: string | null | undefined = input.cursor;
  do {
    const page: Page<Row> = await query({ ...input, ...(cursor && { cursor }) });
    yield* page.items;
    cursor = page.next;
  } while (cursor);
}
