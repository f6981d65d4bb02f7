import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Scope } from '../scope/index.ts';
import { isStoreAway } from '../store/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import { findApproval, listApprovals } from './approval-rows.ts';
import type { ApprovalView } from './approval-rows.ts';
import type { CapabilitySpec, Subject } from './contract.ts';
import { decideApproval, expireApprovals } from './decisions.ts';
import type { Decision } from './decisions.ts';
import { Denials } from './denials.ts';
import type { Denial } from './denials.ts';
import { escalate } from './escalation.ts';
import type { EscalatedCall, EscalationPorts } from './escalation.ts';
import { GrantCache } from './grant-cache.ts';
import { addGrant, grantedOnce, listGrants, liveGrants, revokeGrant } from './grants.ts';
import type { GrantView, NewGrant } from './grants.ts';
import { Matrix } from './matrix.ts';
import type { Capability } from './matrix.ts';
import type { Question } from './question.ts';
import { subjectOf } from './subject.ts';

export interface CapabilitiesOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  /** Tells the operator, in the transaction of the question. */
  readonly ask: (tx: Transaction, question: Question) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
  /** How long the operator has; default 15 minutes. */
  readonly timeToDecideMs?: number;
}

export type CapabilityRequest = EscalatedCall;

export type CapabilityAnswer =
  | { readonly verdict: 'granted' }
  | { readonly verdict: 'denied'; readonly cause: Denial['cause'] }
  | { readonly verdict: 'ask'; readonly approvalId: number };

/** What the matrix and the grants are found to be; the boot's gate 8 asks. */
export interface MatrixReport {
  readonly capabilities: number;
  readonly grants: number;
  /** Grants in force of capabilities that nobody here declares, or that another owner declares: they let nothing through. */
  readonly unknown: readonly { readonly grantId: number; readonly capability: string; readonly to: string }[];
}

/** Runs a deed in its transaction, or answers what it was answered before. */
export type Once = <Answer extends object>(tx: Transaction, deed: () => Promise<Answer>) => Promise<Answer>;

const straight: Once = (_tx, deed) => deed();

const quarterHourMs = 900_000;
const mostOpen = 20;
const expireEveryMs = 10_000;
const lookAgainMs = 1_000;

/**
 * Who may do what. A capability that nobody declared is denied; a declared one needs a live grant, or, where its default
 * is to ask, the operator's approval of this one call.
 */
export class Capabilities {
  readonly #options: CapabilitiesOptions;
  readonly #matrix = new Matrix();
  readonly #grants: GrantCache;
  readonly #denials: Denials;
  readonly #ports: EscalationPorts;
  readonly #waiting = new Set<AbortController>();

  constructor(options: CapabilitiesOptions) {
    this.#options = options;
    const { database, workspaceId, clock, stage, ask } = options;
    this.#grants = new GrantCache({ clock, read: () => liveGrants(database, workspaceId) });
    this.#denials = new Denials(options);
    const timeToDecideMs = options.timeToDecideMs ?? quarterHourMs;
    this.#ports = { workspaceId, stage, ask, timeToDecideMs, mostOpen };
  }

