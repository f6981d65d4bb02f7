import type { Abstention, CauseClass } from '../../packages/plugin-probes/src/scene/contract.ts';

/** Names of one thing: whichever of them is said, it is meant. */
export type Aliases = readonly string[];

/** Kinds of cases: rules must solve it; a model may; nobody can, and must say so; many alarms, one story. */
export const groups = ['R', 'L', 'A', 'S'] as const;
export type Group = (typeof groups)[number];

/**
 * What is true of a case. It lies outside of the snapshot, where the code under test may not read.
 *
 * `conclude`: the cause is there to be found. `abstain`: it is not, and saying one is wrong. `quiet`: nothing is wrong.
 * `alarm`: what the cause is does not matter, but to call it quiet is wrong.
 */
export interface Truth {
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  readonly expect: 'conclude' | 'abstain' | 'quiet' | 'alarm';
  /** Any of these is the right class. */
  readonly causes: readonly CauseClass[];
  /** Where the causes lie: each must be named, and nothing else. */
  readonly roots: readonly Aliases[];
  /** Of each list one must be cited; an entry also stands for what begins with it and `@`. */
  readonly deciding: readonly (readonly string[])[];
  /** Words of which the findings or the next step must contain each, as regular expressions. */
  readonly says: readonly string[];
  readonly abstain?: {
    /** Any of these is the right reason. */
    readonly why: readonly Abstention[];
    /** Regular expressions; `needs`, `suggest` and findings together must match each. */
    readonly names: readonly string[];
  };
  /** Memories that must carry no conclusion. */
  readonly rejects: readonly string[];
  /** How the fault spread, for people who read the case. */
  readonly spread: readonly (readonly [from: string, to: string])[];
  /**
   * What a model that reads well says when these lines are in front of it: it answers when a shown line matches, and says
   * that it does not know when none does.
   */
  readonly reader?: {
    readonly sees: readonly string[];
    readonly cause: CauseClass;
    readonly entities: readonly string[];
  };
}
