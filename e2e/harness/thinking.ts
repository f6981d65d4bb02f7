import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelServer } from '../model-server/server.ts';
import { installFixture } from './fixture.ts';
import { House } from './house.ts';
import type { Up } from './house.ts';
import { Outside } from './outside.ts';

/** What the scripted server asks for, and nobody else may ever be shown. */
export const key = 'sk-of-the-scripted-server';

/** Dollars for a million tokens: of the small model a token costs a micro-dollar going in and five coming out. */
export const prices = {
  small: { input: 1, output: 5, cacheRead: 0.5, cacheWrite: 2 },
  large: { input: 10, output: 50, cacheRead: 5, cacheWrite: 20 },
} as const;

export interface ThinkingOptions {
  readonly vendor?: 'anthropic' | 'openai-compatible';
  /** Merged over the configuration of the reasoning plugin. */
  readonly reasoning?: Readonly<Record<string, unknown>>;
  /** Merged over kora.json. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Default 200 dollars. */
  readonly poolUsd?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A house with the reasoning engine, whose provider is a scripted server in the process of the test, and with the asker
 * plugin, whose tools tell a world that is in the process of the test too: both are witnesses that no runtime could sway.
 */
export class Thinking implements AsyncDisposable {
  readonly house: House = new House();
  readonly models: ModelServer;
  readonly outside: Outside;
  readonly #options: ThinkingOptions;
  #up: Up | undefined;

  private constructor(models: ModelServer, outside: Outside, options: ThinkingOptions) {
    this.models = models;
    this.outside = outside;
    this.#options = options;
  }

  static async prepare(options: ThinkingOptions = {}): Promise<Thinking> {
    const [models, outside] = await Promise.all([ModelServer.open({ script: [], key }), Outside.open()]);
    const made = new Thinking(models, outside, options);
    made.#install();
    made.configure();
    return made;
  }

  /** Writes kora.json, with `more` merged over the configuration of the reasoning plugin. */
  configure(more: Readonly<Record<string, unknown>> = {}): void {
    const { vendor = 'anthropic', reasoning = {}, configuration = {} } = this.#options;
    const model = { provider: 'scripted', contextTokens: 100_000, maxOutputTokens: 1_000 };
    const block = {
      providers: { scripted: { kind: vendor, baseUrl: this.models.url } },
      models: [
        { ...model, name: 'small', id: 'scripted-small', tier: 'small', price: prices.small },
        { ...model, name: 'large', id: 'scripted-large', tier: 'large', price: prices.large },
      ],
      ...reasoning,
      ...more,
    };
    this.house.file('kora.json', {
      plugins: { trusted: ['asker'], config: { reasoning: block } },
      ...configuration,
    });
  }

  async raise(env: Readonly<Record<string, string>> = {}): Promise<Up> {
    const { poolUsd = 200 } = this.#options;
    this.#up = await this.house.up([], {
      env: {
        KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY: key,
        KORA_PLUGIN_REASONING_COMPATIBLE_API_KEY: key,
        KORA_CREDIT_POOL_USD: String(poolUsd),
        ...this.#options.env,
        ...env,
      },
    });
    return this.#up;
  }

  /** The runtime that was raised last. */
  get up(): Up {
    if (this.#up === undefined) throw new Error('raise it first');
    return this.#up;
  }

  /** Lets whoever thinks use a capability; or a route alone, as `route:NAME`. */
  async grant(capability: string, to = 'plugin:reasoning'): Promise<void> {
    await this.did('capability', 'grant', capability, '--to', to, '--reason', 'a test needs it');
  }

  /** Runs a command that must succeed. */
  async did(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.house.kora(...args);
    if (code !== 0) throw new Error(`kora ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]();
    await this.models[Symbol.asyncDispose]();
    await this.outside[Symbol.asyncDispose]();
  }

  /** As an operator's project would look after an installation, with links to the builds. */
  #install(): void {
    const { house } = this;
    writeFileSync(join(installFixture(house, 'asker'), 'outside'), this.outside.url);
  }
}
