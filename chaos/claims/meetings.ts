import type { Acts } from './acts.ts';
import { law } from './look.ts';
import type { Deed, Pair, Setting } from './pairs.ts';
import type { Word } from './world.ts';

const claimAll =
  (who: 'holder' | 'other'): Deed =>
  async (acts, setting) => ({
    claims: (await acts.claim(setting[who], 2)).map((claim) => ({
      claim,
      sessionId: setting[who],
      accepted: undefined,
    })),
  });

const claimOne =
  (who: 'holder' | 'other'): Deed =>
  async (acts, setting) => {
    const { claim } = await acts.claimOne(setting[who], setting.tickets[0]);
    return { claims: claim === undefined ? [] : [{ claim, sessionId: setting[who], accepted: undefined }] };
  };

const say =
  (word: Word): Deed =>
  async (acts, { held, holder: sessionId }) => {
    law(held !== undefined, 'nobody holds the ticket');
    const [verdict] = await acts.say(sessionId, [{ claim: held, word }]);
    law(verdict !== undefined, 'no verdict');
    return { said: { claim: held, sessionId, word, verdict } };
  };

const reap: Deed = async (acts) => {
  await acts.reap();
  return {};
};
const beat: Deed = async (acts, { holder }) => ({ done: (await acts.beat(holder)) !== undefined });
const cancel: Deed = async (acts, { tickets }) => ({ done: await acts.cancel(tickets[0]) });
const forceRetry: Deed = async (acts, { tickets }) => ({ done: await acts.forceRetry(tickets[0]) });
const reassign: Deed = async (acts, { tickets }) => ({ done: await acts.reassign(tickets[0]) });

const progress: Deed = async (acts, { held, holder: sessionId }) => {
  law(held !== undefined, 'nobody holds the ticket');
  return { done: await acts.progress({ claim: held, sessionId, said: undefined }) };
};
const write: Deed = async (acts, { held, holder: sessionId }) => {
  law(held !== undefined, 'nobody holds the ticket');
  return { done: await acts.write({ claim: held, sessionId, said: undefined }) };
};

const lapsed = (acts: Acts, { holder }: Setting): Promise<void> => acts.expire(holder);
const overdue = (acts: Acts, { tickets }: Setting): Promise<void> => acts.overdue(tickets[0]);

/** Statements that meet on one row. Claims, and the reaper, wait for nobody who is claiming or ending. */
export const meetings: readonly Pair[] = [
  meet('claim and claim', [claimAll('holder'), claimAll('other')], { waits: 'never' }),
  meet('claim and a claim of one', [claimAll('holder'), claimOne('other')]),
  meet('two claims of one', [claimOne('holder'), claimOne('other')]),
  meet('claim and cancel', [claimAll('other'), cancel]),
  meet('claim of one and cancel', [claimOne('other'), cancel]),
  meet('claim and forced retry', [claimAll('other'), forceRetry]),
  meet('claim of one and forced retry', [claimOne('other'), forceRetry]),
  meet('claim and reassign', [claimAll('other'), reassign]),
  meet('cancel and forced retry', [cancel, forceRetry]),
  meet('end and end, repeated', [say('completed'), say('completed')], { isHeld: true }),
  meet('end and give back', [say('completed'), say('released')], { isHeld: true }),
  meet('end and reap', [say('completed'), reap], { isHeld: true, before: lapsed }),
  meet('retry and reap', [say('failed_retryable'), reap], { isHeld: true, before: overdue }),
  meet('reap and reap', [reap, reap], { isHeld: true, before: lapsed, waits: 'never' }),
  meet('end and cancel', [say('completed'), cancel], { isHeld: true }),
  meet('give back and claim', [say('released'), claimAll('other')], { isHeld: true, waits: 'never' }),
  meet('retry and forced retry', [say('failed_retryable'), forceRetry], { isHeld: true }),
  meet('give back and reassign', [say('released'), reassign], { isHeld: true }),
  meet('beat and reap', [beat, reap], { isHeld: true, before: overdue, waits: 'never' }),
  meet('reap and cancel', [reap, cancel], { isHeld: true, before: lapsed }),
  meet('reap and claim', [reap, claimAll('other')], { isHeld: true, before: lapsed, waits: 'never' }),
  meet('progress and reap', [progress, reap], { isHeld: true, before: overdue }),
  meet('progress and end', [progress, say('completed')], { isHeld: true }),
  meet('an operation and end', [write, say('completed')], { isHeld: true }),
  meet('an operation and reap', [write, reap], { isHeld: true, before: lapsed }),
];

function meet(
  name: string,
  [first, second]: readonly [Deed, Deed],
  options: Partial<Pick<Pair, 'isHeld' | 'waits' | 'before'>> = {},
): Pair {
  return { isHeld: false, waits: 'may', ...options, name, first, second };
}
