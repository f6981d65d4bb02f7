import type { Happening } from '../contract.ts';
import type { PackageFinding } from '../check/contract.ts';

/** What a process of its own is told to do with a plugin: one order a process, as its first message. */
export type BenchOrder =
  | {
      readonly verb: 'check';
      readonly directory: string;
      readonly execute: boolean;
      readonly nodeArgs: readonly string[];
    }
  /** Loads the plugin's code: in a process that may read files and nothing else. */
  | { readonly verb: 'execute'; readonly directory: string }
  | {
      readonly verb: 'manifest';
      readonly directory: string;
      readonly entry?: string;
      readonly check: boolean;
    }
  | {
      readonly verb: 'dev';
      readonly directory: string;
      readonly entry?: string;
      /** Milliseconds that the clock is moved; left out, as far as everything has happened once. */
      readonly forMs?: number;
      /** `kind` or `kind={"a":1}`. */
      readonly tickets: readonly string[];
      /** `type` or `type={"a":1}`. */
      readonly events: readonly string[];
      /** `name` or `name={"a":1}`: tools, called as a model calls them. */
      readonly tools: readonly string[];
      /** Asked of the plugin's engine. */
      readonly questions: readonly string[];
      /** By the names of the variables that a runtime reads: `KORA_PLUGIN_TIDE_API_TOKEN`. */
      readonly secrets: Readonly<Record<string, string>>;
    };

/** What it says over its channel. */
export type BenchWord =
  | { readonly kind: 'happening'; readonly happening: Happening }
  | { readonly kind: 'done'; readonly answer: BenchAnswer }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly fix: string | null;
    };

export interface CheckAnswer {
  readonly directory: string;
  readonly findings: readonly PackageFinding[];
  /** Whether the plugin's code was run. */
  readonly executed: boolean;
}

export interface ManifestAnswer {
  readonly directory: string;
  /** Keys and files that differ, in words. */
  readonly changes: readonly string[];
  /** Files that were written; none with `check`. */
  readonly written: readonly string[];
}

export interface DevAnswer {
  readonly plugin: string;
  readonly entry: string;
  readonly registered: Readonly<Record<string, readonly string[]>>;
  readonly difference: string | null;
  readonly events: number;
  readonly tickets: number;
  readonly messages: number;
  readonly spentMicroUsd: number;
  readonly failedDaemons: readonly string[];
  readonly parked: readonly string[];
}

export type BenchAnswer = CheckAnswer | ManifestAnswer | DevAnswer;
