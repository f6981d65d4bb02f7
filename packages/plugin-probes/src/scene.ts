import type { ChainEvent, Incident, PluginContext } from '@kora/runtime/plugin';
import type { Changes, Scene } from './rules/rule.ts';
import { readWake, wakeRequested } from './wake.ts';
import type { InvestigationOrder, Wake } from './wake.ts';

export type SceneContext = Pick<PluginContext<unknown>, 'chain' | 'probes' | 'clock'>;

const incidentLimit = 500;
const lookLimit = 1_000;
const changeWindowMs = 15 * 60_000;
/** Events in one step back on the chain, and steps: what they do not reach is said to be unread. */
const stepEvents = 1_000;
const mostSteps = 10;

/** Reads once all that the rules look at. Stops between reads when the ticket is taken away. */
export async function readScene(
  context: SceneContext,
  order: InvestigationOrder,
  signal: AbortSignal,
): Promise<Scene> {
  const wake = await findWake(context, order);
  signal.throwIfAborted();
  const incidents = await context.probes.incidents({ limit: incidentLimit });
  const incident = incidents.find(({ incidentId }) => incidentId === order.incidentId) ?? null;
  const failingSince = incident?.failingSince ?? wake?.failingSince ?? null;
  signal.throwIfAborted();
  return {
    now: context.clock.now(),
    order,
    wake,
    incident,
    failingSince,
    lastGoodAt: incident === null ? (wake?.lastGoodAt ?? null) : incident.lastGoodAt,
    states: await context.probes.list(),
    incidents: newestFirst(incidents),
    incidentsComplete: incidents.length < incidentLimit,
    looks: await context.probes.history({ probe: order.probe, limit: lookLimit }),
    changes: await readChanges(context, { failingSince, wake, signal }),
  };
}

/** The event that asked for this: by its place on the chain, else among the latest. */
async function findWake(context: SceneContext, order: InvestigationOrder): Promise<Wake | null> {
  const events =
    order.wakeSeq === null
      ? await context.chain.read({ type: wakeRequested, order: 'desc', limit: 1_000 })
      : await context.chain.read({ type: wakeRequested, after: order.wakeSeq - 1, limit: 1 });
  return events.map(readWake).find((wake) => wake?.wakeId === order.wakeId) ?? null;
}

interface Before {
  readonly failingSince: string | null;
  readonly wake: Wake | null;
  readonly signal: AbortSignal;
}

/** Events from the quarter of an hour before the failure, found by stepping back from the wake. */
async function readChanges(context: SceneContext, before: Before): Promise<Changes> {
  if (before.failingSince === null) return { events: [], readFrom: 0, wantedFrom: 0 };
  const until = Date.parse(before.failingSince);
  const wantedFrom = until - changeWindowMs;
  const found: ChainEvent[] = [];
  let upTo = before.wake?.seq ?? (await headOf(context));
  let readFrom = until;
  for (let step = 0; step < mostSteps && upTo > 0 && readFrom > wantedFrom; step += 1) {
    before.signal.throwIfAborted();
    const after = Math.max(0, upTo - stepEvents);
    const page = await context.chain.read({ after, limit: stepEvents });
    for (const event of page) {
      const at = Date.parse(event.occurredAt);
      if (event.seq <= upTo && at >= wantedFrom && at <= until) found.push(event);
    }
    readFrom = Math.min(readFrom, Date.parse(page[0]?.occurredAt ?? before.failingSince));
    upTo = after;
  }
  // At the first event of the chain there is nothing more to read, however young it is.
  return { events: found, readFrom: upTo === 0 ? Math.min(readFrom, wantedFrom) : readFrom, wantedFrom };
}

async function headOf(context: SceneContext): Promise<number> {
  const [head] = await context.chain.read({ order: 'desc', limit: 1 });
  return head?.seq ?? 0;
}

function newestFirst(incidents: readonly Incident[]): readonly Incident[] {
  return incidents.toSorted((one, other) => Date.parse(other.openedAt) - Date.parse(one.openedAt));
}
