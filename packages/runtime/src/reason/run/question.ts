import type { ResolvedIdentity } from '../../identity/index.ts';
import type { EngineRequest, LearnedUse, ModelTier, RunLimits, ToolView, Turn } from '../contract.ts';
import type { Asker, ServingEngine } from '../ports.ts';
import type { Wish } from '../wish.ts';
import { limitsOf } from './limits.ts';

/** A question on its way to an answer. */
export interface Question {
  readonly runId: string;
  readonly wish: Wish;
  readonly by: Asker;
  /** Monotonic milliseconds. */
  readonly beganAt: number;
  readonly limits: RunLimits;
  readonly wake: string;
  /** Whom the journal names for what it costs: whoever asked; `kora` for the operator. */
  readonly payer: string;
  /** What was learned and had a say before anybody was asked. */
  readonly learned?: readonly LearnedUse[];
}

export function questionOf(
  wish: Wish,
  by: Asker,
  { runId, beganAt }: { readonly runId: string; readonly beganAt: number },
): Question {
  return {
    runId,
    wish,
    by,
    beganAt,
    limits: limitsOf(wish.limits),
    wake: wish.wake ?? (wish.ticket ? `ticket ${wish.ticket.ticketId}` : by.id),
    payer: by.id === 'operator' ? 'kora' : by.id,
  };
}

/** The question, with what was learned and had a say in it. */
export function withLearned(question: Question, use: LearnedUse | undefined): Question {
  return use === undefined ? question : { ...question, learned: [...(question.learned ?? []), use] };
}

/** Leave to ask an engine, and with what. */
export interface Leave {
  readonly engine: ServingEngine;
  readonly highestTier: ModelTier;
  readonly rung: string;
  readonly primaryState: string;
  /** Of the ticket in whose name it is asked. */
  readonly downshift: 'eligible' | 'frontier_only';
  /** Whether the text of that ticket may be believed. */
  readonly trusted: boolean;
  /** Whether it may draw on what is kept for critical work: as it was asked, or as its ticket is. */
  readonly critical: boolean;
  readonly correlationId: string | null;
}

/** Whether text of strangers is part of the question. */
export function isUntrusted(question: Question, { trusted }: Leave): boolean {
  return !trusted || isStrangers(question);
}

/** The same, as far as it is known without its ticket. */
export function isStrangers({ wish, by }: Question): boolean {
  return !by.trusted || (wish.quoted ?? []).length > 0;
}

/** What is gathered for an engine before it is asked. */
export interface Gathered {
  readonly identity: ResolvedIdentity;
  readonly tools: readonly ToolView[];
  readonly snapshot: EngineRequest['snapshot'];
}

export function requestOf(
  { runId, wish, limits }: Question,
  { highestTier, rung, primaryState, downshift, critical }: Leave,
  { identity, tools, snapshot }: Gathered,
  turns: readonly Turn[],
): EngineRequest {
  return {
    runId,
    route: wish.route,
    text: wish.text,
    turns,
    quoted: (wish.quoted ?? []).map(({ source, text, evidenceId }) => ({
      source,
      text,
      ...(evidenceId === undefined ? {} : { evidenceId }),
    })),
    tools,
    identity,
    snapshot,
    primaryState,
    rung,
    highestTier,
    ticket: wish.ticket === undefined ? null : { ...wish.ticket, downshift },
    verdict: wish.verdict ?? false,
    critical,
    limits,
  };
}
