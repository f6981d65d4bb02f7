import { fault, handedOver, panelResultSchema, panelViewSchema } from '@kora/runtime/testkit';
import type {
  CockpitPanelSpec,
  PanelInput,
  PanelResult,
  PanelView,
  Registration,
} from '@kora/runtime/plugin';
import { Named } from './named.ts';

/** The plugin's panels, read and pressed as the cockpit does. */
export class Panels {
  readonly named: Named<CockpitPanelSpec> = new Named('panel', 'KORA_PLUGIN_INVALID');

  register(panel: CockpitPanelSpec): Registration {
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(panel.id))
      throw fault('KORA_PLUGIN_INVALID', `"${panel.id}" is not the id of a panel`);
    return this.named.hold(panel.id, panel);
  }

  /** Throws KORA_NOT_FOUND, and KORA_PLUGIN_INVALID for a view that the page could not draw. */
  async view(id: string, signal: AbortSignal): Promise<PanelView> {
    return handedOver.parsed(panelViewSchema, await this.#panel(id).view(signal));
  }

  async press(id: string, action: string, input: PanelInput, signal: AbortSignal): Promise<PanelResult> {
    const found = (this.#panel(id).actions ?? []).find((each) => each.id === action);
    if (found === undefined) throw fault('KORA_NOT_FOUND', `panel ${id} has no action ${action}`);
    return handedOver.parsed(panelResultSchema, (await found.run(input, signal)) ?? {});
  }

  #panel(id: string): CockpitPanelSpec {
    const found = this.named.get(id);
    if (found === undefined) throw fault('KORA_NOT_FOUND', `there is no panel ${id}`);
    return found;
  }
}
