import { fault } from './fault/index.ts';
import type { House } from './http/index.ts';
import { dropInbound, findInbound, listInbound, openSealed, releaseInbound } from './message/index.ts';
import type { InboundView } from './message/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type InboundRow = Awaited<ReturnType<House['inbound']['list']>>[number];

/** What came in over channels, and the operator's word on what is in quarantine. */
export function inboundAnswers({
  inbound,
  database,
  workspace,
  chain,
}: Pick<Rooms, 'inbound' | 'database' | 'workspace' | 'chain'>): Pick<House, 'inbound'> {
  const { workspaceId } = workspace;
  const context = { workspaceId, stage: chain.stage.bind(chain) };
  const by = operatorActor;
  const find = async (inboundId: number): Promise<InboundRow> => {
    const view = await findInbound(database, workspaceId, inboundId);
    if (view !== undefined) return rowOf(view);
    throw fault('KORA_INBOUND_UNKNOWN', `no message ${inboundId} came in`, { fix: 'kora message list' });
  };
  return {
    inbound: {
      list: async (query) => (await listInbound(database, workspaceId, query)).map(rowOf),
      show: async (inboundId) => {
        const row = await find(inboundId);
        const raw = await openSealed(database, workspaceId, { inboundId, sealing: inbound.sealing });
        return { ...row, rawBase64: raw?.toString('base64') ?? null };
      },
      release: async (inboundId, reason) => {
        await releaseInbound(database, context, { inboundId, reason, by });
        inbound.kick();
        return find(inboundId);
      },
      drop: async (inboundId, reason) => {
        await dropInbound(database, context, { inboundId, reason, by });
        return find(inboundId);
      },
    },
  };
}

function rowOf({ attachments, ...view }: InboundView): InboundRow {
  return { ...view, attachments: [...attachments] };
}
