import type { OutboundMessage } from './contract.ts';
import type { StoreChannel } from './delivery-options.ts';

/**
 * The built-in channel: the operator reads it in the terminal, behind `kora inbox` and in the cockpit, so that the
 * product works with no account anywhere. Being in the store is being delivered; `shown` prints it where a terminal is.
 */
export function inboxChannel(shown: (message: OutboundMessage) => void): StoreChannel {
  return {
    name: 'inbox',
    receive: (tx, message) => {
      tx.afterCommit(() => {
        try {
          shown(message);
        } catch {
          // a terminal that cannot print has no say in what was delivered
        }
      });
      return Promise.resolve({ receipt: `inbox:${message.messageId}` });
    },
  };
}
