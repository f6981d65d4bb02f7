import type { PluginContext } from '../contract.ts';
import { panelResultSchema, panelViewSchema } from '../panel/contract.ts';
import { parsed } from './arrivals.ts';
import { panel } from './panel-arrivals.ts';
import type { Register, Remote } from './remote.ts';

/** A guest's panel on our side: asked for, it asks the guest; who waits says for how long. */
export function panelRegistration(context: PluginContext<unknown>, remote: Remote): Register {
  return async (params) => {
    const { handle, actions, ...words } = parsed(panel, params);
    const registration = await context.registerCockpitPanel({
      ...words,
      view: (signal) => remote.call({ handle, member: 'view', args: {}, answer: panelViewSchema, signal }),
      actions: actions.map((action) => ({
        ...action,
        run: (input, signal) =>
          remote.call({
            handle,
            member: 'act',
            args: { action: action.id, input },
            answer: panelResultSchema,
            signal,
          }),
      })),
    });
    return { handle, registration };
  };
}
