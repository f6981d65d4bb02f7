import { alertDeciders } from './alert-decisions.ts';
import type { Question } from './capability/index.ts';
import type { Ground } from './ground.ts';
import { askDecision, Decisions, Delivery, endDrill, inboxChannel } from './message/index.ts';
import type { Decider, DecisionView, DeliveryPolicy, Ended } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import type { Transaction } from './store/index.ts';
import { cancelTicket, findTicket, unblockTicket } from './ticket/index.ts';
import { operatorActor } from './workspace/index.ts';

type Below = Pick<Rooms, 'database' | 'workspace' | 'chain' | 'admission'>;

/** What goes out to the operator, with the inbox, which is always there. */
export function deliveryOf(
  { clock, onError, options, configuration }: Ground,
  { database, workspace, chain, admission }: Below,
): Delivery {
  const delivery = new Delivery({
    database,
    workspaceId: workspace.workspaceId,
    clock,
    admission,
    stage: chain.stage.bind(chain),
    onError,
    policy: policyOf(configuration.config.messages),
  });
  delivery.register(inboxChannel((message) => options.onMessage?.(message)));
  return delivery;
}

function policyOf({
  quietHours,
  perMinute,
  staleMinutes,
  burst,
}: Ground['configuration']['config']['messages']): DeliveryPolicy {
  return { quietHours, perMinute, staleMs: staleMinutes * 60_000, burst };
}

/** The workspace's way to the operator: what is here first, in the configured order, and the inbox at its end. */
export function channelOrder(
  { configuration }: Pick<Ground, 'configuration'>,
  delivery: Pick<Delivery, 'channels'>,
): () => readonly string[] {
  const named = configuration.config.messages.channels;
  const all = named.includes('inbox') ? named : [...named, 'inbox'];
  return () => {
    const here = new Set(delivery.channels);
    return [...all.filter((name) => here.has(name)), ...all.filter((name) => !here.has(name))];
  };
}

/** Tells the operator of a question about a call, and has it wait where all decisions do. */
export async function askApproval(
  { workspace, chain }: Pick<Rooms, 'workspace' | 'chain'>,
  apply: Rooms['apply'],
  tx: Transaction,
  { asks, ...question }: Question,
): Promise<void> {
  await apply(tx, { messages: [question] });
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  await askDecision(tx, context, {
    kind: 'approval',
    subject: String(asks.approvalId),
    asker: asks.caller,
    title: question.title,
    expiresAt: new Date(asks.expiresAt),
    messages: [question.key],
  });
}

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'chain' | 'capabilities' | 'delivery' | 'worker' | 'apply'
>;

/** The one inbox of what waits for the operator, over the rooms that ask. */
export function decisionsOf(ground: Ground, rooms: Around): Decisions {
  const { clock, home, onError } = ground;
  const { database, workspace, chain, delivery } = rooms;
  return new Decisions({
    database,
    workspaceId: workspace.workspaceId,
    clock,
    stage: chain.stage.bind(chain),
    operator: operatorActor,
    deciders: [
      approvals(rooms),
      tickets(rooms, home.runtimeId),
      drills(rooms),
      ...alertDeciders(ground, rooms),
    ],
    channel: (name) => delivery.outside(name),
    ask: () => askTickets(ground, rooms),
    onError,
  });
}

function approvals({ capabilities }: Around): Decider {
  return {
    kind: 'approval',
    decide: async ({ subject, verdict, by, reason }, marked) => {
      const decision = verdict === 'approve' ? 'approved' : 'refused';
      await capabilities.decide({ approvalId: Number(subject), verdict: decision, by, reason }, marked);
    },
    ended: async (subjects) => {
      const seen = await Promise.all(subjects.map((subject) => capabilities.approval(Number(subject))));
      return seen.flatMap(({ approvalId, status, decidedBy }): readonly Ended[] => {
        const subject = String(approvalId);
        if (status === 'pending') return [];
        if (status === 'expired' || decidedBy === null) return [{ subject, status: 'expired' }];
        const verdict = status === 'refused' ? 'deny' : 'approve';
        return [{ subject, status: 'answered', verdict, by: decidedBy }];
      });
    },
  };
}

/** A ticket that stands until the operator says whether it goes on. */
function tickets({ database, workspace, chain, worker }: Around, runtimeId: string): Decider {
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

function drills({ database, workspace }: Around): Decider {
  return {
    kind: 'drill',
    decide: async ({ subject }, marked) => {
      const end = (tx: Transaction) => marked(tx, () => endDrill(tx, workspace.workspaceId, subject));
      await database.transaction(end);
    },
    ended: () => Promise.resolve([]),
  };
}

/** How long a ticket is asked about: as long as it stands; a year is that. */
const ticketAskedMs = 365 * 86_400_000;
const askedAtOnce = 100;

/** Tickets that stand until somebody decides, and that nobody was asked about yet. */
async function askTickets({ clock }: Ground, { database, workspace, chain }: Around): Promise<void> {
  const context = { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) };
  const standing = await database.query<{ ticketId: number; kind: string; title: string; reason: string }>(
    `select p.ticket_id as "ticketId", p.kind, t.title, p.reason
     from kora.ticket_parked p join kora.ticket t using (workspace_id, ticket_id)
     where p.workspace_id = $1 and p.status = 'blocked_needs_operator' and not exists (select from kora.decision d
       where d.workspace_id = p.workspace_id and d.kind = 'ticket' and d.subject = p.ticket_id::text and d.status = 'open')
     order by p.ticket_id limit ${askedAtOnce}`,
    [context.workspaceId],
  );
  for (const { ticketId, kind, title, reason } of standing) {
    const asked: Pick<DecisionView, 'kind' | 'subject' | 'asker' | 'title'> = {
      kind: 'ticket',
      subject: String(ticketId),
      asker: kind,
      title: `ticket ${ticketId} (${title}) stands: ${reason}. Let it go on?`,
    };
    const expiresAt = new Date(clock.now() + ticketAskedMs);
    await database.transaction((tx) => askDecision(tx, context, { ...asked, expiresAt }));
  }
}
