import type { ConfigWriter } from '../config/house.ts';
import type {
  PluginDisabled,
  PluginRowView,
  PluginWhy,
  PurgedPlugin,
  SyncReport,
  SyncRow,
} from '../shapes.ts';

/** What may be asked of the plugins, and done to them. */
export interface PluginHouse {
  plugins(): PluginRowView[];
  /** By id or by package; also of what is not installed. */
  whyPlugin(idOrPackage: string): PluginWhy;
  /** Puts what runs in step with what is installed, at once. */
  syncPlugins(): Promise<SyncReport>;
  /** Lets in what a parked version asks for. */
  approvePlugin(id: string, wish: { reason: string; digest?: string | undefined }): Promise<SyncRow>;
  /** Has it never loaded from the next start on, by `plugins.deny` of kora.json. */
  disablePlugin(id: string, reason: string, by: ConfigWriter): Promise<PluginDisabled>;
  /** Removes what a plugin that is not there any more keeps in the store, and what was approved of it. */
  purgePlugin(id: string, reason: string): Promise<PurgedPlugin>;
}
