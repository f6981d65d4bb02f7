import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import {
  pluginDisabledSchema,
  pluginSchema,
  pluginWhySchema,
  purgedPluginSchema,
  syncReportSchema,
  syncRowSchema,
} from './contract.ts';

/** The part of the typed API about plugins. */
export function pluginClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const at = (id: string): string => `/api/plugins/${encodeURIComponent(id)}`;
  return {
    plugins: () => read('/api/plugins', z.array(pluginSchema)),
    /** By id or by package; also of what is not installed. */
    whyPlugin: (id: string) => read(`${at(id)}/why`, pluginWhySchema),
    /** Ends when every guest that changed has come up or has not. */
    syncPlugins: () => write('/api/plugins/sync', syncReportSchema, {}),
    /** With a digest, refused with KORA_PLUGIN_CHANGED when another version is installed by now. */
    approvePlugin: (id: string, reason: string, digest?: string) =>
      write(`${at(id)}/approve`, syncRowSchema, { reason, digest }),
    /** It is not loaded any more from the next start on. */
    disablePlugin: (id: string, reason: string) =>
      write(`${at(id)}/disable`, pluginDisabledSchema, { reason }),
    purgePlugin: (id: string, reason: string) => write(`${at(id)}/purge`, purgedPluginSchema, { reason }),
  };
}
