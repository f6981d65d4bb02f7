import type { Fault } from '../api/read.ts';
import type { LinkView } from './link.ts';
import type { Slice } from './model.ts';

/** The six states of a panel's data. Zero and "none" may be said in `ready` and `empty` only. */
export type PanelView =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly at: number | null }
  | { readonly state: 'empty'; readonly at: number | null }
  | { readonly state: 'stale'; readonly asOf: string; readonly reason: string; readonly wasEmpty: boolean }
  | {
      readonly state: 'unavailable';
      readonly code: string;
      readonly message: string;
      readonly hint: string | null;
    }
  | { readonly state: 'forbidden'; readonly message: string; readonly hint: string | null };

export interface ViewInput {
  readonly slice: Slice<unknown>;
  readonly link: LinkView;
  readonly isEmpty: boolean;
  /** The last heartbeat, for a list that only events make old; null for one that is read on each beat. */
  readonly confirmed: Confirmation | null;
}

/** A time at which a list was known to be still true, on both clocks. */
export interface Confirmation {
  readonly at: number;
  readonly asOf: string;
}

/** Which of the six states a list is in. */
export function viewOf({ slice, link, isEmpty, confirmed }: ViewInput): PanelView {
  const { good, bad } = slice;
  const fault = bad !== null && bad.order > (good?.order ?? 0) ? bad.fault : null;
  if (fault?.status === 403) return { state: 'forbidden', message: fault.message, hint: fault.hint };
  if (good === null) {
    if (fault !== null) return unavailable(fault);
    return link.verdict === 'offline' ? unavailable(noAnswer) : { state: 'loading' };
  }
  // A refused refresh means that an event did make it old: no heartbeat confirms it any more.
  const refused = faultReason(fault) ?? (good.source === 'stale' ? staleReason(good.reason) : null);
  if (refused !== null) {
    return { state: 'stale', asOf: good.asOf, reason: linkReason(link) ?? refused, wasEmpty: isEmpty };
  }
  const fresh =
    confirmed !== null && confirmed.at > good.receivedAt
      ? confirmed
      : { at: good.receivedAt, asOf: good.asOf };
  const lost = linkReason(link);
  if (lost !== null) return { state: 'stale', asOf: fresh.asOf, reason: lost, wasEmpty: isEmpty };
  const { at } = fresh;
  return { state: isEmpty ? 'empty' : 'ready', at };
}

/** The state of a panel that is drawn from several lists: the worst of them. */
export function worstOf(views: readonly PanelView[]): PanelView {
  const order: readonly PanelView['state'][] = [
    'forbidden',
    'unavailable',
    'loading',
    'stale',
    'ready',
    'empty',
  ];
  for (const state of order) {
    const found = views.filter((view) => view.state === state);
    // Several true lists are as fresh as the oldest of them.
    if (found.length > 0) return found.reduce((a, b) => (ageKey(a) <= ageKey(b) ? a : b));
  }
  return { state: 'loading' };
}

const noAnswer: Fault = {
  status: 0,
  code: 'PAGE_NO_ANSWER',
  message: 'The runtime did not answer.',
  hint: 'kora status',
};

function ageKey(view: PanelView): number {
  if (view.state === 'ready' || view.state === 'empty') return view.at ?? 0;
  return view.state === 'stale' ? Date.parse(view.asOf) : 0;
}

function unavailable(fault: Fault): PanelView {
  return { state: 'unavailable', code: fault.code, message: fault.message, hint: fault.hint };
}

function linkReason(link: LinkView): string | null {
  if (link.verdict === 'offline') return 'link lost';
  return link.verdict === 'stale' ? 'no heartbeat' : null;
}

function faultReason(fault: Fault | null): string | null {
  return fault === null ? null : `refresh refused (${fault.code}): ${fault.message}`;
}

function staleReason(reason: string | null): string {
  return reason ?? 'the runtime says that this is old';
}

/** What is ready and holds nothing is empty; everything else stays as it is. */
export function emptied(view: PanelView, rows: number): PanelView {
  if (rows > 0) return view;
  if (view.state === 'stale') return { ...view, wasEmpty: true };
  return view.state === 'ready' ? { state: 'empty', at: view.at } : view;
}
