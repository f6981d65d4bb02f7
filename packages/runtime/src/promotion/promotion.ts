import { fault } from '../fault/index.ts';
import type { ChangeKindSpec, ChangePlace, LoopHistory, LoopSpec } from './contract.ts';
import type { PromotionPorts } from './ports.ts';
import { Kinds } from './kinds.ts';
import { Looks } from './looks.ts';
import type {
  LoopRun,
  LoopView,
  OverlayView,
  ProposalDeed,
  ProposalDetail,
  ProposalQuery,
  ProposalView,
  ProposalWord,
  RevisionDiff,
  Within,
} from './view.ts';

const notYet = (): Promise<never> => Promise.reject(fault('KORA_NOT_READY', 'promotion is not there yet'));

/** Proposals of all loops: what is said about them, what is in force of them, and how that goes. */
export class Promotion {
  readonly #kinds = new Kinds();
  readonly #looks: Looks;

  constructor(ports: PromotionPorts) {
    this.#looks = new Looks(ports.reads);
  }

  /**
   * Adds a kind of change and hands its owner what is in force of it; resolves once `take` has. Throws KORA_PLUGIN_INVALID,
   * KORA_CHANGE_KIND_TAKEN, and what the store throws.
   */
  async registerKind(spec: ChangeKindSpec, owner: string): Promise<() => void> {
    const undo = this.#kinds.add(spec, owner);
    await spec.take([]);
    return undo;
  }

  /** Adds a loop and puts it on the schedule. Throws KORA_PLUGIN_INVALID, KORA_LOOP_TAKEN. */
  registerLoop(_loop: LoopSpec, _plugin: string, _ran: () => void): Promise<() => Promise<void>> {
    return notYet();
  }

  historyFor(plugin: string): LoopHistory {
    return this.#looks.historyFor(plugin);
  }

  /** What there is of a kind now; empty for a kind that nobody brings. */
  async places(kind: string): Promise<readonly ChangePlace[]> {
    return (await this.#kinds.get(kind)?.spec.places?.()) ?? [];
  }

  /** Newest first. */
  list(_query: ProposalQuery = {}): Promise<readonly ProposalView[]> {
    return notYet();
  }

  /** Throws KORA_PROPOSAL_UNKNOWN. */
  show(_id: number): Promise<ProposalDetail> {
    return notYet();
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_CHANGED, KORA_PROPOSAL_DECIDED, KORA_CHANGE_REFUSED. */
  approve(_word: ProposalWord, _within?: Within): Promise<ProposalView> {
    return notYet();
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_CHANGED, KORA_PROPOSAL_DECIDED. */
  reject(_word: ProposalWord, _within?: Within): Promise<ProposalView> {
    return notYet();
  }

  /** Puts back what stood before. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_DECIDED where it is not in force. */
  rollback(_word: ProposalDeed, _within?: Within): Promise<ProposalView> {
    return notYet();
  }

  /** Applies again what was approved and failed. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_DECIDED, KORA_CHANGE_REFUSED. */
  retry(_word: ProposalDeed, _within?: Within): Promise<ProposalView> {
    return notYet();
  }

  /** Runs one cycle now. Throws KORA_LOOP_UNKNOWN, KORA_LOOP_OFF, KORA_ADMISSION_DENIED, KORA_TASK_BUSY. */
  run(_loop: string, _asking: { readonly by: string; readonly reason: string }): Promise<LoopRun> {
    return notYet();
  }

  loops(): Promise<readonly LoopView[]> {
    return notYet();
  }

  /** The cycles of one loop, newest first, at most 200. Throws KORA_LOOP_UNKNOWN. */
  history(_loop: string, _limit?: number): Promise<readonly LoopRun[]> {
    return notYet();
  }

  /** Throws KORA_PROPOSAL_UNKNOWN. */
  diffBetweenRevisions(_id: number, _from: number, _to: number): Promise<RevisionDiff> {
    return notYet();
  }

  /** What was learned and is in force, and what of it was set aside. */
  overlays(_kind?: string): Promise<readonly OverlayView[]> {
    return notYet();
  }
}
