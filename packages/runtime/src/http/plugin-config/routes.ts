import type { Context } from 'hono';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { writerOf } from '../config/routes.ts';
import { freshIf } from '../session/fresh.ts';
import { storableText } from '../words/contract.ts';
import { newPluginConfigSchema, pluginConfigSchema, pluginConfigWrittenSchema } from './contract.ts';

const plugin = storableText(100);
const pluginOf = (context: Context): string => parseWith(plugin, context.req.param('plugin'), 'the plugin');

export function pluginConfigReads(read: Reader, { house }: RoutesOptions): void {
  read('/plugins/:plugin/config', { data: pluginConfigSchema }, (_, at) =>
    house().pluginConfig(pluginOf(at)),
  );
}

/** Posted like every mutation: the API knows no other method. */
export function pluginConfigWrites(write: Writer, options: RoutesOptions): void {
  const shapes = { body: newPluginConfigSchema, data: pluginConfigWrittenSchema };
  write('/plugins/:plugin/config', shapes, async (wish, at) => {
    await freshIf(at, options, () => Promise.resolve(true));
    return options.house().configurePlugin(pluginOf(at), wish, writerOf(at));
  });
}
