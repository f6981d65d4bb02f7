import { fault, messageOf } from '../fault/index.ts';
import type { ChangeSeen } from './contract.ts';
import type { Kinds } from './kinds.ts';
import type { PromotionPorts } from './ports.ts';
import { findProposal, listProposals } from './rows.ts';
import type { ProposalRow } from './rows.ts';
import { revisionsOf, stepsOf } from './step-rows.ts';
import type { ProposalDetail, ProposalQuery, ProposalView, RevisionDiff } from './view.ts';
import { proposalView, revisionDiff } from './views.ts';

/** Proposals as an operator is shown them. */
export class ProposalReads {
  readonly #ports: Pick<PromotionPorts, 'database' | 'workspaceId'>;
  readonly #kinds: Kinds;

  constructor(ports: Pick<PromotionPorts, 'database' | 'workspaceId'>, kinds: Kinds) {
    this.#ports = ports;
    this.#kinds = kinds;
  }

  /** Newest first. */
  async list(query: ProposalQuery): Promise<readonly ProposalView[]> {
    const { database, workspaceId } = this.#ports;
    return (await listProposals(database, workspaceId, query)).map(proposalView);
  }

  /** Throws KORA_PROPOSAL_UNKNOWN. */
  async show(id: number): Promise<ProposalDetail> {
    const { database, workspaceId } = this.#ports;
    const row = await findProposal(database, workspaceId, id);
    const [seen, steps, revisions] = await Promise.all([
      this.#examined(row),
      stepsOf(database, workspaceId, id),
      revisionsOf(database, workspaceId, id),
    ]);
    const { before } = row;
    return {
      ...proposalView(row),
      ...seen,
      rollbackTo: before === null ? null : { value: before.value, revision: before.revision },
      steps: steps.map(({ at, ...step }) => ({ ...step, at: at.toISOString() })),
      revisions: revisions.map(({ revision, digest, at }) => ({ revision, digest, at: at.toISOString() })),
    };
  }

  /** Throws KORA_PROPOSAL_UNKNOWN. */
  async one(id: number): Promise<ProposalView> {
    const { database, workspaceId } = this.#ports;
    return proposalView(await findProposal(database, workspaceId, id));
  }

  /** Throws KORA_PROPOSAL_UNKNOWN, also for a revision it never had. */
  async diff(id: number, from: number, to: number): Promise<RevisionDiff> {
    const { database, workspaceId } = this.#ports;
    await findProposal(database, workspaceId, id);
    const revisions = await revisionsOf(database, workspaceId, id);
    const of = (wanted: number): (typeof revisions)[number] => {
      const found = revisions.find(({ revision }) => revision === wanted);
      if (found !== undefined) return found;
      throw fault('KORA_PROPOSAL_UNKNOWN', `proposal ${id} has no revision ${wanted}`, {
        fix: `kora promotion show ${id}`,
      });
    };
    return revisionDiff(of(from), of(to));
  }

  /** As things stand now, while it may still be decided about or applied; as they stood then, where that is over. */
  async #examined({
    decision,
    application,
    kind,
    key,
    content,
  }: ProposalRow): Promise<Pick<ChangeSeen, 'lines' | 'blastRadius' | 'refusal'>> {
    const then = { ...content.seen, refusal: null };
    const isAhead = application === 'not_started' || application === 'failed';
    if (!isAhead || (decision !== 'pending' && decision !== 'approved')) return then;
    const registered = this.#kinds.get(kind);
    if (registered === undefined) return { ...content.seen, refusal: `nobody brings ${kind} now` };
    const parsed = registered.spec.value.safeParse(content.draft.change.value);
    if (!parsed.success) return { ...content.seen, refusal: 'its value no longer fits its kind' };
    try {
      const { lines, blastRadius, refusal } = await registered.spec.examine({ key, value: parsed.data });
      return { lines, blastRadius, refusal };
    } catch (error) {
      return { ...content.seen, refusal: messageOf(error) };
    }
  }
}
