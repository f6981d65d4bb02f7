import type { FixEnvelope } from '@kora/runtime/plugin';
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
}

interface Configured {
  readonly probes: readonly ProbeConfig[];
  readonly fixes: readonly FixConfig[];
}

/** Every fix of a configuration, each over the probe whose look names its target. */
export function fixEnvelopes({ probes, fixes }: Configured, tools: FixTools): readonly FixEnvelope[] {
  return fixes.flatMap((fix): readonly FixEnvelope[] => {
    const probe = probes.find(({ name }) => name === fix.probe);
    switch (fix.use) {
      case 'restart_unhealthy_machine':
        return probe?.kind === 'fly' ? [machineFix(fix, probe, tools)] : [];
      case 'restart_unit':
        return probe?.kind === 'systemd' ? [unitFix(fix, probe)] : [];
      case 'restart_process':
        return probe?.kind === 'process' ? [processFix(fix, probe, tools.clock)] : [];
      case 'call_hook':
        return [hookFix(fix)];
    }
  });
}
