import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { fixModes } from './contract.ts';
import type { FixEnvelope } from './contract.ts';

/** An envelope, with the plugin that brought it. */
export interface RegisteredFix {
  readonly envelope: FixEnvelope;
  readonly owner: string;
  readonly canRollBack: boolean;
}

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
  readonly #fixes = new Map<string, RegisteredFix>();

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

  get(probe: string, fix: string): RegisteredFix | undefined {
    return this.#fixes.get(keyOf(probe, fix));
  }

  /** By probe and name; of one probe, or all. */
  list(probe?: string): RegisteredFix[] {
    return [...this.#fixes.entries()]
      .filter(([, { envelope }]) => probe === undefined || envelope.probe === probe)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, registered]) => registered);
  }
}

function keyOf(probe: string, fix: string): string {
  return `${probe}\n${fix}`;
}
