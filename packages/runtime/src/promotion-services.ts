import { fault } from './fault/index.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';

/** What a plugin may bring to promotion, and see of the past while its loops are asked. */
export function promotionServices(
  { promotion, watch }: Pick<Rooms, 'promotion' | 'watch'>,
  { id, trusted }: PluginOwner,
): Pick<HouseServices, 'registerLoop' | 'registerChangeKind' | 'promotion'> {
  return {
    registerLoop: async (loop) => undoing(await promotion.registerLoop(loop, id, () => watch.ticked(id))),
    registerChangeKind: async (kind) => {
      if (!trusted) throw fault('KORA_PLUGIN_INVALID', `plugin ${id} is not trusted with a kind of change`);
      return undoing(await promotion.registerKind(kind, id));
    },
    promotion: { history: promotion.historyFor(id), places: (kind) => promotion.places(kind) },
  };
}

function undoing(undo: () => Promise<void> | void): { dispose(): Promise<void> } {
  let undone: Promise<void> | undefined;
  return {
    dispose: () => {
      undone ??= Promise.resolve().then(undo);
      return undone;
    },
  };
}
