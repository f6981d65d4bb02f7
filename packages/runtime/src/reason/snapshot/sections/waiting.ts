import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

export interface WaitingFacts {
  /** Calls that wait for the operator's word. */
  readonly approvals: number;
  /** Tickets that wait for the operator. */
  readonly blockedTickets: number;
  readonly unacknowledgedIncidents: number;
}

const schema = z.object({
  approvals: z.number(),
  blocked_tickets: z.number(),
  unacknowledged_incidents: z.number(),
  total: z.number(),
  summary: z.string(),
});

/** What waits for the operator. */
export function waiting(read: () => Promise<WaitingFacts>): SnapshotSection {
  return {
    name: 'waiting',
    schema,
    read: async () => {
      const { approvals, blockedTickets, unacknowledgedIncidents } = await read();
      const parts = [
        counted(approvals, 'approval', 'approvals'),
        counted(blockedTickets, 'blocked ticket', 'blocked tickets'),
        counted(unacknowledgedIncidents, 'incident nobody has seen', 'incidents nobody has seen'),
      ].filter((part) => part !== undefined);
      return {
        approvals,
        blocked_tickets: blockedTickets,
        unacknowledged_incidents: unacknowledgedIncidents,
        total: approvals + blockedTickets + unacknowledgedIncidents,
        summary: parts.length === 0 ? 'nothing waits for you' : `for you: ${parts.join(', ')}`,
      } satisfies z.infer<typeof schema>;
    },
  };
}

function counted(count: number, one: string, many: string): string | undefined {
  if (count === 0) return undefined;
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
