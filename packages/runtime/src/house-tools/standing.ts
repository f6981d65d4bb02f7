import { z } from 'zod';
import type { ChainEvent } from '../chain/index.ts';
import type { Evidence, ToolSpec } from '../reason/index.ts';
import type { HouseReads } from './ports.ts';
import { reading, rowsWith, tool } from './spec.ts';

const nothing = z.strictObject({});
const longestText = 300;

/** How the runtime stands: its state, its health, all of it at a glance, and what happened last. */
export function standingTools(reads: HouseReads): readonly ToolSpec[] {
  /** The newest event of a type: the row on record that a reading of now rests on. */
  const newest = async (type: string): Promise<Evidence[]> => {
    const [event] = await reads.events({ type, order: 'desc', limit: 1 });
    return event === undefined ? [] : [evidenceOf(event, reads.told(event).words)];
  };
  return [
    tool({
      ...reading,
      name: 'kora__get_operational_state',
      snapshotField: 'operational_state',
      description:
        'The operational state of the runtime now: whether it is ready, active, paused or stopped, what it may claim, why it is degraded, which holds are open and which stop is in force.',
      input: nothing,
      run: async () => ({
        content: reads.operationalState(),
        evidence: await newest('kora.operational_state.transitioned'),
      }),
    }),
    tool({
      ...reading,
      name: 'kora__get_health_rollup',
      snapshotField: 'daemon_health',
      description:
        'How healthy the runtime is: can it work, may it work, is it working, with the reasons and every reading they rest on.',
      input: nothing,
      run: async () => ({ content: await reads.health(), evidence: await newest('kora.health.probe') }),
    }),
    tool({
      ...reading,
      name: 'kora__get_snapshot',
      // All of it.
      snapshotField: 'snapshot',
      description:
        'Everything at a glance, taken now: state, open incidents by severity, spend, counts of tickets, services, daemons, identity and the event log. A section that could not be read is the word unknown.',
      input: nothing,
      run: async () => {
        const kept = await reads.snapshot();
        if (kept === null) return { content: 'no snapshot can be taken now' };
        const id = `snapshot:${kept.snapshotId}`;
        return {
          content: { evidence: id, ...kept.snapshot },
          evidence: [{ id, what: 'how everything stood' }],
        };
      },
    }),
    tool({
      ...reading,
      name: 'kora__get_recent_chain_events',
      description:
        'What happened, from the event log, newest first: each event with its sequence, type, time and one line of words. Narrow it by the beginning of a type such as probe or sea_ticket, by a ticket, or to events before a sequence.',
      input: z.strictObject({
        type: z.string().max(100).optional(),
        ticket_id: z.number().int().positive().optional(),
        before: z.number().int().positive().optional(),
        limit: z.number().int().min(1).max(50).default(20),
      }),
      run: async ({ type, ticket_id: ticketId, before, limit }) => {
        const events = await reads.events({ type, ticketId, before, limit, order: 'desc' });
        const shown = rowsWith(events, (event) => {
          const { words, payload } = reads.told(event);
          const { seq, type: what, occurredAt: at, actorId, ticketId: of } = event;
          return {
            ...evidenceOf(event, words),
            row: { seq, type: what, at, actorId, ticketId: of, words, payload },
          };
        });
        // Words of events name what failed, in the words of what failed.
        return { ...shown, untrusted: true };
      },
    }),
    tool({
      ...reading,
      name: 'kora__get_recent_ledger_entries',
      description:
        'What tickets did to the world outside, from the ledger: each operation with its tool, whether it was begun and committed, and its error. Of one ticket, or of the newest tickets that did anything.',
      input: z.strictObject({
        ticket_id: z.number().int().positive().optional(),
        limit: z.number().int().min(1).max(50).default(20),
      }),
      run: async ({ ticket_id: ticketId, limit }) => {
        const entries = await reads.ledger({ ticketId, limit });
        const shown = rowsWith(entries, (entry) => ({
          id: `operation:${entry.ticketId}/${entry.operationId.replaceAll(/[^\w.:/-]/g, '_').slice(0, 120)}`,
          what: `${entry.tool} of ticket ${entry.ticketId} is ${entry.status}`,
          row: { ...entry, error: entry.error?.slice(0, longestText) ?? null },
        }));
        return { ...shown, untrusted: true };
      },
    }),
  ];
}

function evidenceOf({ seq }: ChainEvent, words: string): Evidence {
  return { id: `event:${seq}`, what: words };
}
