import type { TestPast } from '../contract.ts';
import type { TestRuntime } from '../test-runtime.ts';

export interface ConformanceOptions {
  /** The folder of the plugin's package.json: an absolute path, or `new URL('..', import.meta.url)` of a test. */
  readonly packageDir: string | URL;
  /** The plugin's block of the configuration. Default none, so that defaults must do. */
  readonly config?: unknown;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default true: a trusted plugin may do everything a stranger may, and more. */
  readonly trusted?: boolean;
  /** Default none; `pglite` for a plugin that has a store. */
  readonly store?: 'pglite';
  /**
   * With what each tool is tried, by name. Default the least that its schema takes, for tools that only look; what changes
   * something is tried only with what is given here.
   */
  readonly toolInputs?: Readonly<Record<string, unknown>>;
  /** What its loops look back at. Default nothing; `loopBench` tries one loop in earnest. */
  readonly past?: TestPast;
  /** What the plugin is taken through besides its tasks, probes and tools: events to raise, tickets to add and to work. */
  readonly scene?: (runtime: TestRuntime) => Promise<void>;
  /**
   * The module that is imported in a process of its own, to see that importing it does nothing. Default `kora.entry` of
   * the manifest. Relative to `packageDir`.
   */
  readonly entry?: string;
  /** Arguments of Node for that process, such as `--conditions=…`. Default those of this process. */
  readonly nodeArgs?: readonly string[];
  /** Real milliseconds that something may take which must heed its signal. Default 2 000. */
  readonly patienceMs?: number;
}

/** One check: `run` rejects with the reason when the plugin does not pass it. */
export interface ConformanceCheck {
  /** `startup-honours-signal`: stable, for reports. */
  readonly id: string;
  /** One sentence, for a test's name. */
  readonly title: string;
  run(): Promise<void>;
}
