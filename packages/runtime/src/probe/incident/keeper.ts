import { draft } from '../../chain/index.ts';
import type { Transaction } from '../../store/index.ts';
import type { NewMessage, Severity } from '../contract.ts';
import { consequenceOpened, incidentFlapping, incidentReopened } from '../events.ts';
import type { ProbeMemory } from '../look/fold.ts';
import { isInWindow } from '../window/windows.ts';
import { adoptConsequences, attribute } from './consequences.ts';
import { causedBy, detailOf, linksOf, newIncident, severityOf, wakeDraft, worseningOf } from './drafts.ts';
import { endRecovered, endUnwatched } from './ending.ts';
import type { Unwatched } from './ending.ts';
import { markFlapping, openIncident, prolongIncident, reopenIncident, worsenIncident } from './incidents.ts';
import type { NewIncident } from './incidents.ts';
import type { IncidentKeeperOptions, Seen } from './ports.ts';
import type { Cause, IncidentRecord } from './record.ts';
import { longestStormMs, StormBook } from './storm.ts';
import { addEntry, addUpdate } from './timeline.ts';
import type { NewIncidentEntry } from './timeline.ts';
import { flappingMessage, openingMessage, reopeningMessage, worseMessage } from './words.ts';

/** Opens, prolongs and ends incidents: each change is a row, a line of the timeline, an event and, where due, a message. */
export class IncidentKeeper {
  readonly #options: IncidentKeeperOptions;
  readonly #storms: StormBook = new StormBook();

  constructor(options: IncidentKeeperOptions) {
    this.#options = options;
  }

