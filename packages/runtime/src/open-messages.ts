import { alertDeciders } from './alert-decisions.ts';
import { approvals } from './asked-approvals.ts';
import { askTickets, standingTickets } from './asked-tickets.ts';
import type { Ground } from './ground.ts';
import { askHeldTools, heldTools } from './held-tools.ts';
import { Decisions, Delivery, endDrill, hurryDrills, inboxChannel } from './message/index.ts';
import type { Decider, DeliveryPolicy } from './message/index.ts';
import { promotions } from './promotion-decisions.ts';
import type { Promotion } from './promotion/index.ts';
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
  return () => {
    // Read at each call: the operator may say another order while it runs.
    const named = configuration.config.messages.channels;
    const all = named.includes('inbox') ? named : [...named, 'inbox'];
    const here = new Set(delivery.channels);
    return [...all.filter((name) => here.has(name)), ...all.filter((name) => !here.has(name))];
  };
}

type Around = Pick<
  Rooms,
  'database' | 'workspace' | 'chain' | 'capabilities' | 'delivery' | 'worker' | 'apply' | 'panels'
> & { readonly promotion: () => Promotion };

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
      promotions(rooms.promotion),
    ],
    channel: (name) => delivery.outside(name),
    ask: async () => {
      await askTickets(ground, rooms);
      await askHeldTools(ground, rooms);
      if ((await hurryDrills(database, workspace.workspaceId)) > 0) delivery.kick();
    },
    onError,
  });
}

function drills({ database, workspace }: Around): Decider {
  return {
    kind: 'drill',
    decide: async ({ subject }, marked) => {
      const end = (tx: Transaction) => marked(tx, () => endDrill(tx, workspace.workspaceId, subject));
      await database.transaction(end);
    },
    ended: () => Promise.resolve([]),
    // Nobody is paged for practice when nothing comes of it any more.
    over: (tx, subject) => endDrill(tx, workspace.workspaceId, subject),
  };
}
