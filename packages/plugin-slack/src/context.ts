import type { PluginContext } from '@kora/runtime/plugin';
import type { SlackConfig } from './config.ts';

/** What the channel needs of its plugin's context. */
export type SlackContext = Pick<
  PluginContext<SlackConfig>,
  'workspace' | 'config' | 'secret' | 'artifacts' | 'clock' | 'log'
>;
