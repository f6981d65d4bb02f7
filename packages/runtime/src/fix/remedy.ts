import type { DenyCause } from '../admission/index.ts';
import type { FixAttempt, fixCodes } from './contract.ts';

/** What is known of an attempt, or of one that was only thought through. */
export type Troubled = Pick<FixAttempt, 'code' | 'probe' | 'incidentId'> &
  Partial<Pick<FixAttempt, 'attemptId' | 'beganAt' | 'capability' | 'plugin'>> & {
    readonly fix: string | null;
  };

type Code = (typeof fixCodes)[number] | DenyCause;
type Command = string | ((of: Troubled) => string);

const list = 'kora fix list';
const look = ({ probe }: Troubled): string => `kora probe run ${probe}`;
const again = ({ probe, fix }: Troubled): string =>
  `kora fix try ${probe}${fix === null ? '' : ` ${fix}`} --reason '...'`;
const story = ({ incidentId }: Troubled): string =>
  incidentId === null ? 'kora incident list' : `kora incident show ${incidentId}`;
const resume = "kora resume --reason '...'";
const status = 'kora status';

const commands: Readonly<Record<Code, Command>> = {
  unknown_probe: list,
  action_not_in_envelope: list,
  envelope_disabled: 'kora plugin config probes',
  no_open_incident: 'kora incident list',
  is_consequence: story,
  not_failing: look,
  target_id_invalid: list,
  target_not_in_snapshot: list,
  target_ambiguous: list,
  target_unreadable: look,
  condition_not_met: ({ probe }) => `kora probe show ${probe}`,
  limit_reached: story,
  target_busy: list,
  approval_expired: again,
  approval_refused: again,
  executor_failed: look,
  executor_timed_out: look,
  not_verified: story,
  rollback_failed: look,
  // What had not begun may be asked for again; what had is looked at first.
  runtime_ended: (of) => (of.beganAt === null ? again(of) : look(of)),
  booting: 'kora boot',
  stopped: 'kora up',
  stop_l1: resume,
  stop_l2: resume,
  stop_l3: resume,
  stop_l4: resume,
  stop_l5: resume,
  operator_hold: resume,
  cost_hold: status,
  dr_hold: status,
  chain_hold: status,
  critical_only: status,
  budget_spent: 'kora cost',
  budget_unknown: 'kora cost',
  budget_paced: 'kora cost',
  capability_denied: ({ capability = 'cap_autofix', plugin = 'probes' }) =>
    `kora capability grant ${capability} --to plugin:${plugin} --reason '...'`,
  capability_unmapped: 'kora capability list',
  approval_pending: 'kora approval list',
  credentials_locked: resume,
  store_away: 'kora doctor',
  unknown_door: status,
  invalid_context: status,
};

/** The one command that leads on from what came of it; null where nothing is amiss. */
export function remedyFor(of: Troubled): string | null {
  if (of.code === null) return null;
  const command = isKnown(of.code) ? commands[of.code] : 'kora status';
  return typeof command === 'string' ? command : command(of);
}

function isKnown(code: string): code is Code {
  return Object.hasOwn(commands, code);
}
