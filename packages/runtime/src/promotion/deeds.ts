import { draft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Measure } from './contract.ts';
import { applied, approved, expired, failed, kept, rejected, rolledBack, superseded } from './events.ts';
import { checkContent, checkTime, ownActor, refusalOf } from './grounds.ts';
import type { Kinds } from './kinds.ts';
import { stepOf } from './machine.ts';
import { Moves } from './moves.ts';
import type { Made } from './moves.ts';
import { putOverlay, readPlace, setTrial } from './overlay-rows.ts';
import type { Overlays } from './overlays.ts';
import type { PromotionPorts } from './ports.ts';
import type { Transaction } from '../store/index.ts';
import { findProposal } from './rows.ts';
import type { ProposalRow } from './rows.ts';
import type { ProposalDeed, ProposalRefusal, ProposalWord, Within } from './view.ts';
import { appliedMessage, failedMessage, keptMessage, rolledBackMessage } from './words.ts';

const hourMs = 3_600_000;

type Ports = Pick<PromotionPorts, 'database' | 'workspaceId' | 'clock' | 'stage' | 'tell'>;

/**
 * Everything that moves a proposal on. Each deed is one transaction with its step, its event and what it changes, and goes
 * from exactly the step that was read: whatever dies in between, it has happened once or not at all.
 */
export class Deeds {
  readonly #ports: Ports;
  readonly #kinds: Kinds;
  readonly #overlays: Overlays;
  readonly #moves: Moves;

  constructor(ports: Ports, kinds: Kinds, overlays: Overlays) {
    this.#ports = ports;
    this.#kinds = kinds;
    this.#overlays = overlays;
    this.#moves = new Moves(ports);
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_CHANGED, KORA_PROPOSAL_DECIDED, KORA_CHANGE_REFUSED. */
  async approve(word: ProposalWord, within?: Within): Promise<void> {
    const { database, workspaceId } = this.#ports;
    const row = await findProposal(database, workspaceId, word.id);
    // Said before it is agreed to; what was agreed to is for `apply` to find out.
    if (row.decision === 'pending') {
      checkContent(row, word);
      const refusal = await refusalOf(this.#kinds, row, word.by);
      if (refusal !== null)
        throw fault('KORA_CHANGE_REFUSED', `proposal ${row.id}: ${refusal}`, {
          fix: `kora promotion show ${row.id}`,
        });
    }
    await this.#moves.asked('approve', word, within, (locked) => {
      checkContent(locked, word);
      checkTime(locked, this.#ports.clock.now());
      return {
        change: { decidedBy: word.by },
        events: [draft(approved, about(locked, word), by(word))],
      };
    });
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_CHANGED, KORA_PROPOSAL_DECIDED. */
  async reject(word: ProposalRefusal, within?: Within): Promise<void> {
    await this.#moves.asked('reject', word, within, (locked) => {
      checkContent(locked, word);
      return {
        change: { decidedBy: word.by },
        events: [draft(rejected, about(locked, word), by(word))],
      };
    });
  }

  /** Makes what was approved and could not be made ready to be tried again; from now on it is the word of who says so. */
  async retry(deed: ProposalDeed, within?: Within): Promise<void> {
    await this.#moves.asked('retry', deed, within, () => ({ change: { decidedBy: deed.by }, events: [] }));
  }

