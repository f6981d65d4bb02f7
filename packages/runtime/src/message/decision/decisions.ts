import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { codeOf, isStoreAway } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { ChannelSpec, DecisionAnswer } from '../contract.ts';
import { decisionOfCode, readCode } from './codes.ts';
import type { Decided, Decider, DecisionView, Verdict } from './contract.ts';
import { findDecision, listDecisions, markAnswered, markEnded, openDecisions } from './rows.ts';
import type { DecisionContext } from './rows.ts';
import { owedSettlements, outcomeWords, settled } from './settle.ts';

export interface DecisionsOptions extends DecisionContext {
  readonly database: Database;
  readonly clock: Clock;
  /** The actor whose word it is: whoever shows a code was made sure of to be the operator. */
  readonly operator: string;
  readonly deciders: readonly Decider[];
  /** A channel outside of the store; undefined when it is not here. */
  readonly channel: (name: string) => ChannelSpec | undefined;
  /** Asks about what stands and was not asked about yet. */
  readonly ask: () => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

const lookEveryMs = 2_000;
const settleDeadlineMs = 10_000;
/** Codes that nobody made, from one sender within ten minutes: somebody guesses. */
const mostMisses = 10;
const missesWithinMs = 600_000;

/**
 * The one inbox of what waits for the operator. Whatever way an answer comes, the deed and the mark that it was answered
 * land together, so that a code is used once; what is over is shown as over wherever it was asked.
 */
export class Decisions {
  readonly #options: DecisionsOptions;
  readonly #deciders: ReadonlyMap<string, Decider>;
  readonly #misses = new Map<string, number[]>();

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#deciders = new Map(options.deciders.map((decider) => [decider.kind, decider]));
  }

