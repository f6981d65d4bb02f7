import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { modelTiers } from './contract.ts';
import type { EngineSpec, ModelSpec, ReasonError } from './contract.ts';
import type { ServingEngine } from './ports.ts';

const tokens = z.number().int().positive().max(100_000_000);
const perMillion = z.number().min(0).max(1_000_000_000_000);
const shape = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/),
  models: z
    .array(
      z.object({
        name: z.string().min(1).max(200),
        provider: z.string().min(1).max(200),
        tier: z.enum(modelTiers),
        contextTokens: tokens,
        maxOutputTokens: tokens,
        price: z
          .object({ input: perMillion, output: perMillion, cacheRead: perMillion, cacheWrite: perMillion })
          .nullable(),
      }),
    )
    .max(200)
    .refine((models) => new Set(models.map(({ name }) => name)).size === models.length, 'two have one name'),
});

/** Who thinks, or why nobody does. */
export type EngineChoice =
  | { readonly engine: ServingEngine }
  | {
      readonly engine: null;
      readonly error: Extract<ReasonError, 'unconfigured' | 'engine_unavailable'>;
      readonly why: string;
    };

export interface EngineRow {
  readonly name: string;
  readonly plugin: string;
  readonly serves: boolean;
  readonly models: readonly ModelSpec[];
}

export interface EnginesOptions {
  /** `reason.engine` of the configuration. */
  readonly chosen: string | undefined;
  /** Hears what models can be called from now on. */
  readonly offer: (models: readonly ModelSpec[]) => void;
}

interface Held {
  readonly serving: ServingEngine;
  readonly gone: AbortController;
}

/** The engines that plugins brought. One serves the workspace; with several, the configuration says which. */
export class Engines {
  readonly #options: EnginesOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: EnginesOptions) {
    this.#options = options;
  }

  /** Answers what takes it back. Throws KORA_PLUGIN_INVALID for one that is malformed, and for a name that is taken. */
  register(spec: EngineSpec, owner: string): () => void {
    const read = shape.safeParse(spec);
    if (!read.success)
      throw fault('KORA_PLUGIN_INVALID', `engine of plugin ${owner}: ${z.prettifyError(read.error)}`);
    const { name } = read.data;
    const taken = this.#held.get(name);
    if (taken !== undefined)
      throw fault(
        'KORA_PLUGIN_INVALID',
        `engine ${name} of plugin ${owner} has plugin ${taken.serving.owner}`,
      );
    const gone = new AbortController();
    const held = { serving: { spec, owner, signal: gone.signal }, gone };
    this.#held.set(name, held);
    this.#tell();
    return () => {
      if (this.#held.get(name) !== held) return;
      this.#held.delete(name);
      gone.abort();
      this.#tell();
    };
  }

  choice(): EngineChoice {
    const { chosen } = this.#options;
    const names = [...this.#held.keys()];
    const none = (why: string): EngineChoice => ({ engine: null, error: 'engine_unavailable', why });
    if (chosen !== undefined) {
      const held = this.#held.get(chosen);
      return held === undefined
        ? none(`reason.engine names ${chosen}, and there is no such engine`)
        : of(held);
    }
    const [first, ...others] = this.#held.values();
    if (first === undefined)
      return { engine: null, error: 'unconfigured', why: 'no engine is configured here, so nobody thinks' };
    if (others.length > 0)
      return none(`${names.join(' and ')} are here: reason.engine must name one of them`);
    return of(first);
  }

  list(): readonly EngineRow[] {
    const { engine } = this.choice();
    return [...this.#held.values()].map(({ serving }) => ({
      name: serving.spec.name,
      plugin: serving.owner,
      serves: serving === engine,
      models: serving.spec.models,
    }));
  }

  #tell(): void {
    const { engine } = this.choice();
    this.#options.offer(engine?.spec.models ?? []);
  }
}

function of({ serving }: Held): EngineChoice {
  return { engine: serving };
}
