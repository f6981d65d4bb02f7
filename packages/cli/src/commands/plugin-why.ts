import type { PluginRowView, PluginWhy } from '@kora/runtime/client';
import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { problemOf } from '../fault.ts';
import { plain, tint } from '../output/style.ts';
import { whyFromManifests } from '../plugin-index.ts';
import { pluginRows } from './plugin.ts';

export const why: Run = async (context) => {
  const { out, input } = context;
  const said = await whyOf(context, input.argument('id'));
  const { id, state, reason, looked, decided, fix } = said;
  out.result(said, () => [
    `${out.style.strong(plain(id))}  ${tint(out.style, state)}`,
    reason === null ? wellMeant(state) : `${reason.code}: ${plain(reason.message)}`,
    ...(fix === null ? [] : [`${out.style.dim('fix:')} ${plain(fix)}`]),
    ...(decided === null ? [] : [`${out.style.dim('decided by:')} ${decided} in kora.json`]),
    ...looked.map((sentence) => out.style.dim(`- ${plain(sentence)}`)),
  ]);
  return 'ok';
};

/** The start of an id is enough where it fits one plugin; what fits none is asked about as it was typed. */
async function whyOf(context: Context, typed: string): Promise<PluginWhy> {
  const { host } = context;
  if ((await findRunning(host, await context.home())) !== undefined) {
    try {
      const client = await context.client();
      return await client.whyPlugin(meant(await client.plugins(), typed));
    } catch (error) {
      if (problemOf(error, (await host.runtime.basics()).faultTable).type !== 'unreachable') throw error;
    }
  }
  return await whyFromManifests(context, meant(await pluginRows(context), typed));
}

function meant(rows: readonly PluginRowView[], typed: string): string {
  const isExact = rows.some(({ id, packageName }) => id === typed || packageName === typed);
  const begins = isExact ? [] : rows.filter(({ id }) => id.startsWith(typed));
  return begins.length === 1 ? (begins[0]?.id ?? typed) : typed;
}

function wellMeant(state: string): string {
  return state === 'indexed' ? 'nothing keeps it from loading at the next start' : 'nothing is wrong with it';
}
