import {
  buildContext,
  Contributions,
  FakeClock,
  fault,
  parseConfigBlock,
  Scope,
} from '@kora/runtime/testkit';
import type { Registered } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type {
  ChainEvent,
  ChangeSet,
  EventDraft,
  Incident,
  Measure,
  NewTicket,
  PanelInput,
  PanelResult,
  PanelView,
  Plugin,
  PluginContext,
  ProbeSnapshot,
  ProbeState,
  ReasonAnswer,
  ReasonRequest,
  ReasonRoute,
  ResolvedIdentity,
  ToolOutcome,
  ToolView,
} from '@kora/runtime/plugin';
import type {
  DaemonState,
  FixWish,
  Happening,
  LogLine,
  LoopFinding,
  LoopWindow,
  LoopWindows,
  MadeCall,
  MadeRun,
  TestMessage,
  TestRuntimeOptions,
  TestTicket,
  ToolCallOptions,
  TriedFix,
} from './contract.ts';
import { portsOf } from './house/fixes.ts';
import { MemoryHouse } from './house/house.ts';
import { askMount } from './house/mounts.ts';
import type { MountAnswer, MountAsk } from './house/mounts.ts';
import { settles, untilQuiet } from './house/patience.ts';
import type { TaskRun } from './house/schedule.ts';
import type { Parked } from './house/subscriptions.ts';
import { readPackage } from './manifest.ts';
import type { PluginPackage } from './manifest.ts';

/** A loop of tasks due at once would never let the clock move on. */
const mostSteps = 100_000;
const daemonMs = 10_000;
/** A plugin that keeps tables waits in `register` for the database to be opened. */
const openMs = 120_000;

/**
 * Loads a plugin into a house in memory and starts its daemons: no server, key or database. Rejects with what `register`
 * threw, having undone what it had registered; with KORA_PLUGIN_INVALID for a manifest or configuration that is wrong.
 */
export async function createTestRuntime(options: TestRuntimeOptions): Promise<TestRuntime> {
  const found = options.packageDir === undefined ? undefined : await readPackage(options.packageDir);
  const runtime = new TestRuntime(options, found);
  try {
    await runtime.load();
    if (options.start !== false) await runtime.start();
  } catch (error) {
    await runtime.dispose().catch(() => undefined); // the first trouble is the one to tell
    throw error;
  }
  return runtime;
}

/** One plugin, its house in memory, and everything a test may do and ask. */
export class TestRuntime implements AsyncDisposable {
  /** Stands until `advance`. */
  readonly clock: FakeClock;
  /** The rooms themselves, for checks that look inside. */
  readonly house: MemoryHouse;
  readonly #plugin: Plugin;
  readonly #options: TestRuntimeOptions;
  readonly #package: PluginPackage | undefined;
  readonly #scope: Scope;
  readonly #contributions = new Contributions();

  constructor(options: TestRuntimeOptions, found: PluginPackage | undefined) {
    const { plugin, clock = new FakeClock(), workspace = 'default', trusted = false } = options;
    this.#options = options;
    this.#plugin = plugin;
    this.#package = found;
    this.clock = clock;
    this.#scope = new Scope(`plugin ${plugin.id}`);
    this.house = new MemoryHouse({ ...options, plugin: plugin.id, workspace, trusted, clock });
  }

  /** What the plugin has registered and not taken back, by kind. */
  get registered(): Registered {
    return this.#contributions.list();
  }

  /** How that differs from what the manifest declares, in words; undefined when it does not, or no manifest was given. */
  get difference(): string | undefined {
    const declared = this.#package?.manifest.contributes;
    return declared === undefined ? undefined : this.#contributions.differenceFrom(declared);
  }

  get events(): readonly ChainEvent[] {
    return this.house.chain.events;
  }

  get tickets(): readonly TestTicket[] {
    return this.house.tickets.list();
  }

  /** What the operator was told. */
  get messages(): readonly TestMessage[] {
    return this.house.messages.sent;
  }

  get calls(): readonly MadeCall[] {
    return this.house.calls.made;
  }

  /** What was asked of whoever thinks, by the plugin and by the test, and what was answered. */
  get asked(): readonly MadeRun[] {
    return this.house.reasoning.made;
  }

  /** Millionths of a dollar that the plugin's calls to models have cost. */
  get spentMicroUsd(): number {
    return this.house.diary.spentMicroUsd;
  }

  get log(): readonly LogLine[] {
    return this.house.diary.lines;
  }

  get happenings(): readonly Happening[] {
    return this.house.diary.happenings;
  }

  get daemons(): readonly DaemonState[] {
    return this.house.daemons.list();
  }

  get runs(): readonly TaskRun[] {
    return this.house.schedule.runs;
  }

  get probes(): readonly ProbeState[] {
    return this.house.probes.list();
  }

