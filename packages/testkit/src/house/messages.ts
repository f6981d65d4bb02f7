import { fault, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import type { ChannelSpec, NewMessage, Registration } from '@kora/runtime/plugin';
import type { TestMessage } from '../contract.ts';
import type { Diary } from './diary.ts';
import { Named } from './named.ts';

const inbox = 'inbox';
const sendMs = 60_000;

/** What the operator was told. A channel of the plugin is asked to send; everything else lands in the inbox. */
export class Messages {
  readonly sent: TestMessage[] = [];
  readonly channels: Named<ChannelSpec> = new Named('channel', 'KORA_CHANNEL_DUPLICATE');
  readonly #clock: FakeClock;
  readonly #diary: Diary;
  readonly #requireThere: (artifactIds: readonly string[]) => void;

  constructor(clock: FakeClock, diary: Diary, requireThere: (artifactIds: readonly string[]) => void) {
    this.#clock = clock;
    this.#diary = diary;
    this.#requireThere = requireThere;
  }

  register(channel: ChannelSpec): Registration {
    if (!/^[a-z][a-z0-9_-]*$/.test(channel.name))
      throw fault('KORA_PLUGIN_INVALID', `"${channel.name}" is not the name of a channel`);
    return this.channels.hold(channel.name, channel);
  }

  /** Told once by its key. Throws KORA_CHANNEL_UNKNOWN, KORA_ARTIFACT_UNKNOWN, and what a channel of the plugin threw. */
  async accept(message: NewMessage): Promise<void> {
    if (this.sent.some(({ key }) => key === message.key)) return;
    const { channel: name = inbox, attachments = [] } = message;
    this.#requireThere(attachments);
    const channel = this.channels.get(name);
    if (channel === undefined && name !== inbox)
      throw fault('KORA_CHANNEL_UNKNOWN', `there is no channel ${name}`);
    const at = new Date(this.#clock.now()).toISOString();
    const place = this.sent.push({ ...message, at, receipt: null }) - 1;
    this.#diary.tell('decision', `tells the operator: ${message.title}`);
    if (channel === undefined) return;
    const { receipt } = await withDeadline(this.#clock, { ms: sendMs, what: `channel ${name}` }, (signal) =>
      channel.send(
        {
          messageId: place + 1,
          key: message.key,
          thread: message.thread,
          severity: message.severity,
          title: message.title,
          body: message.body,
          source: message.source,
          correlationId: message.correlationId ?? null,
          attachments,
          createdAt: at,
          attempt: 1,
        },
        signal,
      ),
    );
    this.sent[place] = { ...message, at, receipt };
  }
}