  /** Listens to what other runtimes decide, and writes down which approvals are over. */
  async open(scope: Scope): Promise<void> {
    const { database, onError } = this.#options;
    const listening = await database.listen(this.#channel, () => this.#changed());
    scope.add('capability notifications', () => listening[Symbol.dispose]());
    scope.run(
      'approvals running out',
      (signal) => this.#expireAll(signal),
      (error) => onError('approvals', error),
    );
  }

  /**
   * Whether this call may be made. A granted one that was approved has used its approval up. Throws what the store
   * throws, having let nothing through.
   */
  async check(request: CapabilityRequest): Promise<CapabilityAnswer> {
    const { caller, what } = request;
    const capability = this.#matrix.get(request.capability);
    if (capability === undefined)
      return this.#deny({ cause: 'capability_unmapped', caller, what, detail: 'nobody declares it' });
    const subject = subjectOf(caller);
    if (subject !== undefined && (await this.#grants.has(subject, capability))) return { verdict: 'granted' };
    const denial = { capability: capability.id, caller, what };
    if (capability.defaultVerdict === 'denied')
      return this.#deny({ ...denial, cause: 'capability_denied', detail: 'not granted' });
    const { database } = this.#options;
    const answer = await database.transaction((tx) => escalate(tx, this.#ports, capability, request));
    if (answer.verdict === 'denied')
      return this.#deny({ ...denial, cause: answer.cause, detail: answer.detail });
    if (answer.verdict === 'granted') return answer;
    if (answer.asked) this.#tellOthers();
    return { verdict: 'ask', approvalId: answer.approvalId };
  }

  /** Adds a capability of a plugin. Throws KORA_PLUGIN_INVALID, KORA_CAPABILITY_TAKEN. */
  register(spec: CapabilitySpec, owner: string): () => void {
    return this.#matrix.register(spec, owner);
  }

  /** Throws what the store throws: then it is not known what is granted. */
  async load(): Promise<MatrixReport> {
    const { database, workspaceId } = this.#options;
    const grants = await liveGrants(database, workspaceId);
    const unknown = grants.filter(({ capability, owner }) => this.#matrix.get(capability)?.owner !== owner);
    return {
      capabilities: this.#matrix.list().length,
      grants: grants.length,
      unknown: unknown.map(({ grantId, capability, kind, subject }) => ({
        grantId,
        capability,
        to: `${kind}:${subject}`,
      })),
    };
  }

  /** Undefined when nobody here declares it. */
  capability(id: string): Capability | undefined {
    return this.#matrix.get(id);
  }

  /** Whether a caller has a live grant. Asks nobody and lets nothing through. Throws what the store throws. */
  async isGranted(caller: string, capabilityId: string): Promise<boolean> {
    const [capability, subject] = [this.#matrix.get(capabilityId), subjectOf(caller)];
    return capability !== undefined && subject !== undefined && this.#grants.has(subject, capability);
  }

  /** Which capabilities these plugins were ever granted, also if the grant is over: `plugin capability`. */
  async everGranted(plugins: readonly string[]): Promise<ReadonlySet<string>> {
    const { database, workspaceId } = this.#options;
    const pairs = await grantedOnce(database, workspaceId, plugins);
    return new Set(pairs.map(({ subject, capability }) => `${subject} ${capability}`));
  }

  matrix(): Capability[] {
    return this.#matrix.list();
  }

  grants(query: { readonly all?: boolean | undefined } = {}): Promise<GrantView[]> {
    return listGrants(this.#options.database, this.#options.workspaceId, query);
  }

  /** Throws KORA_CAPABILITY_UNKNOWN, KORA_DECISION_DENIED. */
  async grant(capabilityId: string, grant: NewGrant, once: Once = straight): Promise<GrantView> {
    const capability = this.#known(capabilityId);
    return this.#change((tx) => once(tx, () => addGrant(tx, this.#ports, capability, grant)));
  }

  #known(capabilityId: string): Capability {
    const capability = this.#matrix.get(capabilityId);
    if (capability !== undefined) return capability;
    throw fault('KORA_CAPABILITY_UNKNOWN', `there is no capability ${capabilityId}`, {
      fix: 'kora capability list',
    });
  }

  /**
   * Several grants and what goes with them, together or not at all. Throws KORA_CAPABILITY_UNKNOWN, KORA_DECISION_DENIED and
   * what `beside` throws.
   */
  grantWith<T>(
    capabilityIds: readonly string[],
    grant: NewGrant,
    beside: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    const capabilities = capabilityIds.map((id) => this.#known(id));
    return this.#change(async (tx) => {
      for (const capability of capabilities) await addGrant(tx, this.#ports, capability, grant);
      return beside(tx);
    });
  }

  /** Takes back every grant of a subject, with what `beside` does where it answers true. Throws KORA_DECISION_DENIED. */
  revokeWith(
    subject: Subject,
    wish: { readonly by: string; readonly reason: string },
    beside: (tx: Transaction) => Promise<boolean>,
  ): Promise<void> {
    return this.#change(async (tx) => {
      if (!(await beside(tx))) return;
      const live = await liveGrants(tx, this.#options.workspaceId);
      const own = live.filter(({ kind, subject: of }) => kind === subject.kind && of === subject.subject);
      for (const { grantId } of own) await revokeGrant(tx, this.#ports, { ...wish, grantId });
    });
  }

  /** From its end on nothing passes under the grant here, and within a second nowhere. Throws KORA_GRANT_UNKNOWN, KORA_DECISION_DENIED. */
  revoke(wish: Parameters<typeof revokeGrant>[2], once: Once = straight): Promise<GrantView> {
    return this.#change((tx) => once(tx, () => revokeGrant(tx, this.#ports, wish)));
  }

  /** Throws KORA_APPROVAL_UNKNOWN. */
  approval(approvalId: number): Promise<ApprovalView> {
    return findApproval(this.#options.database, this.#options.workspaceId, approvalId);
  }

  approvals(query: Parameters<typeof listApprovals>[2] = {}): Promise<ApprovalView[]> {
    return listApprovals(this.#options.database, this.#options.workspaceId, query);
  }

  /** Throws KORA_APPROVAL_UNKNOWN, KORA_APPROVAL_DECIDED, KORA_DECISION_DENIED. */
  decide(decision: Decision, once: Once = straight): Promise<ApprovalView> {
    return this.#change((tx) => once(tx, () => decideApproval(tx, this.#ports, decision)));
  }

  /**
   * Resolves once the approval is no longer an open question, by whichever runtime it was decided; with it as it stands
   * when the signal aborts. Throws KORA_APPROVAL_UNKNOWN. A store that is away is waited for.
   */
  async wait(approvalId: number, signal: AbortSignal): Promise<ApprovalView | undefined> {
    let seen: ApprovalView | undefined;
    while (!signal.aborted) {
      // Before the look, so that a decision between look and sleep wakes it.
      const woken = new AbortController();
      this.#waiting.add(woken);
      try {
        seen = (await this.#look(approvalId)) ?? seen;
        if (seen !== undefined && seen.status !== 'pending') return seen;
        await this.#options.clock.sleep(lookAgainMs, AbortSignal.any([signal, woken.signal]));
      } finally {
        this.#waiting.delete(woken);
      }
    }
    return seen;
  }

  async #look(approvalId: number): Promise<ApprovalView | undefined> {
    try {
      return await this.approval(approvalId);
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return undefined;
    }
  }

  async #deny(denial: Denial): Promise<CapabilityAnswer> {
    await this.#denials.tell(denial);
    return { verdict: 'denied', cause: denial.cause };
  }

  /** Whatever became of the commit: what was read before it counts no more. */
  async #change<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.#options.database.transaction(work);
    } finally {
      this.#changed();
      this.#tellOthers();
    }
  }

  #changed(): void {
    this.#grants.invalidate();
    for (const waiting of this.#waiting) waiting.abort();
  }

  #tellOthers(): void {
    this.#options.database.notify(this.#channel);
  }

  async #expireAll(signal: AbortSignal): Promise<void> {
    const { clock, database, onError } = this.#options;
    while (await clock.sleep(expireEveryMs, signal)) {
      try {
        const expired = await database.transaction((tx) => expireApprovals(tx, this.#ports));
        if (expired > 0) this.#changed();
      } catch (error) {
        if (!isStoreAway(error)) onError('approvals', error);
      }
    }
  }

  get #channel(): string {
    return `kora_capability_${this.#options.workspaceId}`;
  }
}
