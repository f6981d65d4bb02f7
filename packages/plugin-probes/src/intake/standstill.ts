import { clockTime, oneLine } from '../rules/words.ts';
import { unableWords } from '../diagnose/codes.ts';
import { investigationKind } from '../wake.ts';
import type { Wake } from '../wake.ts';
import type { NewMessage, PluginContext } from '@kora/runtime/plugin';

const stateMoved = 'kora.operational_state.transitioned';
const rungMoved = 'kora.spend.rung_changed';
/** Enough to pass over runtimes that came and went. */
const lookBack = 50;

/** Why no ticket is worked now, in the code that whoever thinks would answer with. */
export type Standstill = 'operational_state_paused' | 'operational_state_stopped' | 'cost_ladder_halted';

type Reader = Pick<PluginContext<unknown>['chain'], 'read'>;

/** What keeps tickets waiting in the workspace, as the log has it; null while work goes on. */
export async function standstillOf(chain: Reader): Promise<Standstill | null> {
  const moves = await chain.read({ type: stateMoved, order: 'desc', limit: lookBack });
  // Holds and stops are the workspace's, so what any runtime came to by them holds for all; a boot and an end are its own.
  const last = moves.find(({ payload }) => isWorkspaces(payload['to_primary_state']));
  if (last === undefined || last.payload['to_primary_state'] !== 'paused') return null;
  const [rung] = await chain.read({ type: rungMoved, order: 'desc', limit: 1 });
  if (rung?.payload['to'] === 'hard_stop_100') return 'cost_ladder_halted';
  const { cause, trigger } = last.payload;
  // A stop of the first level is a pause.
  const isStop = cause === 'stop.issued' && !String(trigger).endsWith('L1');
  return isStop ? 'operational_state_stopped' : 'operational_state_paused';
}

function isWorkspaces(state: unknown): boolean {
  return state === 'ready' || state === 'active' || state === 'paused';
}

const wayOn: Readonly<Record<Standstill, string>> = {
  operational_state_paused: 'see what holds it: kora status; kora resume lets it go on.',
  operational_state_stopped: 'see what stopped it: kora control; kora resume lets it go on.',
  cost_ladder_halted: 'see what was spent: kora cost.',
};

/** The word in the thread that its investigation waits, so that nobody waits for findings in vain. */
export function waitsMessage(wake: Wake, code: Standstill): NewMessage {
  return {
    key: `investigation:${wake.wakeId}:waits`,
    thread: `incident:${wake.incidentId}`,
    severity: 'info',
    title: `Not investigated yet · ${oneLine(wake.probe, 80)}`,
    body: [
      unableWords(code),
      `The ticket waits since ${clockTime(wake.at, wake.at)} and is worked when Kora goes on, if it still fails then.`,
      `Next step: ${wayOn[code]}`,
    ].join('\n'),
    source: investigationKind,
    correlationId: wake.wakeId,
  };
}
