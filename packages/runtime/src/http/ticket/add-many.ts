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

/**
 * Adds tickets in their order and answers for each in that order. A request is all or none; they are made one after the
 * other, so that what was added is always the beginning of the list. Throws KoraApiError with `details.added`, how many
 * are in, and for a ticket that is wrong `details.index`, its place in the whole list, and `details.field`. With a key on
 * each, the same call again adds what was missing.
 */
export async function addMany(
  send: (body: object) => Promise<{ readonly tickets: readonly Added[] }>,
  tickets: Iterable<NewTicketInput> | AsyncIterable<NewTicketInput>,
  { chunk = mostTicketsAtOnce, onProgress }: AddManyOptions,
): Promise<Added[]> {
  const added: Added[] = [];
  for await (const part of chunks(tickets, Math.min(Math.max(1, chunk), mostTicketsAtOnce))) {
    const answer = await send({ tickets: part }).catch((error: unknown) => {
      throw placed(error, added.length);
    });
    for (const each of answer.tickets) added.push(each);
    onProgress?.(added.length);
  }
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
