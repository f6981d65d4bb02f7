import type { Context } from 'hono';
import type { RoutesOptions } from '../routing.ts';
import { callerOf, requireFresh } from './caller.ts';
import { freshUntil } from './sessions.ts';

type Asks = Pick<RoutesOptions, 'house' | 'clock'>;

/** Kinds of decisions that set nothing free: a ticket goes on, a drill ends. */
const lowKinds: readonly string[] = ['ticket', 'drill'];

/**
 * Before a yes to something of high risk. `isHigh` is asked only where it matters: the token of the home, and a page that
 * was paired just now, may say yes to anything. Throws KORA_SESSION_NOT_FRESH.
 */
export async function freshIf(
  context: Context,
  { clock }: Asks,
  isHigh: () => Promise<boolean>,
): Promise<void> {
  const caller = callerOf(context);
  if (caller === null || freshUntil(caller, clock.now()) !== null || !(await isHigh())) return;
  requireFresh(caller, clock.now());
}

/** Before a yes to a call that waits; a capability that nobody declares any more counts as high. */
export function freshForApproval(context: Context, asks: Asks, approvalId: number): Promise<void> {
  return freshIf(context, asks, () => isHighApproval(asks, approvalId));
}

/** Before a yes to whatever waits; what its code alone names is not looked up, and counts as high. */
export function freshForDecision(
  context: Context,
  asks: Asks,
  decisionId: number | undefined,
): Promise<void> {
  return freshIf(context, asks, async () => {
    if (decisionId === undefined) return true;
    const { kind, subject } = await asks.house().decision(decisionId);
    if (kind !== 'approval') return !lowKinds.includes(kind);
    return isHighApproval(asks, Number(subject));
  });
}

async function isHighApproval({ house }: Asks, approvalId: number): Promise<boolean> {
  const [{ capability }, { capabilities }] = await Promise.all([
    house().approval(approvalId),
    house().capabilities({}),
  ]);
  return capabilities.find(({ id }) => id === capability)?.risk !== 'low';
}
