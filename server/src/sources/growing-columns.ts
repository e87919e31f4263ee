const MAX_COLUMNS = 10_000;

/**
 * The columns of a file whose format names them as it goes, such as the keys of objects: gathered in `inspect`, which
 * keeps `names`, and again the same in `read`.
 */
export class GrowingColumns {
  readonly #names: string[];
  readonly #places: Map<string, number>;

  /** `names`: those that are known already. */
  constructor(names: readonly string[] = []) {
    this.#names = [...names];
    this.#places = new Map(this.#names.map((name, place) => [name, place]));
  }

  /** The names so far, in the order in which they came. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  /**
   * The cells of a record under their names, of which unknown ones become columns. Names must be well-formed text
   * without NUL. `undefined`, and nothing is added, when the file would have more than 10,000 columns.
   */
  cellsOf(values: ReadonlyMap<string, string>): string[] | undefined {
    let added = 0;
    for (const name of values.keys()) if (!this.#places.has(name)) added++;
    if (this.#names.length + added > MAX_COLUMNS) return undefined;
    const cells: string[] = [];
    for (const [name, value] of values) {
      let place = this.#places.get(name);
      if (place === undefined) {
        place = this.#names.push(name) - 1;
        this.#places.set(name, place);
      }
      while (cells.length <= place) cells.push('');
      cells[place] = value;
    }
    return cells;
  }
}

/** What is said of a record that `cellsOf` refuses. */
export const TOO_MANY_COLUMNS = `The file has more than ${MAX_COLUMNS.toLocaleString('en')} columns with this record.`;
