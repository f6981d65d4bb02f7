import { z } from 'zod';
import { storable } from '../../chain/index.ts';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { probeCategories, probeStatuses } from '../contract.ts';
import type { ProbeSnapshot, ProbeSpec } from '../contract.ts';

const longestError = 2_000;
const longestTitle = 300;

const snapshotSchema: z.ZodType<ProbeSnapshot> = z.object({
  status: z.enum(probeStatuses),
  latencyMs: z.number().nonnegative().exactOptional(),
  details: z.record(z.string(), z.unknown()),
  error: z
    .string()
    .transform((text) => text.slice(0, longestError))
    .exactOptional(),
  category: z.enum(probeCategories).exactOptional(),
  title: z
    .string()
    .transform((text) =>
      text
        .replaceAll(/[\s\p{Cc}]+/gu, ' ')
        .trim()
        .slice(0, longestTitle),
    )
    .exactOptional(),
});

/** Whatever the plugin does, there is an answer: a throw and silence are both "could not be reached". */
export async function checkOnce(
  clock: Clock,
  spec: Pick<ProbeSpec, 'name' | 'check'>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProbeSnapshot> {
  const deadline = { ms: timeoutMs, what: `probe ${spec.name}`, signal };
  try {
    const answer = await withDeadline(clock, deadline, (limit) => spec.check(limit));
    return snapshotSchema.parse(storable(answer));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? `the probe answered nonsense: ${z.prettifyError(error)}`
        : messageOf(error);
    return { status: 'unreachable', details: {}, error: why.slice(0, longestError) };
  }
}
