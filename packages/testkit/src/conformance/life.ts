import { handedOver, toolAnswer } from '@kora/runtime/testkit';
import type { Plugin, PluginContext, ToolSpec } from '@kora/runtime/plugin';
import { settles } from '../house/patience.ts';
import { readPackage } from '../manifest.ts';
import { sampleWake, wakeRequested } from '../sample-wake.ts';
import { TestRuntime } from '../test-runtime.ts';
import type { ConformanceOptions } from './contract.ts';
import { inputFor, triable, tryTool } from './tools.ts';

const defaultPatienceMs = 2_000;

/** One plugin under examination: each check takes a house of its own, so that none sees what another left behind. */
export class Subject {
  readonly plugin: Plugin;
  readonly options: ConformanceOptions;

  constructor(plugin: Plugin, options: ConformanceOptions) {
    this.plugin = plugin;
    this.options = options;
  }

  get patienceMs(): number {
    return this.options.patienceMs ?? defaultPatienceMs;
  }

  /** A house in which nothing is loaded yet. */
  async house(): Promise<TestRuntime> {
    const { packageDir, config, secrets, store, past, trusted = true } = this.options;
    const given = {
      plugin: this.plugin,
      packageDir,
      trusted,
      config,
      ...(secrets === undefined ? {} : { secrets }),
      ...(store === undefined ? {} : { store }),
      ...(past === undefined ? {} : { past }),
    };
    return new TestRuntime(given, await readPackage(packageDir));
  }

  /** Loads it, does `work`, and takes it down whatever becomes of that. */
  async live(
    work: (runtime: TestRuntime) => Promise<void>,
    through?: (context: PluginContext<unknown>) => PluginContext<unknown>,
  ): Promise<void> {
    const runtime = await this.house();
    try {
      await runtime.load(through);
      await work(runtime);
    } finally {
      // A plugin that does not go is another check's finding.
      await runtime.dispose().catch(() => undefined);
    }
  }

  /** Takes it through a day's work: daemons, every task, every look, every panel, a cycle of each loop, and the author's own scene. */
  async exercise(runtime: TestRuntime): Promise<void> {
    const { house } = runtime;
    await runtime.start();
    for (const { spec } of house.schedule.tasks.list()) await this.#soon(runtime, runtime.runTask(spec.name));
    for (const { spec } of house.probes.named.list()) await this.#soon(runtime, runtime.lookAt(spec.name));
    for (const id of house.panels.named.names()) await this.#soon(runtime, runtime.panel(id));
    for (const name of house.loops.named.names()) await this.#soon(runtime, runtime.runLoop(name));
    for (const token of house.tokens.list())
      await this.#soon(runtime, token.check(AbortSignal.timeout(this.patienceMs)));
    for (const tool of triable(runtime, this)) await this.#useTool(runtime, tool);
    const woken = house.subscriptions.readers.list().some(({ spec }) => spec.types.includes(wakeRequested));
    if (woken) await runtime.raise(sampleWake);
    await this.options.scene?.(runtime);
    await runtime.workTickets();
  }

  async #useTool(runtime: TestRuntime, tool: ToolSpec): Promise<void> {
    const input = inputFor(this, tool);
    if (input === undefined) return;
    const answer = tryTool(tool, input, AbortSignal.timeout(this.patienceMs));
    await this.#soon(
      runtime,
      answer.then((given) => handedOver.parsed(toolAnswer, given)),
    );
  }

  /** Waits, and notes what was thrown: a task that fails for want of a server is no fault of its form. */
  async #soon(runtime: TestRuntime, work: Promise<unknown>): Promise<void> {
    const noted = work.catch((error: unknown) => {
      if (!runtime.house.refusals.includes(error)) runtime.house.refusals.push(error);
    });
    await settles(runtime.house, noted, { fakeMs: 0, realMs: this.patienceMs });
  }
}

/** Whether an error has one of these codes, itself or in what caused it. */
export function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 5; depth += 1) {
    if (typeof at !== 'object' || at === null) return false;
    const code: unknown = Reflect.get(at, 'code');
    if (typeof code === 'string' && codes.has(code)) return true;
    at = Reflect.get(at, 'cause');
  }
  return false;
}
