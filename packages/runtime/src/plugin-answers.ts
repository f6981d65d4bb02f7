import type { House, shape } from './http/index.ts';
import type { Installations, PluginRow, SyncRow } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type PluginAnswers = Pick<House, 'whyPlugin' | 'syncPlugins' | 'approvePlugin' | 'purgePlugin'>;

/** Why plugins are as they are, and the operator's word on which may be let in. */
export function pluginAnswers(
  installations: Installations,
  { pluginStores }: Pick<Rooms, 'pluginStores'>,
): PluginAnswers {
  return {
    whyPlugin: (id) => {
      const { looked, reason, ...why } = installations.why(id);
      return { ...why, looked: [...looked], reason: reason === null ? null : { ...reason } };
    },
    syncPlugins: async () => {
      const { host, rows, missing } = await installations.sync({ asked: true });
      return { host, rows: rows.map(syncView), missing: [...missing] };
    },
    approvePlugin: async (id, { reason, digest }) =>
      syncView(
        await installations.approve(id, {
          by: operatorActor,
          reason,
          ...(digest === undefined ? {} : { digest }),
        }),
      ),
    purgePlugin: async (id, reason) => {
      installations.requireGone(id);
      const { plugin, schema, tables, statement } = await pluginStores.purge(id);
      await installations.forget(id, { by: operatorActor, reason });
      return { plugin, schema, tables, statement };
    },
  };
}

/** What a row says of what was agreed to, and of what is not let in. */
export function standingView({
  capabilities,
  approved,
  pending,
}: PluginRow): Pick<shape.PluginRowView, 'capabilities' | 'approved' | 'pending'> {
  return {
    capabilities: [...capabilities],
    approved: approved === undefined ? null : { ...approved, capabilities: [...approved.capabilities] },
    pending: pending === undefined ? null : { ...pending, reason: { ...pending.reason } },
  };
}

function syncView({ reason, ...row }: SyncRow): shape.SyncRow {
  return { ...row, reason: reason === undefined ? null : { ...reason } };
}
