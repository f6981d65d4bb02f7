import { fault } from '../fault/index.ts';
import type { Scope } from '../scope/index.ts';
import type { ChangeKindSpec, ChangePlace, LoopHistory, LoopSpec } from './contract.ts';
import { Cycle } from './cycle.ts';
import { Deeds } from './deeds.ts';
import { Kinds } from './kinds.ts';
import { Looks } from './looks.ts';
import { cycleTask, Loops } from './loops.ts';
import { Overlays } from './overlays.ts';
import type { PromotionPorts } from './ports.ts';
import { Proposing } from './proposing.ts';
import { ProposalReads } from './reads.ts';
import { cycleMs, Rota } from './rota.ts';
import { listRuns } from './run-rows.ts';
import { Sweep } from './sweep.ts';
import type {
  LoopRun,
  LoopView,
  OverlayView,
  ProposalDeed,
  ProposalDetail,
  ProposalQuery,
  ProposalRefusal,
  ProposalView,
  ProposalWord,
  RevisionDiff,
  Within,
} from './view.ts';

const sweepTask = 'kora.promotion';
const missedTask = 'kora.promotion_missed';
const followEveryMs = 60_000;
/** Trials are measured by the hour; what was approved before a crash is not to wait as long. */
const sweepEveryMs = 300_000;

/** Proposals of all loops: what is said about them, what is in force of them, and how that goes. */
export class Promotion {
  readonly #ports: PromotionPorts;
  readonly #kinds = new Kinds();
  readonly #loops = new Loops();
  readonly #looks: Looks;
  readonly #overlays: Overlays;
  readonly #deeds: Deeds;
  readonly #rota: Rota;
  readonly #sweep: Sweep;
  readonly #reads: ProposalReads;

