import { expect, test } from 'vitest';
import type { EngineSpec, ReasonRequest } from '../contract.ts';
import { Engines } from '../engines.ts';
import { askGate } from './gate.ts';
import type { GateOptions, TicketFacts } from './gate.ts';
import { questionOf } from './question.ts';
import { readWish } from '../wish.ts';

const spec: EngineSpec = {
  name: 'scripted',
  models: [
    {
      name: 'only',
      provider: 'p',
      tier: 'large',
      contextTokens: 1_000,
      maxOutputTokens: 100,
      price: null,
    },
  ],
  respond: () => Promise.reject(new Error('nobody is asked here')),
};

/** Asks about ticket 7, or about none, at a rung. */
async function gate(
  { rung = 'normal', ticket }: { readonly rung?: string; readonly ticket?: Partial<TicketFacts> },
  wish: Partial<ReasonRequest> = {},
): ReturnType<typeof askGate> {
  const engines = new Engines({ chosen: undefined, offer: () => undefined });
  engines.register(spec, { id: 'reasoning', trusted: true });
  const facts: TicketFacts = { downshift: 'eligible', trusted: true, correlationId: null, ...ticket };
  const claim = ticket === undefined ? {} : { ticket: { ticketId: 7, fence: 2 } };
  const question = questionOf(
    readWish({ route: 'ticket', text: 'what now?', ...claim, ...wish }),
    { id: 'reasoning', trusted: true },
    { runId: 'run', beganAt: 0 },
  );
  return askGate(question, {
    runs: { forbidden: () => undefined },
    engines,
    spend: { read: () => Promise.resolve({ rung }) },
    primaryState: () => 'active',
    holdsClaim: () => true,
    ticketOf: () => Promise.resolve(facts),
  } as unknown as GateOptions);
}

test.each([
  ['a critical ticket', { critical: true }, {}, true],
  ['one that a stranger calls critical', { critical: true, trusted: false }, {}, false],
  ['a ticket like any other', {}, {}, false],
  ['a critical question', undefined, { critical: true }, true],
  ['a question like any other', undefined, {}, false],
] as const)('%s draws on what is kept for critical work, or not', async (_what, ticket, wish, critical) => {
  expect(await gate(ticket === undefined ? {} : { ticket }, wish)).toMatchObject({ critical });
});

test('one model alone is left at every rung but the hard stop', async () => {
  for (const rung of ['normal', 'warn_75', 'downshift_90'])
    expect(await gate({ rung })).toMatchObject({ highestTier: 'large' });
  expect(await gate({ rung: 'hard_stop_100' })).toMatchObject({ error: 'cost_ladder_halted' });
});

test('a ticket that no cheaper model may work waits as soon as the ladder pushes down (defect 39)', async () => {
  const ticket = { downshift: 'frontier_only' } as const;
  expect(await gate({ ticket })).toMatchObject({ highestTier: 'large' });
  expect(await gate({ rung: 'warn_75', ticket })).toMatchObject({ error: 'cost_ladder_halted' });
  expect(await gate({ rung: 'warn_75', ticket: {} })).toMatchObject({ rung: 'warn_75' });
});
