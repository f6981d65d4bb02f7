import { z } from 'zod';
import { ticketResolutions } from '../contract.ts';
import type { TicketResult } from '../contract.ts';

/** What becomes of an attempt: its result is kept, it goes back and why, or it is no longer ours to say. */
export type Answer =
  | { readonly result: TicketResult }
  | { readonly givenBack: string }
  | { readonly lost: string };

const resolutions: ReadonlySet<unknown> = new Set(ticketResolutions);

const answerSchema = z.object({
  resolution: z.enum(ticketResolutions),
  summary: z.string(),
  result: z.record(z.string(), z.unknown()).optional(),
});

/** What is wrong with what a handler answered; undefined when it is a result. Only the wrong are read with care. */
export function nonsenseIn(answer: unknown): string | undefined {
  if (isPlainlyResult(answer)) return undefined;
  const read = answerSchema.safeParse(answer);
  return read.success ? undefined : z.prettifyError(read.error);
}

function isPlainlyResult(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  const { resolution, summary, result } = answer as Partial<Record<string, unknown>>;
  return resolutions.has(resolution) && typeof summary === 'string' && result === undefined;
}

/** Whether rows of other rooms follow from it: then it is kept in a transaction of its own. */
export function hasConsequences({ tickets, messages, events }: TicketResult): boolean {
  return hasSome(tickets) || hasSome(messages) || hasSome(events);
}

function hasSome(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}