  get incidents(): readonly Incident[] {
    return this.house.probes.incidents;
  }

  /** Events that a subscription failed on five times. */
  get parked(): readonly Parked[] {
    return this.house.subscriptions.parked;
  }

  /** The sequence of the first event that does not prove against those before it; undefined when the chain proves. */
  get chainDamagedAt(): number | undefined {
    return this.house.chain.damagedAt();
  }

  /** The context as the plugin is given it; for tests of a part of a plugin. */
  async context(): Promise<PluginContext<unknown>> {
    const { plugin, workspace = 'default', config, trusted = false, secrets = {} } = this.#options;
    const declared = this.#package?.manifest.secrets ?? Object.keys(secrets);
    return buildContext({
      owner: { id: plugin.id, trusted, secrets: declared },
      workspace,
      config: await parseConfigBlock(plugin.id, plugin.config, config),
      written: config,
      log: this.house.diary.log,
      services: this.house.services(),
      scope: this.#scope,
      contributions: this.#contributions,
    });
  }

  /** Registers the plugin; `through` may put something between it and the house. A throw undoes all it had registered. */
  async load(
    through: (context: PluginContext<unknown>) => PluginContext<unknown> = (same) => same,
  ): Promise<void> {
    const given = this.#package?.manifest.id ?? this.#plugin.id;
    if (given !== this.#plugin.id)
      throw fault('KORA_PLUGIN_INVALID', `package.json names ${given}, definePlugin ${this.#plugin.id}`);
    try {
      const context = through(await this.context());
      await this.#within(
        'register',
        Promise.resolve().then(() => this.#plugin.register(context)),
        this.#options.store === undefined ? daemonMs : openMs,
      );
    } catch (error) {
      await this.#scope.dispose();
      await this.house.tables[Symbol.asyncDispose]();
      throw error;
    }
    await this.settle();
  }

  /** Starts the daemons that wait, in the order of what they need. */
  async start(): Promise<void> {
    await this.#within('start its daemons', this.house.daemons.startAll());
    await this.settle();
  }

  /** Stops the daemons, in reverse. */
  async stop(): Promise<void> {
    await this.#within('stop its daemons', this.house.daemons.stopAll());
  }

  async restartDaemon(name: string): Promise<void> {
    await this.#within(`start ${name} again`, this.house.daemons.restart(name));
    await this.settle();
  }

  /** Lets what was begun go on until it waits for the clock, and brings every subscription to the end of the chain. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
    await this.house.daemons.bury();
    await this.house.subscriptions.deliver(this.#scope.signal);
  }

  /** Moves the clock on: tasks and probes run when they are due, sleeps end, subscriptions react, tickets are worked. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    for (let step = 0; step < mostSteps; step += 1) {
      const due = Math.min(
        this.house.schedule.nextDue() ?? until,
        this.house.probes.nextDue() ?? until,
        until,
      );
      const before = this.house.sleepers.count;
      await this.clock.advance(Math.max(0, due - this.clock.now()));
      const started = [
        ...this.house.schedule.startDue(this.#scope.signal),
        ...this.house.probes.startDue(this.#scope.signal),
      ];
      await untilQuiet(this.house, before, Promise.all(started));
      await this.settle();
      await this.workTickets();
      if (started.length === 0 && this.clock.now() >= until) return;
    }
    throw fault('KORA_TIMEOUT', `after ${mostSteps} steps there is still something due`);
  }

  /** Runs one task now. Throws KORA_TASK_UNKNOWN, and what the task throws. */
  async runTask(name: string, signal: AbortSignal = this.#scope.signal): Promise<'ok' | 'noop'> {
    const outcome = await this.house.schedule.runNow(name, signal);
    await this.settle();
    return outcome;
  }

  /** Makes one look now. Throws KORA_PROBE_UNKNOWN. */
  async lookAt(probe: string, signal: AbortSignal = this.#scope.signal): Promise<ProbeSnapshot> {
    const snapshot = await this.house.probes.look(probe, signal);
    await this.settle();
    return snapshot;
  }

  /**
   * Tries a fix of what a probe finds broken, as if the operator had agreed: the only one and the only target where none
   * is named. A refusal is an answer, with its code.
   */
  async tryFix(probe: string, wish: FixWish = {}): Promise<TriedFix> {
    const tried = await this.house.fixes.try({ probe, ...wish }, portsOf(this), this.#scope.signal);
    await this.settle();
    return tried;
  }

  /** Runs one cycle of a loop over the `past` of the last 90 days, or of another window: nothing is proposed to anybody. */
  async runLoop(name: string, window?: LoopWindow): Promise<LoopFinding> {
    const found = await this.house.loops.find(name, window, this.#scope.signal);
    await this.settle();
    return found;
  }

  /** What a loop says that a change has done. Throws KORA_LOOP_UNKNOWN. */
  measureLoop(name: string, change: ChangeSet, windows: LoopWindows): Promise<Measure> {
    return this.house.loops.measure(name, change, windows, this.#scope.signal);
  }

  /** Puts an event on the chain as the house would; subscriptions have reacted when it resolves. */
  async raise(draft: EventDraft): Promise<ChainEvent> {
    const event = this.house.chain.raise(draft);
    await this.settle();
    return event;
  }

  /** Adds a ticket as an operator would. It is worked by `workTickets` and `advance`. */
  addTicket(ticket: NewTicket): { readonly ticketId: number } {
    return this.house.tickets.add({ origin: 'operator', ...ticket });
  }

  /** Works every ticket that may be worked, also those that come of it; answers how many attempts there were. */
  async workTickets(): Promise<number> {
    let attempts = 0;
    for (;;) {
      const worked = await this.house.tickets.work(this.#scope.signal);
      attempts += worked;
      await this.settle();
      if (worked === 0 || attempts > mostSteps) return attempts;
    }
  }

  /** Answers an approval as the operator. Throws KORA_APPROVAL_UNKNOWN, KORA_APPROVAL_DECIDED. */
  async decide(approvalId: number, status: 'approved' | 'refused'): Promise<void> {
    this.house.calls.decide(approvalId, status);
    await this.settle();
  }

  /** Asks as the operator does; the plugin's own engine answers, or the script. Text is a question without more to it. */
  async ask(
    question: string | ReasonRequest,
    signal: AbortSignal = this.#scope.signal,
  ): Promise<ReasonAnswer> {
    const request = typeof question === 'string' ? ({ route: 'cli', text: question } as const) : question;
    const answer = await this.house.reasoning.ask(request, signal, 'kora ask (cli)');
    await this.settle();
    return answer;
  }

  /** The plugin's tools, as a model is told of them on this route. */
  tools(route: ReasonRoute = 'cli'): Promise<readonly ToolView[]> {
    return this.house.tools.advertised(route);
  }

  /** Calls a tool of the plugin as a model does: checked, let through or not at the door, timed, bounded, and told. */
  async callTool(name: string, input: unknown = {}, options: ToolCallOptions = {}): Promise<ToolOutcome> {
    const outcome = await this.house.tools.callOne(name, input, options, this.#scope.signal);
    await this.settle();
    return outcome;
  }

  grant(capability: string): void {
    this.house.calls.grant(capability);
  }

  /** Who speaks in the workspace with this plugin installed. */
  identity(): Promise<ResolvedIdentity> {
    return this.house.currentIdentity();
  }

  /** What a panel shows now. Throws KORA_NOT_FOUND; KORA_PLUGIN_INVALID for what the page could not draw. */
  panel(id: string): Promise<PanelView> {
    return this.house.panels.view(id, this.#scope.signal);
  }

  pressPanel(id: string, action: string, input: PanelInput = {}): Promise<PanelResult> {
    return this.house.panels.press(id, action, input, this.#scope.signal);
  }

  /** Asks a mount as a browser or a program would. Throws KORA_NOT_FOUND; KORA_PLUGIN_INVALID for what is no answer. */
  request(path: string, request: MountAsk = {}): Promise<MountAnswer> {
    return askMount(this.house.mounts.list(), path, request, this.#scope.signal);
  }

  /** What still stands: registrations by kind and name, and sleeps on the clock. Empty after `dispose`. */
  leftovers(): readonly string[] {
    const standing = Object.entries(this.registered).flatMap(([kind, names]) =>
      names.map((name) => `${kind} ${name}`),
    );
    const { sleeping } = this.clock;
    return sleeping === 0 ? standing : [...standing, `${sleeping} sleeps on the clock`];
  }

  /** Takes the plugin down: its daemons stop, its registrations are undone in reverse. Twice is harmless. */
  async dispose(): Promise<void> {
    let trouble: unknown;
    await this.stop().catch((error: unknown) => (trouble = error));
    await this.#scope.dispose();
    await this.house.tables[Symbol.asyncDispose]();
    await this.clock.advance(0);
    if (trouble === undefined) return;
    throw fault('KORA_DISPOSE_FAILED', messageOf(trouble), { cause: trouble });
  }

  /** Daemons that wait for the clock are given up to their time on it; one that hangs does not hang the test. */
  async #within(verb: string, work: Promise<void>, realMs: number = daemonMs): Promise<void> {
    if (await settles(this.house, work, { fakeMs: daemonMs, realMs })) return work;
    work.catch(() => undefined); // told below
    throw fault('KORA_TIMEOUT', `plugin ${this.#plugin.id} did not ${verb} within ${realMs} ms`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
