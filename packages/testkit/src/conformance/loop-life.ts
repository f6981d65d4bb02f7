import type {
  ChangeSet,
  Examination,
  LoopSpec,
  Measure,
  Observed,
  ProposalDraft,
} from '@kora/runtime/plugin';
import type { LoopWindow, TestPast } from '../contract.ts';
import type { Paging } from '../house/past.ts';
import { readPackage } from '../manifest.ts';
import { TestRuntime } from '../test-runtime.ts';
import { failure } from './failure.ts';
import type { LoopBenchOptions } from './loop-contract.ts';

const defaultPatienceMs = 2_000;

/** A loop that was registered, and what may be asked of it. */
export interface LivingLoop {
  readonly spec: LoopSpec;
  readonly runtime: TestRuntime;
  readonly paging: Paging;
  observe(signal?: AbortSignal, window?: LoopWindow): Promise<Observed>;
  examine(draft: ProposalDraft): Promise<Examination>;
  /** Half of the window before, the other half since. */
  measure(change: ChangeSet): Promise<Measure>;
}

/** One loop under examination: each check takes a house of its own, so that none sees what another left behind. */
export class LoopSubject {
  readonly options: LoopBenchOptions;

  constructor(options: LoopBenchOptions) {
    this.options = options;
  }

  get patienceMs(): number {
    return this.options.patienceMs ?? defaultPatienceMs;
  }

  /** What it drafts in a house of its own, over the past as it is or as `past` says. */
  async observed(past?: TestPast, prepare?: (loop: LivingLoop) => void): Promise<Observed> {
    return this.live(async (loop) => {
      prepare?.(loop);
      return loop.observe();
    }, past);
  }

  async live<T>(work: (loop: LivingLoop) => Promise<T>, past: TestPast = this.options.past): Promise<T> {
    const { loop: name, window, packageDir } = this.options;
    const found = packageDir === undefined ? undefined : await readPackage(packageDir);
    const runtime = new TestRuntime({ ...this.options, past, start: false }, found);
    const never = new AbortController().signal;
    try {
      await runtime.load();
      const { loops } = runtime.house;
      const spec = loops.named.get(name);
      if (spec === undefined)
        throw failure(
          `the plugin brings no loop ${name}: it has ${loops.named.names().join(', ') || 'none'}`,
        );
      return await work({
        spec,
        runtime,
        paging: loops.paging,
        observe: (signal = never, other = window) => loops.observe(name, other, signal),
        examine: (draft) => loops.examine(name, draft, window, never),
        measure: (change) => loops.measure(name, change, halves(window), never),
      });
    } finally {
      await runtime.dispose().catch(() => undefined); // that it does not go is the other suite's finding
    }
  }
}

function halves({ since, until }: LoopWindow): { readonly before: LoopWindow; readonly since: LoopWindow } {
  const middle = new Date((Date.parse(since) + Date.parse(until)) / 2).toISOString();
  return { before: { since, until: middle }, since: { since: middle, until } };
}
