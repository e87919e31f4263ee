/** What an undo has done to the records of one type. */
export interface UndoCounts {
  /** Records that the import had made and that are gone. */
  readonly removed: number;
  /** Records of which at least one field returned to what it was. */
  readonly restored: number;
  /** Records that stay as they are in part or in whole, as they were changed or used since. */
  readonly kept: number;
}

/** How far the undoing of an import is: what was done so far, by record type. */
export interface UndoProgress {
  readonly state: 'running' | 'completed';
  readonly counts: Readonly<Record<string, UndoCounts>>;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}
