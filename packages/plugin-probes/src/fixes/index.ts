import type { FixEnvelope } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { ProbeConfig } from '../config.ts';
import type { LookClock } from '../probes/look.ts';
import type { FixConfig } from './config.ts';
import { hookFix } from './hook.ts';
import { machineFix } from './machine.ts';
import { processFix } from './process.ts';
import { unitFix } from './unit.ts';

export { flyCapability } from './machine.ts';

interface FixTools {
  readonly clock: LookClock;
  readonly secret: (name: string) => Promise<string | undefined>;
  /** The block as the operator wrote it. */
  readonly written?: unknown;
}

interface Configured {
  readonly probes: readonly ProbeConfig[];
  readonly fixes: readonly FixConfig[];
}

/** Every fix of a configuration, each over the probe whose look names its target. */
export function fixEnvelopes({ probes, fixes }: Configured, tools: FixTools): readonly FixEnvelope[] {
  return fixes.flatMap((fix, at): readonly FixEnvelope[] => {
    const probe = probes.find(({ name }) => name === fix.probe);
    const envelope = envelopeOf(fix, probe, tools);
    return envelope === undefined ? [] : [{ ...envelope, written: writtenOf(tools.written, at) }];
  });
}

function envelopeOf(
  fix: FixConfig,
  probe: ProbeConfig | undefined,
  tools: FixTools,
): FixEnvelope | undefined {
  switch (fix.use) {
    case 'restart_unhealthy_machine':
      return probe?.kind === 'fly' ? machineFix(fix, probe, tools) : undefined;
    case 'restart_unit':
      return probe?.kind === 'systemd' ? unitFix(fix, probe) : undefined;
    case 'restart_process':
      return probe?.kind === 'process' ? processFix(fix, probe, tools.clock) : undefined;
    case 'call_hook':
      return hookFix(fix);
  }
}

const writtenBlock = z.object({ fixes: z.array(z.record(z.string(), z.unknown())) });

/** Which bounds the operator said in so many words, for the fix that stands there. */
function writtenOf(block: unknown, at: number): NonNullable<FixEnvelope['written']> {
  const said = writtenBlock.safeParse(block).data?.fixes[at] ?? {};
  return (['mode', 'perTargetPerHour'] as const).filter((key) => said[key] !== undefined);
}
