import type { ChannelRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';

type First = Awaited<ReturnType<KoraClient['tellFirst']>>;

/** Has the operator told over a channel first. */
export const first: Run = async ({ client, input, out }) => {
  const name = input.argument('name');
  const done = await (await client()).tellFirst(name, `kora channel first ${name}`);
  out.result(done, () => firstLines(name, done, out));
  return 'ok';
};

/**
 * Asks whether a channel that was set up is to tell first, and has it so; without a terminal, and with `--yes`, it is yes, and
 * said. Answers what to say about it.
 */
export async function offerFirst(
  { client, host, input, out }: Context,
  { name, place }: ChannelRow,
): Promise<{ readonly first: First | null; readonly lines: readonly string[] }> {
  if (place === 1) return { first: null, lines: [`Kora tells you over ${name} first, as before.`] };
  const asked = `Shall Kora tell you over ${name} first?`;
  for (;;) {
    const typed = input.on('yes') ? undefined : await host.ask(`${asked} [Y/n] `);
    const answer = typed?.trim().toLowerCase();
    if (answer === 'n' || answer === 'no')
      return { first: null, lines: [`It is told over first after: kora channel first ${name}`] };
    if (answer !== undefined && !['', 'y', 'yes'].includes(answer)) continue;
    if (answer === undefined)
      out.note(`${asked} Yes${input.on('yes') ? '' : ': there is no terminal to ask on'}.`);
    const done = await (await client()).tellFirst(name, `kora channel setup ${name}`);
    return { first: done, lines: firstLines(name, done, out) };
  }
}

function firstLines(name: string, { file, channels, ownRoutes }: First, { style }: Console): string[] {
  return [
    `${style.good('in force')}  Kora tells you over ${name} first, from now on: ${plain(channels.join(', '))}; written to ${plain(file)}`,
    ...(ownRoutes.length === 0
      ? []
      : [
          `alerts go their own way all the same: alerts.routes.${ownRoutes.join(', alerts.routes.')} in kora.json`,
        ]),
  ];
}
