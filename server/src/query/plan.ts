/** A step of a query plan, as PostgreSQL tells it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Plan Rows': number;
  readonly 'Total Cost': number;
  readonly Plans?: readonly PlanNode[];
}

/** How a query will be answered: the steps from the first one carried out to the last. */
export interface PlanStep {
  /** What is done: `Bitmap Index Scan`. */
  readonly step: string;
  /** On which table or index. */
  readonly on: string | null;
  /** Rows the planner expects from it. */
  readonly rows: number;
}

export interface QueryPlan {
  readonly steps: PlanStep[];
  /** The planner's estimate of the work, in its own unit: reading one page in sequence costs 1. */
  readonly cost: number;
}

/** Reads the result of `explain (format json)`. */
export function readPlan(explained: unknown): QueryPlan {
  const [{ Plan: root }] = explained as [{ Plan: PlanNode }];
  const steps = (node: PlanNode): PlanStep[] => [
    ...(node.Plans ?? []).flatMap(steps),
    { step: node['Node Type'], on: node['Index Name'] ?? node['Relation Name'] ?? null, rows: node['Plan Rows'] },
  ];
  return { steps: steps(root), cost: root['Total Cost'] };
}

/** How many rows the planner expects of a statement, from the result of `explain (format json)`. */
export const expectedRows = (explained: unknown): number => (explained as [{ Plan: PlanNode }])[0].Plan['Plan Rows'];
