import { KoraError } from '@kora/runtime/plugin';
import type { OutboundMessage, PluginContext } from '@kora/runtime/plugin';
import type { WebClient } from '@slack/web-api';
import { placeOf, receiptOf, threadOf } from '../call/address.ts';
import { openClient } from '../call/client.ts';
import { DirectMessage } from '../call/direct-message.ts';
import { never, refusalOf, slackError } from '../call/refusal.ts';
import type { SlackConfig } from '../config.ts';
import { written } from './blocks.ts';
import type { Written } from './blocks.ts';
import { attach } from './files.ts';
import { findMarked, markOf } from './mark.ts';
import type { Mark } from './mark.ts';

export interface SenderOptions {
  readonly context: Pick<
    PluginContext<SlackConfig>,
    'workspace' | 'config' | 'secret' | 'artifacts' | 'clock'
  >;
}

type Post = Omit<Written, 'rest'> & { readonly channel: string; readonly thread: string | undefined };

/** What was accepted before this process was there may have been sent by one that died; clocks differ a little. */
const mayBeOlderMs = 60_000;

/** Tells the operator, each message once by its key as far as Slack can be asked. */
export class Sender {
  readonly #context: SenderOptions['context'];
  readonly #direct: DirectMessage | undefined;
  readonly #since: number;

  constructor({ context }: SenderOptions) {
    this.#context = context;
    const { operatorUserId } = context.config;
    this.#direct = operatorUserId === undefined ? undefined : new DirectMessage(operatorUserId);
    this.#since = context.clock.now();
  }

  /** Throws KORA_CHANNEL_REFUSED, PLUGIN_SLACK_REFUSED, PLUGIN_SLACK_UNREACHABLE. */
  async send(message: OutboundMessage, signal: AbortSignal): Promise<{ readonly receipt: string }> {
    const { config, secret } = this.#context;
    const direct = this.#direct;
    if (direct === undefined) throw never('nobody is named to be told over Slack: operatorUserId is not set');
    const token = await secret('BOT_TOKEN');
    if (token === undefined) throw never('BOT_TOKEN is not set');
    try {
      const client = await openClient(token, config.slackApiUrl, signal);
      return await this.#told(client, direct, message);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #told(
    client: WebClient,
    direct: DirectMessage,
    message: OutboundMessage,
  ): Promise<{ receipt: string }> {
    const { workspace, artifacts } = this.#context;
    const channel = await direct.open(client);
    const thread = threadFor(message, channel);
    const mark = markOf(workspace, message.key);
    const since = message.createdAt;
    const isAgain = message.attempt > 1 || Date.parse(since) < this.#since + mayBeOlderMs;
    const before = isAgain ? await findMarked(client, mark, { channel, thread, since }) : undefined;
    const { rest, ...first } = written(message, this.#context.config.longestText);
    const place =
      before === undefined
        ? await this.#post(client, mark, { ...first, channel, thread }).catch((error: unknown) => {
            if (slackError(error) === 'channel_not_found') direct.forget();
            throw error;
          })
        : { channel, ts: before, thread };
    const under = { channel, thread: place.thread ?? place.ts, since, isAgain };
    for (const [at, part] of rest.entries()) {
      const its = markOf(workspace, `${message.key}\npart ${at + 2}`);
      if (isAgain && (await findMarked(client, its, under)) !== undefined) continue;
      await this.#post(client, its, { ...part, ...under });
    }
    if (message.attachments.length > 0) {
      await attach(client, artifacts, { ids: message.attachments, ...under, workspace, key: message.key });
    }
    return { receipt: receiptOf(place) };
  }

  /** The message with its blocks under its thread; without what Slack will not have of the two. */
  async #post(
    client: WebClient,
    mark: Mark,
    { channel, thread, text, blocks }: Post,
  ): Promise<{ readonly channel: string; readonly ts: string; readonly thread: string | undefined }> {
    const post = async (asked: { blocks?: typeof blocks; thread_ts?: string }): Promise<string> => {
      const plain = { channel, text, parse: 'none', unfurl_links: false, unfurl_media: false };
      // By its bare name: the library's types do not know `client_msg_id`.
      const answer = await client.apiCall('chat.postMessage', {
        ...plain,
        ...mark,
        ...asked,
      });
      const ts: unknown = Reflect.get(answer, 'ts');
      if (typeof ts === 'string') return ts;
      throw new KoraError('PLUGIN_SLACK_REFUSED', 'Slack took the message and did not say where it stands');
    };
    const under = thread === undefined ? {} : { thread_ts: thread };
    try {
      return { channel, ts: await post({ blocks, ...under }), thread };
    } catch (error) {
      const said = slackError(error);
      if (said === 'thread_not_found') return { channel, ts: await post({ blocks }), thread: undefined };
      if (said?.startsWith('invalid_blocks') !== true && said !== 'msg_blocks_too_long') throw error;
      return { channel, ts: await post(under), thread };
    }
  }
}

/** Under what it answers, else under the first of its thread; nowhere that is not the operator's own direct message. */
function threadFor({ inReplyTo, threadReceipt }: OutboundMessage, channel: string): string | undefined {
  const answered = inReplyTo === undefined ? undefined : threadOf(inReplyTo.conversation);
  if (answered?.channel === channel) return answered.thread;
  const first = threadReceipt === undefined ? undefined : placeOf(threadReceipt);
  return first?.channel === channel ? (first.thread ?? first.ts) : undefined;
}
