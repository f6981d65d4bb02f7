import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { callerOf, requireScope } from '../session/caller.ts';
import { freshIf } from '../session/fresh.ts';
import { storableText } from '../words/contract.ts';
import { panelAskSchema, panelDoneSchema, panelLookSchema, panelSchema } from './contract.ts';

const name = storableText(100);
const word = (context: Context, what: 'plugin' | 'panel' | 'action'): string =>
  parseWith(name, context.req.param(what), `the ${what}`);

export function panelReads(read: Reader, { house }: RoutesOptions): void {
  read('/plugins/:plugin/panels', { data: z.array(panelSchema) }, (_, at) =>
    house().panels(word(at, 'plugin')),
  );
  read('/plugins/:plugin/panels/:panel', { data: panelLookSchema }, (_, at) =>
    house().panel(word(at, 'plugin'), word(at, 'panel')),
  );
}

export function panelWrites(write: Writer, options: RoutesOptions): void {
  const { house } = options;
  write(
    '/plugins/:plugin/panels/:panel/actions/:action',
    { body: panelAskSchema, data: panelDoneSchema },
    async (ask, at) => {
      const [plugin, panel, action] = [word(at, 'plugin'), word(at, 'panel'), word(at, 'action')];
      await requireNeeds(at, options, { plugin, panel, action });
      return house().panelAction(plugin, panel, action, ask);
    },
  );
}

/** What the list of mutations asks of every action is `operate`; an action that is a yes asks for more. */
async function requireNeeds(
  at: Context,
  options: RoutesOptions,
  asked: { readonly plugin: string; readonly panel: string; readonly action: string },
): Promise<void> {
  const { actions = [] } =
    options
      .house()
      .panels(asked.plugin)
      .find(({ id }) => id === asked.panel) ?? {};
  const needs = actions.find(({ id }) => id === asked.action)?.needs ?? 'operate';
  requireScope(callerOf(at), needs);
  if (needs === 'approve') await freshIf(at, options, () => Promise.resolve(true));
}
