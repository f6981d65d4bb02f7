import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { modelTiers } from './contract.ts';
import type { EngineSpec, ModelSpec, ReasonError } from './contract.ts';
import type { Asker, ServingEngine } from './ports.ts';

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
  readonly trusted: boolean;
  readonly gone: AbortController;
}

/**
 * The engines that plugins brought. One serves the workspace; with several, the configuration says which. One of an
 * untrusted plugin would be shown everything that is asked, so it serves only where the configuration names it.
 */
export class Engines {
  readonly #options: EnginesOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: EnginesOptions) {
    this.#options = options;
  }

  /** Answers what takes it back. Throws KORA_PLUGIN_INVALID for one that is malformed, and for a name that is taken. */
  register(spec: EngineSpec, { id: owner, trusted }: Asker): () => void {
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
    const held = { serving: { spec, owner, signal: gone.signal }, trusted, gone };
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
    const none = (why: string): EngineChoice => ({ engine: null, error: 'engine_unavailable', why });
    if (chosen !== undefined) {
      const held = this.#held.get(chosen);
      return held === undefined
        ? none(`reason.engine names ${chosen}, and there is no such engine`)
        : of(held);
    }
    const held = [...this.#held.values()];
    const [first, ...others] = held.filter(({ trusted }) => trusted);
    if (first !== undefined && others.length === 0) return of(first);
    const names = held.map(({ serving }) => serving.spec.name).join(' and ');
    if (first !== undefined) return none(`${names} are here: reason.engine must name one of them`);
    const why = held.length === 0 ? 'no engine is configured here' : `reason.engine must name ${names} first`;
    return { engine: null, error: 'unconfigured', why: `${why}, so nobody thinks` };
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
