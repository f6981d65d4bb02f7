import type { z } from 'zod';
import { KoraApiError } from '../api-error.ts';
import type * as shape from '../contract.ts';
import { mostTicketsAtOnce } from './contract.ts';

export type NewTicketInput = z.input<typeof shape.newTicketSchema>;
type Added = z.infer<typeof shape.addedTicketSchema>;

export interface AddManyOptions {
  /** Tickets in one request, at most and by default 5000. */
  readonly chunk?: number;
  /** Called after each request with how many are in by now. */
  readonly onProgress?: (added: number) => void;
}

/** Characters of one request: however they are encoded, the body stays below the 16 MiB that are taken. */
const mostCharacters = 5_000_000;

/** Requests under way at once: while the store writes one, the runtime reads the next. */
const atOnce = 2;

interface Answer {
  readonly tickets: readonly Added[];
}

/**
 * Adds tickets and answers for each in their order. A request is all or none, and begins when those before it have ended:
 * what was added is the beginning of the list. Only requests in which every ticket has a key overlap, two at a time: there
 * the same call again adds what is missing, and nothing twice. Throws KoraApiError with `details.added`, how many of the
 * first are in, and for a ticket that is wrong `details.index`, its place in the whole list, and `details.field`.
 */
export async function addMany(
  send: (body: object) => Promise<Answer>,
  tickets: Iterable<NewTicketInput> | AsyncIterable<NewTicketInput>,
  { chunk = mostTicketsAtOnce, onProgress }: AddManyOptions,
): Promise<Added[]> {
  const added: Added[] = [];
  const underWay: Promise<Answer>[] = [];
  const settle = async (most: number): Promise<void> => {
    for (let first = underWay[0]; first !== undefined && underWay.length > most; first = underWay[0]) {
      const answer = await first.catch(async (error: unknown) => {
        await Promise.allSettled(underWay);
        throw placed(error, added.length);
      });
      void underWay.shift();
      for (const each of answer.tickets) added.push(each);
      onProgress?.(added.length);
    }
  };
  for await (const part of chunks(tickets, Math.min(Math.max(1, chunk), mostTicketsAtOnce))) {
    const most = part.every(({ idempotencyKey }) => idempotencyKey !== undefined) ? atOnce - 1 : 0;
    await settle(most);
    const sent = send({ tickets: part });
    // Whoever waits for it hears of its failure; until then nobody does.
    sent.catch(() => undefined);
    underWay.push(sent);
    await settle(most);
  }
  await settle(0);
  return added;
}

async function* chunks(
  tickets: Iterable<NewTicketInput> | AsyncIterable<NewTicketInput>,
  most: number,
): AsyncGenerator<NewTicketInput[]> {
  let part: NewTicketInput[] = [];
  let characters = 0;
  for await (const ticket of tickets) {
    const size = JSON.stringify(ticket).length;
    if (part.length > 0 && (part.length === most || characters + size > mostCharacters)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(ticket);
    characters += size;
  }
  if (part.length > 0) yield part;
}

/** A refusal of one request, told of the whole list. */
function placed(error: unknown, added: number): unknown {
  if (!(error instanceof KoraApiError)) return error;
  const { status, code, message, hint, details } = error;
  const index = typeof details['index'] === 'number' ? { index: added + details['index'] } : {};
  return new KoraApiError(status, { code, message, hint, details: { ...details, ...index, added } });
}
