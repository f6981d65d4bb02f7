import { fault } from './fault/index.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';

const readsRuntime = 'cap_read_runtime';

/** What a plugin may bring to promotion, and see of the past while its loops are asked. */
export function promotionServices(
  { promotion, watch, capabilities }: Pick<Rooms, 'promotion' | 'watch' | 'capabilities'>,
  { id, trusted }: PluginOwner,
): Pick<HouseServices, 'registerLoop' | 'registerChangeKind' | 'promotion'> {
  // What was asked here and answered is the operator's own: a stranger looks at it with their leave.
  const leave = async (): Promise<void> => {
    if (trusted || (await capabilities.isGranted(id, readsRuntime))) return;
    throw fault(
      'KORA_ADMISSION_DENIED',
      `plugin ${id} may not look at the past: nobody granted ${readsRuntime}`,
      {
        fix: `kora capability grant ${readsRuntime} --to plugin:${id} --reason '...'`,
      },
    );
  };
  return {
    registerLoop: async (loop) => undoing(await promotion.registerLoop(loop, id, () => watch.ticked(id))),
    registerChangeKind: async (kind) => {
      if (!trusted) throw fault('KORA_PLUGIN_INVALID', `plugin ${id} is not trusted with a kind of change`);
      return undoing(await promotion.registerKind(kind, id));
    },
    promotion: {
      history: promotion.historyFor(id, leave),
      // How this house is set up: what may be mended here, and by what, is as much the operator's own as what was asked.
      places: async (kind) => {
        await leave();
        return promotion.places(kind);
      },
    },
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
