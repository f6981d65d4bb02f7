import type { wakeSchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { clock } from '../../kit/format.ts';
import { microDollars } from '../../kit/money.ts';
import type { Tone } from '../../kit/tone.ts';

export type WakeRow = z.infer<typeof wakeSchema>;

/** One of the four steps of a wake, in words and colour. */
export interface WakeStep {
  readonly name: 'emitted' | 'debounced' | 'reasoning' | 'told';
  readonly word: string;
  /** More about it: a route, a reason. Null when there is no more to say. */
  readonly detail: string | null;
  readonly tone: Tone;
  readonly href: string | null;
}

/** A wake as four steps. *Held back*, *investigated*, *fallback sent* and *operator not told* are four different outcomes. */
export function stepsOf(wake: WakeRow): readonly WakeStep[] {
  return [emitted(wake), debounced(wake), reasoning(wake), told(wake)];
}

function emitted({ seq, severity }: WakeRow): WakeStep {
  return { name: 'emitted', word: `#${seq}`, detail: severity, tone: 'ready', href: `/events?seq=${seq}` };
}

function debounced({ debounced: held }: WakeRow): WakeStep {
  if (held === null)
    return { name: 'debounced', word: 'not held back', detail: null, tone: 'ready', href: null };
  const next = held.nextEligibleAt === null ? null : `next eligible ${clock(held.nextEligibleAt)}`;
  return {
    name: 'debounced',
    word: 'held back',
    detail: [held.count === 0 ? 'one was looked into a moment ago' : `${held.count} more in window`, next]
      .filter((part) => part !== null)
      .join(', '),
    tone: 'paused',
    href: null,
  };
}

function reasoning({ investigated: run, debounced: held }: WakeRow): WakeStep {
  if (run === null)
    return {
      name: 'reasoning',
      word: 'nobody was asked',
      detail: held === null ? null : 'it was held back',
      tone: 'dim',
      href: null,
    };
  const cost = run.costMicroUsd === null ? 'cost unknown' : microDollars(run.costMicroUsd);
  return {
    name: 'reasoning',
    word: run.outcome === null ? 'under way' : run.outcome.replaceAll('_', ' '),
    detail: [run.route, cost].filter((part) => part !== null).join(', '),
    tone: outcomeTone(run.outcome),
    href:
      run.runId !== null
        ? `/reasoning/${encodeURIComponent(run.runId)}`
        : run.ticketId === null
          ? null
          : `/tickets/${run.ticketId}`,
  };
}

function outcomeTone(outcome: string | null): Tone {
  if (outcome === null) return 'active';
  // Looked into with another one: neither good nor bad.
  if (['folded', 'own_fix', 'cancelled'].includes(outcome)) return 'dim';
  return ['ok', 'completed', 'done', 'answered', 'succeeded'].includes(outcome) ? 'ready' : 'paused';
}

function told({ told: message, investigated, debounced: held }: WakeRow): WakeStep {
  const href = typeof message?.messageId === 'number' ? `/inbox/out-${message.messageId}` : null;
  const step = (word: string, tone: Tone, detail: string | null): WakeStep => ({
    name: 'told',
    word,
    detail,
    tone,
    href,
  });
  if (message === null)
    return held !== null && investigated === null
      ? step('nothing to tell', 'dim', null)
      : step('no message known', 'stale', null);
  const over = message.channel === null ? null : `over ${message.channel}`;
  switch (message.status) {
    case 'delivered':
      return step('told', 'ready', over);
    case 'pending':
      return step('on its way', 'active', over ?? message.why);
    case 'fallback':
      return step('fallback sent', 'paused', both(over, message.why));
    case 'held':
      return step('told later', 'dim', message.why);
    case 'not_owed':
      return step('nobody was to be told', 'dim', message.why);
    case 'failed':
      return step('operator not told', 'stopped', both(over, message.why));
    case 'not_told':
      return step('operator not told', 'stopped', message.why ?? 'nobody says why');
  }
}

function both(over: string | null, why: string | null): string {
  return [over, why].filter((part) => part !== null).join(': ');
}

/** The outcomes by which wakes are filtered. */
export const wakeOutcomes = ['debounced', 'investigated', 'fallback', 'not_told'] as const;
export type WakeOutcome = (typeof wakeOutcomes)[number];

/** Whether a wake came to this; one wake may have come to several. */
export function cameTo(wake: WakeRow, outcome: string): boolean {
  switch (outcome) {
    case 'debounced':
      return wake.debounced !== null;
    case 'investigated':
      return wake.investigated !== null;
    case 'fallback':
      return wake.told?.status === 'fallback';
    case 'not_told':
      return wake.told?.status === 'not_told' || wake.told?.status === 'failed';
    default:
      return true;
  }
}
