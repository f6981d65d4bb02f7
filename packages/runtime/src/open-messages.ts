import { alertDeciders } from './alert-decisions.ts';
import { askTickets, standingTickets } from './asked-tickets.ts';
import type { Question } from './capability/index.ts';
import type { Ground } from './ground.ts';
import { askHeldTools, heldTools } from './held-tools.ts';
import { askDecision, Decisions, Delivery, endDrill, inboxChannel } from './message/index.ts';
import type { Decider, DeliveryPolicy, Ended } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import type { Transaction } from './store/index.ts';
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
  'database' | 'workspace' | 'chain' | 'capabilities' | 'delivery' | 'worker' | 'apply' | 'panels'
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
      standingTickets(rooms, home.runtimeId),
      drills(rooms),
      ...alertDeciders(ground, rooms),
      heldTools(rooms),
    ],
    channel: (name) => delivery.outside(name),
    ask: async () => {
      await askTickets(ground, rooms);
      await askHeldTools(ground, rooms);
    },
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
