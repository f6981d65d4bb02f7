import { draft } from './chain/index.ts';
import { messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';
import { panelActed } from './plugin/index.ts';
import type { PanelRow, PluginHost } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type PanelAnswers = Pick<House, 'panels' | 'panel' | 'panelAction'>;
type Listed = ReturnType<House['panels']>[number];

interface PanelParts {
  readonly ground: Pick<Ground, 'clock'>;
  readonly rooms: Pick<Rooms, 'panels' | 'chain'>;
  readonly plugins: PluginHost;
}

/** What plugins show the operator, and what the operator asks of them there: each deed is an event, done or failed. */
export function panelAnswers({ ground, rooms, plugins }: PanelParts): PanelAnswers {
  const { clock } = ground;
  const { panels, chain } = rooms;
  return {
    panels: (plugin) => panels.list(plugins.get(plugin).id).map(listed),
    panel: async (plugin, id) => {
      const row = panels.row(plugin, id);
      const { view, takenAt } = await panels.look(plugin, id);
      return { ...listed(row), view, takenAt: new Date(takenAt).toISOString() };
    },
    panelAction: async (plugin, id, action, { input, reason }) => {
      const begun = clock.monotonic();
      const record = async (error: string | null): Promise<void> => {
        const duration = Math.round(clock.monotonic() - begun);
        const outcome = error === null ? ('ok' as const) : ('failed' as const);
        const payload = { plugin, panel: id, action, outcome, duration_ms: duration, reason, error };
        await chain.append([draft(panelActed, payload, { actorId: operatorActor })]);
      };
      // Of what is not there, nothing is recorded.
      panels.action(plugin, id, action);
      try {
        const done = await panels.act(plugin, id, action, input);
        await record(null);
        return done;
      } catch (error) {
        await record(messageOf(error));
        throw error;
      }
    },
  };
}

function listed({ actions, ...row }: PanelRow): Listed {
  return { ...row, actions: actions.map((action) => ({ ...action })) };
}
