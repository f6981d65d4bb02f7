import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';

/**
 * Lends a transaction to a reaction. One that goes on after its time finds it closed, instead of writing on a connection
 * that serves somebody else by then.
 */
export function lent(tx: Transaction): { readonly tx: Transaction; end(): void } {
  let ended = false;
  return {
    tx: {
      query: (text, values) =>
        ended
          ? Promise.reject(fault('KORA_TIMEOUT', 'the reaction came too late: its transaction has ended'))
          : tx.query(text, values),
      afterCommit: (action) => tx.afterCommit(action),
    },
    end: () => {
      ended = true;
    },
  };
}
