/**
 * How Node.js runs a process that has nothing but jobs to do: it holds half the memory during a large import at the same
 * processor time. A process that answers requests is faster without them.
 */
export const WORKER_OPTIONS = ['--max-semi-space-size=4', '--heap-growing-percent=40'];
