import { draft } from '../../chain/index.ts';
import type { EventDraft, EventLinks } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { NewMessage, ProbeSnapshot, ProbeSpec } from '../contract.ts';
import {
  consequenceOpened,
  incidentFlapping,
  incidentReopened,
  incidentResolved,
  wakeRequested,
} from '../events.ts';
import type { Turns } from '../look/flap.ts';
import type { ProbeMemory } from '../look/fold.ts';
import { isInWindow } from '../window/windows.ts';
import {
  adoptConsequences,
  attribute,
  consequencesOf,
  markFlapping,
  openIncident,
  prolongIncident,
  reopenIncident,
  resolveIncident,
  stormElsewhere,
} from './incidents.ts';
import type { Cause, IncidentRecord, NewIncident } from './incidents.ts';
import { longestStormMs, sharesOf, StormBook, stormGapMs } from './storm.ts';
import { addEntry, lastFindings } from './timeline.ts';
import type { NewIncidentEntry } from './timeline.ts';
import {
  flappingMessage,
  openingMessage,
  recoveryMessage,
  removedMessage,
  reopeningMessage,
} from './words.ts';
import type { Surroundings } from './words.ts';

export interface IncidentKeeperOptions {
  readonly workspaceId: number;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  /** Read on the caller's connection: many probes that open incidents at once must not wait for one another's. */
  readonly surroundings: (tx: Transaction, probe: Watched) => Promise<Surroundings>;
  /** The failing probe that explains what this one sees; null when all that it needs is well. */
  readonly causeOf: (tx: Queryable, probe: Watched) => Promise<Cause | null>;
  /** Everything a probe needs, and everything that needs it. */
  readonly ancestors: (probe: string) => readonly string[];
  readonly descendants: (probe: string) => readonly string[];
}

/** A probe, and whose its looks are. */
export interface Watched {
  readonly spec: ProbeSpec;
  readonly runtimeId: string;
}

/** A look that means something for an incident. */
export interface Seen extends Watched {
  readonly snapshot: ProbeSnapshot;
  readonly memory: ProbeMemory;
  readonly turns: Turns;
  /** The event that said that the status became what it is. */
  readonly causationId?: string;
}

/** Opens, prolongs and ends incidents: each change is a row, a line of the timeline, an event and, where due, a message. */
export class IncidentKeeper {
  readonly #options: IncidentKeeperOptions;
  readonly #storms: StormBook = new StormBook();

  constructor(options: IncidentKeeperOptions) {
    this.#options = options;
  }

  /** Answers null during a maintenance window: what still fails afterwards opens then. */
  async open(tx: Transaction, seen: Seen): Promise<number | null> {
    const { workspaceId } = this.#options;
    if (await isInWindow(tx, workspaceId, seen.spec.name)) return null;
    const cause = await this.#options.causeOf(tx, seen);
    const incident = this.#newIncident(seen);
    const reopened = await reopenIncident(tx, workspaceId, incident);
    if (reopened !== undefined) return this.#reopened(tx, seen, { ...reopened, cause });
    if (cause !== null) return this.#openConsequence(tx, seen, { ...incident, cause });
    const stormId = await this.#stormOf(tx, incident);
    const record = await openIncident(tx, workspaceId, { ...incident, stormId, cause });
    await this.#wake(tx, seen, record);
    return record.incidentId;
  }

