import type { ChainEvent, CauseStep } from './chain/index.ts';
import { fault } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';

/** Why an event happened: each step of its way from the first cause in one line of words. */
export function explainAnswers({ chain, vocabulary }: Rooms): Pick<House, 'causes'> {
  const view = ({ event, by }: CauseStep): shape.CauseStep => ({
    seq: event.seq,
    eventId: event.eventId,
    occurredAt: event.occurredAt,
    type: event.type,
    actorId: event.actorId,
    words: wordsOf(event, vocabulary.get(event.type)?.means),
    by,
    ...(event.redacted === undefined ? {} : { redacted: event.redacted }),
  });
  return {
    causes: async (seq) => {
      const causes = await chain.causes(seq);
      if (causes === undefined)
        throw fault('KORA_NOT_FOUND', `there is no event #${seq}`, { fix: 'kora event tail' });
      const { steps, followed, ...rest } = causes;
      return { ...rest, seq, steps: steps.map(view), followed: followed.map(view) };
    },
  };
}

const longestWords = 300;

/** One line about one event. Of a type that has no words here, what its declaration says about all of them. */
export function wordsOf(
  event: Pick<ChainEvent, 'type' | 'payload' | 'redacted' | 'damaged'>,
  means?: string,
): string {
  if (event.redacted) return 'its body was taken away';
  if (event.damaged) return 'its body is damaged and cannot be read';
  const line =
    lines[event.type]?.((name) => textOf(event.payload[name])) ?? means ?? 'a type nobody here declares';
  const flat = line.replace(/\s+/g, ' ').trim();
  return flat.length > longestWords ? `${flat.slice(0, longestWords - 1)}…` : flat;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? 'unknown' : JSON.stringify(value);
}

type Line = (field: (name: string) => string) => string;

const capability: Line = (is) =>
  `${is('caller')} and capability ${is('capability')}: approval ${is('approval')}`;

const lines: Readonly<Record<string, Line>> = {
  'probe.status_changed': (is) =>
    `${is('probe')} went from ${is('from')} to ${is('to')}${because(is('error'))}`,
  'probe.wake_requested': (is) =>
    `incident ${is('incident_id')} opened: ${is('title')}${because(is('detail'))}`,
  'probe.incident_resolved': (is) => `incident ${is('incident_id')} of ${is('probe')} is over`,
  'probe.incident_reopened': (is) => `incident ${is('incident_id')} of ${is('probe')} is back`,
  'probe.incident_acknowledged': (is) =>
    `the operator has seen incident ${is('incident_id')}${because(is('reason'))}`,
  'probe.incident_silenced': (is) =>
    `incident ${is('incident_id')} is quiet until ${is('until')}${because(is('reason'))}`,
  'probe.incident_noted': (is) => `of incident ${is('incident_id')} was noted${because(is('note'))}`,
  'probe.incident_flapping': (is) => `${is('probe')} goes back and forth: ${is('turns')} turns`,
  'probe.consequence_opened': (is) =>
    `${is('probe')} fails because of ${is('caused_by')}${because(is('detail'))}`,
  'probe.window_added': (is) =>
    `no incident opens from ${is('starts_at')} to ${is('ends_at')}${because(is('reason'))}`,
  'probe.window_ended': (is) => `maintenance window ${is('window_id')} was ended${because(is('reason'))}`,
  'probe.investigation_completed': (is) => `${is('facts')} facts were found about ${is('probe')}`,
  'sea_ticket.created': (is) => `ticket ${is('ticket')} was added by ${is('origin')}: ${is('title')}`,
  'sea_ticket.claimed_for_edit': (is) =>
    `ticket ${is('ticket')} was claimed under fence ${is('fence')}, attempt ${is('attempt')}`,
  'sea_ticket.claim_released': (is) => `ticket ${is('ticket')} was given back${because(is('reason'))}`,
  'sea_ticket.claim_expired': (is) =>
    `the lease of ticket ${is('ticket')} ran out under fence ${is('fence')}`,
  'sea_ticket.operator_action': (is) =>
    `the operator: ${is('action')} of ticket ${is('ticket')}${because(is('reason'))}`,
  'kora.sea_ticket.resolved': (is) =>
    `ticket ${is('ticket')} ended ${is('resolution')}${because(is('summary'))}`,
  'notification.accepted': (is) => `message ${is('message_id')} was accepted: ${is('title')}`,
  'notification.delivered': (is) => `message ${is('message_id')} was told through ${is('channel')}`,
  'notification.delivery_failed': (is) =>
    `${is('channel')} refused message ${is('message_id')}${because(is('error'))}`,
  'kora.operational_state.transitioned': (is) =>
    `${is('from_primary_state')} became ${is('to_primary_state')}, claims ${is('claim_permission')}: ${is('trigger')}`,
  'kora.hold.added': (is) => `hold ${is('hold_id')} (${is('hold_cause')}) was placed${because(is('reason'))}`,
  'kora.hold.cleared': (is) =>
    `hold ${is('hold_id')} (${is('hold_cause')}) was cleared${because(is('reason'))}`,
  'kora.control.issued': (is) =>
    `stop level ${is('level')} (${is('kind')}) was ordered${because(is('reason'))}`,
  'kora.control.enforced': (is) =>
    `stop level ${is('level')} is in effect: ${is('claims_released')} claims released`,
  'kora.boot.failed': (is) => `boot gate ${is('gate_id')} said no${because(is('detail'))}`,
  'kora.daemon.failed': (is) =>
    `daemon ${is('daemon')} of ${is('plugin')} did not start${because(is('error'))}`,
  'kora.task.failed': (is) => `task ${is('task')} failed${because(is('error'))}`,
  'kora.plugin.state_changed': (is) => `plugin ${is('plugin')} became ${is('to')}`,
  'kora.runtime.stopping': (is) => `an orderly end began${because(is('reason'))}`,
  'kora.escalation.requested': capability,
  'kora.approval.approved': (is) => `approved: ${capability(is)}`,
  'kora.approval.refused': (is) => `refused: ${capability(is)}`,
  'kora.approval.used': (is) => `used: ${capability(is)}`,
  'kora.admission.refused': (is) => `${is('door')} refused ${is('caller')}: ${is('cause')}`,
  'kora.health.probe': (is) => `the runtime is ${is('overall')}${because(is('reason'))}`,
};

function because(why: string): string {
  return why === 'unknown' || why === '' ? '' : `: ${why}`;
}
