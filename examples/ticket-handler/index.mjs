import { definePlugin, KoraError } from '@kora/runtime/plugin';
import { z } from 'zod';

const invoice = z.object({
  customer: z.email(),
  cents: z.int().positive(),
});

export default definePlugin({
  id: 'invoices',
  config: z.object({ bank: z.url() }),
  async register({ config, registerTicketHandler }) {
    await registerTicketHandler({
      kind: 'send_invoice',
      concurrency: 4,
      deadlineMs: 60_000,
      payload: invoice,
      async work({ payload: { customer, cents }, note, operation, progress }) {
        await note(`asking ${customer} for ${cents} cents`);
        const sent = await operation(
          // The bank does not look at keys: a request that got no answer must not be sent again.
          { id: 'send', tool: 'bank', sideEffects: 'once', request: { customer, cents } },
          (key, signal) => send(`${config.bank}/invoices`, { customer, cents, key }, signal),
        ).catch(unlessRefused);
        if (sent === undefined) {
          return {
            resolution: 'failed_terminal',
            summary: `the bank sends no invoice to ${customer}`,
            failure: { class: 'policy' },
          };
        }
        const { number } = sent;
        progress({ percent: 50, detail: `invoice ${number}` });
        await operation(
          // The archive keeps one file of a name, however often it is written.
          { id: 'archive', tool: 'archive', sideEffects: 'idempotent', request: number },
          (_key, signal) => send(`${config.bank}/archive/${number}`, {}, signal),
        );
        return { resolution: 'completed', summary: `sent as ${number}`, result: { number } };
      },
    });
  },
});

const answer = z.object({ number: z.string() });

/**
 * @param {string} url
 * @param {object} body
 * @param {AbortSignal} signal
 */
async function send(url, body, signal) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal });
  // It says that it did nothing: the ledger notes that, and the operation may be begun again.
  if (response.status === 422) throw new KoraError('KORA_OPERATION_REFUSED', await response.text());
  if (!response.ok) throw new Error(`the bank answered ${response.status}`);
  return answer.parse(await response.json());
}

/** @param {unknown} error */
function unlessRefused(error) {
  if (error instanceof KoraError && error.code === 'KORA_OPERATION_REFUSED') return undefined;
  throw error;
}
