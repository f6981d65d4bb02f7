import type { Pass } from '../admission/index.ts';
import { fault } from '../fault/index.ts';
import type { Scope } from '../scope/index.ts';
import { attemptOfKey, attemptsAt, findAttempt, openAttempts } from './attempt-rows.ts';
import { keepWaiting } from './attempts.ts';
import type { AttemptEnd } from './attempts.ts';
import { begin, beginAfterAll } from './beginning.ts';
import type { ChangeKindSpec, FixAttempt, FixEnvelope, FixMode, FixOffer } from './contract.ts';
import { abandoned, endIt, refuse, rejected, sweep, untilDone } from './ending.ts';
import { Envelopes } from './envelopes.ts';
import { examine, limitReached } from './examine.ts';
import type { FixQuestion } from './choose.ts';
import type { Examined } from './examine.ts';
import { envelopeKind } from './learned/kind.ts';
import { mend } from './mend.ts';
import type { FixesOptions } from './ports.ts';
import { offerOf, rehearse } from './rehearse.ts';
import type { Rehearsal } from './rehearse.ts';
import { asking, keepableWish, wordsOf } from './wish.ts';
import type { FixWish } from './wish.ts';
import { refusedMessage } from './words.ts';

/** An incident that opened, as the probe's wake names it. */
export interface FixWake {
  readonly probe: string;
  readonly wakeId: string;
  readonly incidentId: number;
}

/** What the door says while everything waits: it says nothing of the fix. */
const heldBack = /^(stop_l\d|stopped|booting|(operator|cost|dr|chain)_hold)$/;

/**
 * Mends what it was allowed to mend, and nothing else: every attempt is examined by code, passes the door, is written
 * down before it is begun, is held against what the probe sees afterwards, and is told, also where it was refused.
 */
export class Fixes {
  /** What may be learned of the bounds of its envelopes. */
  readonly changes: ChangeKindSpec;
  readonly #options: FixesOptions;
  readonly #envelopes: Envelopes;
  readonly #running = new Map<number, Promise<void>>();
  #scope: Scope | undefined;

