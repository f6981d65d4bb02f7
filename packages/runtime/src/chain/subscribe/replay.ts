import { fault, messageOf } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import { eventParked, eventReplayed } from '../events.ts';
import { draft, storableText } from '../vocabulary.ts';
import type { ParkedEvent, Subscription } from './contract.ts';
import { lent } from './lent.ts';
import { listParked, takeParked } from './parked.ts';
import type { RunnerPorts } from './ports.ts';
import type { Tenure } from './tenure.ts';
import type { Watch } from './watch.ts';

/** The replays of one consumer, on the runtime that holds it. */
export interface ReplayJob {
  readonly ports: RunnerPorts;
  readonly subscription: Subscription;
  readonly signal: AbortSignal;
  readonly tenure: Tenure;
  watched<T>(work: (watch: Watch) => Promise<T>): Promise<T>;
}

/** Tries again what people asked for, oldest first. False when the consumer turned out to be another runtime's. */
export async function replayParked(job: ReplayJob): Promise<boolean> {
  const { consumer } = job.subscription;
  const requested = await listParked(job.ports, { consumer, replayOnly: true });
  for (const parked of requested) {
    if (job.signal.aborted || !job.tenure.held) return true;
    if (!(await replayOne(job, parked))) return false;
  }
  return true;
}

/** The reaction's writes, the end of its parking and the event that says so: all or nothing. */
async function replayOne(job: ReplayJob, parked: ParkedEvent): Promise<boolean> {
  const { ports, subscription, signal } = job;
  const { consumer, seq, attempts } = parked;
  try {
    return await job.watched(async (watch) => {
      const { event } = parked;
      if (event === null) throw fault('KORA_PARKED_UNKNOWN', `event ${seq} is not on the chain any more`);
      const reaction = await watch.over(() => subscription.react(event, watch.signal));
      return job.tenure.write(async (tx) => {
        if (!(await ports.cursors.lock(tx, consumer))) return false;
        // Skipped in the meantime: nothing follows from it.
        if (!(await takeParked(tx, { workspaceId: ports.workspaceId, consumer, seq }))) return true;
        const loan = lent(tx);
        await watch.over(async () => reaction?.(loan.tx)).finally(() => loan.end());
        await ports.stage(tx, [draft(eventReplayed, { consumer, seq, attempts: attempts + 1 })]);
        return true;
      });
    });
  } catch (error) {
    if (isStoreAway(error)) throw error;
    // The wish stands: whoever runs the consumer next tries it.
    if (signal.aborted) return true;
    ports.onError(consumer, error);
    return keepParked(job, parked, storableText(messageOf(error)));
  }
}

function keepParked({ ports, tenure }: ReplayJob, parked: ParkedEvent, error: string): Promise<boolean> {
  const { consumer, seq } = parked;
  return tenure.write(async (tx) => {
    if (!(await ports.cursors.lock(tx, consumer))) return false;
    const kept = await tx.query<{ attempts: number }>(
      `update kora.parked_event set attempts = attempts + 1, error = $4, replay_requested_at = null
       where workspace_id = $1 and consumer = $2 and seq = $3 returning attempts`,
      [ports.workspaceId, consumer, seq, error],
    );
    await ports.stage(
      tx,
      kept.map(({ attempts }) => draft(eventParked, { consumer, seq, error, attempts })),
    );
    return true;
  });
}
