import type { PluginContext, ReasonAnswer, ReasonRequest, TicketWork } from '@kora/runtime/plugin';
import { codeOfAnswer, codeOfThrow } from './codes.ts';

export type ThinkContext = Pick<PluginContext<unknown>, 'reason' | 'log'>;

/** What is kept of an answer: plain data that the ledger can hold. */
export type KeptAnswer = Pick<ReasonAnswer, 'runId' | 'status' | 'text' | 'error' | 'verdict' | 'receipt'> & {
  readonly why: string | null;
};

export interface Thought {
  /** Null when nobody knows what was answered. */
  readonly answer: KeptAnswer | null;
  /** Null when there is an answer to go by. */
  readonly code: string | null;
}

/** Who asks, whatever came of it. */
export type Think = (request: Omit<ReasonRequest, 'key'>) => Promise<Thought>;

/**
 * Asks whoever thinks, once for the ticket: the ledger keeps the answer, a later attempt has it from there, and where
 * nobody knows whether it was asked it is not asked again. Throws when the ticket is taken away or the store is.
 */
export function thinkFor(context: ThinkContext, ticket: TicketWork): Think {
  return async (request) => {
    ticket.progress({ detail: 'asks whoever thinks' });
    // In the ticket's name: what is paid is paid for it, and its text is known to be a stranger's.
    const { ticketId, fence } = ticket;
    try {
      const answer = await ticket.operation(
        { id: 'investigate', tool: 'reason.ask', sideEffects: 'once', request: identityOf(request) },
        async (key, signal) =>
          kept(await context.reason.ask({ ...request, key, ticket: { ticketId, fence } }, signal)),
      );
      // Whoever was called off was called off by us: the next attempt says what became of it.
      ticket.signal.throwIfAborted();
      return { answer, code: codeOfAnswer({ ...answer, why: answer.why ?? '' }) };
    } catch (error) {
      ticket.signal.throwIfAborted();
      const code = codeOfThrow(error);
      if (code === null) throw error;
      context.log.warn(`nobody can say what is behind ${request.wake ?? 'a wake'}: ${code}`, { code });
      return { answer: null, code };
    }
  };
}

/** What makes it the same question: words and facts may differ from one attempt to the next, the wake does not. */
function identityOf({ route, wake }: Omit<ReasonRequest, 'key'>): Readonly<Record<string, string>> {
  return { route, wake: wake ?? '' };
}

function kept({ runId, status, text, error, verdict, receipt, why }: ReasonAnswer): KeptAnswer {
  return { runId, status, text, error, verdict, receipt, why: why ?? null };
}