  constructor(options: FixesOptions) {
    this.#options = options;
    this.#envelopes = new Envelopes(options.riskOf);
    this.changes = envelopeKind(this.#envelopes, options.riskOf);
  }

  /** Throws KORA_PLUGIN_INVALID, KORA_FIX_TAKEN. */
  register(envelope: FixEnvelope, owner: string): () => void {
    return this.#envelopes.register(envelope, owner);
  }

  /** Once plugins have brought their fixes: what waited for the operator waits on, what was begun is said to be unknown. */
  async open(scope: Scope): Promise<void> {
    const { database } = this.#options;
    this.#scope = scope;
    for (const attempt of await openAttempts(database, this.#options)) {
      if (attempt.status === 'waiting') this.#follow(attempt);
      else await this.#end(attempt, abandoned(attempt));
    }
    const { onError } = this.#options;
    scope.run(
      'fixes of open incidents',
      () => this.#catchUp(),
      (error) => onError('fixes of open incidents', error),
    );
  }

  /** Incidents that opened before there was anybody to mend: what was tried for them already is not tried again. */
  async #catchUp(afterHold = false): Promise<void> {
    const { incident, probes } = this.#options;
    for (const probe of new Set(this.#envelopes.list().map(({ envelope }) => envelope.probe))) {
      const state = await probes.state(probe);
      if (state === undefined || state.incidentId === null) continue;
      const { incidentId, wakeId } = await incident(state.incidentId);
      await this.#tryAll({ probe, wakeId, incidentId }, afterHold);
    }
  }

  /** What is on for a probe, as its wake names it; null where nothing is. */
  envelopeOf(probe: string): readonly { fix: string; mode: FixMode; capability: string }[] | null {
    const on = this.#envelopes.list(probe).filter(({ bounds }) => bounds.mode !== 'off');
    if (on.length === 0) return null;
    return on.map(({ envelope: { fixName, capability }, bounds: { mode } }) => {
      return { fix: fixName, mode, capability };
    });
  }

  /** Every envelope here, with what it could be done to now; of one probe, or all. Throws what the store throws. */
  async offers(probe?: string): Promise<FixOffer[]> {
    return Promise.all(this.#envelopes.list(probe).map((fix) => offerOf(this.#options, fix)));
  }

  /**
   * Tries to mend. Answers once it ended or waits for the operator, and after `waitMs` in any case, as it stands then.
   * Throws KORA_NOT_READY, and what the store throws; a refusal is an attempt that ended.
   */
  async attempt(asked: FixWish, waitMs: number): Promise<FixAttempt> {
    const { database, workspaceId, scrub } = this.#options;
    const wish = keepableWish(asked, scrub);
    const scope = this.#scope;
    if (scope === undefined || scope.signal.aborted)
      throw fault('KORA_NOT_READY', 'nothing is mended before the runtime is ready', { fix: 'kora status' });
    const known = await attemptOfKey(database, workspaceId, wish.key);
    if (known !== undefined) return this.#standing(known, waitMs);
    await sweep(this.#options, (attemptId) => this.#running.has(attemptId), scope.signal);
    const seen = await examine(this.#options, this.#envelopes, wish, scope.signal);
    const attempt = 'code' in seen ? await refuse(this.#options, wish, seen) : await this.#enter(wish, seen);
    return this.#standing(attempt, waitMs);
  }

  /** Examines a wish without writing, asking or doing anything. Throws what the store throws. */
  rehearse(question: FixQuestion, signal: AbortSignal): Promise<Rehearsal> {
    return rehearse(this.#options, this.#envelopes, question, signal);
  }

  /**
   * An incident of a probe of this runtime opened: the first of its fixes that is inside its envelope is tried, once. Where
   * there are fixes and none was let through, the operator reads why, once.
   */
  async woken(wake: FixWake): Promise<void> {
    // Before it is open nothing is mended; opening looks at what is broken by then.
    if (this.#scope === undefined || this.#scope.signal.aborted) return;
    await this.#tryAll(wake, false);
  }

  async #tryAll(wake: FixWake, afterHold: boolean): Promise<void> {
    const refused: FixAttempt[] = [];
    for (const { envelope, bounds } of this.#envelopes.list(wake.probe)) {
      if (bounds.mode === 'off') continue;
      const attempt = await this.attempt(
        {
          probe: wake.probe,
          fix: envelope.fixName,
          key: await this.#wakeKey(`wake:${wake.wakeId}:${envelope.fixName}`, afterHold),
          askedBy: 'wake',
          reason: `incident ${wake.incidentId} opened`,
        },
        0,
      );
      if (attempt.outcome !== 'rejected') return;
      refused.push(attempt);
    }
    const message = refusedMessage(wake, refused);
    if (message !== null) await this.#options.database.transaction((tx) => this.#options.tell(tx, message));
  }

  /** Nothing is held any more: what was refused for that alone is tried, where its incident is still open. */
  async resumed(): Promise<void> {
    if (this.#scope === undefined || this.#scope.signal.aborted) return;
    await this.#catchUp(true);
  }

  /** An attempt that only a pause or a stop refused was none: after it the wish is another one. */
  async #wakeKey(first: string, afterHold: boolean): Promise<string> {
    if (!afterHold) return first;
    const { database, workspaceId } = this.#options;
    let key = first;
    for (;;) {
      const known = await attemptOfKey(database, workspaceId, key);
      if (known === undefined || known.outcome !== 'rejected' || !heldBack.test(known.code ?? '')) return key;
      key = `${first}:after:${known.attemptId}`;
    }
  }

  /** Through the door, and on: begun, waiting for the operator, or refused. */
  async #enter(wish: FixWish, seen: Examined): Promise<FixAttempt> {
    const { admission, database } = this.#options;
    const words = wordsOf(wish, seen);
    const leave = await admission.admit('autofix', asking(words, seen));
    if (leave.allow) {
      const begun = await begin(this.#options, words, seen);
      if (begun === undefined) return this.#lost(wish, seen);
      this.#run(begun, seen, leave.pass);
      return begun;
    }
    const { cause, approvalId } = leave;
    if (cause !== 'approval_pending' || approvalId === undefined)
      return refuse(this.#options, wish, { ...seen, code: cause, detail: `the door said no: ${cause}` });
    const waiting = await keepWaiting(database, this.#options, words, { seen, approvalId });
    if (waiting === undefined) return this.#lost(wish, seen);
    this.#follow(waiting);
    return waiting;
  }

  /** Somebody else was faster: with the same wish, or at the same target. */
  async #lost(wish: FixWish, seen: Examined): Promise<FixAttempt> {
    const { database, workspaceId } = this.#options;
    const same = await attemptOfKey(database, workspaceId, wish.key);
    return same ?? refuse(this.#options, wish, { ...seen, ...(await this.#faster(seen)) });
  }

  async #faster(seen: Examined): Promise<{ readonly code: string; readonly detail: string }> {
    const { database, workspaceId } = this.#options;
    const at = await attemptsAt(database, workspaceId, seen.target.id);
    return at.running
      ? { code: 'target_busy', detail: `another attempt is at ${seen.target.id}` }
      : { code: 'limit_reached', detail: limitReached(seen, at) };
  }

  /** Once the operator has spoken, everything is asked again: what was true a quarter of an hour ago may not be. */
  #follow(attempt: FixAttempt): void {
    const { attemptId } = attempt;
    this.#own(attemptId, `fix ${attemptId} waits`, (signal) =>
      untilDone(this.#options, signal, () => this.#decided(attemptId, signal)),
    );
  }

  async #decided(attemptId: number, signal: AbortSignal): Promise<void> {
    const { admission, decided, database, workspaceId } = this.#options;
    // As it stands: a store that was away may have begun it all the same.
    const attempt = await findAttempt(database, workspaceId, attemptId);
    if (attempt.status !== 'waiting') return this.#end(attempt, abandoned(attempt));
    const { approvalId, probe, fix, target } = attempt;
    const verdict = approvalId === null ? 'refused' : await decided(approvalId, signal);
    if (verdict === undefined || verdict === 'pending' || signal.aborted) return;
    // It was used up, and what it let through never began.
    if (verdict === 'used') return this.#end(attempt, abandoned(attempt));
    if (verdict !== 'approved') {
      const code = verdict === 'expired' ? 'approval_expired' : 'approval_refused';
      await this.#end(attempt, rejected(code, `approval ${String(approvalId)} is ${verdict}`));
      return;
    }
    const seen = await examine(this.#options, this.#envelopes, { probe, fix, target }, signal);
    if ('code' in seen) return this.#end(attempt, rejected(seen.code, seen.detail));
    if (seen.incident.incidentId !== attempt.incidentId)
      return this.#end(attempt, rejected('no_open_incident', 'it was approved for another incident'));
    const asked = asking(attempt, seen);
    const leave = await admission.admit('autofix', {
      ...asked,
      ...(approvalId === null ? {} : { approvalId }),
    });
    if (!leave.allow) return this.#end(attempt, rejected(leave.cause, `the door said no: ${leave.cause}`));
    const begun = await beginAfterAll(this.#options, attempt, seen);
    if (begun === undefined)
      return this.#faster(seen).then(({ code, detail }) => this.#end(attempt, rejected(code, detail)));
    await this.#end(begun, await mend(this.#options, { attempt: begun, seen }, leave.pass, signal));
  }

  #run(attempt: FixAttempt, seen: Examined, pass: Pass<'autofix'>): void {
    this.#own(attempt.attemptId, `fix ${attempt.attemptId}`, async (signal) => {
      await this.#end(attempt, await mend(this.#options, { attempt, seen }, pass, signal));
    });
  }

  #own(attemptId: number, label: string, work: (signal: AbortSignal) => Promise<void>): void {
    const { onError } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(attemptId, promise);
    this.#scope?.run(
      label,
      async (signal) => {
        try {
          await work(signal);
        } finally {
          this.#running.delete(attemptId);
          resolve();
        }
      },
      (error) => onError(label, error),
    );
  }

  #end(attempt: FixAttempt, end: AttemptEnd): Promise<void> {
    return endIt(this.#options, { attempt, end }, this.#scope?.signal);
  }

  async #standing(attempt: FixAttempt, waitMs: number): Promise<FixAttempt> {
    const { clock, database, workspaceId } = this.#options;
    const ended = this.#running.get(attempt.attemptId);
    if (attempt.status !== 'running' || ended === undefined || waitMs <= 0) return attempt;
    const done = new AbortController();
    await Promise.race([ended, clock.sleep(waitMs, done.signal)]);
    done.abort();
    return findAttempt(database, workspaceId, attempt.attemptId);
  }
}
