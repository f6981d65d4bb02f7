import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { freshIf } from '../session/fresh.ts';
import { reasonSchema, storableText } from '../words/contract.ts';
import {
  pluginSchema,
  pluginWhySchema,
  purgedPluginSchema,
  syncReportSchema,
  syncRowSchema,
} from './contract.ts';

const nothing = z.strictObject({});
const name = storableText(214);
const named = (context: Context): string => parseWith(name, context.req.param('id'), 'the id');

/** What is installed, what became of it, and why. */
export function pluginReads(read: Reader, { house }: RoutesOptions): void {
  read('/plugins', { data: z.array(pluginSchema) }, () => house().plugins());
  read('/plugins/:id/why', { data: pluginWhySchema }, (_, at) => house().whyPlugin(named(at)));
}

/** What is installed is the host project's matter; these say when it is looked at, and what may be let in. */
export function pluginWrites(write: Writer, options: RoutesOptions): void {
  const { house } = options;
  write('/plugins/sync', { body: nothing, data: syncReportSchema }, () => house().syncPlugins());
  write('/plugins/:id/approve', { body: reasonSchema, data: syncRowSchema }, async ({ reason }, at) => {
    // Code that is let in may do whatever this process may.
    await freshIf(at, options, () => Promise.resolve(true));
    return house().approvePlugin(named(at), reason);
  });
  write('/plugins/:id/purge', { body: reasonSchema, data: purgedPluginSchema }, ({ reason }, at) =>
    house().purgePlugin(named(at), reason),
  );
}
