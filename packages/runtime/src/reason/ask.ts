import type { Admission } from '../admission/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import type { ResolvedIdentity } from '../identity/index.ts';
import type { Spend } from '../spend/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { EngineContext, EngineRequest, ReasonAnswer, ReasonRequest } from './contract.ts';
import { Engines } from './engines.ts';
import { noTools } from './ports.ts';
import { usedAfterAll } from './learned/compared.ts';
import type { Asker, Known, PhrasebookPort, ReasonPorts } from './ports.ts';
import { receiptOf } from './receipt.ts';
import type { ReceiptFacts } from './receipt.ts';
import { ModelCalls } from './run/calls.ts';
import { endAbandoned } from './run/abandoned.ts';
import { beginRun, gather, liveRunOf } from './run/begin.ts';
import { keepEnding, verdictOf, writeEnding } from './run/ending.ts';
import type { Ending } from './run/ending.ts';
import { factsOf, factsOfRun } from './run/facts.ts';
import { askGate } from './run/gate.ts';
import type { NoLeave, TicketFacts } from './run/gate.ts';
import { Live } from './run/live.ts';
import type { LiveRun } from './run/live-run.ts';
import { outcomeOf } from './run/outcome.ts';
import { isStrangers, isUntrusted, questionOf, requestOf, withLearned } from './run/question.ts';
import type { Leave, Question } from './run/question.ts';
import { answerOf, runOfKey, sumCalls } from './run/rows.ts';
import { Runs } from './run/runs.ts';
import { storedJson } from './run/stored.ts';
import { think } from './run/think.ts';
import type { Thought } from './run/think.ts';
import { ToolCalls } from './run/tool-calls.ts';
import { readWish } from './wish.ts';
import type { Wish } from './wish.ts';

export interface ReasonOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly admission: Pick<Admission, 'admit' | 'look' | 'redeem'>;
  readonly spend: Pick<Spend, 'settle' | 'giveBack' | 'read' | 'prices'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Takes secrets that this process knows, and what no row can hold, out of a text. */
  readonly scrub: (text: string) => string;
  /** How much of a text that goes on may be told before its rest has come. */
  readonly sayable: (text: string) => number;
  readonly primaryState: () => string;
  /** Who speaks in the workspace. */
  readonly identity: () => Promise<ResolvedIdentity>;
  /** Whether this very claim is held here now. */
  readonly holdsClaim: (claim: { readonly ticketId: number; readonly fence: number }) => boolean;
  readonly ticketOf: (ticketId: number) => Promise<TicketFacts | undefined>;
  /** `reason.engine` of the configuration. */
  readonly chosenEngine: string | undefined;
  readonly onError: (where: string, error: unknown) => void;
}

/** What a run ends with beside its answer's text. */
interface Course {
  readonly run: LiveRun;
  readonly thought: Thought;
  readonly conversationId: number | null;
}

const lookAgainMs = 500;

/** Thinking in this workspace: who asks, who answers, what it may use and what it took, all on record. */
export class Reason {
  readonly engines: Engines;
  readonly live: Live;
  /** Rooms beside this one set themselves in here when they stand. */
  readonly ports: { -readonly [Name in keyof ReasonPorts]: ReasonPorts[Name] } = {
    tools: noTools,
    phrasebook: () => Promise.resolve(undefined),
    snapshot: () => Promise.resolve(null),
  };
  readonly #options: ReasonOptions;
  readonly #runs: Runs;
  readonly #calls: ModelCalls;
  readonly #tools: ToolCalls;
  /** Answers on their way in this process, by run. */
  readonly #coming = new Map<string, Promise<ReasonAnswer | undefined>>();
  readonly #closing = new AbortController();

