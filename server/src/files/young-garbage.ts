/**
 * Hands on the parts of a stream, and clears away those that went by. Left to itself V8 lets their buffers, which are
 * outside of its heap, pile up until it searches the whole heap for what is no longer used: eight times in 100 MB, at
 * 60 ms each. They are young, and to search the young alone takes a millisecond. Needs Node's `--expose-gc`, with which
 * the server is run; without it parts are only handed on.
 *
 * @param every Bytes that go by between two collections: fewer where much else becomes garbage with them.
 */
export async function* clearingUp(parts: AsyncIterable<Buffer>, every: number): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const part of parts) {
    passed += part.length;
    if (passed >= every) {
      passed = 0;
      globalThis.gc?.({ type: 'minor' });
    }
    yield part;
  }
}
