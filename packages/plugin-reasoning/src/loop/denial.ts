import type { DenyCause, ReasonError } from '@kora/runtime/plugin';

const stopped: ReadonlySet<string> = new Set([
  'stopped',
  'stop_l2',
  'stop_l3',
  'stop_l4',
  'stop_l5',
  'credentials_locked',
]);
const paused: ReadonlySet<string> = new Set([
  'stop_l1',
  'operator_hold',
  'dr_hold',
  'chain_hold',
  'critical_only',
]);

/** What a refusal of the door means for the answer; what is not known is refused like an engine that cannot work. */
export function errorOfDenial(cause: DenyCause): ReasonError {
  if (stopped.has(cause)) return 'operational_state_stopped';
  if (paused.has(cause)) return 'operational_state_paused';
  if (cause === 'cost_hold' || cause === 'budget_unknown') return 'cost_ladder_halted';
  if (cause.startsWith('budget_')) return 'cost_capped';
  return 'engine_unavailable';
}