  /** One more failing look at something whose incident is open. */
  async lasts(
    tx: Transaction,
    seen: Seen & { readonly incidentId: number; readonly before: ProbeMemory | undefined },
  ): Promise<void> {
    const { incidentId, snapshot, turns, before } = seen;
    const detail = detailOf(snapshot);
    const look = { incidentId, detail, flappingSince: turns.flappingSince };
    const record = await prolongIncident(tx, this.#options.workspaceId, look);
    const isOtherwiseBad = before !== undefined && before.badInARow > 0 && before.status !== snapshot.status;
    if (isOtherwiseBad)
      await this.#entry(tx, { incidentId, kind: 'updated', text: `${snapshot.status}: ${detail}` });
    if (record.causedBy !== null) await this.#stillConsequence(tx, seen, record);
  }

  /** It began to go back and forth: one notice, and no other until it has been quiet. */
  async flaps(tx: Transaction, seen: Seen & { readonly incidentId: number }): Promise<void> {
    const { workspaceId, clock, stage } = this.#options;
    const { incidentId, turns } = seen;
    const since = turns.flappingSince ?? new Date(clock.now()).toISOString();
    const record = await markFlapping(tx, workspaceId, { incidentId, since });
    const { wakeId, probe } = record;
    const eventId = clock.uuid();
    const payload = { incident_id: incidentId, wake_id: wakeId, probe, turns: turns.flips.length };
    await stage(tx, [{ ...draft(incidentFlapping, payload, linksOf(record, seen)), eventId }]);
    const text = `${turns.flips.length} turns within 10 minutes`;
    await this.#entry(tx, { incidentId, kind: 'flapping', text, eventId });
    await this.#tellUnlessQuiet(tx, record, { ...flappingMessage(record), causationId: eventId });
  }

  /** The probe was good often enough in a row. */
  async resolve(
    tx: Transaction,
    end: { readonly incidentId: number; readonly goodLooks: number; readonly causationId?: string },
  ): Promise<void> {
    const { workspaceId, tell } = this.#options;
    const { incidentId, goodLooks } = end;
    const record = await resolveIncident(tx, workspaceId, { incidentId, endedBy: 'recovered' });
    const { eventId, durationMs } = await this.#over(tx, record, end);
    // A consequence that was never told has no thread to end.
    if (record.toldAt === null) return;
    const consequences = await consequencesOf(tx, workspaceId, incidentId);
    const found = await lastFindings(tx, workspaceId, incidentId);
    // Failures only grow, so they tell the resolutions of one incident apart.
    const message = recoveryMessage(record, record.failures, {
      durationMs,
      goodLooks,
      consequences,
      ...found,
    });
    await tell(tx, { ...message, causationId: eventId });
  }

  /** Nobody looks at it any more. */
  async removed(tx: Transaction, incidentId: number): Promise<void> {
    const { workspaceId, tell } = this.#options;
    const record = await resolveIncident(tx, workspaceId, { incidentId, endedBy: 'probe removed' });
    const { eventId } = await this.#over(tx, record, {});
    if (record.toldAt !== null) await tell(tx, { ...removedMessage(record), causationId: eventId });
  }

  #newIncident({ spec, snapshot, memory, turns, runtimeId }: Seen): NewIncident {
    return {
      runtimeId,
      probe: spec.name,
      target: spec.target,
      category: categoryOf(snapshot),
      severity: spec.severity ?? (snapshot.status === 'degraded' ? 'warning' : 'critical'),
      title: `${spec.name} ${turns.flappingSince === null ? snapshot.status : 'flapping'}`,
      detail: detailOf(snapshot),
      wakeId: this.#options.clock.uuid(),
      failingSince: memory.failingSince ?? memory.since,
      lastGoodAt: memory.lastGoodAt,
      failures: memory.badInARow,
      flappingSince: turns.flappingSince,
      shares: sharesOf(spec, snapshot, this.#options.ancestors(spec.name)),
    };
  }

  async #stormOf(tx: Transaction, incident: NewIncident): Promise<string> {
    const { clock, workspaceId } = this.#options;
    const { wakeId, shares, runtimeId } = incident;
    const own = this.#storms.join(incident, clock.now());
    if (own !== undefined) return own;
    const asked = { runtimeId, shares, withinMs: stormGapMs };
    const stormId = (await stormElsewhere(tx, workspaceId, asked)) ?? wakeId;
    tx.afterCommit(() => this.#storms.keep(wakeId, stormId));
    return stormId;
  }

  /** Tells the operator and asks for an investigation; names what fails because of it. */
  async #wake(tx: Transaction, seen: Seen, record: IncidentRecord, explainedBy?: string): Promise<void> {
    const { clock, stage, tell, surroundings } = this.#options;
    const { incidentId, probe } = record;
    const eventId = clock.uuid();
    await stage(tx, [{ ...wakeDraft(seen, record), ...causedBy(seen), eventId }]);
    await this.#entry(tx, {
      incidentId,
      kind: explainedBy === undefined ? 'opened' : 'updated',
      text: explainedBy === undefined ? record.detail : `no consequence of ${explainedBy} any more`,
      eventId,
    });
    const adopted = await this.#adopt(tx, seen, record);
    for (const child of adopted) await this.#entriesOfConsequence(tx, child, { probe, incidentId });
    const opening = openingMessage(record, {
      ...(await surroundings(tx, seen)),
      consequences: adopted.map((child) => child.probe),
      ...(explainedBy === undefined ? {} : { explainedBy }),
    });
    await tell(tx, { ...opening, causationId: eventId });
  }

  /** What needs it and failed with it, sooner than it was seen to fail itself. */
  async #adopt(tx: Transaction, { runtimeId }: Seen, record: IncidentRecord): Promise<IncidentRecord[]> {
    const { probe, incidentId } = record;
    const children = this.#options.descendants(probe);
    if (children.length === 0) return [];
    const parent = { probe, incidentId, children, runtimeIds: [runtimeId], withinMs: longestStormMs };
    return adoptConsequences(tx, this.#options.workspaceId, parent);
  }

  async #openConsequence(
    tx: Transaction,
    seen: Seen,
    incident: NewIncident & { readonly cause: Cause },
  ): Promise<number> {
    const { workspaceId } = this.#options;
    const record = await openIncident(tx, workspaceId, { ...incident, stormId: incident.wakeId });
    await this.#entry(tx, { incidentId: record.incidentId, kind: 'opened', text: record.detail });
    await this.#consequence(tx, seen, { record, cause: incident.cause });
    return record.incidentId;
  }

  async #consequence(
    tx: Transaction,
    seen: Seen,
    { record, cause }: { readonly record: IncidentRecord; readonly cause: Cause },
  ): Promise<void> {
    const payload = {
      incident_id: record.incidentId,
      wake_id: record.wakeId,
      probe: record.probe,
      caused_by: cause.probe,
      consequence_of: cause.incidentId,
      detail: record.detail,
    };
    const eventId = this.#options.clock.uuid();
    const event = draft(consequenceOpened, payload, linksOf(record, seen));
    await this.#options.stage(tx, [{ ...event, eventId }]);
    await this.#entriesOfConsequence(tx, record, { ...cause, eventId });
  }

  async #entriesOfConsequence(
    tx: Transaction,
    child: IncidentRecord,
    { probe, incidentId, eventId }: Cause & { readonly eventId?: string },
  ): Promise<void> {
    const text = `because of ${probe}`;
    await this.#entry(tx, { incidentId: child.incidentId, kind: 'consequence', text, eventId });
    if (incidentId === null) return;
    const told = `${child.probe}: ${child.detail}`;
    await this.#entry(tx, { incidentId, kind: 'consequence', text: told, eventId });
  }

  async #reopened(
    tx: Transaction,
    seen: Seen,
    again: { readonly record: IncidentRecord; readonly times: number; readonly cause: Cause | null },
  ): Promise<number> {
    const { workspaceId, stage, clock } = this.#options;
    const { record, times, cause } = again;
    const { incidentId, wakeId, probe } = record;
    const eventId = clock.uuid();
    const payload = { incident_id: incidentId, wake_id: wakeId, probe, times };
    await stage(tx, [{ ...draft(incidentReopened, payload, linksOf(record, seen)), eventId }]);
    await this.#entry(tx, { incidentId, kind: 'reopened', text: record.detail, eventId });
    const now = await attribute(tx, workspaceId, { incidentId, cause });
    if (cause !== null) await this.#consequence(tx, seen, { record: now, cause });
    else if (record.toldAt === null) await this.#wake(tx, seen, now, record.causedBy ?? undefined);
    else await this.#tellUnlessQuiet(tx, now, { ...reopeningMessage(now, times), causationId: eventId });
    return incidentId;
  }

  /** A consequence whose cause is well and that fails all the same is an incident of its own. */
  async #stillConsequence(tx: Transaction, seen: Seen, record: IncidentRecord): Promise<void> {
    const { workspaceId, causeOf } = this.#options;
    const { incidentId } = record;
    const cause = await causeOf(tx, seen);
    if (cause === null) return this.#ownNow(tx, seen, record);
    if (record.consequenceOf !== null || cause.incidentId === null) return;
    await attribute(tx, workspaceId, { incidentId, cause });
    const text = `${record.probe}: ${record.detail}`;
    await this.#entry(tx, { incidentId: cause.incidentId, kind: 'consequence', text });
  }

  async #ownNow(tx: Transaction, seen: Seen, record: IncidentRecord): Promise<void> {
    const { workspaceId } = this.#options;
    const { incidentId, wakeId } = record;
    if (await isInWindow(tx, workspaceId, record.probe)) return;
    const stormId = await this.#stormOf(tx, { ...this.#newIncident(seen), wakeId });
    const own = await attribute(tx, workspaceId, { incidentId, cause: null, stormId });
    const explainedBy = record.causedBy ?? 'another';
    if (record.toldAt === null) return this.#wake(tx, seen, own, explainedBy);
    // What was told before it became a consequence has its wake and its thread.
    const text = `no consequence of ${explainedBy} any more`;
    await this.#entry(tx, { incidentId, kind: 'updated', text });
  }

  async #over(
    tx: Transaction,
    record: IncidentRecord,
    cause: { readonly causationId?: string },
  ): Promise<{ readonly eventId: string; readonly durationMs: number }> {
    const { stage, clock } = this.#options;
    const { incidentId } = record;
    const resolvedAt = record.resolvedAt ?? record.openedAt;
    const durationMs = Date.parse(resolvedAt) - Date.parse(record.failingSince);
    const endedBy = record.endedBy === 'probe removed' ? 'probe removed' : 'recovered';
    const payload = {
      incident_id: incidentId,
      wake_id: record.wakeId,
      probe: record.probe,
      target: record.target,
      category: record.category,
      failures: record.failures,
      opened_at: record.openedAt,
      resolved_at: resolvedAt,
      duration_ms: durationMs,
      ended_by: endedBy,
    } as const;
    const eventId = clock.uuid();
    await stage(tx, [{ ...draft(incidentResolved, payload, linksOf(record, cause)), eventId }]);
    await this.#entry(tx, { incidentId, kind: 'resolved', text: endedBy, eventId });
    return { eventId, durationMs };
  }

  async #entry(tx: Transaction, entry: NewIncidentEntry): Promise<void> {
    await addEntry(tx, this.#options.workspaceId, entry);
  }

  /** The operator said that it is known: only its end is told. The store's clock ends a silence, as it began it. */
  async #tellUnlessQuiet(tx: Transaction, record: IncidentRecord, message: NewMessage): Promise<void> {
    if (record.causedBy !== null) return;
    if (record.silencedUntil !== null) {
      const [row] = await tx.query<{ quiet: boolean }>(
        'select $1::timestamptz > clock_timestamp() as quiet',
        [record.silencedUntil],
      );
      if (row?.quiet === true) return;
    }
    await this.#options.tell(tx, message);
  }
}

