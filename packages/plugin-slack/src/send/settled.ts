import { openClient } from '../call/client.ts';
import { refusalOf } from '../call/refusal.ts';
import type { SlackContext } from '../context.ts';
import { settle } from './settle.ts';

/** Shows at the message of a receipt what became of its decision. Throws as a send does. */
export async function settled(
  { config, secret }: Pick<SlackContext, 'config' | 'secret'>,
  receipt: string,
  outcome: string,
  signal: AbortSignal,
): Promise<void> {
  const token = await secret('BOT_TOKEN');
  if (token === undefined) return;
  try {
    await settle(await openClient(token, config.slackApiUrl, signal), receipt, outcome);
  } catch (error) {
    throw refusalOf(error);
  }
}
