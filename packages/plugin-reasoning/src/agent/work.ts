import { KoraError } from '@kora/runtime/plugin';
import type { PluginContext, ReasonAnswer, TicketResult, TicketWork } from '@kora/runtime/plugin';
import { Approvals, decidedWords } from './approvals.ts';
import { microUsdOf } from './config.ts';
import type { AgentConfig } from './config.ts';
import type { Desk, Desks } from './desk.ts';
import { asking, decided, endingOf } from './ending.ts';
import { resultShapeOf } from './result-shape.ts';
import type { ResultShape } from './result-shape.ts';
import { readStory } from './story.ts';
import type { Story } from './story.ts';
import { Tally } from './tally.ts';
import { carryOn, clipped, dollars, noteOf, opening } from './words.ts';

export type WorkContext = Pick<PluginContext<unknown>, 'approvals' | 'chain' | 'clock' | 'reason'>;

export interface WorkParts {
  readonly context: WorkContext;
  readonly config: AgentConfig;
  readonly desks: Desks;
}

/** Turns in a row without a tool: what comes after would be more of the same. */
const mostIdle = 2;

/** Works one ticket by thinking, until something is decided about it, or the money, the turns or the weather end it. */
export async function workTicket(parts: WorkParts, ticket: TicketWork): Promise<TicketResult> {
  let shape: ResultShape | null;
  try {
    shape = resultShapeOf(ticket.payload);
  } catch (error) {
    if (!(error instanceof KoraError)) throw error;
    return { resolution: 'failed_terminal', summary: error.message, failure: { class: 'payload' } };
  }
  const story = await readStory(parts.context, ticket);
  ticket.signal.throwIfAborted();
  using open = parts.desks.open(ticket.ticketId, shape);
  const tally = new Tally();
  const result = await attempt(parts, ticket, { story, desk: open.desk, tally });
  return { ...result, ...tally.taken };
}

interface Attempt {
  readonly story: Story;
  readonly desk: Desk;
  readonly tally: Tally;
}

async function attempt(
  { context, config }: WorkParts,
  ticket: TicketWork,
  the: Attempt,
): Promise<TicketResult> {
  const { story, desk, tally } = the;
  const { ticketId, fence, signal } = ticket;
  const budget = microUsdOf(config.budgetUsd);
  let said = '';
  let idle = 0;
  const approvals = new Approvals(context, ticket);
  const { text: first, quoted } = opening(ticket, story, desk);
  let text = first;
  for (let turn = 1; turn <= config.turns; turn += 1) {
    const left = budget - story.spentMicroUsd - tally.costMicroUsd;
    if (left <= 0) return asking(ticket, spentWords(budget, said));
    ticket.progress({ detail: `thinks, turn ${turn} of at most ${config.turns}` });
    const answer = await context.reason.ask(
      {
        route: 'ticket',
        text,
        quoted,
        key: `ticket:${ticketId}:${fence}:${turn}`,
        conversation: { channel: 'ticket', thread: String(ticketId) },
        ticket: { ticketId, fence },
        wake: `ticket ${ticketId}`,
        phrasebook: false,
        limits: { deadlineMs: config.turnSeconds * 1_000, costMicroUsd: left },
      },
      signal,
    );
    tally.add(answer.receipt);
    // What was decided counts, whatever came after it; but not once the ticket is somebody else's.
    signal.throwIfAborted();
    const note = noteOf(turn, answer);
    if (note !== undefined) await ticket.note(note);
    if (desk.decision !== null) return decided(ticket, desk.decision);
    said = answer.text;
    const end = ownMoney(answer, left, budget) ?? endingOf(answer);
    if (end !== null) return typeof end === 'string' ? asking(ticket, end) : end;
    idle = answer.receipt.tools.length === 0 ? idle + 1 : 0;
    if (idle === mostIdle)
      return asking(
        ticket,
        `Twice in a row I only talked, and the ticket is not at an end.${lastWords(said)}`,
      );
    const words = answer.receipt.tools.length === 0 ? '' : decidedWords(await approvals.after(answer.runId));
    signal.throwIfAborted();
    // What is quoted is in no history: it is quoted again, or a stranger's ticket would be forgotten after one turn.
    text = carryOn(answer, words);
  }
  return asking(ticket, `I have come to no end in ${config.turns} turns.${lastWords(said)}`);
}

/** The ticket's own money is used up: that is for the operator, and no month brings it back. */
function ownMoney(
  { error, receipt, refusal, text }: ReasonAnswer,
  left: number,
  budget: number,
): string | null {
  if (error !== 'cost_capped') return null;
  if (refusal?.scope === 'ticket')
    return `Thinking about this has cost all that spend.limits.ticketUsd lets a ticket cost: raise that, or cancel the ticket.${lastWords(text)}`;
  return refusal?.scope === 'run' || receipt.costMicroUsd >= left ? spentWords(budget, text) : null;
}

function spentWords(budget: number, said: string): string {
  return `Thinking about this has cost ${dollars(budget)}, which is all it may without a word of yours; your answer lets it cost as much again.${lastWords(said)}`;
}

function lastWords(said: string): string {
  return said.trim() === '' ? '' : `\n\nSaid last:\n${clipped(said.trim(), 2_000)}`;
}
