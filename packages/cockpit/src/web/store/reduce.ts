import type { EventRow, Heartbeat, Snapshot } from '@kora/runtime/client';
import type { Fault } from '../api/read.ts';
import {
  emptyModel,
  eventsKept,
  type Good,
  type ListName,
  type Lists,
  type Model,
  type Slice,
} from './model.ts';
import { share } from './share.ts';
import { listNames, sources } from './sources.ts';

/** A part of the snapshot or the answer of one read, numbered by its request. */
export interface Arrival {
  readonly order: number;
  readonly receivedAt: number;
  readonly asOf: string;
  readonly source: 'live' | 'stale';
  readonly reason: string | null;
}

export type ListArrival = {
  [K in ListName]: Arrival & { readonly kind: 'list'; readonly name: K; readonly data: Lists[K] };
}[ListName];

export type Action =
  | (Arrival & { readonly kind: 'snapshot'; readonly snapshot: Snapshot })
  | ListArrival
  | {
      readonly kind: 'refused';
      readonly names: readonly ListName[];
      readonly order: number;
      readonly fault: Fault;
    }
  | { readonly kind: 'events'; readonly events: readonly EventRow[] }
  | { readonly kind: 'beat'; readonly beat: Heartbeat; readonly receivedAt: number }
  | { readonly kind: 'bye'; readonly reason: string }
  | { readonly kind: 'signed_out'; readonly fault: Fault }
  | { readonly kind: 'signed_in'; readonly now: number };

/**
 * The next model. Replaces and never mutates: a panel learns of a change by identity. Reads, refusals and events may
 * come in any order and any number of times; the result is the same.
 */
export function reduce(model: Model, action: Action): Model {
  switch (action.kind) {
    case 'snapshot':
      return withSnapshot(model, action);
    case 'list':
      return withList(model, action.name, goodOf(action, action.data));
    case 'refused':
      return action.names.reduce((next, name) => withRefusal(next, name, action), model);
    case 'events':
      return withEvents(model, action.events);
    case 'beat':
      return withBeat(model, action.beat, action.receivedAt);
    case 'bye':
      return { ...model, link: { ...model.link, bye: action.reason } };
    case 'signed_out':
      // A session that ended leaves nothing behind in the page.
      return { ...emptyModel(model.link.startedAt), signedOut: action.fault };
    case 'signed_in':
      return emptyModel(action.now);
  }
}

function withSnapshot(model: Model, action: Arrival & { readonly snapshot: Snapshot }): Model {
  const { snapshot } = action;
  const listed = listNames.reduce((next, name) => withPart(next, name, action), model);
  const merged = withEvents(listed, snapshot.events);
  return {
    ...merged,
    eventsKnown: true,
    seq: Math.max(merged.seq, snapshot.seq),
    build: merged.build ?? snapshot.build,
  };
}

function withPart(model: Model, name: ListName, action: Arrival & { readonly snapshot: Snapshot }): Model {
  const pick = sources[name].pick;
  return pick === undefined ? model : withList(model, name, goodOf(action, pick(action.snapshot)));
}

function goodOf<T>(arrival: Arrival, data: T): Good<T> {
  const { order, receivedAt, asOf, source, reason } = arrival;
  return { data, order, receivedAt, asOf, source, reason };
}

function withList(model: Model, name: ListName, good: Good<Lists[ListName]>): Model {
  const slice: Slice<Lists[ListName]> = model.lists[name];
  if (slice.good !== null && slice.good.order >= good.order) return model;
  const data = slice.good === null ? good.data : share(slice.good.data, good.data);
  return { ...model, lists: { ...model.lists, [name]: { good: { ...good, data }, bad: slice.bad } } };
}

function withRefusal(
  model: Model,
  name: ListName,
  bad: { readonly fault: Fault; readonly order: number },
): Model {
  const slice = model.lists[name];
  if (slice.bad !== null && slice.bad.order >= bad.order) return model;
  const next = { good: slice.good, bad: { fault: bad.fault, order: bad.order } };
  return { ...model, lists: { ...model.lists, [name]: next } };
}

function withEvents(model: Model, events: readonly EventRow[]): Model {
  const newest = model.events[0]?.seq ?? 0;
  // The stream brings them in order, whole batches of them: nothing to sort.
  if (events.length > 0 && inOrderAfter(newest, events)) {
    const kept = model.events.slice(0, Math.max(0, eventsKept - events.length));
    const seq = Math.max(model.seq, events.at(-1)?.seq ?? 0);
    return { ...model, events: [...events.slice(-eventsKept).reverse(), ...kept], seq };
  }
  const known = new Set(model.events.map((event) => event.seq));
  const fresh = events.filter((event) => !known.has(event.seq) && known.add(event.seq));
  if (fresh.length === 0) return model;
  const merged = [...fresh, ...model.events].sort((a, b) => b.seq - a.seq).slice(0, eventsKept);
  return { ...model, events: merged, seq: Math.max(model.seq, merged[0]?.seq ?? 0) };
}

function inOrderAfter(newest: number, events: readonly EventRow[]): boolean {
  let before = newest;
  for (const { seq } of events) {
    if (seq <= before) return false;
    before = seq;
  }
  return true;
}

function withBeat(model: Model, beat: Heartbeat, receivedAt: number): Model {
  if (model.link.beatAt !== null && model.link.beatAt >= receivedAt) return model;
  return { ...model, link: { ...model.link, beat, beatAt: receivedAt, bye: null } };
}
