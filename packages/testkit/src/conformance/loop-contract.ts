import type { LoopWindow, TestPast, TestRuntimeOptions } from '../contract.ts';

export interface LoopBenchOptions
  extends Pick<TestRuntimeOptions, 'plugin' | 'config' | 'secrets' | 'packageDir' | 'trusted' | 'store'> {
  /** The name of the loop among those that the plugin brings. */
  readonly loop: string;
  /** A past in which it finds something: a bench over a past in which it does not says so, and proves nothing. */
  readonly past: TestPast;
  readonly window: LoopWindow;
  /** Real milliseconds that it may take to end once its signal has aborted. Default 2 000. */
  readonly patienceMs?: number;
}
