import type { Call, Door, DoorContexts, GatedCall, HeldClaim } from './contract.ts';
import type { DoorLine } from './table.ts';

/** A question at one door that was read and understood. */
export type Asked = { readonly [D in Door]: AskedAt<D> }[Door];
export interface AskedAt<D extends Door> {
  readonly door: D;
  readonly line: DoorLine;
  readonly context: DoorContexts[D];
}

type Fields = Readonly<Record<string, unknown>>;
type Reader<D extends Door> = (fields: Fields) => AskedAt<D>;

const callerPattern = /^[\w@][\w@/.:-]{0,127}$/;
const hashPattern = /^[0-9a-f]{64}$/;
const longestText = 200;
const longestReason = 1_000;
/** What moves a cursor, turns the reading direction or is not to be seen: a name with it could pose as another. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const unreadable = new Error('not the context of this door');

/** Each door's own fields, one by one: whatever else a caller wrote is left behind. */
const readers: { readonly [D in Door]: Reader<D> } = {
  claim: (fields) => ({
    door: 'claim',
    line: 'claim',
    context: { caller: callerIn(fields), kind: text(fields, 'kind'), critical: flag(fields['critical']) },
  }),
  model_call: (fields) => ({
    door: 'model_call',
    line: 'model_call',
    context: {
      ...call(fields),
      route: text(fields, 'route'),
      estimateMicroUsd: amount(fields['estimateMicroUsd']),
      ...(fields['runId'] === undefined ? {} : { runId: text(fields, 'runId') }),
      ...(fields['model'] === undefined ? {} : { model: text(fields, 'model') }),
      ...(fields['critical'] === undefined ? {} : { critical: flag(fields['critical']) }),
    },
  }),
  tool_call: (fields) => ({
    door: 'tool_call',
    line: 'tool_call',
    context: { ...gatedCall(fields), tool: text(fields, 'tool') },
  }),
  autofix: (fields) => ({
    door: 'autofix',
    line: 'autofix',
    context: { ...gatedCall(fields), fix: text(fields, 'fix') },
  }),
  periodic_task: (fields) => {
    const purpose = oneOf(fields['purpose'], ['observe', 'act']);
    const context = { caller: callerIn(fields), task: text(fields, 'task'), purpose };
    return { door: 'periodic_task', line: `periodic_task_${purpose}`, context };
  },
  outbound_message: (fields) => {
    const to = oneOf(fields['to'], ['operator', 'others']);
    const channel = text(fields, 'channel');
    if (to === 'operator') {
      const context = { caller: callerIn(fields), channel, to };
      return { door: 'outbound_message', line: 'outbound_message_operator', context };
    }
    const context = { ...gatedCall(fields), channel, to };
    return { door: 'outbound_message', line: 'outbound_message_others', context };
  },
  plugin_load: (fields) => ({
    door: 'plugin_load',
    line: 'plugin_load',
    context: { caller: callerIn(fields) },
  }),
  panel_action: (fields) => {
    const purpose = oneOf(fields['purpose'], ['observe', 'act']);
    const what = { panel: text(fields, 'panel'), action: text(fields, 'action') };
    const context = { caller: callerIn(fields), ...what, purpose };
    return { door: 'panel_action', line: `panel_action_${purpose}`, context };
  },
  mcp_call: (fields) => {
    const purpose = oneOf(fields['purpose'], ['observe', 'steer', 'act']);
    const context = { ...gatedCall(fields), tool: text(fields, 'tool'), purpose };
    return { door: 'mcp_call', line: `mcp_call_${purpose}`, context };
  },
};

/** Reads a question; what is no door and what is not its context closes. Never throws. */
export function readAsked(door: unknown, context: unknown): Asked | 'unknown_door' | 'invalid_context' {
  if (!isDoor(door)) return 'unknown_door';
  if (typeof context !== 'object' || context === null) return 'invalid_context';
  try {
    return readers[door](context as Fields);
  } catch {
    // Not ours alone: a context may be an object whose very reading throws.
    return 'invalid_context';
  }
}

/** Who asks, for the count of refusals, however broken the rest of the question is. Never throws. */
export function callerOf(context: unknown): string {
  try {
    return callerIn(context as Fields);
  } catch {
    return 'unknown';
  }
}

/** The claim a question names, if its door is one that held work may pass. */
export function claimOf({ context }: Asked): HeldClaim | undefined {
  return 'claim' in context ? context.claim : undefined;
}

function isDoor(door: unknown): door is Door {
  return typeof door === 'string' && Object.hasOwn(readers, door);
}

function call(fields: Fields): Call {
  const claim = claimIn(fields);
  const who = { caller: callerIn(fields), callId: text(fields, 'callId') };
  return claim === undefined ? who : { ...who, claim };
}

function gatedCall(fields: Fields): GatedCall {
  const argumentsHash = text(fields, 'argumentsHash');
  if (!hashPattern.test(argumentsHash)) throw unreadable;
  const { approvalId, reason } = fields;
  return {
    ...call(fields),
    capability: text(fields, 'capability'),
    argumentsHash,
    ...(approvalId === undefined ? {} : { approvalId: count(approvalId) }),
    ...(reason === undefined ? {} : { reason: sentence(reason) }),
  };
}

function claimIn(fields: Fields): HeldClaim | undefined {
  const { claim } = fields;
  if (claim === undefined) return undefined;
  if (typeof claim !== 'object' || claim === null) throw unreadable;
  const { ticketId, fence } = claim as Fields;
  return { ticketId: count(ticketId), fence: count(fence) };
}

function callerIn(fields: Fields): string {
  const { caller } = fields;
  if (typeof caller !== 'string' || !callerPattern.test(caller)) throw unreadable;
  return caller;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '' || value.length > longestText) throw unreadable;
  if (value.search(unseen) !== -1) throw unreadable;
  return value;
}

/** On one line, whatever it was: it stands beside the commands that the operator is to type. */
function sentence(value: unknown): string {
  if (typeof value !== 'string' || value.length > longestReason) throw unreadable;
  return value.replace(unseen, ' ').trim();
}

/** Any number: what is no amount is for the budget to refuse by name. */
function amount(value: unknown): number {
  if (typeof value !== 'number') throw unreadable;
  return value;
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw unreadable;
  return value;
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw unreadable;
  return value;
}

function oneOf<T extends string>(value: unknown, known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw unreadable;
  return found;
}
