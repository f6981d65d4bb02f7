import type { Run } from '../context.ts';

/** A flag: `--for <span>`, what it means, and its values when there are only a few. */
export type OptionSpec = readonly [flags: string, means: string, choices?: readonly string[]];

export interface CommandSpec {
  /** As typed: `up`, `ticket add`. */
  readonly name: string;
  /** `<id>` must be given, `[id]` may be. */
  readonly args?: readonly string[];
  readonly summary: string;
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly string[];
  /** Loads the code of this one command. */
  load(): Promise<Run>;
}

export const reasonOption: OptionSpec = ['--reason <text>', 'why; it is written on the chain'];
export const limitOption: OptionSpec = ['--limit <n>', 'at most this many'];