function wakeDraft({ spec, snapshot }: Seen, record: IncidentRecord): EventDraft {
  const payload = {
    wake_id: record.wakeId,
    incident_id: record.incidentId,
    probe: spec.name,
    probe_kind: spec.kind,
    target: spec.target,
    severity: record.severity,
    category: record.category,
    title: record.title,
    detail: record.detail,
    failing_since: record.failingSince,
    last_good_at: record.lastGoodAt,
    snapshot: { ...snapshot.details },
    envelope: null,
    depends_on: [...(spec.dependsOn ?? [])],
    storm_id: record.stormId,
  };
  return draft(wakeRequested, payload, { correlationId: record.wakeId });
}

function linksOf(record: IncidentRecord, cause: { readonly causationId?: string }): EventLinks {
  return { correlationId: record.wakeId, ...causedBy(cause) };
}

function causedBy({ causationId }: { readonly causationId?: string }): Pick<EventLinks, 'causationId'> {
  return causationId === undefined ? {} : { causationId };
}

function categoryOf(snapshot: ProbeSnapshot): NewIncident['category'] {
  return snapshot.category ?? (snapshot.status === 'unreachable' ? 'unreachable' : 'service_unhealthy');
}

function detailOf(snapshot: ProbeSnapshot): string {
  return snapshot.error ?? `the look came back ${snapshot.status}`;
}
