import type { Ground } from './ground.ts';
import { once } from './control/index.ts';
import type { House } from './http/index.ts';
import { startDrill } from './message/index.ts';
import { channelOrder } from './open-messages.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type DecisionAnswers = Pick<House, 'decisions' | 'decision' | 'answerDecision' | 'startDrill'>;
type Around = Pick<Rooms, 'decisions' | 'database' | 'workspace' | 'chain' | 'delivery'>;

/** What waits for the operator, and the operator's word on it. */
export function decisionAnswers(ground: Ground, rooms: Around): DecisionAnswers {
  const { decisions, database, workspace, chain, delivery } = rooms;
  const { workspaceId } = workspace;
  const by = operatorActor;
  return {
    decisions: (query) => decisions.list(query),
    decision: (decisionId) => decisions.find(decisionId),
    answerDecision: async ({ decisionId, code, verdict, note }) => {
      if (decisionId !== undefined)
        return decisions.answer({ decisionId, verdict, by, via: 'api', note: note ?? null });
      const said = { verdict, note: note ?? null, providerId: 'api', sender: by, channel: 'api' };
      return decisions.decide({ ...said, code: code ?? '' });
    },
    startDrill: async ({ idempotencyKey, reason, waitMs }) => {
      const channels = [...channelOrder(ground, delivery)()].filter((name) =>
        delivery.channels.includes(name),
      );
      const wish = { reason, waitMs };
      const started = await database.transaction((tx) =>
        once(tx, { workspaceId, key: idempotencyKey, deed: 'drill', wish }, async () => {
          const context = { workspaceId, stage: chain.stage.bind(chain) };
          const drill = { channels, waitMs, reason, by, now: ground.clock.now(), key: ground.clock.uuid() };
          return { decisionId: await startDrill(tx, context, drill), channels, waitMs };
        }),
      );
      delivery.kick();
      return started;
    },
  };
}
