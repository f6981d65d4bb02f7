import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import invoices from '../examples/ticket-handler/index.mjs';
import type { PluginContext, TicketHandler } from '../packages/runtime/src/plugin.ts';
import { ScriptedTicket } from '../packages/runtime/src/plugin/testing/scripted-ticket.ts';

const page = readFileSync(new URL('../docs/handlers.md', import.meta.url), 'utf8');
const example = readFileSync(new URL('../examples/ticket-handler/index.mjs', import.meta.url), 'utf8');

/** A bank that refuses one customer. Answers where it is, and what it was asked. */
async function bank(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (body: string) => {
      asked.push(`${request.url} ${body}`);
      response.statusCode = body.includes('nobody@') ? 422 : 200;
      response.end(JSON.stringify({ number: 'N1' }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked };
}

async function handlerOf(url: string): Promise<TicketHandler> {
  const handlers: TicketHandler[] = [];
  const context = {
    config: { bank: url },
    registerTicketHandler: async (handler: TicketHandler) => void handlers.push(handler),
  };
  await invoices.register(context as unknown as PluginContext<unknown>);
  const [handler] = handlers;
  if (handler === undefined) throw new Error('the example registers no handler');
  return handler;
}

describe('docs/handlers.md', () => {
  it('shows the example as it stands in examples/', () => {
    const [, shown = ''] = /^```js\n([^]*?)^```$/m.exec(page) ?? [];
    expect(shown).toBe(example);
  });

  it('shows an example that sends an invoice, and ends a ticket that the bank refuses', async () => {
    const { url, asked } = await bank();
    const handler = await handlerOf(url);
    const ticket = new ScriptedTicket({ payload: { customer: 'a@b.example', cents: 5 } });
    expect(await handler.work(ticket)).toEqual({
      resolution: 'completed',
      summary: 'sent as N1',
      result: { number: 'N1' },
    });
    expect(asked).toEqual([
      '/invoices {"customer":"a@b.example","cents":5,"key":"key-send"}',
      '/archive/N1 {}',
    ]);
    expect(ticket.notes).toEqual(['asking a@b.example for 5 cents']);
    const refused = new ScriptedTicket({ payload: { customer: 'nobody@b.example', cents: 5 } });
    expect(await handler.work(refused)).toMatchObject({
      resolution: 'failed_terminal',
      failure: { class: 'policy' },
    });
    expect(handler.payload?.safeParse({ customer: 'nobody', cents: 0 }).success).toBe(false);
  });
});
