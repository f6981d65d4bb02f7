import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import { usdOf } from '../../spend/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { operatorActor } from '../../workspace/index.ts';
import type { EngineAnswer, ReasonAnswer, Verdict } from '../contract.ts';
import { addTurn } from '../conversation/rows.ts';
import { runCompleted } from '../events.ts';
import { citedIn, judgeVerdict } from '../evidence/judge.ts';
import { readBefore } from '../evidence/rows.ts';
import { closeRun } from './rows.ts';
import type { Question } from './question.ts';

export interface EndingOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

export interface Ending {
  readonly question: Question;
  readonly answer: ReasonAnswer;
  readonly conversationId: number | null;
  /** JSON of what the engine said. */
  readonly said: string | null;
  readonly correlationId: string | null;
}

/** How long an answer waits for a store that is away, so that it is on record before anybody hears it. */
const patienceMs = 10_000;
const againMs = 250;

/** Writes how a run ended: row, turn and event, together or not at all. */
export async function writeEnding(
  tx: Transaction,
  { workspaceId, stage }: EndingOptions,
  ending: Ending,
): Promise<void> {
  const { answer, conversationId } = ending;
  if (!(await closeRun(tx, workspaceId, ending))) return;
  const { runId, text } = answer;
  if (conversationId !== null && (answer.status === 'answered' || answer.status === 'incomplete'))
    await addTurn(tx, workspaceId, { conversationId, direction: 'outbound', text, runId });
  const { wish, by } = ending.question;
  const { route, ticket, causationId } = wish;
  const { correlationId } = ending;
  await stage(tx, [completedOf(answer, { route, asker: by.id, ticket, causationId, correlationId })]);
}

/** The same in a transaction of its own, with patience. Throws what the store says after that. */
export async function keepEnding(options: EndingOptions, ending: Ending): Promise<void> {
  const { database, clock } = options;
  const until = clock.monotonic() + patienceMs;
  for (;;) {
    try {
      return await database.transaction((tx) => writeEnding(tx, options, ending));
    } catch (error) {
      if (!isStoreAway(error) || clock.monotonic() >= until || !(await clock.sleep(againMs))) throw error;
    }
  }
}

/** What an answer's claims are worth, by what was read in the run and before it; null where no verdict was asked for. */
export async function verdictOf(
  { database, workspaceId }: EndingOptions,
  { runId, wish }: Question,
  said: {
    readonly conversationId: number | null;
    readonly text: string;
    readonly answer: EngineAnswer | undefined;
    readonly read: ReadonlySet<string>;
  },
): Promise<Verdict | null> {
  if (wish.verdict !== true || said.text.trim() === '') return null;
  const { claims, confidence } = said.answer ?? {};
  const earlier = await readBefore(database, workspaceId, {
    runId,
    conversationId: said.conversationId,
    ticketId: wish.ticket?.ticketId ?? null,
    ids: citedIn(claims).filter((id) => !said.read.has(id)),
  });
  const given = {
    text: said.text,
    ...(claims === undefined ? {} : { claims }),
    ...(confidence === undefined ? {} : { confidence }),
  };
  return judgeVerdict(given, new Set([...said.read, ...earlier]));
}

interface Asked {
  readonly route: string;
  readonly asker: string;
  readonly ticket: { readonly ticketId: number; readonly fence: number } | undefined;
  readonly causationId?: string | null | undefined;
  readonly correlationId?: string | null;
}

/** The end of a run, for the log. */
export function completedOf(answer: ReasonAnswer, asked: Asked): EventDraft {
  const { route, asker, ticket, causationId = null, correlationId = null } = asked;
  const { runId, status, error, receipt } = answer;
  const payload = {
    run_id: runId,
    route,
    status,
    by: answer.by,
    error,
    model: receipt.model,
    tier: receipt.tier,
    routing: receipt.routing,
    calls: receipt.calls,
    tokens: receipt.inputTokens + receipt.outputTokens + receipt.cacheReadTokens + receipt.cacheWriteTokens,
    cost_usd: usdOf(receipt.costMicroUsd),
    estimated: receipt.estimated,
    seconds: receipt.durationMs / 1_000,
    rung: receipt.rung,
    identity_hash: receipt.identityHash,
    prompt_version: receipt.promptVersion,
    phrasebook_version: receipt.phrasebookVersion,
    wake: receipt.wake,
  };
  return draft(runCompleted, payload, {
    ...(asker === 'operator' ? { actorId: operatorActor } : {}),
    ...ticket,
    ...(correlationId === null ? {} : { correlationId }),
    ...(causationId === null ? {} : { causationId }),
  });
}
