import type { ChainEvent, PluginContext, TicketWork } from '@kora/runtime/plugin';
import { microUsdOf } from './config.ts';

/** What happened to a ticket before this attempt, as the log has it. */
export interface Story {
  /** Who added it: `operator`, `plugin:<id>`; null when the log does not say. */
  readonly origin: string | null;
  /** What the operator said that no attempt has answered yet, oldest first. */
  readonly words: readonly string[];
  /** Micro-dollars that thinking about it has cost since the operator's last word. */
  readonly spentMicroUsd: number;
  /** Whether it was thought about before. */
  readonly hasPast: boolean;
}

type StoryContext = Pick<PluginContext<unknown>, 'chain' | 'clock'>;

const mostEvents = 500;
const looks = 20;
const lookEveryMs = 100;
/** Ends of an attempt that answered what the operator had said before. */
const answering: ReadonlySet<unknown> = new Set([
  'blocked_needs_operator',
  'failed_retryable',
  'failed_terminal',
  'completed',
]);

/** Reads it; the operator's word that let the ticket go on is in it, since it was recorded before this claim was. */
export async function readStory(context: StoryContext, ticket: TicketWork): Promise<Story> {
  const { ticketId, fence, signal } = ticket;
  const read = () => context.chain.read({ ticketId, order: 'desc', limit: mostEvents });
  let events = await read();
  for (let look = 1; look < looks && !isClaimSeen(events, fence); look += 1) {
    if (!(await context.clock.sleep(lookEveryMs, signal))) break;
    events = await read();
  }
  // Asked for by themselves: what is newest may be hundreds of tool calls, and what they cost is not to be forgotten for it.
  const [[created], runs] = await Promise.all([
    context.chain.read({ ticketId, type: 'sea_ticket.created', limit: 1 }),
    context.chain.read({ ticketId, type: 'reasoning.run_completed', order: 'desc', limit: mostEvents }),
  ]);
  return storyOf(events.toReversed(), created, runs);
}

/** What events of a ticket, oldest first, say of it; with the event that made it, and the ends of what was thought. */
function storyOf(
  events: readonly ChainEvent[],
  created: ChainEvent | undefined,
  runs: readonly ChainEvent[],
): Story {
  const answered = events.findLastIndex(
    ({ type, payload }) => type === 'kora.sea_ticket.resolved' && answering.has(payload['resolution']),
  );
  const spoken = events.findLast(({ type }) => type === 'sea_ticket.operator_action')?.seq ?? 0;
  const since = runs.filter(({ seq }) => seq > spoken);
  return {
    origin: textOf(created?.payload['origin']),
    words: events.slice(answered + 1).flatMap(wordsOf),
    spentMicroUsd: since.reduce((sum, { payload }) => sum + microUsdOf(numberOf(payload['cost_usd'])), 0),
    hasPast: runs.length > 0,
  };
}

function isClaimSeen(events: readonly ChainEvent[], fence: number): boolean {
  return events.some((event) => event.type === 'sea_ticket.claimed_for_edit' && event.fence === fence);
}

/** A redacted event says nothing. */
function wordsOf({ type, payload }: ChainEvent): string[] {
  const said =
    type === 'sea_ticket.operator_action'
      ? textOf(payload['reason'])
      : type === 'sea_ticket.operator_note'
        ? textOf(payload['text'])
        : null;
  return said === null ? [] : [said];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
