import type { TicketResult, TicketWork } from '@kora/runtime/plugin';
import { completedOf, investigationCompleted } from '../events.ts';
import type { InvestigationCompleted } from '../events.ts';
import type { FixMark } from '../intake/own-fix.ts';
import type { Storm } from '../intake/storms.ts';
import { recovered } from '../rules/recovered.ts';
import type { Scene } from '../rules/rule.ts';
import { investigationKind } from '../wake.ts';
import type { InvestigationOrder } from '../wake.ts';

/** One investigation, and what it began with. */
export interface About {
  readonly ticket: TicketWork;
  readonly order: InvestigationOrder;
  readonly scene: Scene;
  readonly durationMs: () => number;
}

type Raised = NonNullable<TicketResult['events']>[number];
type Message = NonNullable<TicketResult['messages']>[number];

/** The event of its end, tied to the wake. */
export function raised(
  { ticket, order, scene, durationMs }: About,
  given: Partial<InvestigationCompleted> & Pick<InvestigationCompleted, 'outcome' | 'summary'>,
): Raised {
  return {
    type: investigationCompleted.type,
    payload: { ...completedOf(order, { ...given, duration_ms: Math.max(0, durationMs()) }) },
    correlationId: order.wakeId,
    ticketId: ticket.ticketId,
    ...(scene.wake === null ? {} : { causationId: scene.wake.eventId }),
  };
}

export function unknownIncident(about: About): TicketResult {
  const { incidentId, wakeId } = about.order;
  const summary = `neither incident ${incidentId} nor wake ${wakeId} is known`;
  const event = raised(about, { outcome: 'incident_unknown', summary });
  return { resolution: 'failed_terminal', summary, events: [event] };
}

/** It got well before its turn came: one line, and nobody thinks about it. */
export function recoveredMeanwhile(about: About): TicketResult {
  const { order, scene } = about;
  const fact = recovered(scene);
  const facts = fact === null ? [] : [{ ...fact }];
  const summary = `${order.probe} recovered before its investigation began`;
  return {
    resolution: 'completed',
    summary,
    result: { outcome: 'recovered', facts },
    messages: [
      note(order, {
        // Not the key of findings: should it come back, they are still to be told.
        key: `investigation:${order.wakeId}:recovered`,
        title: `Not investigated · ${order.probe}`,
        body: fact?.line ?? 'It has recovered meanwhile.',
      }),
    ],
    events: [raised(about, { outcome: 'recovered', summary, facts: facts.length })],
  };
}

/** Known, and wanted quiet: only its end is told. */
export function silenced(about: About, until: string): TicketResult {
  const summary = `incident ${about.order.incidentId} is known and quiet until ${until}`;
  return {
    resolution: 'completed',
    summary,
    result: { outcome: 'silenced' },
    events: [raised(about, { outcome: 'silenced', summary })],
  };
}

/** Whoever verifies the fix watches it already. */
export function comesOfFix(about: About, { probe, seq }: FixMark): TicketResult {
  const summary = `comes of a fix of ${probe} that Kora tried (event ${seq}), which is verified there`;
  return {
    resolution: 'completed',
    summary,
    result: { outcome: 'own_fix', event: seq },
    events: [raised(about, { outcome: 'own_fix', summary })],
  };
}

/** A critical sibling came while this one waited, and took the lead. */
export function ledByAnother(about: About, { leader }: Storm): TicketResult {
  const summary = `part of a storm: investigated with incident ${leader.incidentId} (${leader.probe})`;
  return {
    resolution: 'completed',
    summary,
    result: { outcome: 'folded', foldedInto: leader.incidentId },
    events: [raised(about, { outcome: 'folded', folded_into: leader.incidentId, summary })],
  };
}

/** The daily synthetic fault: that it came here is the finding. */
export function canaryFound(about: About): TicketResult {
  const { order } = about;
  const summary = 'the daily canary: a fault that is none came from probe to ticket';
  return {
    resolution: 'completed',
    summary,
    result: { outcome: 'canary', facts: [] },
    messages: [
      note(order, {
        key: `investigation:${order.wakeId}`,
        title: `Findings · ${order.probe}`,
        body: [
          'No incident: this is the daily canary, a synthetic fault that shows that faults are noticed, investigated and told.',
          'Next step: none. Whoever wants none of these sets canary.enabled to false in plugins.config.probes.',
        ].join('\n'),
      }),
    ],
    events: [raised(about, { outcome: 'canary', rung: 'rules', summary })],
  };
}

function note(order: InvestigationOrder, words: Pick<Message, 'key' | 'title' | 'body'>): Message {
  return {
    thread: `incident:${order.incidentId}`,
    severity: 'info',
    ...words,
    source: investigationKind,
    correlationId: order.wakeId,
  };
}
