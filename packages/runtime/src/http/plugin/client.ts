import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import {
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
    approvePlugin: (id: string, reason: string) => write(`${at(id)}/approve`, syncRowSchema, { reason }),
    purgePlugin: (id: string, reason: string) => write(`${at(id)}/purge`, purgedPluginSchema, { reason }),
  };
}