  constructor(ports: PromotionPorts) {
    this.#ports = ports;
    this.#looks = new Looks(ports.reads);
    this.#reads = new ProposalReads(ports, this.#kinds);
    this.#overlays = new Overlays({ ...ports, kinds: this.#kinds });
    this.#deeds = new Deeds(ports, this.#kinds, this.#overlays);
    const proposing = new Proposing(ports, this.#kinds, this.#deeds);
    this.#rota = new Rota(ports, new Cycle(ports, this.#looks, proposing));
    const [kinds, loops, looks, deeds] = [this.#kinds, this.#loops, this.#looks, this.#deeds];
    this.#sweep = new Sweep(ports, { kinds, loops, looks, deeds });
  }

  /** Follows what other runtimes put in force. */
  async open(scope: Scope): Promise<void> {
    await this.#overlays.open(scope);
  }

  /** Puts the sweep on the schedule, which at a start goes on with what an earlier process had begun. */
  async start(scope: Scope): Promise<void> {
    const { schedule } = this.#ports;
    const undo = await schedule(
      {
        name: sweepTask,
        cadence: { everyMs: sweepEveryMs },
        // What it goes on with changes how this house behaves: it stops with every hold.
        purpose: 'act',
        timeoutMs: cycleMs,
        run: async ({ signal }) => ((await this.sweep(signal)) > 0 ? 'ok' : 'noop'),
      },
      'kora',
    );
    scope.add('promotion task', undo);
    const missed = await schedule(
      {
        name: missedTask,
        cadence: { everyMs: sweepEveryMs },
        // It runs only once something may act again.
        purpose: 'act',
        timeoutMs: cycleMs,
        run: async ({ signal }) => ((await this.#rota.makeUp(signal)) > 0 ? 'ok' : 'noop'),
      },
      'kora',
    );
    scope.add('promotion task of missed cycles', missed);
    await this.#rota.begin();
    // What was approved before this process died is not to wait for its next turn; while nothing may act, it does.
    await this.#rota.runIfMay(sweepTask);
  }

  /** Goes on with what nobody has to be asked about. Answers how many proposals that were. */
  sweep(signal: AbortSignal): Promise<number> {
    return this.#sweep.run(signal);
  }

  /** Reads what is in force every minute, until aborted: a notification may be lost, and what it would have said is not. */
  async follow(signal: AbortSignal): Promise<void> {
    while (await this.#ports.clock.sleep(followEveryMs, signal)) await this.#overlays.reload();
  }

  /** Reads what is in force anew. */
  reload(): Promise<void> {
    return this.#overlays.reload();
  }

  /**
   * Adds a kind of change and hands its owner what is in force of it; resolves once `take` has. Throws KORA_PLUGIN_INVALID,
   * KORA_CHANGE_KIND_TAKEN, and what the store and `take` throw.
   */
  async registerKind(spec: ChangeKindSpec, owner: string): Promise<() => void> {
    const remove = this.#kinds.add(spec, owner);
    const undo = (): void => {
      remove();
      this.#overlays.end(spec.kind);
    };
    const registered = this.#kinds.get(spec.kind);
    try {
      if (registered !== undefined) await this.#overlays.begin(registered);
    } catch (error) {
      undo();
      throw error;
    }
    return undo;
  }

  /**
   * Adds a loop and puts it on the schedule, where it is switched on. `ran` hears of each good cycle. Throws
   * KORA_PLUGIN_INVALID, KORA_LOOP_TAKEN, KORA_TASK_DUPLICATE.
   */
  async registerLoop(spec: LoopSpec, plugin: string, ran: () => void): Promise<() => Promise<void>> {
    const { loop, undo } = this.#loops.add(spec, plugin, ran);
    if (!spec.settings.enabled) return async () => undo();
    try {
      const leave = await this.#rota.add(loop);
      return async () => {
        await leave();
        undo();
      };
    } catch (error) {
      undo();
      throw error;
    }
  }

  /** The past, as far as loops of this plugin were handed a look at it. `leave` throws where it may not look at all. */
  historyFor(plugin: string, leave?: () => Promise<void>): LoopHistory {
    return this.#looks.historyFor(plugin, leave);
  }

  /** What there is of a kind now; empty for a kind that nobody brings. */
  async places(kind: string): Promise<readonly ChangePlace[]> {
    return (await this.#kinds.get(kind)?.spec.places?.()) ?? [];
  }

  /** Newest first. */
  list(query: ProposalQuery = {}): Promise<readonly ProposalView[]> {
    return this.#reads.list(query);
  }

  /** How it stands, without a look at what it would change now. Throws KORA_PROPOSAL_UNKNOWN. */
  one(id: number): Promise<ProposalView> {
    return this.#reads.one(id);
  }

  /** Throws KORA_PROPOSAL_UNKNOWN. */
  show(id: number): Promise<ProposalDetail> {
    return this.#reads.show(id);
  }

  /**
   * Agrees to exactly this content and makes the change. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_CHANGED,
   * KORA_PROPOSAL_DECIDED, KORA_CHANGE_REFUSED; what could not be made then, the answer says.
   */
  async approve(word: ProposalWord, within?: Within): Promise<ProposalView> {
    await this.#deeds.approve(word, within);
    await this.#deeds.apply(word.id);
    return this.#reads.one(word.id);
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_CHANGED, KORA_PROPOSAL_DECIDED. */
  async reject(word: ProposalRefusal, within?: Within): Promise<ProposalView> {
    await this.#deeds.reject(word, within);
    return this.#reads.one(word.id);
  }

  /** Puts back what stood before. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_DECIDED where it is not in force. */
  async rollback(deed: ProposalDeed, within?: Within): Promise<ProposalView> {
    await this.#deeds.rollBack(deed, within);
    return this.#reads.one(deed.id);
  }

  /** Applies again what was approved and failed. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_DECIDED. */
  async retry(deed: ProposalDeed, within?: Within): Promise<ProposalView> {
    await this.#deeds.retry(deed, within);
    await this.#deeds.apply(deed.id);
    return this.#reads.one(deed.id);
  }

  /** Runs one cycle now. Throws KORA_LOOP_UNKNOWN, KORA_LOOP_OFF, KORA_ADMISSION_DENIED, KORA_TASK_BUSY, KORA_TIMEOUT. */
  async run(name: string, asking: { readonly by: string; readonly reason: string }): Promise<LoopRun> {
    const { spec } = this.#loops.get(name);
    if (!spec.settings.enabled)
      throw fault('KORA_LOOP_OFF', `loop ${name} is switched off`, {
        fix: `set enabled of ${name} in the configuration of its plugin`,
      });
    const began = this.#ports.clock.now();
    await this.#ports.runNow(cycleTask(name), asking);
    const [run] = await this.history(name, 1);
    // The last one there is may be one of before: this one was given up, or stopped before it began.
    if (run === undefined || Date.parse(run.at) < began)
      throw fault('KORA_TIMEOUT', `the cycle of ${name} came to no end`, {
        fix: `kora task history ${cycleTask(name)}`,
      });
    return run;
  }

  /** By name. */
  async loops(): Promise<readonly LoopView[]> {
    const { database, workspaceId } = this.#ports;
    return Promise.all(
      this.#loops.list().map(async ({ spec, plugin }) => {
        const { name, means, kinds, settings } = spec;
        const [lastRun] = await listRuns(database, workspaceId, name, 1);
        return { name, plugin, means, kinds, settings, lastRun: lastRun ?? null };
      }),
    );
  }

  /** The cycles of one loop, newest first, at most 200. Throws KORA_LOOP_UNKNOWN. */
  async history(name: string, limit = 20): Promise<readonly LoopRun[]> {
    const { database, workspaceId } = this.#ports;
    this.#loops.get(name);
    return listRuns(database, workspaceId, name, Math.min(limit, 200));
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, also for a revision it never had. */
  diffBetweenRevisions(id: number, from: number, to: number): Promise<RevisionDiff> {
    return this.#reads.diff(id, from, to);
  }

  /** What was learned and is in force, and what of it was set aside. */
  overlays(kind?: string): Promise<readonly OverlayView[]> {
    return this.#overlays.list(kind);
  }
}
