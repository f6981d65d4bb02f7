import type { PluginContext } from '@kora/runtime/plugin';
import { Debounce } from '../debounce.ts';
import { readWake, wakeRequested } from '../wake.ts';
import type { Wake } from '../wake.ts';
import { fixAttempted, ownFixBehind, readFix } from './own-fix.ts';
import type { FixMark } from './own-fix.ts';
import { gatheringMs, Storms } from './storms.ts';
import type { Storm } from './storms.ts';

/** How far back past wakes are read: the windows are minutes, and this many wakes in them would be a storm of its own. */
const rebuildLimit = 1_000;
const fixLimit = 100;
const keptVerdicts = 2_000;

export interface IntakeOptions {
  readonly debounceSeconds: number;
  readonly debounceBypassCritical: boolean;
}

/** What becomes of a wake. */
export type IntakeVerdict =
  | { readonly kind: 'investigate'; readonly waitMs: number }
  | { readonly kind: 'debounced' }
  | { readonly kind: 'folded'; readonly into: Wake }
  | { readonly kind: 'own_fix'; readonly fix: FixMark };

/**
 * Decides which wakes are investigated. Every verdict follows from the chain up to the wake alone, so that it is the same
 * after a restart, on another runtime, and when the wake comes twice.
 */
export class Intake {
  readonly #debounce: Debounce<Wake>;
  readonly #storms = new Storms();
  readonly #verdicts = new Map<string, IntakeVerdict>();

  constructor({ debounceSeconds, debounceBypassCritical }: IntakeOptions) {
    this.#debounce = new Debounce({
      windowSeconds: debounceSeconds,
      keyOf: ({ probe, target, category }) => JSON.stringify([probe, target, category]),
      criticalPasses: debounceBypassCritical,
    });
  }

  /** Takes in past wakes, in any order, with the fixes that were tried by then. */
  rebuild(wakes: readonly Wake[], fixes: readonly FixMark[]): void {
    for (const wake of wakes.toSorted((one, other) => one.seq - other.seq)) this.verdict(wake, fixes);
  }

  verdict(wake: Wake, fixes: readonly FixMark[]): IntakeVerdict {
    const known = this.#verdicts.get(wake.wakeId);
    if (known !== undefined) return known;
    const verdict = this.#judge(wake, fixes);
    this.#verdicts.set(wake.wakeId, verdict);
    for (const wakeId of this.#verdicts.keys()) {
      if (this.#verdicts.size <= keptVerdicts) break;
      this.#verdicts.delete(wakeId);
    }
    return verdict;
  }

  /** The storm that a wake is part of by now, with whoever leads it by now. */
  stormOf(wakeId: string): Storm | null {
    return this.#storms.of(wakeId);
  }

  #judge(wake: Wake, fixes: readonly FixMark[]): IntakeVerdict {
    // What ended after the wake is not known to everybody who reads it: the ticket's handler looks again.
    const fix = ownFixBehind(
      wake,
      fixes.filter(({ seq }) => seq < wake.seq),
    );
    if (fix !== null) return { kind: 'own_fix', fix };
    // What is spared leads no storm, or its siblings would wait for an investigation that never comes.
    if (!this.#debounce.investigates(wake)) return { kind: 'debounced' };
    const { leader } = this.#storms.place(wake);
    return leader.wakeId === wake.wakeId
      ? { kind: 'investigate', waitMs: gatheringMs(wake) }
      : { kind: 'folded', into: leader };
  }
}

type ChainReader = { readonly chain: Pick<PluginContext<unknown>['chain'], 'read'> };

/** An intake that knows what came before, as the chain has it. */
export async function intakeFromChain({ chain }: ChainReader, options: IntakeOptions): Promise<Intake> {
  const intake = new Intake(options);
  const past = await chain.read({ type: wakeRequested, order: 'desc', limit: rebuildLimit });
  const wakes = past.map(readWake).filter((wake) => wake !== null);
  intake.rebuild(wakes, wakes.length === 0 ? [] : await fixesOnChain({ chain }));
  return intake;
}

/** The latest fixes that were tried. */
export async function fixesOnChain({ chain }: ChainReader): Promise<readonly FixMark[]> {
  const events = await chain.read({ type: fixAttempted, order: 'desc', limit: fixLimit });
  return events.map(readFix).filter((fix) => fix !== null);
}
