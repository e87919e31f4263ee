import { type Binding, coreErrors, definePlugin, procedures } from '@contact360/server';
import { z } from 'zod';

/** What the probe's `work` does: it answers, refuses, breaks, or waits until it is let go. */
const workInput = z.object({ value: z.string(), how: z.enum(['answer', 'refuse', 'break', 'wait']).default('answer') });

/** A plugin with a route of every access, and work whose runs can be counted and held up. */
export function probePlugin() {
  const runs: string[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const call = { ok: z.boolean() };
  const router = {
    open: procedures.open.output(z.object(call)).query(() => ({ ok: true })),
    user: procedures.user.output(z.object(call)).query(() => ({ ok: true })),
    admin: procedures.admin.output(z.object(call)).query(() => ({ ok: true })),
    reader: procedures.reader.output(z.object(call)).query(() => ({ ok: true })),
    writer: procedures.writer.output(z.object(call)).mutation(() => ({ ok: true })),
    work: procedures.writer.input(workInput).mutation(async ({ input: { value, how } }) => {
      runs.push(value);
      if (how === 'refuse') throw coreErrors.conflict({ reason: `run ${runs.length}` });
      if (how === 'break') throw new Error('broken on purpose');
      if (how === 'wait') {
        const gate = Promise.withResolvers<void>();
        waiting.push(gate);
        await gate.promise;
      }
      return { run: runs.length, value };
    }),
  };
  const binding = (dialect: Binding['dialect'], route: string, more: Partial<Binding>): Binding => ({
    dialect,
    method: 'POST',
    path: `/probe/${route}`,
    procedure: 'probe.reader',
    document: { summary: route, tag: 'probe' },
    ...more,
  });
  const nothing = () => undefined;
  const bindings = [
    binding('gateway', 'read', { access: 'key', decode: nothing }),
    binding('gateway', 'write', { access: 'keyWriter', procedure: 'probe.writer', decode: nothing }),
    binding('gateway', 'work', { access: 'keyWriter', procedure: 'probe.work', status: 201 }),
    binding('gateway', 'work/{value}', { access: 'keyWriter', procedure: 'probe.work', status: 201 }),
    binding('v1', 'v1/work', { access: 'admin', procedure: 'probe.work', status: 201 }),
    binding('v1', 'v1/put', { access: 'admin', procedure: 'probe.work', method: 'PUT' }),
    binding('v4', 'v4/work', { access: 'admin', procedure: 'probe.work' }),
  ];
  return {
    plugin: definePlugin({ id: 'probe', router, bindings }),
    runs,
    /** Resolves when so many are held up. */
    held: async (count: number) => {
      while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    /** Lets go all that are held up, or the one that has waited for the longest or shortest time. */
    letGo: (which?: 'oldest' | 'newest') => {
      const gone = which === 'oldest' ? [waiting.shift()!] : which ? [waiting.pop()!] : waiting.splice(0);
      for (const { resolve } of gone) resolve();
    },
  };
}
