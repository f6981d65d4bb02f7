import type { InboundDoor, NewInbound } from '../../packages/runtime/src/message/contract.ts';
import { definePlugin } from '../../packages/runtime/src/plugin/contract.ts';
import type { Plugin } from '../../packages/runtime/src/plugin/contract.ts';

/** What the operator was told over the line, and which message it answers. */
export interface Answered {
  readonly to: string | null;
  readonly thread: unknown;
  readonly text: string;
}

/**
 * A channel whose provider is in the hands of a test: its first try to listen fails, what is said on it goes through the
 * real door, and what it is told stays here. And a kind of ticket that stands until the operator speaks.
 */
export class Line {
  readonly told: Answered[] = [];
  readonly plugin: Plugin;
  readonly manifest: object = { id: 'line', contributes: { channels: ['slack'], ticketKinds: ['choice'] } };
  #door: InboundDoor | undefined;
  #tries = 0;

  constructor() {
    this.plugin = definePlugin({
      id: 'line',
      register: async (context) => {
        await context.registerChannel({
          name: 'slack',
          send: ({ key, body, inReplyTo }) => {
            this.told.push({
              to: inReplyTo?.providerId ?? null,
              thread: inReplyTo?.details['thread'],
              text: body,
            });
            return Promise.resolve({ receipt: key });
          },
          listen: (door, signal) => this.#listen(door, signal),
        });
        await context.registerTicketHandler({
          kind: 'choice',
          work: ({ fence }) =>
            Promise.resolve(
              fence === 1
                ? { resolution: 'blocked_needs_operator', summary: 'which of the two?' }
                : { resolution: 'completed', summary: 'it was answered' },
            ),
        });
      },
    });
  }

  /** Whether somebody listens, so that it may be spoken to. */
  get isHeard(): boolean {
    return this.#door !== undefined;
  }

  /** What was told, and not that a ticket waits or a runtime came up. */
  answersTo(providerId: string): string[] {
    return this.told.filter(({ to }) => to === providerId).map(({ text }) => text);
  }

  get door(): InboundDoor {
    if (this.#door === undefined) throw new Error('nobody listens');
    return this.#door;
  }

  async say(
    providerId: string,
    text: string,
    rest: Partial<NewInbound> = {},
  ): Promise<'accepted' | 'duplicate'> {
    return this.door.accept({
      providerId,
      conversation: 'c',
      sender: { id: 'U1' },
      text,
      authenticatedBy: 'slack_user',
      trusted: true,
      details: { thread: `under ${providerId}` },
      ...rest,
    });
  }

  async #listen(door: InboundDoor, signal: AbortSignal): Promise<void> {
    this.#tries += 1;
    if (this.#tries === 1) throw new Error('the line is dead');
    this.#door = door;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    this.#door = undefined;
  }
}
