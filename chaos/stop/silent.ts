import { z } from 'zod';
import type { Labour } from './labour.ts';

const bySentinel = z.object({
  via: z.literal('sentinel'),
  level: z.number(),
  seen: z.boolean(),
  killed: z.number().nullable(),
});

/** What came of a kill that the API could not take. Milliseconds count from the start of `kora stop`. */
export interface SilentFacts {
  readonly answer: z.infer<typeof bySentinel>;
  readonly commandMs: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly endedMs: number;
}

/** Kills a runtime that is frozen, hangs or has lost its store, as its operator would, and waits for its end. */
export async function stopSilent({ house, up }: Labour): Promise<SilentFacts> {
  const began = Date.now();
  const ended = up.child.ended.then((end) => ({ ...end, endedMs: Date.now() - began }));
  const words = ['--level', 'L4', '--reason', 'it answers nothing', '--yes'];
  const { data: answer } = await house.read(bySentinel, 'stop', ...words);
  const commandMs = Date.now() - began;
  const { code, signal, endedMs } = await ended;
  return { answer, commandMs, code, signal, endedMs };
}
