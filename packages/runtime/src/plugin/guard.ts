import type { Consequences, EventDraft, LoopSpec, NewMessage, NewTicket, ReasonRequest } from './contract.ts';
import type { Contributions } from './contributions.ts';
import { checkRaised } from './event-names.ts';
import { checkLoopName, checkToolName, ownQuestion } from './guard-thinking.ts';
import type { PluginOwner } from './surface.ts';

/**
 * What a plugin may say. A trusted one says what it likes of itself, and raises only events that are its own or its
 * contract's: what the house says of itself (`kora.`) nobody else says. An untrusted one speaks under its own id: it can
 * neither take another's key, so that a message or ticket of the house is swallowed as a duplicate, nor have its text
 * believed as the operator's, nor record an event in another's name, nor have what it says taken for what was read.
 */
export interface Guard {
  ticket(ticket: NewTicket): NewTicket;
  message(message: NewMessage): NewMessage;
  event(draft: EventDraft): EventDraft;
  consequences<C extends Consequences>(consequences: C): C;
  question(request: ReasonRequest): ReasonRequest;
  tool<Tool extends { readonly name: string }>(tool: Tool): Tool;
  loop(loop: LoopSpec): LoopSpec;
}

export function guardFor(owner: PluginOwner, contributions: Contributions): Guard {
  if (owner.trusted) return trustedGuard(owner, contributions);
  const ticket = (given: NewTicket): NewTicket => ({
    ...given,
    origin: `plugin:${owner.id}`,
    trusted: false,
    ...(given.idempotencyKey === undefined ? {} : { idempotencyKey: `${owner.id}:${given.idempotencyKey}` }),
  });
  // Whose word it is: the story of an incident takes what it says of investigations and fixes from messages of the house.
  const message = (given: NewMessage): NewMessage => ({
    ...given,
    key: `${owner.id}:${given.key}`,
    source: `plugin:${owner.id}`,
  });
  const event = (given: EventDraft): EventDraft => {
    checkRaised(owner, contributions, given.type);
    const { actorId: _claimed, fence: _held, ...own } = given;
    return own;
  };
  return {
    ticket,
    message,
    event,
    question: (given) => ownQuestion(owner, given),
    tool: (given) => {
      checkToolName(owner, given.name);
      return given;
    },
    // What it proposes is applied on the operator's word alone, however little is said to be at stake.
    loop: (given) => {
      checkLoopName(owner, given.name);
      return { ...given, settings: { ...given.settings, applyLowRisk: false } };
    },
    consequences: (given) => ({
      ...given,
      ...(given.tickets === undefined ? {} : { tickets: given.tickets.map(ticket) }),
      ...(given.messages === undefined ? {} : { messages: given.messages.map(message) }),
      ...(given.events === undefined ? {} : { events: given.events.map(event) }),
    }),
  };
}

function trustedGuard(owner: PluginOwner, contributions: Contributions): Guard {
  const event = (given: EventDraft): EventDraft => {
    checkRaised(owner, contributions, given.type);
    return given;
  };
  const consequences = <C extends Consequences>(given: C): C => {
    for (const each of given.events ?? []) event(each);
    return given;
  };
  return { ticket: same, message: same, event, consequences, question: same, tool: same, loop: same };
}

function same<T>(given: T): T {
  return given;
}
