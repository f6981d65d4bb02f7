import { fault } from '../fault/index.ts';
import type { Consequences, EventDraft, NewMessage, NewTicket } from './contract.ts';
import type { Contributions } from './contributions.ts';
import type { PluginOwner } from './surface.ts';

/**
 * What an untrusted plugin may say about itself. It speaks under its own id: it can neither take another's key, so
 * that a message or ticket of the house is swallowed as a duplicate, nor have its text believed as the operator's, nor
 * record an event in another's name. For trusted plugins each function answers what it was given.
 */
export interface Guard {
  ticket(ticket: NewTicket): NewTicket;
  message(message: NewMessage): NewMessage;
  event(draft: EventDraft): EventDraft;
  consequences<C extends Consequences>(consequences: C): C;
}

export function guardFor(owner: PluginOwner, contributions: Contributions): Guard {
  if (owner.trusted) return { ticket: same, message: same, event: same, consequences: same };
  const ticket = (given: NewTicket): NewTicket => ({
    ...given,
    origin: `plugin:${owner.id}`,
    trusted: false,
    ...(given.idempotencyKey === undefined ? {} : { idempotencyKey: `${owner.id}:${given.idempotencyKey}` }),
  });
  const message = (given: NewMessage): NewMessage => ({ ...given, key: `${owner.id}:${given.key}` });
  const event = (given: EventDraft): EventDraft => {
    if (!contributions.has('events', given.type)) {
      throw fault('KORA_EVENT_UNKNOWN', `plugin ${owner.id} did not register the event type ${given.type}`, {
        fix: 'register the type with registerEventTypes before the first event of it',
      });
    }
    const { actorId: _claimed, fence: _held, ...own } = given;
    return own;
  };
  return {
    ticket,
    message,
    event,
    consequences: (given) => ({
      ...given,
      ...(given.tickets === undefined ? {} : { tickets: given.tickets.map(ticket) }),
      ...(given.messages === undefined ? {} : { messages: given.messages.map(message) }),
      ...(given.events === undefined ? {} : { events: given.events.map(event) }),
    }),
  };
}

function same<T>(given: T): T {
  return given;
}
