import { z } from 'zod';
import { draft as eventOf } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Transaction } from '../store/index.ts';
import { examination as examinationOf } from './answers.ts';
import type { ChangeSeen, Examination, ProposalDraft } from './contract.ts';
import type { Deeds } from './deeds.ts';
import { digestOf, fingerprintOf } from './digest.ts';
import { proposalDraft } from './draft.ts';
import { proposed, superseded } from './events.ts';
import type { Kinds } from './kinds.ts';
import type { RegisteredLoop } from './loops.ts';
import type { PromotionPorts } from './ports.ts';
import { holdPlace } from './overlay-rows.ts';
import { addProposal, countPending, findProposal, moveProposal, newestOf, pendingAt } from './rows.ts';
import type { Content, ProposalRow } from './rows.ts';
import { addRevision, addStep } from './step-rows.ts';
import { draftStep, isMore } from './standing.ts';
import { ownActor } from './grounds.ts';
import { proposalMessage } from './words.ts';

const dayMs = 86_400_000;
/** Of one loop. Nobody reads more; a stranger's that names each day's find otherwise is to fill neither inbox nor store. */
const mostPending = 50;

type Ports = Pick<PromotionPorts, 'database' | 'workspaceId' | 'clock' | 'stage' | 'ask' | 'scrub'>;

/** What became of one draft. */
export type DraftEnd =
  | { readonly deed: 'proposed'; readonly id: number }
  | { readonly deed: 'unchanged' }
  | { readonly deed: 'refused'; readonly title: string; readonly why: string };

export interface Considered {
  /** Asks the loop for its word on the part of history that it was not shown. */
  readonly judge: (draft: ProposalDraft) => Promise<Examination>;
}

/** The content that stands in the proposal now. */
type Made = Pick<ProposalRow, 'id' | 'revision' | 'digest'>;

interface Judged {
  readonly fingerprint: string;
  readonly draft: ProposalDraft;
  readonly seen: ChangeSeen;
  readonly content: Content;
  readonly rivals: readonly ProposalRow[];
}

/** Makes proposals of drafts: once for what repeats, and only of what was proven on what its maker never saw. */
export class Proposing {
  readonly #ports: Ports;
  readonly #kinds: Kinds;
  readonly #deeds: Deeds;

  constructor(ports: Ports, kinds: Kinds, deeds: Deeds) {
    this.#ports = ports;
    this.#kinds = kinds;
    this.#deeds = deeds;
  }

  /** The drafts of one cycle, one after the other; what one throws is its own end. */
  begin(
    loop: RegisteredLoop,
    drafts: readonly unknown[],
    judge: Considered['judge'],
  ): (given: unknown) => Promise<DraftEnd> {
    const { name } = loop.spec;
    const all = drafts.flatMap((given) => {
      const parsed = proposalDraft.safeParse(given);
      return parsed.success ? [fingerprintOf(name, parsed.data.identity)] : [];
    });
    const fingerprints = new Set(all);
    const places = new Set<string>();
    return async (given) => {
      const parsed = proposalDraft.safeParse(given);
      if (!parsed.success) throw fault('KORA_PLUGIN_INVALID', z.prettifyError(parsed.error));
      const draft = this.#scrubbed(parsed.data);
      const place = `${draft.change.kind} ${draft.change.key}`;
      if (places.has(place)) return refusedFor(draft, 'another draft of this cycle is for the same place');
      places.add(place);
      return this.#consider(loop, draft, judge, fingerprints);
    };
  }

