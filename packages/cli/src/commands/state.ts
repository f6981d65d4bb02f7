import type { HoldRow, OperationalState } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import { tint } from '../output/style.ts';
import { holdWords, mendLines } from './status.ts';

export const pause: Run = async ({ client, input, out }) => {
  const reason = input.needed('reason');
  const forMs = input.span('for');
  const hold: HoldRow = await (await client()).pause(reason, forMs);
  out.result(hold, () => [
    `${out.style.warn('paused')}  hold ${holdWords(hold, out.now)}`,
    out.style.dim(`lift it with: kora resume --hold ${hold.holdId} --reason '...'`),
  ]);
  return 'ok';
};

export const resume: Run = async (context) => {
  const { input, out } = context;
  const reason = input.needed('reason');
  const typed = input.text('hold');
  const holdId = typed === undefined ? undefined : Number(/^#?([1-9]\d{0,14})$/.exec(typed)?.[1]);
  if (Number.isNaN(holdId))
    throw usage(`--hold takes the number of a hold, not ${JSON.stringify(typed)}`, 'kora status');
  let state: OperationalState;
  try {
    state = await (await context.client()).resume(reason, holdId);
  } catch (error) {
    if (holdId !== undefined) throw error;
    return await (await import('./stop.ts')).resumeByHome(context, error);
  }
  out.result(state, () => [
    `${out.style.strong(tint(out.style, state.primaryState))}  claims ${state.claimPermission.replace('_', ' ')}`,
    ...state.holds.map((hold) => `still held: ${holdWords(hold, out.now)}`),
    ...mendLines(state, out),
  ]);
  return 'ok';
};
