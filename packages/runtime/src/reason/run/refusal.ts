import type { DenyCause } from '../../admission/index.ts';
import type { ReasonError } from '../contract.ts';

/** What a cause of the door means for a question: to be held up is one thing, to be stopped another, and money a third. */
const errors: Readonly<Partial<Record<DenyCause, ReasonError>>> = {
  stop_l1: 'operational_state_paused',
  operator_hold: 'operational_state_paused',
  dr_hold: 'operational_state_paused',
  chain_hold: 'operational_state_paused',
  critical_only: 'operational_state_paused',
  stop_l2: 'operational_state_stopped',
  stop_l3: 'operational_state_stopped',
  stop_l4: 'operational_state_stopped',
  stop_l5: 'operational_state_stopped',
  stopped: 'operational_state_stopped',
  credentials_locked: 'operational_state_stopped',
  cost_hold: 'cost_ladder_halted',
  budget_unknown: 'cost_ladder_halted',
};

/** Whatever else the door may say of a model call is about money that is there and not for this call, or about the store. */
export function errorOfRefusal(cause: DenyCause): ReasonError {
  const known = errors[cause];
  if (known !== undefined) return known;
  return cause.startsWith('budget_') ? 'cost_capped' : 'engine_unavailable';
}
