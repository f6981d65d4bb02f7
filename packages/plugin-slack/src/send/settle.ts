import type { KnownBlock, WebClient } from '@slack/web-api';
import { placeOf } from '../call/address.ts';
import { slackError } from '../call/refusal.ts';
import { contextOf, decisionBlock, lineOf, outcomeBlock, questionBlock } from './blocks.ts';

const goneWith: ReadonlySet<string | undefined> = new Set([
  'message_not_found',
  'channel_not_found',
  'thread_not_found',
  'cant_update_message',
]);

/** Takes the buttons of a message away and writes what became of it in their place. Done twice, it is done once. */
export async function settle(client: WebClient, receipt: string, outcome: string): Promise<void> {
  const place = placeOf(receipt);
  if (place === undefined) return;
  const { channel, ts, thread } = place;
  const exactly = { channel, latest: ts, oldest: ts, inclusive: true, limit: 1, include_all_metadata: true };
  try {
    const { messages = [] } =
      thread === undefined
        ? await client.conversations.history(exactly)
        : await client.conversations.replies({ ...exactly, ts: thread, limit: 2 });
    const found = messages.find((message) => message.ts === ts);
    if (found === undefined) return;
    const { text = '', metadata } = found;
    const blocks = [...without(found.blocks ?? []), contextOf(lineOf(outcome), outcomeBlock)];
    await client.apiCall('chat.update', {
      channel,
      ts,
      text,
      blocks,
      // Slack's own default would read it as a person's typing, and make mentions of it.
      parse: 'none',
      link_names: false,
      ...(metadata === undefined ? {} : { metadata }),
    });
  } catch (error) {
    // A message that is gone has no buttons.
    if (!goneWith.has(slackError(error))) throw error;
  }
}

function without(blocks: readonly object[]): KnownBlock[] {
  const ours = new Set<unknown>([decisionBlock, questionBlock, 'kora_decision_words', outcomeBlock]);
  return blocks.filter((block) => !ours.has(Reflect.get(block, 'block_id'))) as KnownBlock[];
}
