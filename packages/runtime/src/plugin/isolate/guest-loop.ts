import type {
  ChangePlace,
  ChangeSet,
  HistoryLook,
  HistoryQuery,
  LoopHistory,
  LoopSpec,
  PromotionContext,
  ProposalDraft,
} from '../contract.ts';
import type { Link } from './link.ts';
import type { Shelf } from './shelf.ts';

interface Asked {
  readonly look: HistoryLook;
  readonly draft: ProposalDraft;
  readonly change: ChangeSet;
  readonly looks: { readonly before: HistoryLook; readonly since: HistoryLook };
}

/** What of a loop crosses; it looks and judges here. */
export function describeLoop(loop: LoopSpec, shelf: Shelf): { readonly handle: number } {
  const { name, means, kinds, settings } = loop;
  const words = { name, means, kinds, settings };
  const handle = shelf.keep({
    observe: (args, signal) => loop.observe((args as Asked).look, signal),
    examine: (args, signal) => {
      const { draft, look } = args as Asked;
      return loop.examine(draft, look, signal);
    },
    measure: (args, signal) => {
      const { change, looks } = args as Asked;
      return loop.measure(change, looks, signal);
    },
  });
  return { handle, ...words };
}

/** The past is the host's: pages of it are asked for by look. */
export function promotionOver(link: Link): PromotionContext {
  const ask =
    (what: string) =>
    (query: HistoryQuery): Promise<unknown> =>
      link.call(`history.${what}`, query);
  return {
    history: {
      questions: ask('questions') as LoopHistory['questions'],
      toolCalls: ask('toolCalls') as LoopHistory['toolCalls'],
      incidents: ask('incidents') as LoopHistory['incidents'],
      attempts: ask('attempts') as LoopHistory['attempts'],
      events: ask('events') as LoopHistory['events'],
    },
    places: async (kind) => (await link.call('promotion.places', { kind })) as readonly ChangePlace[],
  };
}
