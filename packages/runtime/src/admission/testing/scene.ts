import assert from 'node:assert/strict';
import { derive } from '../../state/index.ts';
import type { Hold, HoldCause, StateInputs } from '../../state/index.ts';
import { Admission } from '../index.ts';
import type { AdmissionOptions, Door, DoorContexts, DoorLine, HeldClaim, Look, Refused } from '../index.ts';

/** A claim that the scene's runtime holds. */
export const claim: HeldClaim = { ticketId: 7, fence: 3 };

const call = { caller: 'plugin-x', callId: 'call-1' };
const gated = { ...call, capability: 'cap_web_fetch', argumentsHash: 'a'.repeat(64) };

/** A sound question for each line of the table. */
export const questions: {
  readonly [L in DoorLine]: { readonly door: Door; readonly context: DoorContexts[Door] };
} = {
  claim: { door: 'claim', context: { caller: 'kora', kind: 'note', critical: false } },
  model_call: { door: 'model_call', context: { ...call, route: 'fast', estimateMicroUsd: 10 } },
  tool_call: { door: 'tool_call', context: { ...gated, tool: 'web_search' } },
  autofix: { door: 'autofix', context: { ...gated, fix: 'restart' } },
  periodic_task_observe: {
    door: 'periodic_task',
    context: { caller: 'kora', task: 'look', purpose: 'observe' },
  },
  periodic_task_act: { door: 'periodic_task', context: { caller: 'kora', task: 'tidy', purpose: 'act' } },
  outbound_message_operator: {
    door: 'outbound_message',
    context: { caller: 'kora', channel: 'inbox', to: 'operator' },
  },
  outbound_message_others: {
    door: 'outbound_message',
    context: { ...gated, channel: 'mail', to: 'others' },
  },
  plugin_load: { door: 'plugin_load', context: { caller: 'plugin-x' } },
  panel_action_observe: {
    door: 'panel_action',
    context: { caller: 'plugin-x', panel: 'tides', action: 'look', purpose: 'observe' },
  },
  panel_action_act: {
    door: 'panel_action',
    context: { caller: 'plugin-x', panel: 'tides', action: 'turn', purpose: 'act' },
  },
  mcp_call_observe: {
    door: 'mcp_call',
    context: { ...gated, caller: 'mcp:desk', tool: 'kora__look', purpose: 'observe' },
  },
  mcp_call_steer: {
    door: 'mcp_call',
    context: { ...gated, caller: 'mcp:desk', tool: 'kora__pause', purpose: 'steer' },
  },
  mcp_call_act: {
    door: 'mcp_call',
    context: { ...gated, caller: 'mcp:desk', tool: 'kora__add', purpose: 'act' },
  },
};

export const up: StateInputs = {
  boot: 'passed',
  holds: [],
  stopLevel: 0,
  killed: false,
  liveClaims: 0,
  failing: new Set(),
};

/** A door over a state that the test moves; budget and capability say yes unless told otherwise. */
export function scene(options: Partial<AdmissionOptions> = {}): {
  readonly admission: Admission;
  readonly refusals: Refused[];
  readonly errors: unknown[];
  move(inputs: Partial<StateInputs>): void;
} {
  let inputs = up;
  const refusals: Refused[] = [];
  const errors: unknown[] = [];
  const admission = new Admission({
    state: () => ({ inputs, derived: derive(inputs) }),
    holdsClaim: ({ ticketId, fence }) => ticketId === claim.ticketId && fence === claim.fence,
    budget: { reserve: ({ estimateMicroUsd }) => Promise.resolve({ ok: true, reserved: estimateMicroUsd }) },
    capabilities: { check: () => Promise.resolve({ verdict: 'granted' }) },
    refused: { refused: (refusal) => void refusals.push(refusal) },
    onError: (_where, error) => void errors.push(error),
    ...options,
  });
  const move = (change: Partial<StateInputs>): void => {
    inputs = { ...inputs, ...change };
  };
  return { admission, refusals, errors, move };
}

/** An open hold. */
export const hold = (cause: HoldCause): Hold => ({
  holdId: 1,
  cause,
  owner: 'x',
  reason: 'x',
  since: '',
  expiresAt: null,
});

/** Looks at a line of the table and asks there; the two must agree. */
export async function ask(admission: Admission, line: DoorLine, held: boolean): Promise<Look> {
  const { door, context } = questions[line];
  const full = held ? { ...context, claim } : context;
  const looked = admission.look(door, full);
  const answer = await admission.admit(door, full);
  assert.equal(looked.allow, answer.allow, 'a look and the answer agree');
  return answer;
}
