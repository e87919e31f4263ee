/** A filter as the registry gives it. */
export interface FilterDefinition {
  readonly id: number;
  readonly key: string;
  readonly type: string;
  readonly label: string;
  readonly directDerived: boolean;
}
