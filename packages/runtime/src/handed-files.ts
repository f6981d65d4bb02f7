import type { ChannelSpec } from './message/index.ts';
import type { PluginOwner } from './plugin/index.ts';

/** How many of the files that were handed to one plugin are remembered; a message that is sent again hands its own again. */
const remembered = 1_000;

/**
 * The files of others that a plugin may read: what a message carries that a channel of it was given to send. A message of
 * its own hands it nothing, or it would hand itself whatever it can name.
 */
export class HandedFiles {
  readonly #owner: PluginOwner;
  readonly #ids = new Set<string>();

  constructor(owner: PluginOwner) {
    this.#owner = owner;
  }

  has(artifactId: string): boolean {
    return this.#ids.has(artifactId);
  }

  /** The channel, with what it is handed remembered. */
  by(channel: ChannelSpec): ChannelSpec {
    const { listen, check, settle, offers } = channel;
    return {
      name: channel.name,
      ...(offers === undefined ? {} : { offers }),
      ...(listen === undefined ? {} : { listen: listen.bind(channel) }),
      ...(check === undefined ? {} : { check: check.bind(channel) }),
      ...(settle === undefined ? {} : { settle: settle.bind(channel) }),
      send: (message, signal) => {
        if (!message.key.startsWith(`${this.#owner.id}:`))
          for (const id of message.attachments) this.#add(id);
        return channel.send(message, signal);
      },
    };
  }

  #add(artifactId: string): void {
    this.#ids.delete(artifactId);
    this.#ids.add(artifactId);
    const [oldest] = this.#ids;
    if (this.#ids.size > remembered && oldest !== undefined) this.#ids.delete(oldest);
  }
}
