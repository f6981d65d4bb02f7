import type { StateInputs } from '../state/index.ts';
import type { DenyCause, Refusal } from './contract.ts';
import { doorTable, refusalFor } from './table.ts';
import type { Block, Cell, DoorLine } from './table.ts';

type CauseOf = (inputs: StateInputs) => DenyCause | undefined;

const milderStops: Readonly<Record<number, DenyCause>> = { 1: 'stop_l1', 2: 'stop_l2' };
const harderStops: Readonly<Record<number, DenyCause>> = { 3: 'stop_l3', 4: 'stop_l4', 5: 'stop_l5' };

/** Strictest first: the first that closes the door names the cause. */
const causeOf: readonly (readonly [block: Block, cause: CauseOf])[] = [
  ['kill', killed],
  ['abort', aborting],
  ['drain', ({ stopLevel }) => (stopLevel === 2 ? 'stop_l2' : undefined)],
  ['pause', pausing],
  ['booting', ({ boot }) => (boot === 'running' ? 'booting' : undefined)],
];

function killed({ killed: dying, stopLevel, boot }: StateInputs): DenyCause | undefined {
  if (dying) return stopLevel === 5 ? 'stop_l5' : 'stop_l4';
  return boot === 'failed' ? 'stopped' : undefined;
}

function aborting({ stopLevel, holds }: StateInputs): DenyCause | undefined {
  // A level that nobody knows is a stop all the same, and not a mild one.
  if (stopLevel !== 0 && milderStops[stopLevel] === undefined) return harderStops[stopLevel] ?? 'stop_l3';
  const held = holds.find(({ cause }) => cause !== 'operator');
  if (held === undefined) return undefined;
  return held.cause === 'cost' ? 'cost_hold' : held.cause === 'dr' ? 'dr_hold' : 'chain_hold';
}

function pausing({ stopLevel, holds }: StateInputs): DenyCause | undefined {
  if (stopLevel === 1) return 'stop_l1';
  return holds.some(({ cause }) => cause === 'operator') ? 'operator_hold' : undefined;
}

/** What the table says of a line now; undefined is open. `held` is asked only where it matters. */
export function blockedBy(line: DoorLine, inputs: StateInputs, held: () => boolean): Refusal | undefined {
  for (const [block, causeIn] of causeOf) {
    const cause = causeIn(inputs);
    if (cause !== undefined && !passes(doorTable[line][block], held)) return refusalFor(cause);
  }
  return undefined;
}

function passes(cell: Cell, held: () => boolean): boolean {
  return cell === 'yes' || (cell === 'held' && held());
}