  /** Puts back what stood before. Throws KORA_PROPOSAL_UNKNOWN, KORA_PROPOSAL_DECIDED where it is not in force. */
  async rollBack(deed: ProposalDeed, within?: Within): Promise<void> {
    await this.#moves.asked('roll_back', deed, within, (locked, tx) =>
      this.#back(tx, locked, { deed, cause: 'operator', measure: null }),
    );
    await this.#overlays.changed();
  }

  /** Its trial made things worse. Does nothing where somebody was first. */
  async regress(row: ProposalRow, measure: Measure): Promise<void> {
    const deed = { id: row.id, by: ownActor, reason: measure.why };
    await this.#moves.next(row, 'roll_back', deed, (locked, tx) =>
      this.#back(tx, locked, { deed, cause: 'regression', measure }),
    );
    await this.#overlays.changed();
  }

  async #back(
    tx: Transaction,
    locked: ProposalRow,
    {
      deed,
      cause,
      measure,
    }: {
      readonly deed: ProposalDeed;
      readonly cause: 'regression' | 'operator';
      readonly measure: Measure | null;
    },
  ): Promise<Made> {
    const { workspaceId, clock } = this.#ports;
    const place = await readPlace(tx, workspaceId, locked);
    if (place?.isInForce !== true || place.proposalId !== locked.id)
      throw fault(
        'KORA_PROPOSAL_DECIDED',
        `proposal ${locked.id} is not what is in force at ${locked.kind} ${locked.key}: that is proposal ${place?.proposalId}`,
        { fix: 'kora promotion list --application kept' },
      );
    const { before } = locked;
    await putOverlay(tx, workspaceId, locked, {
      value: before?.value,
      proposalId: before?.proposalId ?? locked.id,
      since: new Date(clock.now()),
      trialUntil: null,
    });
    if (before !== null) {
      const word = { by: deed.by, reason: `proposal ${locked.id}, which lay over it, was taken back` };
      await this.#moves.also(tx, before.proposalId, {
        deed: 'restore',
        said: word,
        make: (row) => ({
          change: {},
          events: [
            draft(kept, { ...about(row, word), verdict: row.measure?.verdict ?? 'unclear' }, by(word)),
          ],
        }),
      });
    }
    const verdict = measure === null ? {} : { verdict: measure.verdict };
    return {
      change: measure === null ? {} : { measure },
      events: [draft(rolledBack, { ...about(locked, deed), cause, ...verdict }, by(deed))],
      message: rolledBackMessage(locked, deed.reason, cause, measure ?? locked.measure),
    };
  }

  /** A trial is over, and what it tried stays. Does nothing where somebody was first. */
  async keep(row: ProposalRow, measure: Measure): Promise<void> {
    const { workspaceId } = this.#ports;
    const word = { id: row.id, by: ownActor, reason: keptWords(measure) };
    await this.#moves.next(row, 'keep', word, async (locked, tx) => {
      await setTrial(tx, workspaceId, locked, { proposalId: locked.id, until: null });
      return {
        change: { measure },
        events: [draft(kept, { ...about(locked, word), verdict: measure.verdict })],
        message: keptMessage(locked, measure),
      };
    });
    await this.#overlays.changed();
  }

  /** A trial goes on, since too little was seen. Does nothing where somebody was first. */
  async extend(row: ProposalRow, measure: Measure, until: number): Promise<void> {
    const { workspaceId } = this.#ports;
    const trialUntil = new Date(until);
    const reason = `too little was seen: the trial goes on until ${trialUntil.toISOString()}`;
    await this.#moves.next(row, 'extend', { by: ownActor, reason }, async (locked, tx) => {
      await setTrial(tx, workspaceId, locked, { proposalId: locked.id, until: trialUntil });
      return { change: { measure, trialUntil }, events: [] };
    });
    await this.#overlays.changed();
  }

  /** Nobody decided in its time. Does nothing where somebody did, or its content changed and it has more of it. */
  async expire(row: ProposalRow): Promise<void> {
    const word = { id: row.id, by: ownActor, reason: 'nobody decided about it in its time' };
    await this.#moves.next(row, 'expire', word, (locked) => ({
      change: {},
      events: [draft(expired, about(locked, word))],
    }));
  }

  /**
   * Makes the change of an approved proposal, once: overlay, standing, step and event together. What cannot be made as
   * things stand fails, with why. Does nothing where it was made, and where nobody brings its kind now.
   */
  async apply(id: number): Promise<void> {
    const { database, workspaceId, clock } = this.#ports;
    const row = await findProposal(database, workspaceId, id);
    if (stepOf(row, 'apply') === undefined || this.#kinds.get(row.kind) === undefined) return;
    const refusal = await refusalOf(this.#kinds, row, row.decidedBy ?? ownActor);
    if (refusal !== null) return this.#fail(row, refusal);
    const now = clock.now();
    const trialUntil = new Date(now + row.trialHours * hourMs);
    const word = { id, by: row.decidedBy ?? ownActor, reason: 'approved' };
    let rival: number | undefined;
    await this.#moves.next(row, 'apply', word, async (locked, tx) => {
      const place = await readPlace(tx, workspaceId, locked);
      if (place?.isInForce === true && place.trialUntil !== null) {
        rival = place.proposalId;
        return undefined;
      }
      const { change } = locked.content.draft;
      const revision = await putOverlay(tx, workspaceId, locked, {
        value: change.value,
        proposalId: id,
        since: new Date(now),
        trialUntil,
      });
      const before =
        place?.isInForce === true
          ? { value: place.value, revision: place.revision, proposalId: place.proposalId }
          : null;
      if (before !== null) {
        const over = { by: word.by, reason: `proposal ${id} lies over it now` };
        await this.#moves.also(tx, before.proposalId, {
          deed: 'replace',
          said: over,
          make: (covered) => ({
            change: { supersededBy: id },
            events: [draft(superseded, about(covered, over), by(over))],
          }),
        });
      }
      const summary = `${change.kind} ${change.key}: ${locked.content.draft.title}`;
      const ends = { trial_until: trialUntil.toISOString(), overlay_revision: revision };
      return {
        change: { appliedAt: new Date(now), trialUntil, before },
        events: [draft(applied, { ...named(locked), ...ends, summary }, { actorId: word.by })],
        ...(locked.decidedBy === ownActor && { message: appliedMessage(locked, trialUntil) }),
      };
    });
    if (rival !== undefined) return this.#fail(row, `proposal ${rival} is on trial at the same place`);
    await this.#overlays.changed();
  }

  async #fail(row: ProposalRow, why: string): Promise<void> {
    const word = { id: row.id, by: ownActor, reason: why };
    await this.#moves.next(row, 'fail', word, (locked) => ({
      change: {},
      events: [draft(failed, about(locked, word))],
      message: failedMessage(locked, why),
    }));
  }
}

function named({ loop, fingerprint, id }: ProposalRow): {
  readonly loop: string;
  readonly fingerprint: string;
  readonly proposal_id: number;
} {
  return { loop, fingerprint, proposal_id: id };
}

function about(
  row: ProposalRow,
  { reason }: { readonly reason: string },
): ReturnType<typeof named> & { readonly revision: number; readonly reason: string } {
  return { ...named(row), revision: row.revision, reason };
}

function by({ by: actorId }: { readonly by: string }): { readonly actorId: string } {
  return { actorId };
}

function keptWords({ verdict, why }: Measure): string {
  return verdict === 'unclear' ? `unclear after three times its trial: ${why}` : `${verdict}: ${why}`;
}