  constructor(options: ReasonOptions) {
    this.#options = options;
    const { clock, admission, holdsClaim, onError, chosenEngine } = options;
    this.live = new Live({ onError, scrub: options.scrub, sayable: options.sayable });
    this.engines = new Engines({
      chosen: chosenEngine,
      offer: (models) => options.spend.prices.offer(models),
    });
    this.#runs = new Runs({ clock, admission, holdsClaim });
    const shared = { ...options, runs: this.#runs };
    this.#calls = new ModelCalls({
      ...shared,
      settledLate: (run) => this.#mended(run),
      told: (run, what) => this.live.tell({ ...named(run), kind: 'model_call', what }),
    });
    this.#tools = new ToolCalls({
      ...shared,
      tools: () => this.ports.tools,
      told: (run, what) => this.live.tell({ ...named(run), kind: 'tool_call', what }),
    });
  }

  /** Runs of a process that this home's lock says is gone are closed; what they had reserved stays reserved. */
  async recover(): Promise<number> {
    return endAbandoned(this.#options, { runtimeId: this.#options.runtimeId });
  }

  /** Closes anybody's runs that are so long past their deadline that nobody works them any more. */
  async closeAbandoned(): Promise<void> {
    await endAbandoned(this.#options, { anybodys: true });
  }

  /**
   * Asks whoever thinks here, and answers with a receipt. What the answer has a code for is no exception. Throws
   * KORA_REQUEST_INVALID, and what the store says: an answer that is not on record is not given.
   */
  async ask(request: ReasonRequest, by: Asker, signal?: AbortSignal): Promise<ReasonAnswer> {
    const wish = this.#cleaned(readWish(request));
    const ends =
      signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, signal]);
    for (;;) {
      const seen = wish.key === undefined ? undefined : await this.#seen(wish.key, ends);
      if (seen !== undefined) return seen;
      const { clock } = this.#options;
      const question = questionOf(wish, by, { runId: clock.uuid(), beganAt: clock.monotonic() });
      const coming = this.#answer(question, ends);
      this.#coming.set(question.runId, coming);
      const answer = await coming.finally(() => this.#coming.delete(question.runId));
      // Without one, somebody else was asked under the same key in the meantime.
      if (answer !== undefined) return answer;
    }
  }

  /** What an engine of a plugin works with. */
  engineOf(owner: string): EngineContext {
    return {
      beginCall: (start) => this.#calls.begin(start, owner),
      endCall: (end) => this.#calls.end(end, owner),
      callTool: (call) => this.#tools.call(call, owner),
    };
  }

  /** Ends a run of this process; false where it does not run here. */
  cancel(runId: string, why: string): boolean {
    const run = this.#runs.list().find((each) => each.runId === runId);
    run?.stop({ error: 'cancelled', why });
    return run !== undefined;
  }

  /** Ends what runs, and waits until that is on record. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#runs.close();
    await Promise.allSettled(this.#coming.values());
  }

  /** The answer of the run with that key; undefined when there is none, or none any more. */
  async #seen(key: string, signal: AbortSignal): Promise<ReasonAnswer | undefined> {
    const { database, workspaceId, clock } = this.#options;
    for (;;) {
      const record = await runOfKey(database, workspaceId, key);
      if (record === undefined) return undefined;
      if (record.status !== 'open') return answerOf(record);
      if (record.isAbandoned) {
        await this.closeAbandoned();
        continue;
      }
      const coming = this.#coming.get(record.runId);
      const over = new AbortController();
      await Promise.race([
        clock.sleep(lookAgainMs, AbortSignal.any([signal, over.signal])),
        ...(coming === undefined ? [] : [coming.catch(() => undefined)]),
      ]);
      over.abort();
      if (signal.aborted) return { ...answerOf(record), status: 'failed', error: 'cancelled' };
    }
  }

  /** Undefined when another run has the key. */
  async #answer(question: Question, signal: AbortSignal): Promise<ReasonAnswer | undefined> {
    const { onError } = this.#options;
    const known = isPlain(question.wish)
      ? await this.#known(question).catch((error: unknown) => {
          onError('phrasebook', error);
          return undefined;
        })
      : undefined;
    if (known !== undefined && known.learned?.as !== 'compared') return this.#said(question, known);
    const leave = await askGate(question, { ...this.#options, runs: this.#runs, engines: this.engines });
    if (!('error' in leave)) return this.#think(withLearned(question, known?.learned), leave, signal);
    // Nobody can be compared with: what is known is better than a refusal.
    return known === undefined ? this.#refused(question, leave) : this.#said(question, usedAfterAll(known));
  }

  async #said(question: Question, { text, version, learned }: Known): Promise<ReasonAnswer | undefined> {
    const { clock, spend } = this.#options;
    const rung = (await spend.read())?.rung ?? 'unknown';
    const facts = { ...factsOf(withLearned(question, learned), clock), rung, phrasebookVersion: version };
    return this.#atOnce(question, { status: 'answered', by: 'phrasebook', text, error: null, facts });
  }

  /** The text as it is, then what of it stands for itself. */
  async #known({ wish: { text, words }, runId }: Question): ReturnType<PhrasebookPort> {
    const known = await this.ports.phrasebook(text, runId);
    return known ?? (words === undefined ? undefined : await this.ports.phrasebook(words, runId));
  }

  /** Secrets that this process knows go to no provider and into no row. */
  #cleaned(wish: Wish): Wish {
    const { scrub } = this.#options;
    const quoted = wish.quoted?.map((each) => ({ ...each, text: scrub(each.text) }));
    const words = wish.words === undefined ? {} : { words: scrub(wish.words) };
    return { ...wish, text: scrub(wish.text), ...words, ...(quoted === undefined ? {} : { quoted }) };
  }

  #refused(question: Question, { error, why, rung, refusal }: NoLeave): Promise<ReasonAnswer | undefined> {
    const facts = { ...factsOf(question, this.#options.clock), rung };
    const because = refusal === undefined ? {} : { refusal };
    return this.#atOnce(question, {
      status: 'refused',
      by: 'nobody',
      text: '',
      error,
      ...because,
      facts,
      why,
    });
  }

  /** Begins and ends a run in one transaction. */
  async #atOnce(
    question: Question,
    end: Pick<ReasonAnswer, 'status' | 'by' | 'text' | 'error' | 'refusal' | 'why'> & {
      readonly facts: ReceiptFacts;
    },
  ): Promise<ReasonAnswer | undefined> {
    const { facts, ...told } = end;
    const answer = { ...told, runId: question.runId, verdict: null, receipt: receiptOf([], facts) };
    const isOurs = await this.#options.database.transaction(async (tx) => {
      const untrusted = isStrangers(question);
      const engine = { rung: facts.rung, engine: null, inputs: () => null, advertised: null, untrusted };
      const begun = await beginRun(tx, this.#options, question, engine);
      if (begun === undefined) return false;
      const conversationId = begun.conversation?.conversationId ?? null;
      await writeEnding(tx, this.#options, {
        question,
        answer,
        conversationId,
        said: null,
        correlationId: null,
      });
      return true;
    });
    return isOurs ? answer : undefined;
  }

  async #think(question: Question, leave: Leave, signal: AbortSignal): Promise<ReasonAnswer | undefined> {
    const gathered = await gather(question, leave, { ...this.#options, ports: this.ports });
    if ('error' in gathered) return this.#refused(question, gathered);
    const { database, scrub } = this.#options;
    const engine = leave.engine.spec.name;
    const request = (turns: EngineRequest['turns']): EngineRequest =>
      requestOf(question, leave, gathered, turns);
    const begun = await database.transaction((tx) =>
      beginRun(tx, this.#options, question, {
        rung: leave.rung,
        engine,
        advertised: gathered.tools.map(({ name }) => name),
        untrusted: isUntrusted(question, leave),
        inputs: (turns) => storedJson(request(turns), scrub),
      }),
    );
    if (begun === undefined) return undefined;
    const { conversation } = begun;
    const run = liveRunOf(question, leave, gathered);
    const cancel = (): void => run.stop({ error: 'cancelled', why: 'whoever asked waits no longer' });
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    this.#runs.add(run);
    this.live.tell({ ...named(run), kind: 'began', what: question.wake });
    try {
      const { clock, onError } = this.#options;
      const thought = await think(run, request(conversation?.history ?? []), {
        clock,
        onError,
        scrub,
        sign: (sign) => this.live.tell({ ...named(run), ...sign }),
      });
      const conversationId = conversation?.conversationId ?? null;
      return await this.#ended(question, leave, { run, thought, conversationId });
    } catch (error) {
      // It is over all the same, and nobody who watches waits for its end.
      const costMicroUsd = run.spent();
      this.live.tell({ ...named(run), kind: 'ended', what: 'not on record', costMicroUsd });
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#runs.remove(run);
    }
  }

  async #ended(
    question: Question,
    leave: Leave,
    { run, thought, conversationId }: Course,
  ): Promise<ReasonAnswer> {
    const { scrub, clock, onError } = this.#options;
    const { answer, isUnreadable } = thought;
    const outcome = outcomeOf({
      answer,
      end: run.end,
      refused: run.refused,
      calls: run.calls.size,
      said: run.said,
      isUnreadable,
    });
    // From here on a call that ends finds a run that is over, and mends its receipt.
    run.close();
    const text = scrub(outcome.text);
    const why =
      outcome.status === 'answered' ? undefined : (run.end?.why ?? run.refused?.cause ?? thought.threw);
    const underWay = [...run.calls.values()].filter(({ settled }) => settled === undefined);
    const ending: Ending = {
      question,
      conversationId,
      correlationId: leave.correlationId,
      said: answer === undefined ? null : storedJson(answer, scrub),
      answer: {
        runId: run.runId,
        status: outcome.status,
        by: outcome.status === 'answered' || outcome.status === 'incomplete' ? 'engine' : 'nobody',
        text,
        error: outcome.error,
        ...(outcome.refusal === undefined ? {} : { refusal: outcome.refusal }),
        ...(why === undefined ? {} : { why }),
        verdict: await verdictOf(this.#options, question, { conversationId, text, answer, read: run.read }),
        receipt: receiptOf(run.figures(), factsOfRun(question, leave, { run, answer, clock })),
      },
    };
    await keepEnding(this.#options, ending);
    // One that ended since then has mended the receipt before it was written.
    if (underWay.some(({ settled }) => settled !== undefined))
      await this.#mended(run).catch((error: unknown) => onError('a receipt', error));
    const { status, error, receipt } = ending.answer;
    this.live.tell({
      ...named(run),
      kind: 'ended',
      what: error ?? status,
      costMicroUsd: receipt.costMicroUsd,
    });
    return ending.answer;
  }

  /** The receipt of a run that is over, by what its calls came to. */
  #mended({ runId }: LiveRun): Promise<void> {
    return sumCalls(this.#options.database, this.#options.workspaceId, runId);
  }
}

/** Whether its words are all there is to a question: then they may be known ones. */
function isPlain({ phrasebook, verdict, ticket, quoted = [] }: Wish): boolean {
  return phrasebook !== false && verdict !== true && ticket === undefined && quoted.length === 0;
}

function named({ runId, key, route }: LiveRun): Pick<LiveRun, 'runId' | 'key' | 'route'> {
  return { runId, key, route };
}
