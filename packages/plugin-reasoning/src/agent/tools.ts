import type { ToolAnswer, ToolCall, ToolSpec } from '@kora/runtime/plugin';
import { z } from 'zod';
import { endings } from './desk.ts';
import type { Decision, Desk, Desks } from './desk.ts';

export const finishTool = 'ticket__finish';
export const askTool = 'ticket__ask_operator';

const finish = z.strictObject({
  resolution: z
    .enum(endings)
    .describe('completed; failed_retryable: worth another attempt later; failed_terminal: cannot be done'),
  summary: z.string().trim().min(1).max(2_000).describe('what was done and found, for the operator'),
  result: z.record(z.string(), z.unknown()).optional().describe('what the ticket asked for, as data'),
});
const ask = z.strictObject({
  question: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .describe('what you need to know or to be allowed, and what you found out so far'),
});

/**
 * How whoever thinks ends a ticket, or asks. Neither does anything: what is decided lies on the desk until the run is
 * over, and lands with the ticket under its fence. So they need no more leave than looking does, and the ledger of
 * operations, which would answer a second attempt with the first one's words, is not for them.
 */
export function agentTools(
  desks: Desks,
): readonly [ToolSpec<z.infer<typeof finish>>, ToolSpec<z.infer<typeof ask>>] {
  const common = {
    capability: 'cap_read_runtime',
    sideEffects: 'none',
    parallel: false,
    routes: ['ticket'],
  } as const;
  return [
    {
      ...common,
      name: finishTool,
      description:
        'Ends the ticket in hand with its result. Call it once, when the work is done or cannot be done, and after it say nothing but one short line.',
      input: finish,
      run: (input, call) => decide(desks, call, (desk) => finished(desk, input)),
    },
    {
      ...common,
      name: askTool,
      description:
        'Sets the ticket aside until the operator has answered. For what only a person can know, decide or allow; not for what a tool can tell you.',
      input: ask,
      run: ({ question }, call) => decide(desks, call, () => ({ kind: 'ask', question })),
    },
  ];
}

function decide(
  desks: Desks,
  { ticketId }: ToolCall,
  make: (desk: Desk) => Decision | string,
): Promise<ToolAnswer> {
  const desk = desks.of(ticketId);
  if (desk === undefined) return answer('no ticket is in hand here');
  if (desk.decision !== null) return answer('this was decided already; say one short line and no more');
  const made = make(desk);
  if (typeof made === 'string') return answer(made);
  desk.decision = made;
  return answer('noted; say one short line and no more');
}

function finished(desk: Desk, { resolution, summary, result }: z.infer<typeof finish>): Decision | string {
  const problem = resolution === 'completed' ? desk.shape?.problemWith(result) : undefined;
  if (problem !== undefined)
    return `not taken: the result does not fit what the ticket asks for:\n${problem}`;
  return { kind: 'finish', resolution, summary, result };
}

function answer(content: string): Promise<ToolAnswer> {
  return Promise.resolve({ content });
}
