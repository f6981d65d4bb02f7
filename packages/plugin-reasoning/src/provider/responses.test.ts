import { expect, it } from 'vitest';
import { House, toolView } from '../../fixtures/house.ts';
import { ResponsesServer } from '../../fixtures/responses-server.ts';
import type { ResponsesStep } from '../../fixtures/responses-server.ts';

/** A house that asks OpenAI as it is asked at its own address. */
async function house(...steps: ResponsesStep[]) {
  const server = await ResponsesServer.open(steps);
  const asking = new House({
    config: {
      providers: { openai: { kind: 'openai', baseUrl: server.url, headers: {}, api: 'responses' } },
      models: [{ provider: 'openai', id: 'gpt-6.2-sol', tier: 'small' }],
    },
  });
  return { server, asking };
}

it('OpenAI is asked for its responses, is to store nothing, and what it thought goes back to it closed', async () => {
  const { server, asking } = await house(
    { thought: 'closed', calls: [{ name: 'kora__get_ticket', input: { id: 12 } }] },
    { text: 'It is about the disk, says the ticket.' },
  );
  const answer = await asking.ask({ tools: [toolView('kora__get_ticket')] });
  expect(answer).toMatchObject({ status: 'answered', text: 'It is about the disk, says the ticket.' });
  expect(asking.toolCalls).toMatchObject([{ tool: 'kora__get_ticket', input: { id: 12 } }]);
  expect(server.asked[0]).toMatchObject({
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
  });
  expect(server.asked[1]?.['input']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'reasoning', encrypted_content: 'closed' }),
      expect.objectContaining({ type: 'function_call_output', call_id: 'call_1_0' }),
    ]),
  );
  expect(asking.ended[0]?.usage).toEqual({
    inputTokens: 100,
    outputTokens: 30,
    cacheReadTokens: 20,
    cacheWriteTokens: 0,
  });
  await server[Symbol.asyncDispose]();
});

it.each([
  ['whose tokens ran out', { text: 'It is about the', incomplete: 'max_output_tokens' as const }],
  ['whose stream was cut', { text: 'It is about the', isCut: true }],
])('an answer %s is not whole', async (_, step) => {
  const { server, asking } = await house(step);
  expect(await asking.ask({})).toMatchObject({ status: 'incomplete', text: 'It is about the' });
  await server[Symbol.asyncDispose]();
});
