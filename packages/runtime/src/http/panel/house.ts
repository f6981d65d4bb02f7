import type { z } from 'zod';
import type { panelAskSchema, panelDoneSchema, panelLookSchema, panelSchema } from './contract.ts';

export type PanelListed = z.infer<typeof panelSchema>;
export type PanelLooked = z.infer<typeof panelLookSchema>;
export type PanelAsk = z.infer<typeof panelAskSchema>;
export type PanelDone = z.infer<typeof panelDoneSchema>;

/** The API's questions about the panels of a plugin. */
export interface PanelHouse {
  panels(pluginId: string): PanelListed[];
  panel(pluginId: string, panelId: string): Promise<PanelLooked>;
  panelAction(pluginId: string, panelId: string, actionId: string, ask: PanelAsk): Promise<PanelDone>;
}