  /** Answers null during a maintenance window: what still fails afterwards opens then. */
  async open(tx: Transaction, seen: Seen): Promise<number | null> {
    const { workspaceId, clock, ancestors } = this.#options;
    const incident = newIncident(seen, clock.uuid(), ancestors(seen.spec.name));
    const { isQuiet, again } = await reopenIncident(tx, workspaceId, incident);
    if (isQuiet) return null;
    const cause = await this.#options.causeOf(tx, seen);
    if (again !== undefined) return this.#reopened(tx, seen, { record: again, cause });
    if (cause !== null) return this.#openConsequence(tx, seen, { ...incident, cause });
    const eventId = clock.uuid();
    const stormId = this.#storms.join(incident, clock.now()) ?? null;
    const record = await openIncident(tx, workspaceId, { ...incident, stormId, cause, eventId });
    if (stormId === null) tx.afterCommit(() => this.#storms.keep(record.wakeId, record.stormId));
    await this.#wake(tx, seen, record, { eventId });
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
      await addUpdate(tx, this.#options.workspaceId, { incidentId, text: `${snapshot.status}: ${detail}` });
    if (isGraver(seen, record)) await this.#worsened(tx, seen, incidentId);
    if (record.causedBy !== null) await this.#stillConsequence(tx, seen, record);
  }

  /** Slow, and now down: nobody is to learn that from the end. */
  async #worsened(tx: Transaction, seen: Seen, incidentId: number): Promise<void> {
    const worse = { ...worseningOf(seen), incidentId };
    const record = await worsenIncident(tx, this.#options.workspaceId, worse);
    await this.#entry(tx, {
      incidentId,
      kind: 'updated',
      text: `${record.severity} from now on: ${record.detail}`,
    });
    await this.#tellUnlessQuiet(tx, record, { ...worseMessage(record), ...causedBy(seen) });
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
  resolve(
    tx: Transaction,
    end: { readonly incidentId: number; readonly goodLooks: number; readonly causationId?: string },
  ): Promise<void> {
    return endRecovered(tx, this.#options, end);
  }

  /** Nobody looks at it any more. */
  unwatched(
    tx: Transaction,
    end: { readonly incidentId: number; readonly endedBy: Unwatched },
  ): Promise<void> {
    return endUnwatched(tx, this.#options, end);
  }

  /** Tells the operator and asks for an investigation; names what fails because of it. */
  async #wake(
    tx: Transaction,
    seen: Seen,
    record: IncidentRecord,
    { eventId, explainedBy }: { readonly eventId: string; readonly explainedBy?: string },
  ): Promise<void> {
    const { stage, tell, surroundings } = this.#options;
    const { incidentId, probe } = record;
    await stage(tx, [{ ...wakeDraft(seen, record), ...causedBy(seen), eventId }]);
    const adopted = await this.#adopt(tx, seen, record);
    for (const child of adopted) await this.#entriesOfConsequence(tx, child, { probe, incidentId });
    const around = await surroundings(tx, seen);
    const consequences = [
      ...new Set([...adopted.map((child) => child.probe), ...(around.consequences ?? [])]),
    ];
    const opening = openingMessage(record, {
      ...around,
      consequences,
      alsoFailing: around.alsoFailing.filter(({ name }) => !consequences.includes(name)),
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
    const begun = { ...incident, stormId: incident.wakeId, eventId: null };
    const record = await openIncident(tx, workspaceId, begun);
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
    { record, cause }: { readonly record: IncidentRecord; readonly cause: Cause | null },
  ): Promise<number> {
    const { workspaceId, stage, clock } = this.#options;
    const { incidentId, wakeId, probe, reopened: times } = record;
    const eventId = clock.uuid();
    const payload = { incident_id: incidentId, wake_id: wakeId, probe, times };
    await stage(tx, [{ ...draft(incidentReopened, payload, linksOf(record, seen)), eventId }]);
    await this.#entry(tx, { incidentId, kind: 'reopened', text: record.detail, eventId });
    const now = await attribute(tx, workspaceId, { incidentId, cause });
    if (cause !== null) await this.#consequence(tx, seen, { record: now, cause });
    else if (record.toldAt === null) await this.#wakeAlone(tx, seen, now, record.causedBy);
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
    const { workspaceId, clock, ancestors } = this.#options;
    const { incidentId, wakeId, causedBy: cause } = record;
    if (await isInWindow(tx, workspaceId, record.probe)) return;
    const joining = newIncident(seen, wakeId, ancestors(seen.spec.name));
    const stormId = this.#storms.join(joining, clock.now());
    if (stormId === undefined) tx.afterCommit(() => this.#storms.keep(wakeId, wakeId));
    const own = await attribute(tx, workspaceId, { incidentId, cause: null, stormId: stormId ?? wakeId });
    if (record.toldAt === null) return this.#wakeAlone(tx, seen, own, cause);
    // What was told before it became a consequence has its wake and its thread.
    await this.#entry(tx, { incidentId, kind: 'updated', text: aloneNow(cause) });
  }

  /** The wake of what was a consequence until now. */
  async #wakeAlone(
    tx: Transaction,
    seen: Seen,
    record: IncidentRecord,
    explainedBy: string | null,
  ): Promise<void> {
    const eventId = this.#options.clock.uuid();
    const { incidentId } = record;
    await this.#entry(tx, { incidentId, kind: 'updated', text: aloneNow(explainedBy), eventId });
    await this.#wake(tx, seen, record, { eventId, ...(explainedBy === null ? {} : { explainedBy }) });
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

const ranks: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** Whether a look is graver than its incident, and so was the one before: one bad packet changes no story. */
function isGraver(
  { spec, snapshot, before }: Seen & { readonly before: ProbeMemory | undefined },
  { severity }: IncidentRecord,
): boolean {
  const now = severityOf(spec, snapshot.status);
  if (ranks[now] <= ranks[severity]) return false;
  if (spec.consecutive === 1) return true;
  return before !== undefined && before.badInARow > 0 && severityOf(spec, before.status) === now;
}

function aloneNow(explainedBy: string | null): string {
  return `no consequence of ${explainedBy ?? 'another'} any more`;
}
