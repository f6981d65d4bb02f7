import { definePlugin } from '../../packages/runtime/src/plugin/contract.ts';
import type { Plugin, PluginContext } from '../../packages/runtime/src/plugin/contract.ts';
import type {
  ChannelSpec,
  EngineAnswer,
  EngineRequest,
  EngineSpec,
  ProbeSnapshot,
  ProbeSpec,
  ProbeStatus,
  Registration,
} from '../../packages/runtime/src/plugin.ts';

export interface StageOptions {
  /** Probes that see what the stage says, from the start. */
  readonly probes: readonly string[];
  /** What they say of themselves beside their names. */
  readonly spec?: (name: string) => Partial<ProbeSpec>;
}

export type Respond = (
  request: EngineRequest,
  context: PluginContext<unknown>,
  signal: AbortSignal,
) => Promise<EngineAnswer>;

/** The world that a runtime watches, in the hands of a test: what probes see, who thinks, and a channel to outside. */
export class Stage {
  readonly plugin: Plugin;
  readonly manifest: object;
  /** Questions that reached whoever thinks. */
  readonly asked: EngineRequest[] = [];
  /** Keys of what the channel to outside was given, each time. */
  readonly sent: string[] = [];
  /** What the channel does with a message before it takes it. */
  send: (key: string) => Promise<void> = () => Promise.resolve();
  /** Lets a channel go on that a test has made slow. */
  open: () => void = () => undefined;
  /** Whether incidents are told outside too. */
  pages = true;
  readonly #sees: Map<string, ProbeSnapshot>;
  #context: PluginContext<unknown> | undefined;
  #engine: Registration | undefined;

  /** `world`: what probes see, for every runtime that watches it. */
  constructor({ probes, spec = () => ({}) }: StageOptions, world: Map<string, ProbeSnapshot>) {
    this.#sees = world;
    this.manifest = { id: 'stage', contributes: { probes, channels: ['pager'] } };
    this.plugin = definePlugin({
      id: 'stage',
      register: async (context) => {
        this.#context = context;
        for (const name of probes) await context.registerProbe({ ...this.#probe(name), ...spec(name) });
        await context.registerChannel(this.#pager());
        await this.#pageAll(context);
      },
    });
  }

  /** What a probe sees from now on. */
  see(probe: string, status: ProbeStatus, more: Partial<ProbeSnapshot> = {}): void {
    const error = status === 'healthy' ? {} : { error: `GET http://${probe}.example/ : connection refused` };
    this.#sees.set(probe, { status, details: {}, ...error, ...more });
  }

  /** Who thinks from now on; null: nobody. */
  async think(respond: Respond | null): Promise<void> {
    await this.#engine?.dispose();
    this.#engine = undefined;
    const context = this.context;
    if (respond === null) return;
    const price = { input: 1_000_000, output: 1_000_000, cacheRead: 0, cacheWrite: 0 };
    const model = { provider: 'stage', contextTokens: 100_000, maxOutputTokens: 1_000, price };
    const engine: EngineSpec = {
      name: 'oracle',
      models: [{ ...model, name: 'tiny', tier: 'small' }],
      respond: (request, signal) => {
        this.asked.push(request);
        return respond(request, context, signal);
      },
    };
    this.#engine = await context.registerEngine(engine);
  }

  get context(): PluginContext<unknown> {
    if (this.#context === undefined) throw new Error('the stage is not set');
    return this.#context;
  }

  #probe(name: string): ProbeSpec {
    return {
      name,
      kind: 'http',
      target: `http://${name}.example/`,
      everyMs: 100,
      check: () => Promise.resolve(this.#sees.get(name) ?? { status: 'healthy', details: {} }),
    };
  }

  #pager(): ChannelSpec {
    return {
      name: 'pager',
      send: async ({ key }) => {
        this.sent.push(key);
        await this.send(key);
        return { receipt: `pager:${key}` };
      },
    };
  }

  /** Whatever the inbox is told of an incident goes outside too, in the same thread. */
  async #pageAll(context: PluginContext<unknown>): Promise<void> {
    await context.subscribe({
      consumer: 'pager',
      types: ['notification.accepted'],
      react: ({ payload: { channel, thread, key, title, severity } }) => {
        const isOurs = this.pages && channel === 'inbox' && String(thread).startsWith('incident:');
        if (!isOurs) return Promise.resolve();
        const message = {
          key: `pager:${String(key)}`,
          channel: 'pager',
          thread: String(thread),
          severity: severity === 'critical' ? 'critical' : 'info',
          title: String(title),
          body: '',
          source: 'stage',
        } as const;
        return Promise.resolve({ messages: [message] });
      },
    });
  }
}
