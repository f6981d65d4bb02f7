import type { Clock } from '../../clock/index.ts';
import { KoraError } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { TicketResult } from '../contract.ts';
import type { Ending, Return } from '../queue/ending.ts';
import type { Verdict } from '../queue/resolve.ts';
import { retryDelay } from '../queue/retry.ts';
import { hasConsequences } from './answer.ts';
import type { Answer } from './answer.ts';
import { notKept } from './attempt.ts';
import type { Hold, HoldEnd } from './hold.ts';
import type { Resolver } from './resolver.ts';
import type { WorkerStore } from './store.ts';

export interface KeepPorts {
  readonly clock: Pick<Clock, 'sleep' | 'random'>;
  readonly store: Pick<WorkerStore, 'ending' | 'back' | 'resolveWith'>;
  readonly resolver: Resolver<Ending>;
  readonly onError: (where: string, error: unknown) => void;
}

const storeRetryMs = 500;

/** Whether the store may take the same words later. */
export function mayPass(error: unknown): boolean {
  return isStoreAway(error) || (error instanceof KoraError && error.code === 'KORA_COMMIT_REFUSED');
}

/**
 * Records how an attempt ended: with others' ends in a batch, or, when rows of other rooms follow from it, in a
 * transaction of its own. An answer that no row can hold fails the attempt instead, since otherwise the ticket would lie
 * under its lease until the deadline. Rejects when not even that can be written.
 */
export async function keepAnswer(ports: KeepPorts, hold: Hold, answer: Answer): Promise<HoldEnd> {
  if ('lost' in answer) return 'lost';
  if ('givenBack' in answer) return giveBack(ports, hold, answer.givenBack);
  const { result } = answer;
  if (hasConsequences(result)) return keepWith(ports, hold, result);
  if (result.resolution === 'released') {
    const { summary, modelTier, tokens, costMicroUsd } = result;
    const delayMs = result.retryAfterMs ?? retryDelay(1, () => ports.clock.random());
    return giveBack(ports, hold, summary, {
      delayMs,
      ...(modelTier === undefined ? {} : { modelTier }),
      ...(tokens === undefined ? {} : { tokens }),
      ...(costMicroUsd === undefined ? {} : { costMicroUsd }),
    });
  }
  try {
    return await put(ports, hold, ports.store.ending(hold, result));
  } catch (error) {
    return fail(ports, hold, error);
  }
}

/** Gives a claim back without a result; the attempt does not count. */
export async function giveBack(
  ports: KeepPorts,
  hold: Hold,
  reason: string,
  given?: Return,
): Promise<HoldEnd> {
  const end = await put(ports, hold, ports.store.back(hold, reason, given));
  return end === 'lost' ? 'lost' : 'released';
}

async function put({ resolver }: KeepPorts, hold: Hold, ending: Ending): Promise<HoldEnd> {
  const verdict = resolver.put(hold.sessionId, ending);
  // Whoever stopped it waits for this word.
  if (hold.stopped) resolver.hurry();
  return endOf(await verdict);
}

function fail(ports: KeepPorts, hold: Hold, error: unknown): Promise<HoldEnd> {
  ports.onError(`ticket ${hold.claim.ticketId}`, error);
  return put(ports, hold, ports.store.ending(hold, notKept(error)));
}

/**
 * A store that is away is asked again until the work is stopped, and then once and at once, since a broken connection is
 * replaced by the next question; after that it is given back, and the resolver goes on asking. Should a try have landed,
 * the verdict on that is `already`, which is no harm.
 */
async function keepWith(ports: KeepPorts, hold: Hold, result: TicketResult): Promise<HoldEnd> {
  const { clock, store, onError } = ports;
  for (let last = false; ; last = hold.stopped) {
    try {
      return endOf(await store.resolveWith(hold, result));
    } catch (error) {
      if (!mayPass(error)) return fail(ports, hold, error);
      onError(`ticket ${hold.claim.ticketId}`, error);
      if (last) return giveBack(ports, hold, 'given back late: the store was away');
      await clock.sleep(storeRetryMs, hold.signal);
    }
  }
}

function endOf(verdict: Verdict): HoldEnd {
  return verdict === 'lost' ? 'lost' : 'resolved';
}
