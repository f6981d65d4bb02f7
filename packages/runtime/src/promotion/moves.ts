import type { EventDraft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Transaction } from '../store/index.ts';
import type { NewMessage } from './contract.ts';
import { stepOf } from './machine.ts';
import type { Deed } from './machine.ts';
import type { PromotionPorts } from './ports.ts';
import { holdPlace } from './overlay-rows.ts';
import { findProposal, moveProposal } from './rows.ts';
import type { ProposalRow, RowChange } from './rows.ts';
import { addStep } from './step-rows.ts';
import type { ProposalDeed, Within } from './view.ts';

type Ports = Pick<PromotionPorts, 'database' | 'workspaceId' | 'clock' | 'stage' | 'tell'>;

/** Whose deed it is, and why. */
export interface Said {
  readonly by: string;
  readonly reason: string;
}

/** What a deed writes beside the step itself. */
export interface Made {
  readonly change: RowChange;
  readonly events: readonly EventDraft[];
  readonly message?: NewMessage;
}

type Make<Answer> = (row: ProposalRow, tx: Transaction) => Promise<Answer> | Answer;

/** One transaction for each deed: the standing, its step, its events and its message, from exactly the step that was read. */
export class Moves {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** A deed that somebody asked for. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_DECIDED, and what `make` throws. */
  async asked(deed: Deed, said: ProposalDeed, within: Within | undefined, make: Make<Made>): Promise<void> {
    const { database, workspaceId } = this.#ports;
    const work = async (tx: Transaction): Promise<{ id: number }> => {
      await holdPlace(tx, workspaceId, await findProposal(tx, workspaceId, said.id));
      const row = await findProposal(tx, workspaceId, said.id, { lock: true });
      if (stepOf(row, deed) === undefined)
        throw fault('KORA_PROPOSAL_DECIDED', `proposal ${row.id} is ${row.decision} and ${row.application}`, {
          fix: `kora promotion show ${row.id}`,
        });
      await this.#move(tx, row, { deed, said, ...(await make(row, tx)) });
      return { id: row.id };
    };
    await database.transaction((tx) => (within === undefined ? work(tx) : within(tx, () => work(tx))));
  }

  /** The runtime's own next step, from exactly where the proposal was read; another may have been first. */
  async next(row: ProposalRow, deed: Deed, said: Said, make: Make<Made | undefined>): Promise<void> {
    const { database, workspaceId } = this.#ports;
    await database.transaction(async (tx) => {
      await holdPlace(tx, workspaceId, row);
      const locked = await findProposal(tx, workspaceId, row.id, { lock: true });
      if (locked.steps !== row.steps) return;
      const made = await make(locked, tx);
      if (made !== undefined) await this.#move(tx, locked, { deed, said, ...made });
    });
  }

  /** What follows for another proposal of the place that is held; nothing where it has no such step. */
  async also(
    tx: Transaction,
    id: number,
    { deed, said, make }: { readonly deed: Deed; readonly said: Said; make(row: ProposalRow): Made },
  ): Promise<void> {
    const row = await findProposal(tx, this.#ports.workspaceId, id, { lock: true });
    if (stepOf(row, deed) !== undefined) await this.#move(tx, row, { deed, said, ...make(row) });
  }

  async #move(
    tx: Transaction,
    row: ProposalRow,
    { deed, said, change, events, message }: Made & { readonly deed: Deed; readonly said: Said },
  ): Promise<void> {
    const { workspaceId, clock, stage, tell } = this.#ports;
    const standing = stepOf(row, deed);
    const at = new Date(clock.now());
    const moved =
      standing !== undefined && (await moveProposal(tx, workspaceId, row, { ...change, ...standing, at }));
    if (!moved)
      throw fault('KORA_PROPOSAL_CHANGED', `proposal ${row.id} has moved on meanwhile`, {
        fix: `kora promotion show ${row.id}`,
      });
    const { by: actor, reason } = said;
    const step = { ordinal: row.steps + 1, at, actor, reason, ...standing, revision: row.revision };
    await addStep(tx, workspaceId, row.id, step);
    await stage(tx, events);
    if (message !== undefined) await tell(tx, message);
  }
}