  async #consider(
    loop: RegisteredLoop,
    draft: ProposalDraft,
    judge: Considered['judge'],
    inCycle: ReadonlySet<string>,
  ): Promise<DraftEnd> {
    const { database, workspaceId, clock } = this.#ports;
    const fingerprint = fingerprintOf(loop.spec.name, draft.identity);
    const earlier = await newestOf(database, workspaceId, fingerprint);
    const { expiryDays } = loop.spec.settings;
    const step = draftStep(draft, earlier && earlierOf(earlier), { now: clock.now(), expiryDays });
    if (step.deed === 'leave') {
      // Whoever died between the proposal and the word leaves it to the next cycle to say it.
      if (earlier?.decision === 'pending' && agreesByItself(loop, earlier)) await this.#agree(loop, earlier);
      return { deed: 'unchanged' };
    }
    if (step.deed === 'refuse') return refusedFor(draft, step.why);
    if (step.deed === 'propose' && (await countPending(database, workspaceId, loop.spec.name)) >= mostPending)
      return refusedFor(draft, `${mostPending} proposals of this loop wait for a word already`);
    // Of one plugin alone: what a stranger's loop promises is its word, and takes the place of nobody else's proposal.
    const rivals = (await pendingAt(database, workspaceId, draft.change)).filter(
      (row) => row.fingerprint !== fingerprint && row.plugin === loop.plugin,
    );
    // The loop itself no longer says what it said: whatever that was worth.
    const stronger = rivals.find(
      (row) =>
        !(row.loop === loop.spec.name && !inCycle.has(row.fingerprint)) &&
        !isMore(draft.expected, row.content.draft.expected),
    );
    if (stronger !== undefined)
      return refusedFor(draft, `proposal ${stronger.id} for the same place promises no less`);
    const seen = await this.#examined(loop, draft);
    if (seen.refusal !== null) return refusedFor(draft, seen.refusal);
    const judgement = examinationOf.parse(await judge(draft));
    const examination = { ...judgement, why: this.#ports.scrub(judgement.why) };
    if (!examination.passed) return refusedFor(draft, `not on held-out history: ${examination.why}`);
    const { lines, blastRadius } = seen;
    const content: Content = { draft, examination, seen: { lines, blastRadius } };
    const judged: Judged = { fingerprint, draft, seen, content, rivals };
    const made = await database.transaction(async (tx) => {
      await holdPlace(tx, workspaceId, draft.change);
      return step.deed === 'refresh' && earlier !== undefined
        ? this.#refresh(tx, loop, earlier, judged)
        : this.#propose(tx, loop, judged);
    });
    if (made === undefined) return { deed: 'unchanged' };
    if (agreesByItself(loop, seen)) await this.#agree(loop, made);
    return { deed: 'proposed', id: made.id };
  }

  /** Its own kind looks at the change as things stand now. */
  async #examined({ spec }: RegisteredLoop, { change }: ProposalDraft): Promise<ChangeSeen> {
    if (!spec.kinds.includes(change.kind))
      throw fault('KORA_PLUGIN_INVALID', `loop ${spec.name} does not say that it proposes ${change.kind}`);
    const registered = this.#kinds.get(change.kind);
    if (registered === undefined) throw fault('KORA_CHANGE_REFUSED', `nobody brings ${change.kind} now`);
    const value: unknown = registered.spec.value.parse(change.value);
    return registered.spec.examine({ key: change.key, value });
  }

  async #propose(tx: Transaction, loop: RegisteredLoop, judged: Judged): Promise<Made | undefined> {
    const { workspaceId } = this.#ports;
    const { fingerprint, draft, seen, content } = judged;
    const times = this.#times(loop);
    const digest = digestOf(fingerprint, 1, draft);
    const { kind, key } = draft.change;
    const words = { loop: loop.spec.name, fingerprint, kind, key, revision: 1, digest, risk: seen.risk };
    const evidenceSize = draft.evidence.size;
    const { trialHours } = loop.spec.settings;
    const row = { ...words, plugin: loop.plugin, evidenceSize, content, trialHours, ...times };
    const id = await addProposal(tx, workspaceId, row);
    if (id === undefined) return undefined;
    const standing = { decision: 'pending', application: 'not_started' } as const;
    const reason = `seen ${evidenceSize} times`;
    await addRevision(tx, workspaceId, { id, revision: 1, digest, content, at: times.at });
    const step = { ordinal: 1, at: times.at, actor: ownActor, reason, ...standing, revision: 1 };
    await addStep(tx, workspaceId, id, step);
    await this.#supersede(tx, id, judged.rivals);
    await this.#tell(tx, { ...words, id, evidenceSize, expiresAt: times.expiresAt }, judged, loop);
    return { id, revision: 1, digest };
  }

  /** The same proposal with other content: who read the old one has to read it again. */
  async #refresh(
    tx: Transaction,
    loop: RegisteredLoop,
    earlier: ProposalRow,
    judged: Judged,
  ): Promise<Made | undefined> {
    const { workspaceId } = this.#ports;
    const { fingerprint, draft, seen, content } = judged;
    const locked = await findProposal(tx, workspaceId, earlier.id, { lock: true });
    if (locked.steps !== earlier.steps || locked.decision !== 'pending') return undefined;
    const { id } = locked;
    const { at, expiresAt } = this.#times(loop);
    const revision = locked.revision + 1;
    const digest = digestOf(fingerprint, revision, draft);
    const standing = { decision: locked.decision, application: locked.application };
    const evidenceSize = draft.evidence.size;
    const { risk } = seen;
    const to = { ...standing, at, revision, digest, risk, evidenceSize, content, expiresAt };
    if (!(await moveProposal(tx, workspaceId, locked, to))) return undefined;
    await addRevision(tx, workspaceId, { id, revision, digest, content, at });
    const reason = `seen ${evidenceSize} times; its content changed`;
    const ordinal = locked.steps + 1;
    await addStep(tx, workspaceId, id, { ordinal, at, actor: ownActor, reason, ...standing, revision });
    await this.#supersede(tx, id, judged.rivals);
    await this.#tell(tx, { ...locked, revision, digest, risk, evidenceSize, expiresAt }, judged, loop);
    return { id, revision, digest };
  }

  async #supersede(tx: Transaction, id: number, rivals: readonly ProposalRow[]): Promise<void> {
    const { workspaceId, clock, stage } = this.#ports;
    const at = new Date(clock.now());
    const reason = `proposal ${id} for the same place promises more`;
    for (const row of rivals) {
      const standing = { decision: 'superseded', application: row.application } as const;
      if (!(await moveProposal(tx, workspaceId, row, { ...standing, at, supersededBy: id }))) continue;
      const ordinal = row.steps + 1;
      const { revision, loop, fingerprint } = row;
      await addStep(tx, workspaceId, row.id, { ordinal, at, actor: ownActor, reason, ...standing, revision });
      await stage(tx, [eventOf(superseded, { loop, fingerprint, proposal_id: row.id, revision, reason })]);
    }
  }

  async #tell(
    tx: Transaction,
    row: Parameters<typeof proposalMessage>[0],
    { draft, content, seen }: Judged,
    loop: RegisteredLoop,
  ): Promise<void> {
    const { stage, ask } = this.#ports;
    const { id, fingerprint, revision, digest, kind, key, risk, evidenceSize, expiresAt } = row;
    const { title } = draft;
    const words = { loop: row.loop, fingerprint, proposal_id: id, revision, digest, kind, risk, key, title };
    await stage(tx, [eventOf(proposed, { ...words, evidence_size: evidenceSize })]);
    // Nothing is asked that is answered already: what is applied by itself is told of as such.
    if (agreesByItself(loop, seen)) return;
    const asked = { id, revision, digest, title, expiresAt: expiresAt.toISOString() };
    await ask(tx, asked, proposalMessage(row, content));
  }

  /** To exactly what was found to be of low risk; of another content another word would have to be said. */
  async #agree(loop: RegisteredLoop, { id, revision, digest }: Made): Promise<void> {
    const reason = `of low risk, and ${loop.spec.name} is set to applyLowRisk`;
    await this.#deeds.approve({ id, revision, digest, by: ownActor, reason });
    await this.#deeds.apply(id);
  }

  #times({ spec }: RegisteredLoop): { readonly at: Date; readonly expiresAt: Date } {
    const now = this.#ports.clock.now();
    return { at: new Date(now), expiresAt: new Date(now + spec.settings.expiryDays * dayMs) };
  }

  /** Known secrets stand in no proposal; a value that holds one is none. */
  #scrubbed(draft: ProposalDraft): ProposalDraft {
    const { scrub } = this.#ports;
    const value = JSON.stringify([draft.change, draft.identity]);
    if (scrub(value) !== value)
      throw fault('KORA_CHANGE_REFUSED', 'the change holds a secret that this runtime knows');
    const { evidence } = draft;
    const samples = evidence.samples.map(({ text, ref }) => ({ text: scrub(text), ref: scrub(ref) }));
    return { ...draft, title: scrub(draft.title), why: scrub(draft.why), evidence: { ...evidence, samples } };
  }
}

function agreesByItself({ spec }: RegisteredLoop, { risk }: Pick<ChangeSeen, 'risk'>): boolean {
  return spec.settings.applyLowRisk && risk === 'low';
}

function earlierOf(row: ProposalRow): Parameters<typeof draftStep>[1] {
  const { decision, application, evidenceSize, changedAt, content } = row;
  return { decision, application, evidenceSize, since: changedAt.getTime(), change: content.draft.change };
}

function refusedFor({ title }: ProposalDraft, why: string): DraftEnd {
  return { deed: 'refused', title, why };
}