  list(query: Parameters<typeof listDecisions>[2] = {}): Promise<DecisionView[]> {
    return listDecisions(this.#options.database, this.#options.workspaceId, query);
  }

  /** Throws KORA_DECISION_UNKNOWN. */
  find(decisionId: number): Promise<DecisionView> {
    return findDecision(this.#options.database, this.#options.workspaceId, decisionId);
  }

  /** How many wait. */
  count(): Promise<number> {
    return openDecisions(this.#options.database, this.#options.workspaceId);
  }

  /** By the code that a message carried; who is asking was made sure of by the channel. */
  async decide({
    code,
    verdict,
    sender,
    channel,
  }: DecisionAnswer & { readonly channel: string }): Promise<Decided> {
    const { database, workspaceId, clock, operator } = this.#options;
    const who = `${channel} ${sender}`;
    const misses = (this.#misses.get(who) ?? []).filter((at) => clock.monotonic() - at < missesWithinMs);
    if (misses.length >= mostMisses)
      return { status: 'refused', text: 'too many codes that were none; look with: kora decision list' };
    const meant = readCode(code);
    const found = meant === undefined ? undefined : await decisionOfCode(database, workspaceId, meant);
    if (found === undefined) {
      this.#misses.set(who, [...misses, clock.monotonic()]);
      return {
        status: 'unknown',
        text: 'there is no decision under that code; look with: kora decision list',
      };
    }
    return this.answer({ decisionId: found.decisionId, verdict, by: operator, via: channel, note: null });
  }

  /** Throws KORA_DECISION_UNKNOWN, and what the deed throws but for its being decided already. */
  async answer(wish: {
    readonly decisionId: number;
    readonly verdict: Verdict;
    readonly by: string;
    readonly via: string;
    readonly note: string | null;
  }): Promise<Decided> {
    const open = await this.find(wish.decisionId);
    if (open.status !== 'open') return wordsOver(open);
    const mark = async <T>(tx: Transaction, deed: () => Promise<T>): Promise<T> => {
      if ((await markAnswered(tx, this.#options, wish)) === undefined) throw new AlreadyOver();
      return deed();
    };
    const reason = wish.note ?? `answered over ${wish.via}`;
    const answering = { subject: open.subject, verdict: wish.verdict, by: wish.by, reason, via: wish.via };
    try {
      const decider = this.#deciders.get(open.kind);
      if (decider === undefined)
        await this.#options.database.transaction((tx) => mark(tx, () => Promise.resolve(true)));
      else await decider.decide(answering, mark);
    } catch (error) {
      if (!(error instanceof AlreadyOver) && !decidedElsewhere.has(codeOf(error) ?? '')) throw error;
      await this.#follow([open]);
      return wordsOver(await this.find(wish.decisionId));
    }
    return { status: 'answered', text: outcomeWords({ ...open, ...wish, status: 'answered' }) };
  }

  /** Follows what became of the questions, and shows it where they were asked, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    while (await clock.sleep(lookEveryMs, signal)) {
      try {
        await this.look(signal);
      } catch (error) {
        if (!signal.aborted && !isStoreAway(error)) onError('decisions', error);
      }
    }
  }

  /** One look: what is over is written down, and shown. */
  async look(signal: AbortSignal): Promise<void> {
    const { database, workspaceId, ask } = this.#options;
    await ask();
    const open = await database.query<Pick<DecisionView, 'decisionId' | 'kind' | 'subject'>>(
      `select decision_id as "decisionId", kind, subject from kora.decision
       where workspace_id = $1 and status = 'open' order by decision_id limit 500`,
      [workspaceId],
    );
    if (open.length > 0) await this.#follow(open);
    await this.#settleAll(signal);
  }

  async #follow(open: readonly Pick<DecisionView, 'decisionId' | 'kind' | 'subject'>[]): Promise<void> {
    const { database, workspaceId } = this.#options;
    const byKind = Map.groupBy(open, ({ kind }) => kind);
    for (const [kind, all] of byKind) {
      const ended = (await this.#deciders.get(kind)?.ended(all.map(({ subject }) => subject))) ?? [];
      for (const one of ended) {
        const decision = all.find(({ subject }) => subject === one.subject);
        if (decision !== undefined)
          await database.transaction((tx) => markEnded(tx, this.#options, decision, one));
      }
    }
    const late = await database.query<Pick<DecisionView, 'decisionId' | 'kind' | 'subject'>>(
      `select decision_id as "decisionId", kind, subject from kora.decision
       where workspace_id = $1 and status = 'open' and expires_at <= clock_timestamp() order by decision_id limit 500`,
      [workspaceId],
    );
    for (const decision of late)
      await database.transaction((tx) => markEnded(tx, this.#options, decision, { status: 'expired' }));
  }

  /** Its buttons go. What cannot be shown now is tried again, for a day. */
  async #settleAll(signal: AbortSignal): Promise<void> {
    const { database, workspaceId, clock, channel, onError } = this.#options;
    for (const decision of await owedSettlements(database, workspaceId)) {
      let all = true;
      for (const told of decision.told) {
        const shows = channel(told.channel);
        if (shows?.settle === undefined) continue;
        const settle = shows.settle.bind(shows);
        const what = `channel ${told.channel}`;
        const deadline = { ms: settleDeadlineMs, what, signal, graceMs: 0 };
        try {
          await withDeadline(clock, deadline, (limit) => settle(told.receipt, outcomeWords(decision), limit));
        } catch (error) {
          if (signal.aborted) return;
          all = false;
          onError(what, error);
        }
      }
      if (all || decision.tooLate) await settled(database, workspaceId, decision.decisionId);
    }
  }
}

const decidedElsewhere = new Set(['KORA_APPROVAL_DECIDED', 'KORA_TICKET_UNKNOWN']);

class AlreadyOver extends Error {}

function wordsOver(decision: DecisionView): Decided {
  const text = outcomeWords(decision);
  return decision.status === 'answered' ? { status: 'answered_before', text } : { status: 'over', text };
}
