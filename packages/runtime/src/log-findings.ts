import type { Chain, ConsumerState, TailStatus } from './chain/index.ts';
import type { shape } from './http/index.ts';

export function finding(
  id: string,
  severity: shape.Finding['severity'],
  message: string,
  rest: { path?: string; hint?: string } = {},
): shape.Finding {
  return { id, severity, message, path: rest.path ?? null, hint: rest.hint ?? null };
}

/** Events that nobody puts on the chain. */
export function sealFindings(staleForMs: number | undefined): shape.Finding[] {
  if (staleForMs === undefined) return [];
  const message = `events are acknowledged and not on the chain: nothing cleared the stage for ${Math.round(staleForMs / 1_000)} s`;
  return [finding('chain.stage', 'error', message)];
}

/** Events that wait in the home for the store, and those that found no room there. */
export function spoolFindings({ waiting, lost }: Chain['spooled']): shape.Finding[] {
  const found: shape.Finding[] = [];
  if (waiting > 0) {
    const message = `${waiting} events wait in the home for the store, and are appended when it is back`;
    found.push(finding('chain.spool', 'warning', message));
  }
  if (lost > 0) {
    const message = `${lost} events were lost: the store was away, and the home had no room for them`;
    found.push(finding('chain.spool.lost', 'error', message));
  }
  return found;
}

/** A consumer whose runtime has just ended is not forgotten: another may be about to take it. */
const leftAloneMs = 60_000;

/** Readers that cannot go on, and those that nobody runs: what they have not read cannot be pruned. */
export function consumerFindings(consumers: readonly ConsumerState[]): shape.Finding[] {
  return consumers.flatMap(({ consumer, parked, lastError, running, lag, lagMs }) => {
    const id = `consumer.${consumer}`;
    const found: shape.Finding[] = [];
    if (parked > 0) {
      const hint = `kora event parked ${consumer}`;
      found.push(finding(id, 'warning', `${consumer} has parked ${parked} events`, { hint }));
    } else if (lastError !== null) {
      found.push(finding(id, 'warning', `${consumer} fails: ${lastError}`, { hint: 'kora event consumers' }));
    }
    if (running === 'nowhere' && lag > 0 && lagMs >= leftAloneMs) {
      const message = `${consumer} runs nowhere and is ${lag} events behind: what it has not read cannot be pruned`;
      const hint = `start what it belongs to, or: kora event forget ${consumer}`;
      found.push(finding(`${id}.nowhere`, 'warning', message, { hint }));
    }
    return found;
  });
}

/** What verification behind the seals found. */
export function verificationFindings({ damage }: TailStatus): shape.Finding[] {
  if (damage === null) return [];
  const message = `event #${damage.firstBadSeq} is ${damage.problem}: ${damage.detail}`;
  return [finding('chain.damaged', 'error', message, { hint: 'kora event verify' })];
}
