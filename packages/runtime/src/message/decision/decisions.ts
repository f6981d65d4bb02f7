import type { Clock } from '../../clock/index.ts';
import { codeOf, isStoreAway } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { ChannelSpec, DecisionAnswer } from '../contract.ts';
import { decisionOfCode, readCode } from './codes.ts';
import type { Decided, Decider, DecisionView, Ended, Verdict } from './contract.ts';
import { Guesses } from './guesses.ts';
import { findDecision, listDecisions, markAnswered, markEnded, openDecisions } from './rows.ts';
import type { DecisionContext } from './rows.ts';
import { outcomeWords, Settling } from './settle.ts';

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

type Open = Pick<DecisionView, 'decisionId' | 'kind' | 'subject'>;

const lookEveryMs = 2_000;
/** Open ones that are looked after at a time; the others at the next look. */
const followedAtOnce = 500;

/**
 * The one inbox of what waits for the operator. Whatever way an answer comes, the deed and the mark that it was answered
 * land together, so that a code is used once; what is over is shown as over wherever it was asked.
 */
export class Decisions {
  readonly #options: DecisionsOptions;
  readonly #deciders: ReadonlyMap<string, Decider>;
  readonly #guesses: Guesses;
  readonly #settling: Settling;
  #followed = 0;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#deciders = new Map(options.deciders.map((decider) => [decider.kind, decider]));
    this.#guesses = new Guesses(options.clock);
    this.#settling = new Settling(options);
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
    note = null,
  }: DecisionAnswer & { readonly channel: string; readonly note?: string | null }): Promise<Decided> {
    const { database, workspaceId, operator } = this.#options;
    const who = `${channel} ${sender}`;
    if (this.#guesses.tooMany(who)) return guessing;
    const meant = readCode(code);
    const decisionId = meant === undefined ? undefined : await decisionOfCode(database, workspaceId, meant);
    if (this.#guesses.tooMany(who)) return guessing;
    if (decisionId !== undefined)
      return this.answer({ decisionId, verdict, by: operator, via: channel, note });
    this.#guesses.miss(who);
    return { status: 'unknown', text: 'there is no decision under that code; look with: kora decision list' };
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
    const reason = wish.note ?? `answered over ${wish.via === 'api' ? 'terminal or page' : wish.via}`;
    const answering = { subject: open.subject, verdict: wish.verdict, by: wish.by, reason, via: wish.via };
    try {
      const decider = this.#deciders.get(open.kind);
      if (decider === undefined)
        await this.#options.database.transaction((tx) => mark(tx, () => Promise.resolve(true)));
      else await decider.decide(answering, mark);
    } catch (error) {
      if (!(error instanceof AlreadyOver) && !decidedElsewhere.has(codeOf(error) ?? '')) throw error;
      await this.#follow([open]);
      const now = await this.find(wish.decisionId);
      if (now.status === 'open') throw error;
      return wordsOver(now);
    }
    return { status: 'answered', text: outcomeWords({ ...open, ...wish, status: 'answered' }) };
  }

  /**
   * Asks what is to be asked, follows what became of the questions, and shows it where they were asked, until aborted. A
   * provider that hangs while it is shown holds up nobody who asks.
   */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#often(signal, () => this.#know()),
      this.#often(signal, () => this.#settling.look(signal)),
    ]);
  }

  async #often(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
    const { clock, onError } = this.#options;
    while (await clock.sleep(lookEveryMs, signal)) {
      try {
        await look();
      } catch (error) {
        if (!signal.aborted && !isStoreAway(error)) onError('decisions', error);
      }
    }
  }

  /** One look: what is over is written down, and shown. */
  async look(signal: AbortSignal): Promise<void> {
    await this.#know();
    await this.#settling.look(signal);
  }

  async #know(): Promise<void> {
    const { database, workspaceId, ask } = this.#options;
    await ask();
    const open = await database.query<Open>(
      `select decision_id as "decisionId", kind, subject from kora.decision
       where workspace_id = $1 and status = 'open' and decision_id > $2 order by decision_id limit ${followedAtOnce}`,
      [workspaceId, this.#followed],
    );
    this.#followed = open.length < followedAtOnce ? 0 : (open.at(-1)?.decisionId ?? 0);
    await this.#follow(open);
  }

  async #follow(open: readonly Open[]): Promise<void> {
    const { database, workspaceId } = this.#options;
    for (const [kind, all] of Map.groupBy(open, (each) => each.kind)) await this.#followKind(kind, all);
    const late = await database.query<Open>(
      `select decision_id as "decisionId", kind, subject from kora.decision
       where workspace_id = $1 and status = 'open' and expires_at <= clock_timestamp() order by decision_id limit 500`,
      [workspaceId],
    );
    for (const decision of late) await this.#end(decision, { status: 'expired' });
  }

  /** Whoever has the subjects of one kind and cannot tell of them holds up no other kind. */
  async #followKind(kind: string, open: readonly Open[]): Promise<void> {
    try {
      const ended = (await this.#deciders.get(kind)?.ended(open.map(({ subject }) => subject))) ?? [];
      for (const one of ended) {
        const decision = open.find(({ subject }) => subject === one.subject);
        if (decision !== undefined) await this.#end(decision, one);
      }
    } catch (error) {
      if (isStoreAway(error)) throw error;
      this.#options.onError(`decisions about ${kind}`, error);
    }
  }

  async #end(decision: Open, ended: Omit<Ended, 'subject'>): Promise<void> {
    const { database } = this.#options;
    const decider = this.#deciders.get(decision.kind);
    try {
      await database.transaction(async (tx) => {
        if (await markEnded(tx, this.#options, decision, ended)) await decider?.over?.(tx, decision.subject);
      });
    } catch (error) {
      if (codeOf(error) !== notTheirs) throw error;
      // Whoever said so has no word in it here: nothing is asked any more, and nobody is said to have answered.
      await this.#end(decision, { status: 'withdrawn' });
    }
  }
}

const decidedElsewhere = new Set([
  'KORA_APPROVAL_DECIDED',
  'KORA_PROPOSAL_CHANGED',
  'KORA_PROPOSAL_DECIDED',
  'KORA_TICKET_UNKNOWN',
]);

/** What the database says of an answer by somebody who is no active operator. */
const notTheirs = 'KO001';
const guessing: Decided = {
  status: 'refused',
  text: 'too many codes that were none; look with: kora decision list',
};

class AlreadyOver extends Error {}

function wordsOver(decision: DecisionView): Decided {
  const text = outcomeWords(decision);
  return decision.status === 'answered' ? { status: 'answered_before', text } : { status: 'over', text };
}
