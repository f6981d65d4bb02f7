import type { WebClient } from '@slack/web-api';
import { never } from './refusal.ts';

/** The direct message with the operator: opened once, and named by its channel from then on (daemon defect W78). */
export class DirectMessage {
  readonly #operator: string;
  #channel: string | undefined;

  constructor(operator: string) {
    this.#operator = operator;
  }

  /** Its channel. Throws what Slack says. */
  async open(client: WebClient): Promise<string> {
    if (this.#channel !== undefined) return this.#channel;
    const { channel } = await client.conversations.open({ users: this.#operator });
    if (channel?.id === undefined) throw never(`Slack opens no direct message with ${this.#operator}`);
    this.#channel = channel.id;
    return channel.id;
  }

  /** It is no longer what it was: the next send opens it again. */
  forget(): void {
    this.#channel = undefined;
  }
}
