import { z } from 'zod';
import { storable } from '../../chain/index.ts';
import type { Admission, CallAnswer, DenyCause, Refusal } from '../../admission/index.ts';
import { fault } from '../../fault/index.ts';
import type { Spend } from '../../spend/index.ts';
import type { Database } from '../../store/index.ts';
import { modelTiers, reasonErrors } from '../contract.ts';
import type { ModelCallEnd, ModelCallStart, ModelTier } from '../contract.ts';
import { withoutMarked } from '../tool/without-marked.ts';
import { endCallRow, insertCall } from './call-rows.ts';
import type { CallState, LiveRun } from './live-run.ts';
import type { Runs } from './runs.ts';
import { storedJson } from './stored.ts';
import { believableUsage } from './usage.ts';

export interface ModelCallsOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly admission: Pick<Admission, 'admit' | 'look' | 'redeem'>;
  readonly spend: Pick<Spend, 'settle' | 'giveBack' | 'prices'>;
  readonly runs: Runs;
  /** Takes secrets that this process knows out of a text. */
  readonly scrub: (text: string) => string;
  /** The receipt of a run that was over when a call of it ended. */
  readonly settledLate: (run: LiveRun) => Promise<void>;
  readonly told: (run: LiveRun, what: string) => void;
}

const tokens = z.number().int().min(0).max(100_000_000);
const startShape = z.object({
  runId: z.string(),
  callId: z.string().min(1).max(100),
  model: z.string().min(1).max(200),
  inputTokens: tokens,
  maxOutputTokens: tokens,
  request: z.unknown(),
});
const endShape = z.object({
  runId: z.string(),
  callId: z.string(),
  outcome: z.enum(['ok', ...reasonErrors]),
  usage: z.unknown(),
  response: z.unknown(),
  stopReason: z
    .string()
    .max(200)
    .transform((text) => String(storable(text)))
    .optional(),
  firstTokenMs: z.number().min(0).max(86_400_000).optional(),
  headroom: z.number().min(0).max(1).optional(),
});

/** A provider may count a little otherwise than we do, and its own frame around what is sent. */
const slackTokens = 10_000;
const mostCalls = 50;

/** The way of every model call: leave and reservation before, price and settlement after, and a record of both. */
export class ModelCalls {
  readonly #options: ModelCallsOptions;

  constructor(options: ModelCallsOptions) {
    this.#options = options;
  }

  /** Leave for one call that is about to be made, of an engine of `owner`; never throws for a reason that is a cause. */
  async begin(start: ModelCallStart, owner: string): Promise<CallAnswer> {
    const read = startShape.safeParse(start);
    const run = read.success ? this.#options.runs.of(read.data.runId, owner) : undefined;
    if (!read.success || run === undefined) return refusal('invalid_context');
    const wish = read.data;
    if (run.calls.has(wish.callId) || run.calls.size >= mostCalls) return refusal('invalid_context');
    const shut = this.#shut(run, wish.model);
    if (shut !== undefined) return refuse(run, shut);
    const { costMicroUsd: estimate } = this.#options.spend.prices.estimate(wish);
    const state = stateOf(run, wish, estimate);
    // Before anybody is asked: calls that begin at once see each other's worst case.
    run.calls.set(wish.callId, state);
    let answer: CallAnswer;
    try {
      answer = await this.#ask(run, state);
      if (!answer.allow) {
        run.calls.delete(wish.callId);
        // What is missing is no money, but the word of what a token costs.
        return refuse(run, Number.isNaN(estimate) ? { ...answer, scope: 'price' } : answer);
      }
      await this.#record(run, state, wish);
    } catch (error) {
      // Nothing was sent: what is not on record is not made, and costs nothing.
      run.calls.delete(wish.callId);
      await this.#options.spend.giveBack(journalId(run, wish.callId));
      throw error;
    }
    this.#options.told(run, wish.model);
    return answer;
  }

  /**
   * What one call came to, once. A second telling answers the first. Throws KORA_SPEND_CALL_UNKNOWN for a call that was
   * not begun here, and what the store says: then the reservation stays.
   */
  async end(
    end: ModelCallEnd,
    owner: string,
  ): Promise<{ readonly costMicroUsd: number; readonly estimated: boolean }> {
    const read = endShape.safeParse(end);
    if (!read.success)
      throw fault('KORA_REQUEST_INVALID', `the end of a model call: ${z.prettifyError(read.error)}`);
    const told = read.data;
    const run = this.#options.runs.of(told.runId, owner);
    const state = run?.calls.get(told.callId);
    if (run === undefined || state === undefined)
      throw fault('KORA_SPEND_CALL_UNKNOWN', `no model call ${told.callId} was begun in run ${told.runId}`);
    if (state.settled !== undefined) return figures(state.settled);
    return this.#settle(run, state, told);
  }

