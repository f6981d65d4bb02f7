import type { Ground } from './ground.ts';
import { askDecision } from './message/index.ts';
import type { Decider } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import { cancelTicket, findTicket, unblockTicket } from './ticket/index.ts';

type Around = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'worker' | 'apply'>;

/** A ticket that stands until the operator says whether it goes on. */
export function standingTickets({ database, workspace, chain, worker }: Around, runtimeId: string): Decider {
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  return {
    kind: 'ticket',
    decide: async ({ subject, verdict, by, reason }, marked) => {
      const request = { ticketId: Number(subject), reason, runtimeId, actorId: by };
      const deed = verdict === 'approve' ? unblockTicket : cancelTicket;
      await database.transaction((tx) => marked(tx, () => deed(tx, context, request)));
      worker.announce();
    },
    ended: async (subjects) => {
      const ended = subjects.map(async (subject) => {
        const ticket = await findTicket(database, context.workspaceId, Number(subject));
        return ticket?.status === 'blocked_needs_operator' ? [] : [{ subject, status: 'withdrawn' as const }];
      });
      return (await Promise.all(ended)).flat();
    },
  };
}

/** How long a ticket is asked about: as long as it stands; a year is that. */
const askedMs = 365 * 86_400_000;
const askedAtOnce = 100;

interface StandingTicket {
  readonly ticketId: number;
  readonly kind: string;
  readonly title: string;
  readonly reason: string;
  /** Which of its attempts stands: one that stands again is asked about again. */
  readonly fence: string;
}

/** Tells the operator of tickets that stand and that nobody was asked about yet, each with a code to answer it. */
export async function askTickets({ clock }: Pick<Ground, 'clock'>, around: Around): Promise<void> {
  const { database, workspace, chain, apply } = around;
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  const standing = await database.query<StandingTicket>(
    `select p.ticket_id as "ticketId", p.kind, t.title, p.reason, p.fence::text as fence
     from kora.ticket_parked p join kora.ticket t using (workspace_id, ticket_id)
     where p.workspace_id = $1 and p.status = 'blocked_needs_operator' and not exists (select from kora.decision d
       where d.workspace_id = p.workspace_id and d.kind = 'ticket' and d.subject = p.ticket_id::text and d.status = 'open')
     order by p.ticket_id limit ${askedAtOnce}`,
    [context.workspaceId],
  );
  for (const { ticketId, kind, title, reason, fence } of standing) {
    const key = `ticket:${ticketId}:stands:${fence}`;
    const body = `${reason}\n\nApprove lets it go on, deny cancels it: kora ticket show ${ticketId}`;
    await database.transaction(async (tx) => {
      const message = { key, thread: `ticket:${ticketId}`, severity: 'warning', source: 'ticket' } as const;
      const words = { title: `Ticket ${ticketId} waits for you: ${title}`.slice(0, 500), body };
      await apply(tx, { messages: [{ ...message, ...words }] });
      await askDecision(tx, context, {
        kind: 'ticket',
        subject: String(ticketId),
        asker: kind,
        title: `ticket ${ticketId} (${title}) stands: ${reason}. Let it go on?`,
        expiresAt: new Date(clock.now() + askedMs),
        messages: [key],
      });
    });
  }
}
