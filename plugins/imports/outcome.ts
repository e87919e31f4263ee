/** A field that a row would change. */
export interface Difference {
  readonly rowNumber: number;
  /** What is changed: `contact` or `company`. */
  readonly record: string;
  readonly uuid: string;
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}
