import { expect, test } from 'vitest';

import type { Hold, HoldCause, StateInputs } from '../state/index.ts';
import { doorLines } from './index.ts';
import type { Admission, Block, DoorLine, Look } from './index.ts';
import { claim, questions, scene } from './testing/scene.ts';

const columns: readonly Block[] = ['booting', 'pause', 'drain', 'abort', 'kill'];

/** DOMAIN §1's table, written once more by hand: rows are doors, columns what stands in the way. */
const table: Readonly<Record<DoorLine, string>> = {
  //                          booting  L1/op  L2   L3/cost/dr/chain  killed
  claim: '                     no      no     no   no                no',
  model_call: '                no      held   no   no                no',
  tool_call: '                 no      held   no   no                no',
  autofix: '                   no      no     no   no                no',
  periodic_task_observe: '     yes     yes    yes  yes               no',
  periodic_task_act: '         no      no     no   no                no',
  outbound_message_operator: ' yes     yes    yes  yes               yes',
  outbound_message_others: '   no      held   no   no                no',
  plugin_load: '               yes     yes    yes  yes               no',
};

const hold = (cause: HoldCause): Hold => ({
  holdId: 1,
  cause,
  owner: 'x',
  reason: 'x',
  since: '',
  expiresAt: null,
});

/** Every way to be in a column, with the cause a refusal names. */
const ways: readonly (readonly [column: Block, cause: string, inputs: Partial<StateInputs>])[] = [
  ['booting', 'booting', { boot: 'running' }],
  ['pause', 'stop_l1', { stopLevel: 1 }],
  ['pause', 'operator_hold', { holds: [hold('operator')] }],
  ['drain', 'stop_l2', { stopLevel: 2 }],
  ['abort', 'stop_l3', { stopLevel: 3 }],
  ['abort', 'cost_hold', { holds: [hold('cost')] }],
  ['abort', 'dr_hold', { holds: [hold('dr')] }],
  ['abort', 'chain_hold', { holds: [hold('chain')] }],
  // A later process: the kill was another's.
  ['abort', 'stop_l4', { stopLevel: 4 }],
  ['abort', 'stop_l5', { stopLevel: 5 }],
  ['kill', 'stop_l4', { stopLevel: 4, killed: true }],
  ['kill', 'stop_l5', { stopLevel: 5, killed: true }],
  ['kill', 'stopped', { boot: 'failed' }],
];

const cells = doorLines.flatMap((line) => {
  const row = table[line].trim().split(/\s+/);
  return ways.flatMap(([column, cause, inputs]) =>
    [false, true].map((held) => {
      const cell = row[columns.indexOf(column)];
      return { line, cause, inputs, held, open: cell === 'yes' || (cell === 'held' && held) };
    }),
  );
});

async function ask(admission: Admission, line: DoorLine, held: boolean): Promise<Look> {
  const { door, context } = questions[line];
  const full = held ? { ...context, claim } : context;
  const looked = admission.look(door, full);
  const answer = await admission.admit(door, full);
  expect(looked.allow, 'a look and the answer agree').toBe(answer.allow);
  return answer;
}

test.each(cells)(
  '$line under $cause, held $held: open is $open',
  async ({ line, cause, inputs, held, open }) => {
    const { admission, move, refusals } = scene();
    move(inputs);
    const answer = await ask(admission, line, held);
    expect(answer).toMatchObject(open ? { allow: true } : { allow: false, cause });
    const { door, context } = questions[line];
    expect(refusals).toEqual(open ? [] : [{ door, cause, caller: context.caller }]);
  },
);

test.each(doorLines)('%s is open when nothing stands in the way', async (line) => {
  const { admission } = scene();
  expect(await ask(admission, line, false)).toMatchObject({ allow: true });
});
