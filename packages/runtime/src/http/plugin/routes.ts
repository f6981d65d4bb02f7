import type { Context } from 'hono';
import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import { writerOf } from '../config/routes.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { callerOf } from '../session/caller.ts';
import { freshIf } from '../session/fresh.ts';
import { reasonSchema, storableText } from '../words/contract.ts';
import {
  pluginApprovalSchema,
  pluginDisabledSchema,
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
  write('/plugins/:id/approve', { body: pluginApprovalSchema, data: syncRowSchema }, async (wish, at) => {
    // Code that is let in may do whatever this process may.
    await freshIf(at, options, () => Promise.resolve(true));
    if (callerOf(at) !== null && wish.digest === undefined)
      throw fault('KORA_REQUEST_INVALID', 'a page names the digest of the version that it was shown');
    return house().approvePlugin(named(at), wish);
  });
  write('/plugins/:id/disable', { body: reasonSchema, data: pluginDisabledSchema }, ({ reason }, at) =>
    house().disablePlugin(named(at), reason, writerOf(at)),
  );
  write('/plugins/:id/purge', { body: reasonSchema, data: purgedPluginSchema }, ({ reason }, at) =>
    house().purgePlugin(named(at), reason),
  );
}
