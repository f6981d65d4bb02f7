import { fault } from '../../fault/index.ts';
import type { CockpitPanelSpec, PanelInput } from '../panel/contract.ts';
import type { Shelf } from './shelf.ts';

/** What of a panel crosses; its functions stay here. */
export function describePanel(panel: CockpitPanelSpec, shelf: Shelf): { readonly handle: number } {
  const { id, title, everyMs, actions = [] } = panel;
  const handle = shelf.keep({
    view: (_none, signal) => panel.view(signal),
    act: async (args, signal) => {
      const { action, input } = args as { readonly action: string; readonly input: PanelInput };
      const asked = actions.find((each) => each.id === action);
      if (asked === undefined) throw fault('KORA_PLUGIN_GONE', `the action ${action} was taken back`);
      return (await asked.run(input, signal)) ?? {};
    },
  });
  const words = actions.map(({ id: name, title: label, purpose, needs, confirm }) => ({
    id: name,
    title: label,
    purpose,
    needs,
    confirm,
  }));
  const data = { id, title, everyMs, actions: words };
  return { handle, ...data };
}
