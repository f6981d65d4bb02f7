import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { fixModes } from './contract.ts';
import type { FixEnvelope, LearnedEnvelope, Risk } from './contract.ts';
import { fitted } from './learned/value.ts';
import type { LearnedValue } from './learned/value.ts';

/** How a fix may be tried now. */
export interface FixBounds {
  readonly mode: FixEnvelope['mode'];
  readonly perTargetPerHour: number;
}

/** An envelope, with the plugin that brought it. */
export interface RegisteredFix {
  /** As its plugin wrote it; how it may be tried is said by `bounds`. */
  readonly envelope: FixEnvelope;
  readonly bounds: FixBounds;
  readonly owner: string;
  readonly canRollBack: boolean;
  /** Null: it is as its plugin brought it. */
  readonly learned: LearnedEnvelope | null;
}

type Brought = Omit<RegisteredFix, 'bounds' | 'learned'>;

const isFunction = z.custom<(...args: never) => unknown>(
  (given) => typeof given === 'function',
  'must be a function',
);

const schema = z.object({
  probe: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'must be the name of a probe'),
  fixName: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be small letters, digits and _'),
  title: z.string().trim().min(1).max(200),
  mode: z.enum(fixModes),
  capability: z.string().min(1),
  limits: z.object({ perTargetPerHour: z.number().int().min(1).max(60) }),
  written: z.array(z.enum(['mode', 'perTargetPerHour'])).optional(),
  timeoutMs: z.number().int().min(100).max(300_000),
  verifyMs: z.number().int().min(1_000).max(3_600_000),
  targets: isFunction,
  conditions: isFunction,
  observe: isFunction,
  execute: isFunction,
  rollback: isFunction.optional(),
});

/** What may be done in this runtime, by probe and name. */
export class Envelopes {
  readonly #fixes = new Map<string, Brought>();
  readonly #riskOf: (capability: string) => Risk | undefined;
  #learned: ReadonlyMap<string, LearnedValue> = new Map();

  /** `riskOf` is asked each time: a capability may come, and go, with its plugin. */
  constructor(riskOf: (capability: string) => Risk | undefined) {
    this.#riskOf = riskOf;
  }

  /** Throws KORA_PLUGIN_INVALID for one that is malformed, KORA_FIX_TAKEN naming the holder. */
  register(envelope: FixEnvelope, owner: string): () => void {
    // Plugins come from JavaScript too.
    const parsed = schema.safeParse(envelope);
    if (!parsed.success) {
      throw fault(
        'KORA_PLUGIN_INVALID',
        `fix ${envelope.fixName} of ${owner} is malformed: ${z.prettifyError(parsed.error)}`,
      );
    }
    const key = keyOf(envelope.probe, envelope.fixName);
    const holder = this.#fixes.get(key);
    if (holder !== undefined) {
      throw fault(
        'KORA_FIX_TAKEN',
        `${owner} brings a fix ${envelope.fixName} of probe ${envelope.probe}, which ${holder.owner} has`,
      );
    }
    const registered = { envelope, owner, canRollBack: parsed.data.rollback !== undefined };
    this.#fixes.set(key, registered);
    return () => {
      if (this.#fixes.get(key) === registered) this.#fixes.delete(key);
    };
  }

  /** All that was learned and is in force, from now on: the fixes that are examined next are held against it. */
  learn(values: readonly (LearnedValue & { readonly key: string })[]): void {
    this.#learned = new Map(values.map(({ key, ...learned }) => [key, learned]));
  }

  /** What was learned of one, by `probe/fix`, also where it does not fit. */
  learnedAt(key: string): LearnedValue['value'] | undefined {
    return this.#learned.get(key)?.value;
  }

  /** As its plugin brought it, by `probe/fix`. */
  brought(key: string): FixEnvelope | undefined {
    return this.#fixes.get(key)?.envelope;
  }

  get(probe: string, fix: string): RegisteredFix | undefined {
    const brought = this.#fixes.get(keyOf(probe, fix));
    return brought && this.#inForce(brought);
  }

  /** By probe and name; of one probe, or all. */
  list(probe?: string): RegisteredFix[] {
    return [...this.#fixes.values()]
      .filter(({ envelope }) => probe === undefined || envelope.probe === probe)
      .sort(({ envelope: a }, { envelope: b }) => {
        if (a.probe !== b.probe) return a.probe < b.probe ? -1 : 1;
        return a.fixName < b.fixName ? -1 : 1;
      })
      .map((brought) => this.#inForce(brought));
  }

  /** What was learned is asked again whether it fits: the operator may have written something there since. */
  #inForce(brought: Brought): RegisteredFix {
    const { envelope } = brought;
    const asBrought = { mode: envelope.mode, perTargetPerHour: envelope.limits.perTargetPerHour };
    const learned = this.#learned.get(keyOf(envelope.probe, envelope.fixName));
    if (learned === undefined) return { ...brought, bounds: asBrought, learned: null };
    const { proposalId, revision, value } = learned;
    const fit = fitted(envelope, value, this.#riskOf(envelope.capability));
    if (fit.refusal !== null) return { ...brought, bounds: asBrought, learned: null };
    const { mode, perTargetPerHour, sets } = fit;
    return { ...brought, bounds: { mode, perTargetPerHour }, learned: { proposalId, revision, sets } };
  }
}

function keyOf(probe: string, fix: string): string {
  return `${probe}/${fix}`;
}
