import { denyCauses } from './contract.ts';
import type { BlockKind, DenyCause, Refusal } from './contract.ts';

/** What may stand in the way, mildest first: the columns of DOMAIN §1's table. */
export const blocks = ['booting', 'pause', 'drain', 'abort', 'kill'] as const;
export type Block = (typeof blocks)[number];

/** Open, open for work whose claim was held before the block, closed. */
export type Cell = 'yes' | 'held' | 'no';
type Row = Readonly<Record<Block, Cell>>;

/** The rows: a door, told apart where the same door means two things. */
export const doorLines = [
  'claim',
  'model_call',
  'tool_call',
  'autofix',
  'periodic_task_observe',
  'periodic_task_act',
  'outbound_message_operator',
  'outbound_message_others',
  'plugin_load',
  'panel_action_observe',
  'panel_action_act',
  'mcp_call_observe',
  'mcp_call_steer',
  'mcp_call_act',
] as const;
export type DoorLine = (typeof doorLines)[number];

const never: Row = { booting: 'no', pause: 'no', drain: 'no', abort: 'no', kill: 'no' };
const heldOnly: Row = { ...never, pause: 'held' };
const untilExit: Row = { booting: 'yes', pause: 'yes', drain: 'yes', abort: 'yes', kill: 'no' };

/** The door table as data. `kill` is this very process being killed; a later process meets that stop as `abort`. */
export const doorTable: Readonly<Record<DoorLine, Row>> = {
  claim: never,
  model_call: heldOnly,
  tool_call: heldOnly,
  autofix: never,
  periodic_task_observe: untilExit,
  periodic_task_act: never,
  // The operator is told whatever happens, as long as there is a process: silence is never an answer.
  outbound_message_operator: { ...untilExit, kill: 'yes' },
  outbound_message_others: heldOnly,
  plugin_load: untilExit,
  panel_action_observe: untilExit,
  panel_action_act: never,
  mcp_call_observe: untilExit,
  // Whoever may stop it may do so while it is stopped, and what is held may end.
  mcp_call_steer: { ...untilExit, booting: 'no' },
  // What was asked for while it pauses waits with everything else.
  mcp_call_act: { ...never, pause: 'yes', drain: 'yes' },
};

/** What kind of thing each cause is. */
export const causeKinds: Readonly<Record<DenyCause, BlockKind>> = {
  booting: 'state',
  stopped: 'state',
  stop_l1: 'stop',
  stop_l2: 'stop',
  stop_l3: 'stop',
  stop_l4: 'stop',
  stop_l5: 'stop',
  operator_hold: 'hold',
  cost_hold: 'hold',
  dr_hold: 'hold',
  chain_hold: 'hold',
  critical_only: 'permission',
  budget_spent: 'budget',
  budget_unknown: 'budget',
  budget_paced: 'budget',
  capability_denied: 'capability',
  capability_unmapped: 'capability',
  approval_pending: 'capability',
  approval_refused: 'capability',
  credentials_locked: 'permission',
  store_away: 'unknown',
  unknown_door: 'unknown',
  invalid_context: 'unknown',
};

function refusing(cause: DenyCause): Refusal {
  return Object.freeze({ allow: false, blockKind: causeKinds[cause], cause });
}

const refusals = new Map(denyCauses.map((cause) => [cause, refusing(cause)]));

/** The refusal of a cause: one object for all of them, since most are looked at and forgotten. */
export function refusalFor(cause: DenyCause): Refusal {
  return refusals.get(cause) ?? refusing('invalid_context');
}