  async #settle(
    run: LiveRun,
    state: CallState,
    told: z.infer<typeof endShape>,
  ): Promise<{ readonly costMicroUsd: number; readonly estimated: boolean }> {
    const { database, workspaceId, spend, scrub, settledLate } = this.#options;
    const counted = believableUsage(told.usage, { outcome: told.outcome, tokenBound: state.tokenBound });
    const usage = counted !== null && spend.prices.isPossible(state.model, counted) ? counted : null;
    const { costMicroUsd, estimated } = await spend.settle({
      callId: journalId(run, state.callId),
      caller: run.payer,
      model: state.model,
      usage,
      headroom: told.headroom,
    });
    state.settled = { usage, costMicroUsd, estimated };
    await endCallRow(database, workspaceId, {
      ...state.settled,
      runId: run.runId,
      callId: state.callId,
      outcome: told.outcome,
      stopReason: told.stopReason ?? null,
      firstTokenMs: told.firstTokenMs === undefined ? null : Math.round(told.firstTokenMs),
      response: storedJson(withoutMarked(told.response, run.tools), scrub),
    });
    if (run.isOver) await settledLate(run);
    return figures(state.settled);
  }

  /** What is known against a call before the door is asked. */
  #shut(run: LiveRun, model: string): Refusal | undefined {
    // Over, or about to be: the state says why, where it is the state.
    if (run.signal.aborted || run.isOver)
      return refusal(this.#options.runs.forbidden(run) ?? 'invalid_context');
    const { costMicroUsd: cap } = run.limits;
    if (cap !== null && run.spent() >= cap) return { ...refusal('budget_spent'), scope: 'run' };
    const isCheap = isWithin(run.highestTier, tierOf(run, model));
    return isCheap ? undefined : { ...refusal('budget_spent'), scope: 'tier' };
  }

  async #ask(run: LiveRun, state: CallState): Promise<CallAnswer> {
    const { admission, spend } = this.#options;
    const id = journalId(run, state.callId);
    const full = {
      caller: run.payer,
      callId: id,
      route: run.route,
      estimateMicroUsd: state.reservedMicroUsd,
      runId: run.runId,
      model: state.model,
      critical: run.critical,
      ...(run.ticket === null ? {} : { claim: run.ticket }),
    };
    const leave = await admission.admit('model_call', full);
    if (!leave.allow) return leave;
    if (run.signal.aborted) {
      await spend.giveBack(id);
      return refusal(this.#options.runs.forbidden(run) ?? 'invalid_context');
    }
    try {
      admission.redeem(leave.pass, 'model_call');
      return { allow: true };
    } catch {
      // It closed since, and the door has counted that and given back what it had reserved.
      return refusal(this.#options.runs.forbidden(run) ?? 'invalid_context');
    }
  }

  async #record(run: LiveRun, state: CallState, wish: z.infer<typeof startShape>): Promise<void> {
    const { database, workspaceId, scrub } = this.#options;
    await insertCall(database, workspaceId, {
      runId: run.runId,
      callId: state.callId,
      ordinal: state.ordinal,
      model: state.model,
      inputTokens: wish.inputTokens,
      maxOutputTokens: wish.maxOutputTokens,
      reservedMicroUsd: state.reservedMicroUsd,
      request: storedJson(withoutMarked(wish.request, run.tools), scrub),
    });
  }
}

function stateOf(run: LiveRun, wish: z.infer<typeof startShape>, estimate: number): CallState {
  const known = run.engine.spec.models.find(({ name }) => name === wish.model);
  const holds = known === undefined ? wish.inputTokens : Math.max(known.contextTokens, wish.inputTokens);
  return {
    callId: wish.callId,
    ordinal: run.calls.size + 1,
    model: wish.model,
    reservedMicroUsd: estimate,
    tokenBound: holds + wish.maxOutputTokens + slackTokens,
    settled: undefined,
  };
}

function journalId({ runId }: LiveRun, callId: string): string {
  return `${runId}:${callId}`;
}

function figures({ costMicroUsd, estimated }: NonNullable<CallState['settled']>): {
  readonly costMicroUsd: number;
  readonly estimated: boolean;
} {
  return { costMicroUsd, estimated };
}

/** A model that nobody described may be the dearest. */
function tierOf({ engine }: LiveRun, model: string): ModelTier {
  return engine.spec.models.find(({ name }) => name === model)?.tier ?? 'large';
}

function isWithin(highest: ModelTier, tier: ModelTier): boolean {
  return modelTiers.indexOf(tier) <= modelTiers.indexOf(highest);
}

function refuse(run: LiveRun, answer: Refusal): Refusal {
  const { cause, scope } = answer;
  run.refused = { cause, ...(scope === undefined ? {} : { scope }) };
  return answer;
}

function refusal(cause: DenyCause): Refusal {
  const blockKind = cause === 'budget_spent' ? 'budget' : cause === 'invalid_context' ? 'unknown' : 'state';
  return { allow: false, blockKind, cause };
}
