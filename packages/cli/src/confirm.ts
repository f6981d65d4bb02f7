import type { Context } from './context.ts';
import { usage } from './fault.ts';

/** Before what cannot be undone: `--yes`, or the word typed again on a terminal. Throws KORA_USAGE otherwise. */
export async function confirm({ host, input }: Context, what: string, word: string): Promise<void> {
  if (input.on('yes')) return;
  const typed = await host.ask(`${what}\nType ${word} to go on: `);
  if (typed === undefined)
    throw usage(`${what} Without a terminal to ask on, say so with --yes`, 'add --yes');
  if (typed.trim() !== word) throw usage('not confirmed; nothing was done', `type ${word}, or add --yes`);
}
